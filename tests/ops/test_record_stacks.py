"""A batch of inputs gives the batch of outputs, and of cotangents, whichever inputs carry the batch axis."""

# A law speaks of a record, its inputs, outputs, cotangents and parameters at once:
# ruff: noqa: PLR0913

from __future__ import annotations

import numpy as np

from gradcli.autograd.stack import apply_stacked
from gradcli.autograd.stack_rules import jvp_stacked, vjp_stacked

SIZE = 3


def _batch(laws, record, x):
    """Members of a batch: x, and x with its elements moved a little (indices and masks: rolled)."""
    if x.dtype.kind != "f":
        return np.stack([np.roll(x, k, axis=-1) if x.ndim else x for k in range(SIZE)])
    free = laws.free(record, x)
    moves = [np.zeros(x.shape), *(free(0.02 * laws.sampler(record).normal(*x.shape) * k) for k in (1, 2))]
    return np.stack([x + move for move in moves])


def _patterns(values):
    """All batched; each alone; an index or mask never alone."""
    count = len(values)
    floats = [i for i, x in enumerate(values) if x.dtype.kind == "f"]
    found = {tuple(True for _ in values), *(tuple(k == i for k in range(count)) for i in floats)}
    return sorted(found)


def _stack(rows):
    return [np.stack([np.asarray(y) for y in column]) for column in zip(*rows, strict=True)]


def test_a_batch_goes_through_values_and_formulas(laws, record):
    for values, params in laws.cases(record):
        for pattern in _patterns(values):
            mixed = [_batch(laws, record, x) if b else x for x, b in zip(values, pattern, strict=True)]
            members = [[x[k] if b else x for x, b in zip(mixed, pattern, strict=True)] for k in range(SIZE)]
            rows = [[np.asarray(y) for y in laws.outputs(laws.numpy, record, one, params)] for one in members]
            if len({tuple(y.shape for y in row) for row in rows}) > 1:
                continue  # how much a mask selects differs: no batch
            expected = _stack(rows)
            found = apply_stacked(record, mixed, pattern, params)
            what = f"{record.name} with {params}, batched {pattern}"
            _same(found, expected, what)
            _formulas(laws, record, (mixed, pattern), (members, rows), expected, params, what)


def _formulas(laws, record, stacked, single, outputs, params, what):
    (mixed, pattern), (members, rows) = stacked, single
    needs, gs = laws.positions(record, members[0], params), laws.cotangents(outputs)
    if not needs:
        return
    expected = _stack(
        laws.vjp(laws.numpy, record, one, row, [g[k] for g in gs], params, needs)
        for k, (one, row) in enumerate(zip(members, rows, strict=True))
    )
    flags = (*pattern, *(True for _ in outputs), *(True for _ in gs))
    _same(vjp_stacked(record, mixed, outputs, gs, flags, needs, params), expected, f"the vjp of {what}")
    tangents = [np.ones(x.shape) if i in needs else None for i, x in enumerate(members[0])]
    pushed = [
        laws.jvp(laws.numpy, record, one, row, tangents, params)
        for one, row in zip(members, rows, strict=True)
    ]
    moving = [i for i, y in enumerate(outputs) if y.dtype.kind == "f" and pushed[0][i] is not None]
    flags = (*pattern, *(True for _ in outputs), *(False for _ in tangents))
    found = jvp_stacked(record, mixed, outputs, tangents, flags, params)
    whole = [[np.broadcast_to(row[i], outputs[i].shape[1:]) for i in moving] for row in pushed]
    _same([found[i] for i in moving], _stack(whole), f"the jvp of {what}")


def _same(found, expected, what):
    for y, z in zip(found, expected, strict=True):
        assert y.shape == z.shape, f"{what}: shape {y.shape} and not {z.shape}"
        assert np.allclose(y, z, rtol=1e-9, atol=1e-11, equal_nan=True), f"{what}: the values differ"
