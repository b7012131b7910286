"""Spellings that are no records: tensors made like a tensor, and functions that change their argument."""

from __future__ import annotations

from gradcli import torch


def test_new_tensors_take_the_dtype_of_the_tensor_they_are_asked_of():
    x = torch.tensor([1.0, 2.0], dtype=torch.float64, requires_grad=True)
    for made in (
        x.new_zeros(2),
        x.new_ones((2, 1)),
        x.new_full((2,), 3),
        x.new_tensor([1, 2]),
        x.new_empty(0),
    ):
        assert made.dtype == torch.float64
        assert not made.requires_grad
    assert x.new_full((2,), 3).tolist() == [3.0, 3.0]


def test_a_function_with_an_underscore_changes_its_argument():
    x = torch.tensor([-1.0, 2.0])
    assert torch.relu_(x) is x
    assert x.tolist() == [0.0, 2.0]
    assert torch.nn.functional.threshold_(x, 1, 5).tolist() == [5.0, 2.0]


def test_where_with_a_condition_alone_gives_an_index_per_dim():
    rows, columns = torch.where(torch.tensor([[1.0, 0.0], [0.0, 1.0]]))
    assert rows.tolist() == [0, 1]
    assert columns.tolist() == [0, 1]


def test_an_integer_to_a_fractional_power_is_of_the_default_dtype():
    assert (torch.tensor([4, 9]) ** 0.5).dtype == torch.float32
