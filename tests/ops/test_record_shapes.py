"""Shapes and dtypes: broadcasting, nothing, scalars, float32, and the shape a record foretells."""

from __future__ import annotations

import numpy as np
import pytest

from gradcli.autograd import Tensor, grad
from gradcli.autograd.tensor import apply
from gradcli.diagnostics import GradcliError
from gradcli.ops.rules import Facts, backward_rule


def _points(laws, record, shapes):
    s = laws.sampler(record)
    samples, params = laws.cases(record)[0]
    if any(x.dtype.kind != "f" for x in samples):
        return None  # indices, masks and integers have no points to draw
    return [s.within(domain, *shape) for domain, shape in zip(record.domain, shapes, strict=True)], params


def _gradients(laws, record, values, params):
    """The gradient of each argument that has one, by the engine."""
    needs = laws.positions(record, values, params)
    leaves = [Tensor(x, requires_grad=i in needs) for i, x in enumerate(values)]
    out = apply(record, leaves, params)
    inputs = [leaves[i] for i in needs]
    found = (
        grad([out], inputs, [Tensor(np.ones(out.shape, out.dtype))], materialize_grads=True) if needs else ()
    )
    return needs, [x.numpy() for x in found]


def _broadcasting(record):
    return record.kind == "elementwise" and len(record.args) > 1 and not record.discrete


def test_arguments_broadcast_and_gradients_have_their_shapes(laws, elementwise):
    if not _broadcasting(elementwise):
        return
    shapes = [(2, 1, 3), (4, 1), (3,)][: len(elementwise.args)]
    points = _points(laws, elementwise, shapes)
    if points is None:
        return
    values, params = points
    full = np.broadcast_shapes(*shapes)
    spread = [np.array(np.broadcast_to(x, full)) for x in values]
    assert np.array_equal(
        elementwise.numpy(*values, **params), elementwise.numpy(*spread, **params), equal_nan=True
    )
    if elementwise.differentiable:
        needs, found = _gradients(laws, elementwise, values, params)
        _, expected = _gradients(laws, elementwise, spread, params)
        for x, whole, summed in zip([values[i] for i in needs], expected, found, strict=True):
            assert summed.shape == x.shape
            assert np.allclose(summed, laws.conform(laws.numpy, whole, x.shape))


@pytest.mark.parametrize("shape", [(), (0,), (2, 0), (1,)], ids=str)
def test_scalars_and_nothing_have_values_and_gradients(laws, elementwise, shape):
    points = _points(laws, elementwise, [shape] * len(elementwise.args))
    if points is None:
        return
    values, params = points
    assert np.shape(elementwise.numpy(*values, **params)) == shape
    if elementwise.differentiable:
        _, found = _gradients(laws, elementwise, values, params)
        assert all(x.shape == shape for x in found)


def test_float32_stays_float32(laws, record):
    for values, params in laws.cases(record):
        if any(isinstance(value, np.dtype) for value in params.values()):
            continue  # a cast
        narrow = [x.astype(np.float32) if x.dtype.kind == "f" else x for x in values]
        wide = [np.asarray(y) for y in laws.outputs(laws.numpy, record, values, params)]
        outputs = [np.asarray(y) for y in laws.outputs(laws.numpy, record, narrow, params)]
        for y, reference in zip(outputs, wide, strict=True):
            if reference.dtype.kind != "f":
                assert y.dtype == reference.dtype
                continue
            assert y.dtype == (np.float32 if any(x.dtype.kind == "f" for x in values) else y.dtype), (
                record.name
            )
            assert np.allclose(y, reference, rtol=2e-4, atol=1e-4, equal_nan=True), (record.name, params)
        needs, gs = laws.positions(record, narrow, params), laws.cotangents(outputs)
        gradients = laws.vjp(laws.numpy, record, narrow, outputs, gs, params, needs) if needs else []
        assert all(x.dtype == np.float32 for x in gradients), f"{record.name}: a gradient of float32 is wider"


def test_the_inferred_shape_is_the_real_one(laws, record):
    if record.infer is None:
        return
    for values, params in laws.cases(record):
        found = record.infer(*(x.shape for x in values), **params)
        shapes = [np.shape(y) for y in laws.outputs(laws.numpy, record, values, params)]
        expected = shapes[0] if len(shapes) == 1 else tuple(shapes)
        assert _tuples(found) == expected, params


def _tuples(found):
    return tuple(tuple(x) if isinstance(x, (tuple, list)) else x for x in found)


def test_what_numpy_refuses_infer_refuses_in_pytorchs_words(laws, record):
    fronted = record.front is not None or not record.spellings()  # a front checks before the record is asked
    if fronted or record.infer is None or len(laws.cases(record)[0][0]) < 2 or record.discrete:
        return
    values, params = laws.cases(record)[0]
    for position, x in enumerate(values):
        if not x.ndim:
            continue
        for dim in range(x.ndim):
            wrong = list(values)
            wrong[position] = np.concatenate(
                [x, np.take(x, [0], axis=dim), np.take(x, [0], axis=dim)], axis=dim
            )
            try:
                record.numpy(*wrong, **params)
            except GradcliError:
                continue
            except (ValueError, IndexError, TypeError):
                with pytest.raises(GradcliError):
                    record.infer(*(y.shape for y in wrong), **params)


def test_a_partial_keeps_the_shape_of_the_result(laws, elementwise):
    # The engine does not look where the argument has it too.
    points = _points(laws, elementwise, [(2, 3)] * len(elementwise.args))
    if points is None or not elementwise.differentiable:
        return
    values, params = points
    out = elementwise.numpy(*values, **params)
    needs = laws.positions(elementwise, values, params)
    rule = backward_rule(elementwise, sum(1 << i for i in needs), len(values))
    saved = [out if slot < 0 else values[slot] for slot in rule.save]
    facts = Facts(params, [(2, 3)] * len(values), [(2, 3)])
    for pull in rule.pulls:
        assert pull(laws.numpy, np.ones((2, 3)), saved, facts).shape == (2, 3)
