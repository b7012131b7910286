"""Levels: what is repeated shares them, and nothing waits for what comes later."""

from __future__ import annotations

import numpy as np
import pytest

from gradcli.plan.repetition import ordered

TURNS = 40
INPUT, PRODUCT, SUM, SINE = range(4)


def test_what_waits_for_nothing_shares_a_level_and_a_recurrence_takes_one_by_one() -> None:
    """`h = h + xs[i] * w`, turn by turn, with the sine of every h at the end of its turn."""
    looks, reads = [INPUT, INPUT], [(), ()]
    products, sums, sines = [], [], []
    h = 0
    for _ in range(TURNS):
        products.append(len(looks))
        sums.append(len(looks) + 1)
        sines.append(len(looks) + 2)
        looks += [PRODUCT, SUM, SINE]
        reads += [(1,), (h, products[-1]), (sums[-1],)]
        h = sums[-1]
    order = ordered(looks, reads)
    assert order is not None
    # The first turns look different: what they begin with is an input.
    assert len({order.levels[x] for x in products}) == 1
    assert [order.levels[x] for x in sums] == sorted({order.levels[x] for x in sums})
    assert len({order.levels[x] for x in sines[8:]}) == 1
    assert len({order.kinds[x] for x in sums[8:]}) == 1
    assert order.last[sums[5]] == max(order.levels[sums[6]], order.levels[sines[5]])
    assert order.last[sines[5]] == order.levels[sines[5]]


def test_what_is_never_twice_the_same_has_no_order() -> None:
    looks = list(range(50))
    assert ordered(looks, [(), *((k,) for k in range(49))]) is None


def test_a_chain_of_equal_operations_has_no_order() -> None:
    assert ordered([SINE] * 50, [(), *((k,) for k in range(49))]) is None


@pytest.mark.parametrize("seed", range(30))
def test_everything_is_behind_what_it_reads_and_before_the_last_that_reads_it(seed: int) -> None:
    s = np.random.default_rng(seed)
    looks, reads = [0, 0, 0], [(), (), ()]
    body = [(int(s.integers(1, 5)), s.integers(-8, 0, s.integers(1, 6))) for _ in range(s.integers(2, 7))]
    for _ in range(TURNS):
        for look, back in body:
            here = len(looks)
            looks.append(look)
            # Some of them read an input, so that they can be done together.
            reads.append(tuple(max(here + int(k), 0) if k > -6 else -int(k) % 3 for k in back))
    order = ordered(looks, reads)
    if order is None:
        return
    last = list(order.levels)
    for node, arguments in enumerate(reads):
        for argument in arguments:
            assert order.levels[argument] < order.levels[node]
            last[argument] = max(last[argument], order.levels[node])
    assert order.last == last
