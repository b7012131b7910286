"""Slips are named from arrays alone, and only where the pattern holds at every point."""

from __future__ import annotations

import numpy as np
import pytest

from gradcli.checks.slips import Evidence, Factor, name_slip

RANDOM = np.random.default_rng(1)
TRUTHS = [RANDOM.standard_normal((3, 3)) for _ in range(4)]
VECTORS = [RANDOM.standard_normal(4) for _ in range(4)]


def _points(claim, truths=TRUTHS, **more):
    return [Evidence(np.asarray(claim(truth)), truth, **more) for truth in truths]


@pytest.mark.parametrize(
    ("claim", "words"),
    [
        (lambda t: 2 * t, "constant factor: the claim is 2 times the derivative"),
        (lambda t: t / 3, "constant factor: the claim is 1/3 times the derivative"),
        (lambda t: 0.123 * t, "constant factor: the claim is 0.123 times the derivative"),
        (lambda t: -t, "sign: the claim is the negative of the derivative"),
        (lambda t: -2 * t, "the sign is wrong, and constant factor: the claim is 2 times the derivative"),
        (lambda t: 9 * t, "1/n is missing: the claim is 9 times too large, the number of elements"),
        (lambda t: t.T, "transposed: the claim's transpose is right"),
        (np.abs, "elements have the wrong sign"),
        (lambda t: t + 1, "constant term: the claim is 1 more than the derivative"),
        (lambda t: t.sum(), "the claim"),
    ],
)  # fmt: skip
def test_a_pattern_that_holds_everywhere_is_named(claim, words):
    found = name_slip(_points(claim))
    assert words in found or (words == "the claim" and found == "")


def test_a_mean_taken_for_a_sum_is_told_by_the_programs_own_counts():
    assert name_slip(_points(lambda t: t / 12, counts=(("sum", 12),))).startswith("a mean for a sum")
    assert name_slip(_points(lambda t: 12 * t, counts=(("mean", 12),))).startswith("1/n is missing")


def test_a_claim_that_holds_at_one_point_alone_is_said_to():
    points = _points(lambda t: t)
    wrong = [points[0], *(one._replace(claim=one.claim + one.truth**2) for one in points[1:])]
    assert name_slip(wrong) == "right only at this point: wrong at 3 of 3 random ones"


@pytest.mark.parametrize(
    ("claim", "words"),
    [
        (lambda t: np.stack([t, t]) / 2, "not summed"),
        (lambda t: t.reshape(2, 2), "the elements are right, the shape is [2, 2]: write .reshape([4])"),
        (lambda t: np.ones((5, 5)), "the shape is [5, 5], and the variable's [4]"),
    ],
)  # fmt: skip
def test_a_wrong_shape_is_told_apart(claim, words):
    assert name_slip(_points(claim, VECTORS)).startswith(words)


def test_a_transposed_claim_of_another_shape_is_called_so():
    truths = [RANDOM.standard_normal((2, 3)) for _ in range(4)]
    assert name_slip(_points(lambda t: t.T, truths)).startswith("transposed: the shape is [3, 2]")


def test_a_forgotten_chain_factor_is_found_among_the_programs_local_derivatives():
    points = []
    for truth in VECTORS:
        factor = np.cos(truth)
        points.append(
            Evidence(truth / factor, truth, (Factor("sin(x)", factor), Factor("exp(x)", np.exp(truth))))
        )
    assert name_slip(points) == "a chain-rule factor is missing: the derivative of `sin(x)`"
    doubled = [one._replace(claim=one.truth * one.factors[1].values) for one in points]
    assert name_slip(doubled) == "a chain-rule factor too many: the derivative of `exp(x)`"


def test_a_factor_may_have_a_number_beside_it():
    points = [Evidence(t / t**3 / -2, t, (Factor("x**3", t**3),)) for t in VECTORS]
    assert name_slip(points) == "a chain-rule factor is missing: the derivative of `x**3`, and -2"


def test_what_is_divided_by_is_missing_over_a_value():
    points = [Evidence(t * np.abs(t).sum(), t, (Factor("norm(x)", np.abs(t).sum(), True),)) for t in VECTORS]
    assert name_slip(points) == "a chain-rule factor is missing: 1 over `norm(x)`"


def test_a_claim_that_does_not_divide_averages_nothing():
    points = _points(lambda t: t / 12, counts=(("sum", 12),), divides=False)
    assert name_slip(points) == "constant factor: the claim is 1/12 times the derivative"
    assert "number of elements" not in name_slip(_points(lambda t: 9 * t, counts=(("sum", 12),)))


def test_a_ratio_of_one_but_for_noise_is_no_factor():
    points = _points(lambda t: t * (1 + 5e-5))
    assert name_slip(points) == ""


def test_a_right_claim_has_no_slip():
    assert name_slip(_points(lambda t: t)) == ""


def test_a_coincidence_at_one_point_is_no_pattern():
    points = _points(lambda t: t)
    mixed = [points[0]._replace(claim=2 * points[0].truth), points[1]._replace(claim=3 * points[1].truth)]
    assert name_slip(mixed) == ""
