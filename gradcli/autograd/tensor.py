"""Tensor: a NumPy array that knows where it came from, and `apply`, the one door every operation takes."""

# ruff: noqa: SLF001 - Tensor's fields are this package's own

from __future__ import annotations

import weakref
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy import ndarray

from gradcli.autograd.arguments import ask, cast, explain
from gradcli.autograd.budget import BIG
from gradcli.autograd.context import context
from gradcli.autograd.flags import UNSAVABLE, check_flag, check_flag_method, check_grad, warn_of_non_leaf
from gradcli.autograd.node import AccumulateGrad, Edge, Node, RecordNode
from gradcli.autograd.rare import USUAL, rare
from gradcli.autograd.size import Size
from gradcli.autograd.version import UNCHANGED, Versioned
from gradcli.autograd.viewing import mark_view
from gradcli.diagnostics import GradcliError, RuntimeFault, TypeFault
from gradcli.ops.dtypes import FLOATS, DType, dtype_of
from gradcli.ops.record import NO_PARAMS, Params, Record
from gradcli.ops.rules import backward_rule

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["Tensor", "apply", "make"]

ROOM = 2**27  # elements; a result that cannot have more is not worth asking about


class Tensor(Versioned):
    """A multi-dimensional array of one dtype, perhaps part of a graph.

    Made by `gradcli.torch.tensor` and by operations; methods and operators follow PyTorch.
    The methods that operations give come from their records (`gradcli.autograd.methods`).
    """

    __slots__ = ("__weakref__", "_array", "_base", "_edge", "_rare", "_requires_grad")
    _accumulator = rare("accumulator")
    _grad = rare("grad")
    _origin = rare("origin")
    _retained = rare("retained")
    _tangent = rare("tangent")
    _view = rare("view")
    _view_version = rare("view_version")

    if TYPE_CHECKING:

        def __getattr__(self, name: str) -> Any: ...  # methods of records: see `methods.complete`

    def __init__(self, array: ndarray[Any, Any], requires_grad: bool = False) -> None:
        self._array = array
        self._requires_grad = requires_grad
        self._edge: Edge | None = None
        self._counter = None if context.inference else UNCHANGED
        self._base: Tensor | None = None
        self._rare = USUAL

    @property
    def shape(self) -> Size:
        """The sizes of the dims."""
        return Size(self._array.shape)

    @property
    def ndim(self) -> int:
        """The number of dims."""
        return self._array.ndim

    @property
    def dtype(self) -> DType:
        """The dtype of the elements."""
        return dtype_of(self._array)

    @property
    def requires_grad(self) -> bool:
        """Whether operations on it are recorded."""
        return self._requires_grad or (self._base is not None and self._base._requires_grad)

    @requires_grad.setter
    def requires_grad(self, value: bool) -> None:
        check_flag(self, value)
        self._requires_grad = value

    def requires_grad_(self, requires_grad: bool = True) -> Tensor:
        """Itself, after its requires_grad flag was set."""
        if check_flag_method(self, requires_grad):
            self._requires_grad = requires_grad
        return self

    @property
    def is_leaf(self) -> bool:
        """Whether no recorded operation made it."""
        return self.edge() is None

    @property
    def grad_fn(self) -> Node | None:
        """The node of the operation that made it; None for a leaf."""
        edge = self.edge()
        return None if edge is None else edge[0]

    @property
    def output_nr(self) -> int:
        """Which output of its node it is."""
        edge = self.edge()
        return 0 if edge is None else edge[1]

    def edge(self) -> Edge | None:
        """The node and output that made it, made anew where a base was changed under a view."""
        base = self._base
        if base is not None and self._counter is not None and self._view_version != self._counter[0]:
            from gradcli.autograd.inplace import refresh  # it imports this module

            if self._edge is not None or base._requires_grad:
                refresh(self)
        return self._edge

    def gradient_edge(self) -> Edge:
        """Where a cotangent of this tensor goes: its node, or the AccumulateGrad of a leaf."""
        edge = self._edge if self._base is None else self.edge()
        if edge is not None:
            return edge
        held = self._rare.accumulator  # without the property's call: leaves are asked for each operation
        found = None if held is None else held()
        if found is None:
            found = AccumulateGrad(self)
            # Weak: the graph keeps the accumulator alive, and it keeps the leaf.
            self._accumulator = weakref.ref(found)
        return (found, 0)

    @property
    def _disclosed(self) -> ndarray[Any, Any]:
        """Its array, for whoever makes plain numbers of the elements: they may decide what comes next.

        Everybody else takes `_array`; a tape is told of this.
        """
        if context.attended and context.tape is not None:
            context.tape.disclose(self)
        return self._array

    # Sequence protocol, kept off the registry because Python calls them on the type.
    def __len__(self) -> int:
        if not self._array.ndim:
            raise TypeFault("E303", "len() of a 0-d tensor")
        return len(self._array)

    def __bool__(self) -> bool:
        if self._array.size != 1:
            kind = "no values" if not self._array.size else "more than one value"
            raise RuntimeFault(
                "E303",
                f"Boolean value of Tensor with {kind} is ambiguous",
                help="reduce it first: .any() or .all(), or select with where(condition, a, b)",
            )
        return bool(self._disclosed)

    __hash__ = object.__hash__

    @property
    def grad(self) -> Tensor | None:
        """The accumulated gradient of a leaf, or of a tensor that retains it; of others a warning."""
        fields = self._rare
        if fields.grad is None and self._edge is not None and not fields.retained:
            warn_of_non_leaf()
        return fields.grad

    @grad.setter
    def grad(self, value: Tensor | None) -> None:
        if value is not None:
            if not isinstance(value, Tensor):
                kind = type(value).__name__
                raise TypeFault(
                    "E404", f"assigned grad expected to be a Tensor or None but got grad of type {kind}"
                )
            check_grad(self, value)
        self._grad = value

    @grad.deleter
    def grad(self) -> None:
        self._grad = None


def make(array: Any) -> Tensor:
    """Returns a tensor without history around an array or NumPy scalar that nobody else changes."""
    return Tensor(array if array.__class__ is ndarray else np.asarray(array))


def apply(record: Record, values: Sequence[Any], params: Params = NO_PARAMS) -> Any:  # noqa: C901, PLR0912 - the hot path
    """Returns the operation's result on tensors and Python numbers, recorded if it has to be.

    Every operation passes here: dtypes are promoted by PyTorch's rules, the record's NumPy form
    computes, and where grad mode is on and an input requires grad a node keeps what backward needs.
    """
    arrays: list[Any] = []
    first: Any = None
    mixed = False
    needs = 0  # a bit per argument that requires grad
    bit = 1
    room = 1  # no broadcast result has more elements than this
    for value in values:
        if isinstance(value, Tensor):
            array = value._array
            if first is None:
                first = array.dtype
            elif array.dtype is not first:
                mixed = True
            if value._requires_grad or (value._base is not None and value.requires_grad):
                needs |= bit
            room *= array.size
            arrays.append(array)
        else:
            arrays.append(value)
        bit += bit
    if (mixed or first not in FLOATS) and record.promote != "keep":
        arrays = cast(record, arrays)
    if record.grows or room > ROOM:
        ask(record, arrays, params)
    try:
        # Without the two stars where there is nothing behind them: they cost 50 ns.
        result = record.numpy(*arrays, **params) if params else record.numpy(*arrays)  # type: ignore[misc] # composites never come here
    except (ValueError, TypeError, IndexError, np.linalg.LinAlgError) as error:
        if context.tape is not None:
            context.tape.unexplained()  # the program may go on, and elsewhere there is no error
        if isinstance(error, GradcliError):
            raise
        raise explain(record, arrays, params, error) from None
    if result.__class__ is not ndarray:
        if result.__class__ is tuple or result.__class__ is list:
            outs = tuple([make(part) for part in result])
            _finish(record, values, arrays, params, outs, needs)
            return outs
        result = np.asarray(result)
    out = Tensor(result)
    if record.view or context.attended or result.nbytes >= BIG:
        _finish(record, values, arrays, params, (out,), needs)
    elif needs and context.grad_enabled and record.rules and result.dtype in FLOATS:
        node = _record(record, values, arrays, params, (out,), needs)
        if node is not None:
            out._edge = (node, 0)
            out._requires_grad = True
    return out


def _finish(  # noqa: C901, PLR0913 - one question after the other; apply's locals
    record: Record,
    values: Sequence[Any],
    arrays: Sequence[Any],
    params: Params,
    outs: tuple[Tensor, ...],
    needs: int,
) -> None:
    """What few results need: the budget, a watcher, the graph of several outputs, views, tape, tangents."""
    for out in outs:
        if out._array.nbytes >= BIG:
            context.budget.charge(out._array)
        if context.watch is not None:
            context.watch(record.name, out._array, context.span)
    if needs and context.grad_enabled and record.rules and any(out._array.dtype in FLOATS for out in outs):
        node = _record(record, values, arrays, params, outs, needs)
        for number, out in enumerate(outs):
            if node is not None and out._array.dtype in FLOATS:
                out._edge = (node, number)
                out._requires_grad = True
    if record.view:
        for number, out in enumerate(outs):
            mark_view(record, values[0], params, out, number)
    if context.tape is not None:
        context.tape.step(record, values, params, outs)
    if context.dual:
        from gradcli.autograd.forward import push_tangents  # it imports this module

        push_tangents(record, values, params, outs)


def _record(  # noqa: PLR0913 - apply's locals
    record: Record,
    values: Sequence[Any],
    arrays: Sequence[Any],
    params: Params,
    outs: tuple[Tensor, ...],
    needs: int,
) -> RecordNode | None:
    """The node of the results, which keeps what the needed formulas name; None: nothing to derive."""
    rule = record.compiled.get(needs) or backward_rule(record, needs, len(values))
    links: tuple[Any, ...] = ()  # of one argument, its own edge
    for position in rule.positions:
        value = values[position]
        edge = value._edge
        links += value.gradient_edge() if edge is None or value._base is not None else edge
    if not links:
        return None
    saved: list[Any] = []
    for slot in rule.save:
        if slot < 0:
            out = outs[~slot]
            saved.append((out._array, None, out._shared_counter(), 0, ~slot))
            continue
        value, array = values[slot], arrays[slot]
        if isinstance(value, Tensor):
            version = value._counter
            if version is None:
                raise RuntimeFault("E402", UNSAVABLE, help="write y = y.clone() outside inference_mode")
            whole = array is value._array and not version[0]
            saved.append(value if whole else (array, value, value._shared_counter(), version[0], -1))
        elif array.__class__ in (int, float) and not array:
            # Python's own 0 raises in 1 / b, where NumPy's gives inf
            saved.append(outs[0]._array.dtype.type(0))
        else:
            saved.append(array)
    node = RecordNode()
    node.rule = rule
    node.params = params
    node.links = links
    # Elementwise programs have one fact for all their nodes, which a million of them feel.
    facts = links[0].outputs
    # A number is told by its class, because tapes that do not compute have arrays of a class of their own.
    no_other = rule.arity == 1 or (rule.arity == 2 and arrays[1].__class__ in (float, int))  # noqa: PLR2004 - a number beside it
    if rule.lone and no_other and len(facts) == 1:
        node.outputs = facts  # the argument's, without a look
    elif len(outs) == 1:
        array = outs[0]._array
        fact = (array.shape, array.dtype)
        node.outputs = facts if rule.elementwise and len(facts) == 1 and facts[0] == fact else (fact,)
    else:
        node.outputs = tuple([(out._array.shape, out._array.dtype) for out in outs])
    node.held = saved[0] if rule.single else tuple(saved)  # no list: it takes less
    node.shapes = tuple([getattr(array, "shape", ()) for array in arrays]) if rule.shaped else None
    node.sequence = next(context.sequence)
    node.span = context.span
    node.hooks = None
    return node
