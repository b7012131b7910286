"""The NumPy form meets a many-digit evaluation of the plain mathematics, also at hard points."""

from __future__ import annotations

from math import inf

import numpy as np
import pytest

from gradcli.diagnostics import GradcliError
from gradcli.symbolic import PreciseAlgebra

ULPS = 8
EPS = float(np.finfo(np.float64).eps)
SIZES = (1e-300, 1e-18, 1e-8, 1e-3, 0.5, 1.25, 3.7, 20.5, 50.0, 300.0, 800.0, 100000.25)
BEYOND = (1e10, 1e300)
# No quotient near a whole number, where floor(a / b) is decided by the rounding of a / b.
PAIRS = (-700.0, -3.7, -0.5, -1.1e-3, 1.3e-8, 0.5, 2.0, 20.5, 500.0)

# A plain formula such as log(1 + exp(x)) cancels as many digits as x is far from 0.
many = PreciseAlgebra(400)
# Special functions take minutes there, and hardly cancel.
SPECIAL = {"bessel", "gamma", "error function"}
some = PreciseAlgebra(220)


def _hard_points(record, values):
    if len(values) == 1:
        sizes = SIZES if record.family in SPECIAL else SIZES + BEYOND
        near = [record.domain[0].low + d for d in (1e-9, 1e-3)] + [
            record.domain[0].high - d for d in (1e-9, 1e-3)
        ]
        points = [*sizes, *(-size for size in sizes), *near]
        return (np.array([x for x in points if _inside(record.domain[0], x)]),)
    grid = np.meshgrid(*(np.array([x for x in PAIRS if _inside(domain, x)]) for domain in record.domain))
    return tuple(axis.ravel() for axis in grid)


def _inside(domain, x):
    return -inf < x < inf and domain.low < x < domain.high and x not in domain.without


def _compare(record, algebra, values, params, slack):
    """Each output within ULPS of its own size, or of what one ulp in an argument makes of it."""
    found = [
        np.asarray(y) for y in _outputs(record.numpy(*values, **params)) if np.asarray(y).dtype.kind == "f"
    ]
    if not found:
        return
    exact = _digits(record, algebra, values, params)
    for number, (y, expected) in enumerate(zip(found, exact, strict=True)):
        scale = np.abs(expected) + (slack * np.max(np.abs(expected), initial=0) if slack else 0)
        close = np.abs(y - expected) <= ULPS * max(slack, 1) * EPS * scale + 1e-307
        close |= (y == expected) | (np.isnan(y) & np.isnan(expected))
        if not close.all():
            nudged = [x * (1 + 2 * EPS) if x.dtype.kind == "f" else x for x in values]
            close |= np.abs(y - expected) <= np.abs(
                _digits(record, algebra, nudged, params)[number] - expected
            )
        if not close.all():
            at = tuple(np.argwhere(~close)[0])
            places = [np.broadcast_to(x, y.shape)[at] for x in values] if record.kind == "elementwise" else at
            count = (~close).sum()
            raise AssertionError(
                f"{record.name} at {places} with {params} is {y[at]!r}, really {expected[at]!r}; {count} such"
            )


def _outputs(found):
    return found if isinstance(found, (tuple, list)) else [found]


def _digits(record, algebra, values, params):
    """The float outputs by the precise algebra, rounded once."""
    try:
        found = algebra.apply(record, [algebra.array(x) for x in values], params)
    except GradcliError as error:
        if error.diagnostic.code == "E308":
            pytest.skip(str(error))
        raise
    return [y.floats() for y in _outputs(found) if y.data.dtype == object]


def test_values_are_right_to_a_few_ulps(laws, record):
    for values, params in laws.cases(record):
        _compare(record, laws.precise, values, params, slack=0 if record.kind == "elementwise" else 4)


def test_hard_points_are_right_to_a_few_ulps(laws, elementwise):
    values, _ = laws.cases(elementwise)[0]
    if len(values) > 2 or any(x.dtype.kind != "f" for x in values):
        return
    for _, params in laws.cases(elementwise):
        algebra = (
            laws.precise
            if elementwise.family == "bessel"
            else some
            if elementwise.family in SPECIAL
            else many
        )
        _compare(elementwise, algebra, _hard_points(elementwise, values), params, slack=0)
