"""torch.utils.data: what beginners' programs load their data with."""

from __future__ import annotations

from gradcli import torch
from gradcli.torch.datasets import TensorDataset, random_split
from gradcli.torch.loading import DataLoader


def numbers(count):
    return TensorDataset(torch.arange(count))


def test_an_unshuffled_loader_keeps_the_order_and_the_last_short_batch():
    assert [batch.tolist() for (batch,) in DataLoader(numbers(5), batch_size=2)] == [[0, 1], [2, 3], [4]]


def test_a_shuffled_pass_takes_every_example_once():
    torch.manual_seed(0)
    taken = [int(one) for (batch,) in DataLoader(numbers(10), batch_size=3, shuffle=True) for one in batch]
    assert sorted(taken) == list(range(10))
    assert taken != list(range(10))


def test_the_same_seed_gives_the_same_order_and_the_next_pass_another():
    orders = []
    for _ in range(2):
        torch.manual_seed(1)
        loader = DataLoader(numbers(20), shuffle=True)
        orders.append([[int(batch) for (batch,) in loader] for _ in range(2)])
    assert orders[0] == orders[1]
    assert orders[0][0] != orders[0][1]


def test_parts_of_a_split_do_not_overlap():
    torch.manual_seed(0)
    parts = random_split(numbers(10), [0.7, 0.3])
    assert [len(part) for part in parts] == [7, 3]
    assert sorted(int(one) for part in parts for (one,) in part) == list(range(10))
