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
from gradcli.autograd.stack_readings import READINGS
from gradcli.ops.algebra import NUMPY, Algebra
from gradcli.ops.dtypes import FLOATS
from gradcli.ops.operand import Operand
from gradcli.ops.record import NO_PARAMS, Params, Record
from gradcli.ops.rules import Facts, backward_rule, forward_pull, push

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

__all__ = ["StackedAlgebra", "StackedArray", "apply_stacked", "jvp_elementwise", "jvp_stacked", "vjp_stacked"]


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
            found = record.numpy(*(_full(self, x) for x in operands), **params)
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
            k: _as_tuple(record.numpy(*(x.member(k) for x in operands), **params))
            for k in far_apart(x.array for x in operands if x.batched)
        }
        few = sorted({*alone, 0, self.size - 1})
        m, there = StackedAlgebra(len(few)), {few.index(k): one for k, one in alone.items()}
        shared = [i in discrete and not x.batched for i, x in enumerate(operands)]
        full = [_full(self, x) for x in operands]
        for read in READINGS if record.star < 0 else READINGS[-1:]:
            try:
                found = record.numpy(*read([x[few] for x in full], shared), **params)
                if m._fits(_as_tuple(found), there):
                    found = record.numpy(*read(full, shared), **params)
            except (ValueError, IndexError, TypeError, RuntimeError):
                continue
            if self._fits(_as_tuple(found), alone):
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
            _padded(x, rank) if x.batched else x.array if isinstance(value, StackedArray) else value
            for x, value in zip(operands, values, strict=True)
        ]
        result = np.asarray(record.numpy(*padded, **params))
        full = (self.size, *np.broadcast_shapes(*(x.shape for x in operands)))
        return StackedArray(self, result if result.shape == full else np.broadcast_to(result, full), True)

    def _looped(self, record: Record, operands: Sequence[StackedArray], params: Params) -> Any:
        """The record on one member at a time."""
        assert record.numpy is not None  # noqa: S101 - for the type checker
        rows = [_as_tuple(record.numpy(*(x.member(k) for x in operands), **params)) for k in range(self.size)]
        stacked = tuple(np.stack([np.asarray(y) for y in column]) for column in zip(*rows, strict=True))
        return self._wrapped(stacked if len(stacked) > 1 else stacked[0], batched=True)

    def _wrapped(self, found: Any, *, batched: bool) -> Any:
        if isinstance(found, (tuple, list)):
            return tuple(StackedArray(self, np.asarray(y), batched) for y in found)
        return StackedArray(self, np.asarray(found), batched)


def _padded(x: StackedArray, rank: int) -> Any:
    """The array with dims of size 1 between its batch axis and its own."""
    if x.ndim == rank:
        return x.array
    return x.array.reshape(x.array.shape[:1] + (1,) * (rank - x.ndim) + x.array.shape[1:])


def _as_tuple(found: Any) -> tuple[Any, ...]:
    return tuple(found) if isinstance(found, (tuple, list)) else (found,)


def _stacked(values: Sequence[Any], batched: Sequence[bool]) -> tuple[StackedAlgebra, list[Any]]:
    """The algebra of the batch that the arrays carry, and the values in it."""
    sizes = {value.shape[0] for value, one in zip(values, batched, strict=True) if one and value is not None}
    assert len(sizes) == 1, "at least one value is batched, and all by one size"  # noqa: S101 - a slip of the caller
    m = StackedAlgebra(sizes.pop())
    return m, [
        StackedArray(m, value, one) if isinstance(value, np.ndarray) else value
        for value, one in zip(values, batched, strict=True)
    ]


def _full(m: StackedAlgebra, x: StackedArray) -> Any:
    """The array with a batch axis."""
    return x.array if x.batched else np.broadcast_to(x.array, (m.size, *x.array.shape))


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
    m, operands = _stacked(values, batched)
    return tuple(_full(m, y) for y in _as_tuple(m.apply(record, operands, params)))


def vjp_stacked(  # noqa: PLR0913 - what a backward step knows
    record: Record,
    values: Sequence[Any],
    outputs: Sequence[Any],
    cotangents: Sequence[Any],
    batched: Sequence[bool],
    needs: Sequence[int],
    params: Params = NO_PARAMS,
) -> tuple[Any, ...]:
    """Returns the cotangents of the arguments at positions `needs`, each with the batch on axis 0.

    `batched` speaks of values, outputs and cotangents, in this order. `cotangents` has one array per
    floating-point output, or None: zero.
    """
    m, operands = _stacked([*values, *outputs, *cotangents], batched)
    count, total = len(values), len(values) + len(outputs)
    arguments, results = operands[:count], operands[count:total]
    floats = [y for y in results if y.dtype in FLOATS]
    gs = [m.zeros_like(y) if g is None else g for y, g in zip(floats, operands[total:], strict=True)]
    rule = backward_rule(record, sum(1 << i for i in needs), count)
    saved = [arguments[slot] if slot >= 0 else results[~slot] for slot in rule.save]
    facts = Facts(params, [_shape(x) for x in arguments], [_shape(y) for y in results])
    seed = gs[0] if len(gs) == 1 else tuple(gs)
    found = []
    for i, pull in zip(rule.positions, rule.pulls, strict=True):
        g, x = pull(m, seed, saved, facts), arguments[i]
        found.append(_full(m, m.zeros_like(x) if g is None else m.conform(g, _shape(x), x.dtype)))
    return tuple(found)


def jvp_stacked(  # noqa: PLR0913 - what a forward step knows
    record: Record,
    values: Sequence[Any],
    outputs: Sequence[Any],
    tangents: Sequence[Any],
    batched: Sequence[bool],
    params: Params = NO_PARAMS,
) -> tuple[Any, ...]:
    """Returns the tangent of each output (None: zero), with the batch on axis 0.

    `batched` speaks of values, outputs and tangents, in this order; a tangent may be None.
    """
    point = len(values) + len(outputs)
    if not any(batched[:point]):
        if record.kind == "elementwise" and len(outputs) == 1:
            full = [
                t if one or t is None else t[np.newaxis]
                for t, one in zip(tangents, batched[point:], strict=True)
            ]
            return (jvp_elementwise(record, values, outputs[0], full, params),)
        if record.kind == "linear" and len(values) == 1 and record.stacks and batched[point]:
            parts = _as_tuple(record.numpy(tangents[0], **params))  # type: ignore[misc] # composites have no tangents
            return tuple(None if y.dtype not in FLOATS else t for t, y in zip(parts, outputs, strict=True))
    m, operands = _stacked([*values, *outputs, *tangents], batched)
    count, total = len(values), len(values) + len(outputs)
    found = push(m, record, operands[:count], operands[count:total], operands[total:], params)
    return tuple(
        None if t is None or y.dtype not in FLOATS else _full(m, m.conform(t, _shape(y), y.dtype))
        for t, y in zip(found, operands[count:total], strict=True)
    )


def jvp_elementwise(
    record: Record, values: Sequence[Any], y: Any, tangents: Sequence[Any], params: Params = NO_PARAMS
) -> Any:
    """Returns the tangent of an elementwise record's result at one point (None: zero), as `jvp_stacked` does.

    NumPy broadcasts by itself here, and that is quicker. Each tangent but None has a batch axis.
    """
    size = max([len(t) for t in tangents if t is not None])
    count, saved, shape = len(values), [*values, y], y.shape
    facts = Facts(params, [_shape(value) for value in values], [shape])
    found: Any = None
    for i, t in enumerate(tangents):
        if t is not None and record.rule(i) is not None:
            term = forward_pull(record, i, count)(NUMPY, _aligned(t, size, shape), saved, facts)
            found = term if found is None else found + term
    if found is None or y.dtype not in FLOATS:
        return None
    found = np.asarray(found)
    found = found if found.shape == (size, *shape) else np.broadcast_to(found, (size, *shape))
    return found if found.dtype == y.dtype else found.astype(y.dtype)


def _aligned(t: Any, size: int, shape: tuple[int, ...]) -> Any:
    """A batch broadcast to the shape of the result behind it."""
    if t.shape[1:] == shape and len(t) == size:
        return t
    return np.broadcast_to(t.reshape(len(t), *(1,) * (len(shape) - t.ndim + 1), *t.shape[1:]), (size, *shape))


def _shape(value: Any) -> tuple[int, ...]:
    return tuple(getattr(value, "shape", ()))
