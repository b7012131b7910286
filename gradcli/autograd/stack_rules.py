"""Derivatives in many directions at once: rules of records on cotangents and tangents with a batch axis."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from gradcli.autograd.stack import as_tuple, stacked
from gradcli.autograd.stack_readings import lined_up
from gradcli.ops.algebra import NUMPY
from gradcli.ops.dtypes import FLOATS
from gradcli.ops.record import NO_PARAMS, Params, Record
from gradcli.ops.rules import Facts, backward_rule, forward_pull, push

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["jvp_elementwise", "jvp_stacked", "vjp_stacked"]


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
    m, operands = stacked([*values, *outputs, *cotangents], batched)
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
        found.append(m.full(m.zeros_like(x) if g is None else m.conform(g, _shape(x), x.dtype)))
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
            parts = as_tuple(record.numpy(tangents[0], **params))  # type: ignore[misc] # composites have no tangents
            return tuple(None if y.dtype not in FLOATS else t for t, y in zip(parts, outputs, strict=True))
    m, operands = stacked([*values, *outputs, *tangents], batched)
    count, total = len(values), len(values) + len(outputs)
    found = push(m, record, operands[:count], operands[count:total], operands[total:], params)
    return tuple(
        None if t is None or y.dtype not in FLOATS else m.full(m.conform(t, _shape(y), y.dtype))
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
    return np.broadcast_to(lined_up(t, len(shape)), (size, *shape))


def _shape(value: Any) -> tuple[int, ...]:
    return tuple(getattr(value, "shape", ()))
