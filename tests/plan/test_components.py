"""Components and distances against their definitions, on random graphs."""

from __future__ import annotations

import numpy as np
import pytest

from gradcli.plan.components import components, distances


def _reached(after: list[list[int]]) -> np.ndarray:
    """What can be reached from where, by any path, none included."""
    count = len(after)
    found = np.eye(count, dtype=bool)
    for _ in range(count):
        for node, others in enumerate(after):
            for other in others:
                found[node] |= found[other]
    return found


def _graph(seed: int) -> list[list[int]]:
    s = np.random.default_rng(seed)
    count = int(s.integers(1, 9))
    return [[k for k in range(count) if s.random() < 0.25] for _ in range(count)]


@pytest.mark.parametrize("seed", range(40))
def test_nodes_that_reach_one_another_are_one_component(seed: int) -> None:
    after = _graph(seed)
    reached = _reached(after)
    component = components(after)
    for one in range(len(after)):
        for other in range(len(after)):
            together = reached[one, other] and reached[other, one]
            assert (component[one] == component[other]) == together
            if reached[one, other] and not together:
                assert component[one] > component[other]


@pytest.mark.parametrize("seed", range(40))
def test_a_component_is_farther_than_all_that_lead_to_it(seed: int) -> None:
    after = _graph(seed)
    component = components(after)
    length = distances(after, component)
    leading: dict[int, set[int]] = {here: set() for here in component}
    for node, others in enumerate(after):
        for other in others:
            if component[other] != component[node]:
                leading[component[other]].add(component[node])
    for here, before in leading.items():
        assert length[here] == max((length[one] + 1 for one in before), default=0)


def test_a_long_chain_needs_no_recursion() -> None:
    count = 20_000
    after = [[k + 1] for k in range(count - 1)] + [[]]
    assert len(set(components(after))) == count
    after[-1] = [0]
    assert set(components(after)) == {0}
