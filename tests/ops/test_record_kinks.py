"""What records declare at kinks is what their rules do there, and no kink goes undeclared."""

from __future__ import annotations

import numpy as np
import pytest

from gradcli.ops.kink import Kink

STEP = 1e-4
POINTS = (-6.0, -3.0, -2.0, -1.0, -0.5, 0.0, 0.5, 1.0, 2.0, 3.0, 6.0)
WORDS = {
    "zero": lambda left, right: 0.0,
    "left": lambda left, right: left,
    "right": lambda left, right: right,
    "smaller": lambda left, right: min(left, right, key=abs),
    "larger": lambda left, right: max(left, right, key=abs),
    "half": lambda left, right: (left + right) / 2,
    "none": lambda left, right: float("nan"),
}


def _points(params, other):
    """Where an argument may have a kink: whole and half numbers, parameters, and the other arguments."""
    numbers = [float(v) for v in params.values() if isinstance(v, (int, float)) and not isinstance(v, bool)]
    return sorted({*POINTS, *numbers, *(-number for number in numbers), *other})


def _slope(f, at, side):
    """The derivative on one side, the point itself left out; None where there is none."""
    y = [f(at + side * k * STEP) for k in (1, 2, 3)]
    slopes = [side * (y[1] - y[0]) / STEP, side * (y[2] - y[1]) / STEP]
    if not np.isfinite(slopes).all() or abs(slopes[0] - slopes[1]) > 0.01 * (1 + abs(slopes[1])):
        return None
    return 2 * slopes[0] - slopes[1] + (slopes[0] - slopes[1]) / 2


def _kinks(laws, record):
    """Points where the slopes on both sides differ: (argument, left, right, the rule's own)."""
    for values, params in laws.cases(record):
        if any(not x.size for x in values):
            continue
        base = [x.reshape(-1)[:1] for x in values]
        for i in laws.positions(record, base, params):
            others = [float(x[0]) for k, x in enumerate(base) if k != i and x.dtype.kind == "f"]
            for at in _points(params, others):

                def f(x, i=i, base=base, params=params):
                    moved = [np.full(1, x) if k == i else one for k, one in enumerate(base)]
                    return float(np.asarray(record.numpy(*moved, **params))[0])

                left, right = _slope(f, at, -1), _slope(f, at, 1)
                if left is None or right is None or abs(left - right) <= 0.02 * (1 + abs(left)):
                    continue
                here = [np.full(1, at) if k == i else one for k, one in enumerate(base)]
                outputs = laws.outputs(laws.numpy, record, here, params)
                yield (
                    i,
                    left,
                    right,
                    float(laws.vjp(laws.numpy, record, here, outputs, [np.ones(1)], params, (i,))[0][0]),
                )


def _taken(record, argument):
    words = [
        kink.takes[min(argument, len(kink.takes) - 1)] for kink in record.kinks if isinstance(kink, Kink)
    ]
    return [word for word in words if word]


def test_at_a_kink_the_rule_takes_what_the_record_declares(elementwise, laws):
    found = list(_kinks(laws, elementwise))
    for argument, left, right, taken in found:
        words = _taken(elementwise, argument)
        assert words, f"{elementwise.name} has a kink in argument {argument}: {left:g} and {right:g}"
        wanted = [WORDS[word](left, right) for word in words if word != "either"]
        wanted += [left, right] if "either" in words else []
        assert any(abs(taken - one) < 0.02 * (1 + abs(one)) for one in wanted), (taken, words, left, right)


def test_the_scan_finds_the_kinks_that_everybody_knows(laws):
    from gradcli.ops.catalog import catalog

    for name, (left, right) in {"relu": (0, 1), "abs": (-1, 1), "hardtanh": (0, 1)}.items():
        slopes = [(found[1], found[2]) for found in _kinks(laws, catalog()[name])]
        assert slopes[0] == pytest.approx((left, right), abs=1e-6)


def test_words_are_known(record):
    for kink in record.kinks:
        for word in getattr(kink, "takes", ()):
            assert word in {"", "either", "ends", "even", "hole", "picked", *WORDS}
