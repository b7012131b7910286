"""A backward pass that is only written down: on arrays and their numbers on a tape, without a graph.

Where a gradient is wanted as a program, nobody asks for the history of its tensors. So the engine runs the
same formulas on plain arrays here, and each operation goes to the tape and nowhere else.
"""

# ruff: noqa: SLF001 - Tensor's fields are read, as by everything beneath the graph

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from gradcli.autograd.algebra import TENSORS, TensorAlgebra
from gradcli.autograd.arguments import ask
from gradcli.autograd.budget import BIG
from gradcli.autograd.context import context
from gradcli.autograd.node import AccumulateGrad, RecordNode, behind, changed_in_place, kept
from gradcli.autograd.tensor import Tensor, make
from gradcli.ops.dtypes import FLOATS
from gradcli.ops.operand import Operand
from gradcli.ops.record import NO_PARAMS
from gradcli.plan.trace import Literal

if TYPE_CHECKING:
    from collections.abc import Sequence

    from gradcli.autograd.node import Node
    from gradcli.ops.record import Params, Record

__all__ = ["WRITING", "is_plain", "plain_below"]

ROOM = 2**27  # elements; as in gradcli.autograd.tensor


class Written(Operand):
    """A value of the program, and its number on the tape; numbers on its left go where Tensor's go."""

    __slots__ = ("array", "number")

    def __init__(self, array: Any, number: int) -> None:
        self.array, self.number = array, number

    @property
    def shape(self) -> Any:  # type: ignore[override] # read from the array
        """The sizes of the dims."""
        return self.array.shape

    @property
    def dtype(self) -> Any:
        """The dtype of the elements."""
        return self.array.dtype

    __radd__ = Operand.__add__
    __rmul__ = Operand.__mul__

    def __rsub__(self, other: Any) -> Any:
        return self.algebra.rsub_number(self, other)

    def __rtruediv__(self, other: Any) -> Any:
        return self.algebra.reciprocal(self) * other


class _Writing(TensorAlgebra):
    """Records on written values, while a tape is installed."""

    def apply(self, record: Record, values: Sequence[Any], params: Params = NO_PARAMS) -> Any:
        """The record's results; what needs more than its NumPy form is left to tensors."""
        arrays: list[Any] = []
        arguments: list[Any] = []
        room = 1  # no broadcast result has more elements than this
        dtype = None
        for value in values:
            if value.__class__ is Written:
                array = value.array
                if dtype is None:
                    dtype = array.dtype
                elif array.dtype is not dtype:
                    return self._by_tensors(record, values, params)
                room *= array.size
                arrays.append(array)
                arguments.append(value.number)
            else:
                arrays.append(value)
                arguments.append(Literal(value))
        if dtype not in FLOATS:
            return self._by_tensors(record, values, params)
        if record.grows or room > ROOM:
            ask(record, arrays, params)
        if record.name == "pow_scalar" and params["exponent"] == 1:  # as formulas make it of squares
            return values[0]
        try:
            result = record.numpy(*arrays, **params)  # type: ignore[misc] # composites never come here
        except (ValueError, TypeError, IndexError, np.linalg.LinAlgError):
            return self._by_tensors(record, values, params)
        if result.__class__ is np.ndarray and result.nbytes < BIG:  # the usual one, kept short
            return Written(result, context.tape.write(record, tuple(arguments), params, (result,))[0])
        several = result.__class__ is tuple or result.__class__ is list
        parts = [_affordable(np.asarray(part)) for part in (result if several else (result,))]
        numbers = context.tape.write(record, tuple(arguments), params, parts)
        found = tuple(map(Written, parts, numbers))
        return found if several else found[0]

    def _by_tensors(self, record: Record, values: Sequence[Any], params: Params) -> Any:
        found = TENSORS.apply(record, [self.wrap(v) if v.__class__ is Written else v for v in values], params)
        return tuple(map(self.unwrap, found)) if isinstance(found, tuple) else self.unwrap(found)

    def saved_values(self, node: RecordNode, saved: Sequence[Any]) -> list[Any]:
        """What a node saved, under the numbers that it has on the tape."""
        return [self._restored(node, value) for value in saved]

    def _restored(self, node: RecordNode, value: Any) -> Any:
        if isinstance(value, Tensor) and not value._counter[0]:  # type: ignore[index] # no inference tensor is saved
            return self.unwrap(value)
        array, tensor, version, expected, output = kept(value)
        if version is not None and version[0] != expected:
            raise changed_in_place(node, value)
        if tensor is not None:
            return self.unwrap(tensor)
        if version is None:
            return self.array(array, array) if isinstance(array, np.generic) else array
        number = context.tape.made(node, output)
        return self.array(array, array) if number is None else Written(array, number)

    def wrap(self, g: Any) -> Tensor:
        """A written value as a tensor that the tape knows."""
        tensor = make(g.array)
        context.tape.know(tensor, g.number)
        return tensor

    def unwrap(self, tensor: Tensor) -> Any:
        """A tensor as a written value; a constant, if the tape does not know it."""
        return Written(tensor._array, context.tape.number(tensor))

    def own(self, g: Any) -> Tensor:
        """A result of the pass."""
        return self.wrap(g)

    def zeros_like(self, x: Any) -> Any:
        """Zeros of the shape and dtype of x."""
        return self.zeros(x.shape, x)

    def zeros(self, shape: tuple[int, ...], like: Any) -> Any:
        """Zeros of a shape, of the dtype of `like`."""
        return self.unwrap(make(np.zeros(shape, like.dtype)))

    def array(self, values: Any, like: Any) -> Any:
        """Plain numbers as a constant of the dtype of `like`."""
        return self.unwrap(make(np.asarray(values, like.dtype)))


def _affordable(array: Any) -> Any:
    """An array whose bytes are counted, if it is big."""
    if array.nbytes >= BIG:
        context.budget.charge(array)
    return array


WRITING = Written.algebra = _Writing()


def is_plain(roots: Sequence[Tensor]) -> bool:
    """Returns whether nothing but records stands behind some tensors: no hooks, no functions of the user's.

    Nor may somebody watch the values of the pass.
    """
    return plain_below([root.gradient_edge()[0] for root in roots if root.requires_grad])


def plain_below(nodes: Sequence[Node]) -> bool:
    """Returns whether nothing but records is in some nodes and behind them; as `is_plain`."""
    if context.watch is not None or context.anomaly or context.dual:
        return False
    return all(
        node.hooks is None and node.__class__ in (AccumulateGrad, RecordNode) for node in behind(nodes)
    )
