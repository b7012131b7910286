"""Subscripts: what is read through a key, and what writing through one does to values and gradients."""

# Tables of cases, one a line; messages are plain text.
# ruff: noqa: E501, RUF043

from __future__ import annotations

from typing import Any

import pytest

from gradcli import torch
from gradcli.autograd.subscript import get_item, set_item
from gradcli.diagnostics import GradcliError


def matrix() -> Any:
    return torch.tensor([[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]], requires_grad=True)


@pytest.mark.parametrize(
    ("key", "values", "node"),
    [
        (0, [1, 2, 3], "SelectBackward0"), ((1, 2), 6, "SelectBackward0"), (slice(1, None), [[4, 5, 6]], "SliceBackward0"),
        (slice(None, None, 2), [[1, 2, 3]], "SliceBackward0"), (..., [[1, 2, 3], [4, 5, 6]], "AliasBackward0"),
        ((..., 0), [1, 4], "SelectBackward0"), (None, [[[1, 2, 3], [4, 5, 6]]], "UnsqueezeBackward0"),
        ([1, 0], [[4, 5, 6], [1, 2, 3]], "IndexBackward0"), (([0, 1], [2, 0]), [3, 4], "IndexBackward0"),
        ((slice(None), [True, False, True]), [[1, 3], [4, 6]], "IndexBackward0"), (True, [[[1, 2, 3], [4, 5, 6]]], "IndexBackward0"),
        ((0, [1, 1]), [2, 2], "IndexBackward0"), (-1, [4, 5, 6], "SelectBackward0"), (slice(5, 9), [], "SliceBackward0"),
    ],
    ids=str,
)  # fmt: skip
def test_a_key_reads_these_values_under_this_node(key: Any, values: Any, node: str) -> None:
    part = get_item(matrix(), key)
    assert part.tolist() == values
    assert part.grad_fn.name() == node


def test_a_zero_dim_integer_tensor_selects_and_a_mask_picks() -> None:
    x = matrix()
    assert get_item(x, torch.tensor(1)).grad_fn.name() == "SelectBackward0"
    assert get_item(x, x > 2.5).tolist() == [3, 4, 5, 6]


def test_basic_keys_give_views_and_others_copies() -> None:
    y = matrix().detach().clone()
    get_item(y, (0, slice(1, None)))[...] = 9
    assert y.tolist() == [[1, 9, 9], [4, 5, 6]]
    get_item(y, [0])[...] = 7
    assert y.tolist() == [[1, 9, 9], [4, 5, 6]]


def test_repeated_indices_add_up_in_the_gradient() -> None:
    x = matrix()
    get_item(x, ([0, 0, 1], [1, 1, 2])).sum().backward()
    assert x.grad.tolist() == [[0, 2, 0], [0, 0, 1]]


@pytest.mark.parametrize(
    ("key", "value", "values", "x_grad", "v_grad"),
    [
        (0, "v", [[10, 20, 30], [4, 5, 6]], [[0, 0, 0], [1, 1, 1]], [1, 1, 1]),
        ((slice(None), 1), 7.0, [[1, 7, 3], [4, 7, 6]], [[1, 0, 1], [1, 0, 1]], None),
        (slice(None), "v", [[10, 20, 30], [10, 20, 30]], [[0, 0, 0], [0, 0, 0]], [2, 2, 2]),
        ([1, 0], "v", [[10, 20, 30], [10, 20, 30]], [[0, 0, 0], [0, 0, 0]], [2, 2, 2]),
        ((1, [0, 2]), 0.0, [[1, 2, 3], [0, 5, 0]], [[1, 1, 1], [0, 1, 0]], None),
    ],
    ids=str,
)  # fmt: skip
def test_what_is_written_over_loses_its_gradient_to_what_is_written(
    key: Any, value: Any, values: Any, x_grad: Any, v_grad: Any
) -> None:
    x, v = matrix(), torch.tensor([10.0, 20.0, 30.0], requires_grad=True)
    y = x * 1
    set_item(y, key, v if value == "v" else value)
    assert y.tolist() == values
    y.sum().backward()
    assert x.grad.tolist() == x_grad
    assert (None if v.grad is None else v.grad.tolist()) == v_grad


def test_a_masked_write_stops_the_gradient_where_the_mask_holds() -> None:
    x = matrix()
    y = x * 2
    set_item(y, y > 5, 0)
    y.sum().backward()
    assert x.grad.tolist() == [[2, 2, 0], [0, 0, 0]]


def test_adding_at_indices_keeps_the_old_gradient_too() -> None:
    x, v = matrix(), torch.tensor([10.0, 20.0, 30.0], requires_grad=True)
    y = x * 1
    y[[1]] += v
    (y * y).sum().backward()
    assert x.grad.tolist() == [[2, 4, 6], [28, 50, 72]]
    assert v.grad.tolist() == [28, 50, 72]


def test_writes_through_views_of_views_reach_the_base() -> None:
    x = matrix()
    y = x * 1
    set_item(get_item(y.T, slice(1, None)), (0, 1), x.sum())
    assert y.tolist() == [[1, 2, 3], [4, 21, 6]]
    assert y.grad_fn.name() == "torch::autograd::CopySlices"
    y.sum().backward()
    assert x.grad.tolist() == [[2, 2, 2], [2, 1, 2]]


def test_a_write_has_second_derivatives() -> None:
    x = torch.tensor([2.0, 3.0], requires_grad=True)
    y = torch.zeros(2)
    set_item(y, 1, x[0] ** 3)
    (first,) = torch.autograd.grad(y.sum(), x, create_graph=True)
    (second,) = torch.autograd.grad(first.sum(), x)
    assert (first.tolist(), second.tolist()) == ([12.0, 0.0], [12.0, 0.0])


def test_a_value_is_cast_to_the_dtype_it_is_written_into() -> None:
    y = torch.zeros(2, dtype=torch.int64)
    set_item(y, 0, 1.9)
    set_item(y, slice(1, None), torch.tensor([2.9]))
    assert y.tolist() == [1, 2]


@pytest.mark.parametrize(
    ("key", "kind", "message"),
    [
        (5, IndexError, "index 5 is out of bounds for dimension 0 with size 2"),
        ((0, -4), IndexError, "index -4 is out of bounds for dimension 1 with size 3"),
        ((0, 0, 0), IndexError, "too many indices for tensor of dimension 2"),
        (slice(None, None, -1), ValueError, "step must be greater than zero"),
        ([True, False, True], IndexError, "The shape of the mask [3] at index 0 does not match the shape of the indexed tensor [2, 3] at index 0"),
        (([0, 1], [0, 1, 2]), IndexError, "shape mismatch: indexing tensors could not be broadcast together with shapes [2], [3]"),
        (1.5, IndexError, "only integers, slices (`:`), ellipsis (`...`), None and long or byte Variables are valid indices (got float)"),
        ("a", TypeError, "new(): invalid data type 'str'"),
    ],
    ids=str,
)  # fmt: skip
def test_a_key_that_does_not_fit_is_refused_when_reading_and_when_writing(
    key: Any, kind: Any, message: str
) -> None:
    for attempt in (lambda x: get_item(x, key), lambda x: set_item(x, key, 1.0)):
        with pytest.raises(GradcliError) as caught:
            attempt(torch.zeros(2, 3))
        assert isinstance(caught.value, kind)
        assert str(caught.value) == message


@pytest.mark.parametrize(
    ("key", "value", "message"),
    [
        (0, [1.0, 2.0], "The expanded size of the tensor (3) must match the existing size (2) at non-singleton dimension 0.  Target sizes: [3].  Tensor sizes: [2]"),
        ([0, 1], [1.0, 2.0], "shape mismatch: value tensor of shape [2] cannot be broadcast to indexing result of shape [2, 3]"),
        ([0, 1], [1, 2, 3], "Index put requires the source and destination dtypes match, got Float for the destination and Long for the source."),
    ],
    ids=str,
)  # fmt: skip
def test_a_value_that_does_not_fit_is_refused(key: Any, value: Any, message: str) -> None:
    with pytest.raises(RuntimeError) as caught:
        set_item(torch.zeros(2, 3), key, torch.tensor(value))
    assert str(caught.value) == message


def test_lists_and_texts_are_no_values() -> None:
    with pytest.raises(TypeError, match="can't assign a list to a torch.FloatTensor"):
        set_item(torch.zeros(2), 0, [1.0])


def test_leaves_that_require_grad_and_shared_memory_are_not_written_to() -> None:
    with pytest.raises(
        RuntimeError, match="a view of a leaf Variable that requires grad is being used in an in-place"
    ):
        set_item(matrix(), 0, 1.0)
    with pytest.raises(
        RuntimeError, match="more than one element of the written-to tensor refers to a single memory"
    ):
        set_item(torch.zeros(1).expand(3), 0, 1.0)
