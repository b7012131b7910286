from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from gradcli.autograd.random.shuffle import shuffled


def swapped(partners):
    places = list(range(len(partners)))
    for i, p in enumerate(partners):
        places[i], places[p] = places[p], places[i]
    return places


@given(st.lists(st.integers(0, 2**32), max_size=60))
def test_the_result_is_that_of_swapping_one_after_the_other(words):
    partners = [i + word % (len(words) - i) for i, word in enumerate(words)]
    assert shuffled(np.array(partners, np.int64)).tolist() == swapped(partners)


def test_a_long_chain_of_swaps_is_followed_to_its_end():
    count = 1000
    partners = [*range(1, count), count - 1]
    assert shuffled(np.array(partners)).tolist() == swapped(partners)
    assert shuffled(np.full(count, count - 1)).tolist() == swapped([count - 1] * count)
