"""What the words of witnesses come to, element by element."""

from __future__ import annotations

import numpy as np

from gradcli.checks.ruling import digits_of, gravest, rule
from gradcli.checks.testimony import Words

RTOL, ATOL = 1e-6, 1e-9


def words(values, bounds):
    values, bounds = np.asarray(values, float), np.asarray(bounds, float)
    return Words(values, bounds, np.isfinite(values))


def test_a_tight_witness_that_says_the_same_supports():
    found = rule(np.array([2.0]), [words([2.0 + 1e-9], [1e-12])], RTOL, ATOL)
    assert found.agrees.all()
    assert not found.contradicted.any()


def test_a_witness_speaks_against_what_differs_by_more_than_three_of_its_bounds():
    gradient = np.array([1.0, 1.0])
    found = rule(gradient, [words([1.4, 1.4], [0.1, 0.2])], RTOL, ATOL)
    assert found.contradicted.tolist() == [True, False]
    assert found.loose.tolist() == [False, True]


def test_a_tighter_witness_overrules():
    gradient = np.array([1.0])
    support, against = words([1.0], [1e-15]), words([1.1], [1e-3])
    assert rule(gradient, [support, against], RTOL, ATOL).agrees.all()
    assert rule(gradient, [words([1.0], [1e-8]), words([1.1], [1e-12])], RTOL, ATOL).contradicted.all()


def test_two_tight_witnesses_refute_a_third_whose_bound_was_too_small():
    true, false = words([1.0], [1e-12]), words([0.0], [0.0])
    found = rule(np.array([1.0]), [true, words([1.0], [1e-13]), false], RTOL, ATOL)
    assert found.agrees.all()
    assert found.reference.tolist() == [1.0]
    assert rule(np.array([2.0]), [true, true, false], RTOL, ATOL).reference.tolist() == [1.0]


def test_one_witness_or_a_loose_second_refutes_nobody():
    true, false = words([1.0], [1e-12]), words([0.0], [0.0])
    assert rule(np.array([1.0]), [true, false], RTOL, ATOL).contradicted.all()
    assert rule(np.array([1.0]), [true, words([1.0], [0.1]), false], RTOL, ATOL).contradicted.all()


def test_no_majority_refutes_a_witness_that_the_gradient_meets():
    found = rule(np.array([0.0]), [words([1.0], [1e-12])] * 2 + [words([0.0], [1e-9])], RTOL, ATOL)
    assert found.contradicted.all()
    assert rule(np.array([0.0]), [words([1.0], [1e-12])] * 2 + [words([0.0], [0.0])], RTOL, ATOL).agrees.all()


def test_nobody_heard_is_no_agreement():
    found = rule(np.array([1.0]), [words([np.nan], [np.inf])], RTOL, ATOL)
    assert not found.heard.any()
    assert not found.agrees.any()


def test_what_is_nothing_beside_the_largest_element_is_known_well_enough():
    found = rule(np.array([0.0, 1e8]), [words([0.0, 1e8], [2e-6, 1e-6])], RTOL, ATOL)
    assert found.agrees.all()
    assert not rule(np.array([0.0]), [words([0.0], [2e-6])], RTOL, ATOL).agrees.any()


def test_infinities_that_are_the_same_agree():
    infinite = Words(np.array([np.inf]), np.array([1.0]), np.array([True]))
    with np.errstate(invalid="ignore"):
        assert rule(np.array([np.inf]), [infinite], RTOL, ATOL).agrees.all()


def test_digits_are_no_more_than_the_bound_vouches_for():
    assert digits_of(np.array([1.0]), np.array([1.0]), np.array([1e-5]))[0] == 5
    assert digits_of(np.array([1.001]), np.array([1.0]), np.array([0.0]))[0] < 3.1


def test_the_gravest_verdict_is_wrong_and_that_of_none_is_inconclusive():
    assert gravest(["agrees", "wrong", "edge"]) == "wrong"
    assert gravest(["agrees", "kink"]) == "kink"
    assert gravest([]) == "inconclusive"
