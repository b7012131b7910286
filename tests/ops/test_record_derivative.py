"""Derivative rules meet differences of the value to 50 digits, each other, complex steps and sympy.diff."""

# A law speaks of a record, its inputs, outputs, cotangents and parameters at once:
# ruff: noqa: PLR0913

from __future__ import annotations

import numpy as np
import pytest

from gradcli.diagnostics import GradcliError
from gradcli.symbolic import SymbolicAlgebra

STEP = 1e-15  # at 50 digits a central difference is then right to 30
RTOL, ATOL = 1e-10, 1e-12
COARSE = {"rtol": 1e-6, "atol": 1e-8}  # of differences in float64, with a step of 1e-6


def _close(record, found, expected, what, rtol=RTOL, atol=ATOL):
    found, expected = np.asarray(found, dtype=float), np.asarray(expected, dtype=float)
    assert np.allclose(found, expected, rtol=rtol, atol=atol, equal_nan=True), (
        f"{record.name}: {what} is\n{found}\nand should be\n{expected}"
    )


def _gradients(laws, record, values, params):
    """Outputs, cotangents, positions, and what the vjp formulas give; skips where there is none."""
    needs = laws.positions(record, values, params)
    outputs = [np.asarray(y) for y in laws.outputs(laws.numpy, record, values, params)]
    gs = laws.cotangents(outputs)
    if not needs:
        pytest.skip("no derivative here")
    return outputs, gs, needs, laws.vjp(laws.numpy, record, values, outputs, gs, params, needs)


def _difference(laws, record, values, params, position, where, *, precise):
    """The central difference of each float output along a step of the elements in the mask `where`."""
    m, step = (laws.precise, STEP) if precise else (laws.numpy, 1e-6)
    sides = []
    for sign in (1, -1):
        moved = laws.exactly(values) if precise else list(values)
        moved[position] = moved[position] + m.array(where * (sign * step), moved[position])
        found = laws.outputs(m, record, moved, params)
        sides.append([getattr(y, "data", y) if precise else y for y in found if y.dtype.kind == "f"])
    return [(up - down) / (2 * step) for up, down in zip(*sides, strict=True)]


def test_the_vjp_meets_differences_of_the_value(laws, curved):
    for values, params in laws.cases(curved):
        _, gs, needs, gradients = _gradients(laws, curved, values, params)
        precise = laws.has_digits(curved, values, params)
        for position, gradient in zip(needs, gradients, strict=True):
            x = values[position]
            if curved.kind == "elementwise":
                (slope,) = _difference(
                    laws, curved, values, params, position, np.ones(x.shape), precise=precise
                )
                expected = laws.conform(laws.numpy, (gs[0] * slope).astype(float), x.shape)
            else:
                expected, free = np.zeros(x.shape), laws.free(curved, x)
                gradient = free(gradient)  # noqa: PLW2901 - what can be seen of it
                for at in np.ndindex(*x.shape):
                    where = np.zeros(x.shape)
                    where[at] = 1
                    where = free(where)
                    slopes = _difference(laws, curved, values, params, position, where, precise=precise)
                    expected[at] = sum(float(np.sum(g * slope)) for g, slope in zip(gs, slopes, strict=True))
            what = f"the vjp for {curved.argument(position)} with {params}"
            _close(curved, gradient, expected, what, **({} if precise else COARSE))


def test_vjp_and_jvp_are_each_others_transposes(laws, differentiable):
    for values, params in laws.cases(differentiable):
        outputs, gs, needs, gradients = _gradients(laws, differentiable, values, params)
        s = laws.sampler(differentiable)
        tangents = [s.normal(*x.shape) if i in needs else None for i, x in enumerate(values)]
        moved = laws.jvp(laws.numpy, differentiable, values, outputs, tangents, params)
        pushed = [t for t, y in zip(moved, outputs, strict=True) if y.dtype.kind == "f"]
        left = sum(float(np.sum(g * t)) for g, t in zip(gs, pushed, strict=True) if t is not None)
        right = sum(float(np.sum(gradients[k] * tangents[i])) for k, i in enumerate(needs))
        size = sum(float(np.sum(abs(gradients[k] * tangents[i]))) for k, i in enumerate(needs))
        assert left == pytest.approx(right, rel=1e-10, abs=1e-12 * (1 + size)), (differentiable.name, params)


def test_a_complex_step_meets_the_jvp(laws, differentiable):
    if differentiable.complex is False:
        return
    form = differentiable.complex or differentiable.numpy
    for values, params in laws.cases(differentiable):
        outputs, _, needs, _ = _gradients(laws, differentiable, values, params)
        s = laws.sampler(differentiable)
        tangents = [
            laws.free(differentiable, x)(s.normal(*x.shape)) if i in needs else None
            for i, x in enumerate(values)
        ]
        moved = laws.jvp(laws.numpy, differentiable, values, outputs, tangents, params)
        stepped = [x if t is None else x + 1e-20j * t for x, t in zip(values, tangents, strict=True)]
        found = form(*stepped, **params)
        found = found if isinstance(found, (tuple, list)) else [found]
        for y, z, t in zip(outputs, found, moved, strict=True):
            if y.dtype.kind == "f" and t is not None:
                _close(
                    differentiable,
                    np.imag(z) / 1e-20,
                    np.broadcast_to(t, y.shape),
                    f"the complex step with {params}",
                )


def test_partials_are_what_sympy_differentiates(laws, elementwise):
    if not elementwise.differentiable:
        return
    for values, params in laws.cases(elementwise):
        _, _, needs, _ = _gradients(laws, elementwise, values, params)
        point = [np.asarray(x).ravel()[:1] for x in values]
        exact = laws.exactly(point)
        (y,) = laws.outputs(laws.precise, elementwise, exact, params)
        ones = laws.precise.array(np.ones(y.shape))
        partials = laws.vjp(laws.precise, elementwise, exact, [y], [ones], params, needs)
        for position, partial in zip(needs, partials, strict=True):
            m = SymbolicAlgebra()
            inputs = [m.variable(x, "x") if i == position else m.array(x) for i, x in enumerate(point)]
            value = m.apply(elementwise, inputs, params)
            (symbol,) = m.points
            expected = m.evaluate(value.expression(0).diff(symbol), 40)
            found = partial.data.ravel()[0]
            assert found == pytest.approx(laws.precise.context.mpf(str(expected)), rel=1e-14, abs=1e-20), (
                f"{elementwise.name}: the partial for {elementwise.args[position]} at {point} with {params}"
            )


def test_a_symbol_through_the_value_meets_the_vjp(laws, differentiable):
    for values, params in laws.cases(differentiable)[:2]:
        _, gs, needs, gradients = _gradients(laws, differentiable, values, params)
        position, gradient = needs[0], np.asarray(gradients[0])
        if not gradient.size:
            continue
        m, at = SymbolicAlgebra(), gradient.size // 2
        inputs = [m.variable(x, "x", [at]) if i == position else m.array(x) for i, x in enumerate(values)]
        free = laws.free(differentiable, values[position])
        if not np.array_equal(free(gradient), gradient):
            continue  # one element of a symmetric matrix does not move alone
        try:
            found = laws.outputs(m, differentiable, inputs, params)
        except GradcliError as error:
            if error.diagnostic.code == "E308":
                pytest.skip(str(error))
            raise
        (symbol,) = m.points
        floats = [y for y in found if y.dtype.kind == "f"]
        terms = [g.flat[k] * e for y, g in zip(floats, gs, strict=True) for k, e in y.expressions.items()]
        expected = float(m.evaluate(sum(terms).diff(symbol), 30)) if terms else 0.0
        _close(differentiable, gradient.flat[at], expected, f"the vjp with {params}, by sympy,")
