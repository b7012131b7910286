"""One operation's forward and backward rule on a batch of directions, its arguments the same for all.

The batch of autograd/stack.py, with matrix products of a batch and one matrix done as a single product:
NumPy would walk a matrix that broadcasting repeats element by element.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from gradcli.autograd.stack import StackedAlgebra, StackedArray
from gradcli.ops.dtypes import FLOATS
from gradcli.ops.record import NO_PARAMS, Params, Record
from gradcli.ops.rules import Facts, backward_rule, push

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["pulled", "pushed"]


class _Directions(StackedAlgebra):
    """Records on a batch of tangents or cotangents and on the values that they share."""

    def zeros_like(self, x: Any) -> Any:
        """Zeros of the shape and dtype of x, which may be a Python number."""
        return super().zeros_like(x) if isinstance(x, StackedArray) else 0.0

    def apply(self, record: Record, values: Sequence[Any], params: Params = NO_PARAMS) -> Any:
        """As everywhere, but for products of the batch with something that it shares."""
        product = PRODUCTS.get(record.name)
        if product is not None and values[0].batched != values[1].batched:
            return StackedArray(self, product(values[0], values[1]), True)
        return super().apply(record, values, params)


def _mv(a: StackedArray, b: StackedArray) -> Any:
    return np.matmul(b.array, a.array.T) if b.batched else np.matmul(a.array, b.array)


def _dot(a: StackedArray, b: StackedArray) -> Any:
    batch, shared = (a, b) if a.batched else (b, a)
    return np.matmul(batch.array, shared.array)


def _mm(a: StackedArray, b: StackedArray) -> Any:
    if not a.batched:  # transpose both, so that the batch is on the left
        return np.swapaxes(_rows(np.swapaxes(b.array, 1, 2), a.array.T), 1, 2)
    return _rows(a.array, b.array)


def _rows(batch: Any, matrix: Any) -> Any:
    """A batch of matrices times one matrix, as one product of all their rows."""
    size, rows, inner = batch.shape
    return np.matmul(batch.reshape(size * rows, inner), matrix).reshape(size, rows, matrix.shape[1])


PRODUCTS = {"mv": _mv, "dot": _dot, "vdot": _dot, "mm_matrix": _mm}


def pushed(
    record: Record, values: Sequence[Any], outputs: Sequence[Any], tangents: Sequence[Any], params: Params
) -> list[Any]:
    """Returns the tangent of each output, the batch on axis 0; None where it is zero.

    Args:
        record: any record but a composite.
        values: its arguments, arrays of one dtype and Python numbers.
        outputs: what it gives for them.
        tangents: per argument with the batch on axis 0, or None; at least one is there.
        params: the record's normalised parameters.
    """
    m = _Directions(next(len(t) for t in tangents if t is not None))
    operands, results = _shared(m, values), _shared(m, outputs)
    moved = [None if t is None else StackedArray(m, t, True) for t in tangents]
    found = push(m, record, operands, results, moved, params)
    return [
        None if t is None or y.dtype not in FLOATS else _full(m, t, y)
        for t, y in zip(found, outputs, strict=True)
    ]


def pulled(  # noqa: PLR0913 - what a backward step knows
    record: Record,
    values: Sequence[Any],
    outputs: Sequence[Any],
    cotangents: Sequence[Any],
    needs: Sequence[int],
    params: Params,
) -> list[Any]:
    """Returns the cotangents of the arguments at positions `needs`, which all have rules.

    Args:
        record: as for `pushed`, and so the next two and the last.
        values: its arguments.
        outputs: what it gives for them.
        cotangents: per output with the batch on axis 0, or None; at least one is there.
        needs: in rising order.
        params: its parameters.
    """
    m = _Directions(next(len(g) for g in cotangents if g is not None))
    operands, results = _shared(m, values), _shared(m, outputs)
    gs = [
        m.zeros_like(y) if g is None else StackedArray(m, g, True)
        for g, y in zip(cotangents, results, strict=True)
        if y.dtype in FLOATS
    ]
    rule = backward_rule(record, sum(1 << i for i in needs), len(values))
    saved = [operands[slot] if slot >= 0 else results[~slot] for slot in rule.save]
    facts = Facts(params, [_shape(x) for x in values], [_shape(y) for y in outputs])
    seed = gs[0] if len(gs) == 1 else tuple(gs)
    found = []
    for i, pull in zip(rule.positions, rule.pulls, strict=True):
        g = pull(m, seed, saved, facts)
        found.append(_full(m, m.zeros_like(operands[i]) if g is None else g, values[i]))
    return found


def _shared(m: StackedAlgebra, values: Sequence[Any]) -> list[Any]:
    return [StackedArray(m, x, False) if isinstance(x, np.ndarray) else x for x in values]


def _full(m: StackedAlgebra, g: Any, like: Any) -> Any:
    """The array of a batch of the shape and dtype of `like`."""
    g = m.conform(g, _shape(like), like.dtype)
    return g.array if g.batched else np.broadcast_to(g.array, (m.size, *g.array.shape))


def _shape(value: Any) -> tuple[int, ...]:
    return tuple(getattr(value, "shape", ()))
