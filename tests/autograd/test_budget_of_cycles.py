"""Tensors that only Python's collector can free do not use up the budget."""

from __future__ import annotations

import gc

import pytest

from gradcli import torch
from gradcli.autograd import session
from gradcli.autograd.budget import Budget
from gradcli.diagnostics import LimitFault

SIZE = 2**18  # elements of float32, 1 MiB


@pytest.fixture(autouse=True)
def lazy():
    gc.disable()  # it would come by chance
    yield
    gc.enable()


def test_rings_of_tensors_are_freed_before_one_is_refused():
    with session(budget=Budget(max_bytes=8 * 2**20)) as context:
        for _ in range(32):
            ring = [torch.ones(SIZE)]
            ring.append(ring)
        assert context.budget.live <= 8 * 2**20


def test_rings_of_tensors_do_not_fill_the_memory_up_to_the_limit(monkeypatch):
    monkeypatch.setattr("gradcli.autograd.budget.CALM", 4 * 2**20)
    with session(budget=Budget()) as context:
        most = 0
        for _ in range(32):
            ring = [torch.ones(SIZE)]
            ring.append(ring)
            most = max(most, context.budget.live)
    assert most <= 6 * 2**20


def test_what_is_in_use_is_still_refused():
    with session(budget=Budget(max_bytes=8 * 2**20)):
        held = [torch.ones(SIZE) for _ in range(6)]  # one is asked for as if of float64
        with pytest.raises(LimitFault) as caught:
            held += [torch.ones(SIZE) for _ in range(2)]
    assert caught.value.diagnostic.code == "E602"
