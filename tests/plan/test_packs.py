"""Packs: units that do the same at equal distances, each unit in one of them."""

from __future__ import annotations

from functools import partial

import numpy as np
import pytest

from gradcli.plan.packs import Unit, alone, packs


def _unit(function: object, *addresses: int, layout: int = 1, memory: int = 0) -> Unit:
    return Unit(function, tuple((memory, address, layout) for address in addresses))


def test_the_units_of_a_pack_are_equally_far_apart() -> None:
    units = [_unit(np.sin, *pair) for pair in ((64, 124), (16, 116), (0, 100), (8, 108))]
    assert packs(units) == [[units[2], units[3], units[1]], [units[0]]]


def test_an_operand_that_all_share_is_no_distance_apart() -> None:
    units = [_unit(np.multiply, 8 * k, 1000, 2000 + 16 * k) for k in range(4)]
    assert packs(units) == [units]


def test_units_that_differ_in_function_layout_or_memory_are_apart() -> None:
    units = [
        _unit(np.sin, 0, 100),
        _unit(np.cos, 8, 108),
        _unit(np.sin, 8, 108, layout=2),
        _unit(np.sin, 8, 108, memory=1),
        alone(partial(list)),
        alone(partial(list)),
    ]
    assert packs(units) == [[unit] for unit in units]


@pytest.mark.parametrize("seed", range(20))
def test_every_unit_is_in_one_pack(seed: int) -> None:
    s = np.random.default_rng(seed)
    functions = (np.sin, np.cos)
    places = {tuple(map(int, 8 * s.integers(0, 12, 2))) for _ in range(40)}
    units = [_unit(functions[s.integers(2)], one, 1000 + other) for one, other in places]
    found = packs(units)
    assert sorted(id(unit) for pack in found for unit in pack) == sorted(map(id, units))
    for pack in found:
        addresses = np.array([[address for _, address, _ in unit.operands] for unit in pack])
        assert len({unit.function for unit in pack}) == 1
        assert (np.diff(addresses, 2, axis=0) == 0).all()
