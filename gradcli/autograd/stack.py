"""Many inputs at once: records evaluated on values of which some carry a leading batch axis.

What Jacobian rows, batched perturbations and vmap stand on. A value's `shape` is that of one member
of the batch, so formulas and fronts run unchanged; only `StackedAlgebra.apply` knows of the axis. It
relies on the records' contract (dims count from the right, further leading axes are a batch), and
loops where a record says `stacks=False` or where the contract does not settle what meets what.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from gradcli.autograd.stack_members import far_apart, is_same
from gradcli.autograd.stack_products import product
from gradcli.autograd.stack_readings import READINGS, lined_up
from gradcli.ops.algebra import NUMPY, Algebra
from gradcli.ops.operand import Operand
from gradcli.ops.record import NO_PARAMS, Params, Record

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

__all__ = ["StackedAlgebra", "StackedArray", "apply_stacked", "as_tuple", "stacked"]


class StackedArray(Operand):
    """An array, or a batch of arrays of one shape along axis 0.

    Attributes:
        array: the numbers, with the batch axis if there is one.
        batched: whether there is.
    """

    __slots__ = ("algebra", "array", "batched")

    def __init__(self, algebra: StackedAlgebra, array: Any, batched: bool) -> None:
        self.algebra = algebra
        self.array = array
        self.batched = batched

    @property
    def shape(self) -> tuple[int, ...]:  # type: ignore[override] # read from the array
        """The sizes of one member's dims."""
        return self.array.shape[1:] if self.batched else self.array.shape  # type: ignore[no-any-return] # an array's

    @property
    def ndim(self) -> int:
        """The number of one member's dims."""
        return self.array.ndim - self.batched  # type: ignore[no-any-return] # as above

    @property
    def dtype(self) -> Any:
        """The dtype of the elements."""
        return self.array.dtype

    def member(self, index: int) -> Any:
        """The array at one place of the batch."""
        return self.array[index, ...] if self.batched else self.array


class StackedAlgebra(Algebra):
    """Records on stacked arrays of one batch size, computed by their NumPy forms.

    Args:
        size: how many members a batch has.
    """

    def __init__(self, size: int) -> None:
        self.size = size

    def array(self, values: Any, like: Any) -> StackedArray:
        """Plain numbers as an array without a batch axis, of the dtype of `like`."""
        return StackedArray(self, np.asarray(values, like.dtype), False)

    def zeros_like(self, x: Any) -> Any:
        """Zeros of the shape and dtype of x, which may be a Python number."""
        return StackedArray(self, np.zeros(x.shape, x.dtype), False) if isinstance(x, StackedArray) else 0.0

    def zeros(self, shape: tuple[int, ...], like: Any) -> StackedArray:
        """Zeros of a shape, of the dtype of `like`."""
        return StackedArray(self, np.zeros(shape, like.dtype), False)

    def eps(self, x: Any) -> Any:
        """The distance from 1 to the next number of x's dtype."""
        return NUMPY.eps(x)

    def conform(self, g: StackedArray, shape: tuple[int, ...], dtype: Any) -> StackedArray:
        """The cotangent summed (or spread) to a shape and cast to a dtype."""
        if g.shape != shape:
            smaller = g.ndim < len(shape) or int(np.prod(g.shape)) < int(np.prod(shape))
            g = (self.expand if smaller else self.sum_to)(g, shape=shape, rank=g.ndim)
        return g if g.dtype == dtype else StackedArray(self, g.array.astype(dtype), g.batched)

    def full(self, x: StackedArray) -> Any:
        """The array of x, with a batch axis."""
        return x.array if x.batched else np.broadcast_to(x.array, (self.size, *x.array.shape))

    def apply(self, record: Record, values: Sequence[Any], params: Params = NO_PARAMS) -> Any:
        """The record on stacked arrays and Python numbers; its outputs are batched if any value is."""
        operands = [
            value if isinstance(value, StackedArray) else StackedArray(self, np.asarray(value), False)
            for value in values
        ]
        assert record.numpy is not None  # noqa: S101 - for the type checker
        if not any(x.batched for x in operands):
            plain = [
                x.array if isinstance(value, StackedArray) else value
                for x, value in zip(operands, values, strict=True)
            ]
            found = record.numpy(*plain, **params)
            return self._wrapped(found, batched=False)
        if record.kind == "elementwise":
            return self._elementwise(record, values, operands, params)
        quick = product(record.name, operands)
        if quick is not None:
            return StackedArray(self, quick, True)
        discrete = [i for i in range(len(operands)) if record.argument(i) in record.discrete]
        if not record.stacks or any(operands[i].batched for i in discrete if record.star >= 0):
            return self._looped(record, operands, params)
        if not discrete and len({x.ndim for x in operands}) == 1:
            found = record.numpy(*(self.full(x) for x in operands), **params)
            return self._wrapped(found, batched=True)
        return self._matched(record, operands, discrete, params)

    def _matched(
        self, record: Record, operands: Sequence[StackedArray], discrete: Sequence[int], params: Params
    ) -> Any:
        """Operands of several ranks, or indices: what lines up with what differs between records.

        Each reading is tried on a few members, since a wrong one may lay each beside each, and believed if it
        gives some members, far apart, what they have alone.
        """
        assert record.numpy is not None  # noqa: S101 - for the type checker
        alone = {
            k: as_tuple(record.numpy(*(x.member(k) for x in operands), **params))
            for k in far_apart(x.array for x in operands if x.batched)
        }
        few = sorted({*alone, 0, self.size - 1})
        m, there = StackedAlgebra(len(few)), {few.index(k): one for k, one in alone.items()}
        shared = [i in discrete and not x.batched for i, x in enumerate(operands)]
        full = [self.full(x) for x in operands]
        for read in READINGS if record.star < 0 else READINGS[-1:]:
            try:
                found = record.numpy(*read([x[few] for x in full], shared), **params)
                if m._fits(as_tuple(found), there):
                    found = record.numpy(*read(full, shared), **params)
            except (ValueError, IndexError, TypeError, RuntimeError):
                continue
            if self._fits(as_tuple(found), alone):
                return self._wrapped(found, batched=True)
        return self._looped(record, operands, params)

    def _fits(self, found: Sequence[Any], alone: Mapping[int, Sequence[Any]]) -> bool:
        """Whether batches of results give some members what they have alone, but for roundings."""
        return all(
            np.shape(batch) == (self.size, *np.shape(one)) and is_same(batch[k], one)
            for k, results in alone.items()
            for batch, one in zip(found, results, strict=True)
        )

    def _elementwise(
        self, record: Record, values: Sequence[Any], operands: Sequence[StackedArray], params: Params
    ) -> StackedArray:
        """Batched operands of lower rank get dims of size 1 behind the batch axis; the rest broadcasts."""
        assert record.numpy is not None  # noqa: S101 - for the type checker
        rank = max(x.ndim for x in operands)
        padded = [
            lined_up(x.array, rank) if x.batched else x.array if isinstance(value, StackedArray) else value
            for x, value in zip(operands, values, strict=True)
        ]
        result = np.asarray(record.numpy(*padded, **params))
        full = (self.size, *np.broadcast_shapes(*(x.shape for x in operands)))
        return StackedArray(self, result if result.shape == full else np.broadcast_to(result, full), True)

    def _looped(self, record: Record, operands: Sequence[StackedArray], params: Params) -> Any:
        """The record on one member at a time."""
        assert record.numpy is not None  # noqa: S101 - for the type checker
        rows = [as_tuple(record.numpy(*(x.member(k) for x in operands), **params)) for k in range(self.size)]
        found = tuple(np.stack([np.asarray(y) for y in column]) for column in zip(*rows, strict=True))
        return self._wrapped(found if len(found) > 1 else found[0], batched=True)

    def _wrapped(self, found: Any, *, batched: bool) -> Any:
        if isinstance(found, (tuple, list)):
            return tuple(StackedArray(self, np.asarray(y), batched) for y in found)
        return StackedArray(self, np.asarray(found), batched)


def as_tuple(found: Any) -> tuple[Any, ...]:
    """Returns the results of a record, of one as of several."""
    return tuple(found) if isinstance(found, (tuple, list)) else (found,)


def stacked(values: Sequence[Any], batched: Sequence[bool]) -> tuple[StackedAlgebra, list[Any]]:
    """Returns the algebra of the batch that the arrays carry, and the values in it.

    Args:
        values: arrays, Python numbers, and None.
        batched: per value, whether axis 0 is the batch; at least one is.
    """
    sizes = {value.shape[0] for value, one in zip(values, batched, strict=True) if one and value is not None}
    assert len(sizes) == 1, "at least one value is batched, and all by one size"  # noqa: S101 - a slip of the caller
    m = StackedAlgebra(sizes.pop())
    return m, [
        StackedArray(m, value, one) if isinstance(value, np.ndarray) else value
        for value, one in zip(values, batched, strict=True)
    ]


def apply_stacked(
    record: Record, values: Sequence[Any], batched: Sequence[bool], params: Params = NO_PARAMS
) -> tuple[Any, ...]:
    """Returns the outputs of a record, each with the batch on axis 0.

    Args:
        record: any record but a composite.
        values: arrays of one dtype, and Python numbers.
        batched: per value, whether axis 0 is the batch; at least one is.
        params: the record's normalised parameters.
    """
    m, operands = stacked(values, batched)
    return tuple(m.full(y) for y in as_tuple(m.apply(record, operands, params)))
