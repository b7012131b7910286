"""Operands as numbers: what is built of them is the memory that they stand for."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from gradcli.plan.operands import OWN, Operands

BASE = np.arange(120.0).reshape(4, 5, 6)
ARRAYS = {
    "whole": BASE,
    "transposed": BASE.T,
    "backwards": BASE[::-1, 1:4, ::-2],
    "number": BASE[1, 2, 3].reshape(()),
    "repeated": np.broadcast_to(np.arange(3.0), (4, 3)),
    "truths": BASE.astype(bool)[:, 1],
    "nothing": np.empty((0, 0)),
}


@pytest.mark.parametrize("name", ARRAYS)
def test_an_array_is_found_again(name: str) -> None:
    operands = Operands()
    assert operands.array(operands.of(ARRAYS[name])) is ARRAYS[name]


@pytest.mark.parametrize("name", [name for name in ARRAYS if ARRAYS[name].ndim > 1 and ARRAYS[name].size])
def test_rows_together_are_the_array(name: str) -> None:
    array, operands = ARRAYS[name], Operands()
    (memory, address, layout), (_, second, other) = operands.of(array[0]), operands.of(array[1])
    assert layout == other
    stacked = operands.stacked(layout, len(array), second - address, 0)
    found = operands.array((memory, address, stacked))
    np.testing.assert_array_equal(found, array)
    assert found.size == 0 or np.shares_memory(found, array)


def test_rows_get_dims_between_themselves_and_the_new_one() -> None:
    operands = Operands()
    memory, address, layout = operands.of(BASE[0, 0])
    found = operands.array((memory, address, operands.stacked(layout, 4, BASE.strides[0], 2)))
    np.testing.assert_array_equal(found, BASE[:, 0][:, None, :])


def test_strides_of_dims_of_size_1_tell_no_layouts_apart() -> None:
    operands = Operands()
    one, other = BASE[:1, :1, :], np.zeros((1, 1, 6))
    assert one.strides != other.strides
    assert operands.layout_of(one) == operands.layout_of(other)
    assert operands.layout_of(one) != operands.layout_of(BASE[:1, :1, ::-1])


def test_memory_that_is_not_to_be_written_stays_so() -> None:
    fixed = np.arange(6.0)
    fixed.flags.writeable = False
    operands = Operands()
    memory, address, layout = operands.of(fixed[:2])
    assert not operands.array((memory, address + 8, layout)).flags.writeable


def test_reserved_memory_is_zeros() -> None:
    operands = Operands()
    address = operands.reserve(64)
    found: Any = operands.array((OWN, address + 16, operands.layout_of(np.empty(3))))
    assert found.tolist() == [0, 0, 0]


def test_equal_literals_are_one_and_others_lie_one_behind_the_other() -> None:
    operands = Operands()
    places = [operands.literal(np.array(x)) for x in (1.0, 2.0, 1.0, 3.0)]
    assert places[0] == places[2]
    assert [place[1] - places[0][1] for place in places] == [0, 8, 0, 16]
    assert operands.array(places[3]) == 3.0
