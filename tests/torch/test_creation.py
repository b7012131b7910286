"""Making tensors: what they hold, of which dtype, and what is refused in which words."""

# Tables of cases, one a line; a lambda asks for the name when the test runs.
# ruff: noqa: E501

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from gradcli import torch
from gradcli.autograd import context, session
from gradcli.autograd.budget import Budget
from gradcli.diagnostics import GradcliError, LimitFault
from gradcli.torch import creation


@pytest.fixture(autouse=True)
def fresh_session() -> Any:
    with session():
        yield


@pytest.mark.parametrize(
    ("data", "dtype", "values"),
    [
        (1, "int64", 1), (1.5, "float32", 1.5), (True, "bool", True), ([1, 2], "int64", [1, 2]),
        ([1, 2.5], "float32", [1.0, 2.5]), ([True, 1], "int64", [1, 1]), ([True, 1.5], "float32", [1.0, 1.5]),
        ([], "float32", []), ([[]], "float32", [[]]), ((1, 2), "int64", [1, 2]), (range(3), "int64", [0, 1, 2]),
        ([[1, 2], [3, 4]], "int64", [[1, 2], [3, 4]]),
    ],
)  # fmt: skip
def test_the_widest_kind_in_the_lists_decides_the_dtype(data: Any, dtype: str, values: Any) -> None:
    made = torch.tensor(data)
    assert made.dtype.name == dtype
    assert made.tolist() == values


def test_floats_take_the_default_dtype() -> None:
    context.default_dtype = np.dtype(np.float64)
    assert torch.tensor([1.0]).dtype.name == "float64"
    assert torch.zeros(2).dtype.name == "float64"
    assert torch.arange(0.5, 2).dtype.name == "float64"


def test_tensors_in_lists_count_as_numbers_of_their_dtype() -> None:
    wide = torch.tensor(1.0, dtype=torch.float64)
    assert torch.tensor([wide, 2]).dtype.name == "float64"
    assert torch.tensor([torch.tensor([3]), 2]).tolist() == [3, 2]


def test_a_tensor_of_a_tensor_is_a_copy_without_history() -> None:
    x = torch.tensor([1.0], requires_grad=True)
    y = torch.tensor(x * 2)
    assert y.is_leaf
    assert not y.requires_grad
    y[0] = 5
    assert x.tolist() == [1.0]


@pytest.mark.parametrize(
    ("data", "kind", "message"),
    [
        ([[1, 2], [1, 2, 3]], ValueError, "expected sequence of length 2 at dim 1 (got 3)"),
        ([1, [2]], TypeError, "'list' object cannot be interpreted as an integer"),
        ([[1], 2], TypeError, "not a sequence"),
        ("a", TypeError, "new(): invalid data type 'str'"),
        (["a"], ValueError, "too many dimensions 'str'"),
        (None, RuntimeError, "Could not infer dtype of NoneType"),
        ([None], RuntimeError, "Could not infer dtype of NoneType"),
        ({}, RuntimeError, "Could not infer dtype of dict"),
        ([2**63], ValueError, "Overflow when unpacking long long"),
    ],
    ids=str,
)
def test_data_that_is_no_tensor_is_refused_in_pytorchs_words(data: Any, kind: Any, message: str) -> None:
    with pytest.raises(GradcliError) as caught:
        torch.tensor(data)
    assert isinstance(caught.value, kind)
    assert str(caught.value) == message


def test_a_number_that_does_not_fit_is_refused() -> None:
    with pytest.raises(RuntimeError, match="value cannot be converted to type uint8 without overflow"):
        torch.tensor(300, dtype=torch.uint8)


def test_a_given_dtype_wins() -> None:
    assert torch.tensor([1.7, 2.2], dtype=torch.int64).tolist() == [1, 2]
    assert torch.tensor([1, 0], dtype=torch.bool).tolist() == [True, False]
    assert torch.tensor([1], dtype=torch.float64).dtype.name == "float64"


@pytest.mark.parametrize(
    "make",
    [
        lambda: torch.tensor(1, requires_grad=True),
        lambda: torch.ones(2, dtype=torch.int64, requires_grad=True),
    ],
)
def test_integers_cannot_require_gradients(make: Any) -> None:
    with pytest.raises(
        RuntimeError, match="Only Tensors of floating point and complex dtype can require gradients"
    ):
        make()


def test_a_leaf_that_requires_grad_collects_it() -> None:
    for x in (
        torch.tensor([1.0, 2.0], requires_grad=True),
        torch.arange(2.0, requires_grad=True),
        torch.eye(2, requires_grad=True),
    ):
        (x * 3).sum().backward()
        assert set(np.ravel(x.grad.tolist())) == {3.0}


def test_as_tensor_and_from_numpy_share_memory() -> None:
    array = np.array([1.0, 2.0])
    for made in (torch.as_tensor(array), torch.from_numpy(array)):
        array[0] += 1
        assert made.tolist() == array.tolist()
    x = torch.ones(2)
    assert torch.as_tensor(x) is x
    assert torch.as_tensor(x, dtype=torch.float64).dtype.name == "float64"
    with pytest.raises(TypeError, match=r"expected np.ndarray \(got int\)"):
        torch.from_numpy(3)


@pytest.mark.parametrize("sizes", [((2, 3),), (2, 3), ([2, 3],)])
def test_sizes_are_numbers_or_one_tuple(sizes: Any) -> None:
    for make in (torch.zeros, torch.ones, torch.empty, torch.rand, torch.randn):
        assert tuple(make(*sizes).shape) == (2, 3)
    assert tuple(torch.zeros(size=(2, 3)).shape) == (2, 3)


@pytest.mark.parametrize(
    ("call", "kind", "message"),
    [
        (lambda: torch.zeros(), TypeError, 'zeros() missing 1 required positional arguments: "size"'),
        (lambda: torch.zeros(2.5), TypeError, "zeros(): argument 'size' (position 1) must be tuple of ints, not float"),
        (lambda: torch.zeros(-1), RuntimeError, "zeros: Dimension size must be non-negative."),
        (lambda: torch.full(2, 3), TypeError, "full(): argument 'size' (position 1) must be tuple of ints, not int"),
        (lambda: torch.eye(-1), RuntimeError, "n must be greater or equal to 0, got -1"),
        (lambda: torch.arange(1, 5, -1), RuntimeError, "upper bound and lower bound inconsistent with step sign"),
        (lambda: torch.arange(1, 5, 0), RuntimeError, "step must be nonzero"),
        (lambda: torch.arange(float("inf")), RuntimeError, "unsupported range: 0 -> inf"),
        (lambda: torch.linspace(0, 1, -1), RuntimeError, "number of steps must be non-negative"),
        (lambda: torch.zeros_like([1]), TypeError, "zeros_like(): argument 'input' (position 1) must be Tensor, not list"),
        (lambda: torch.numel(3), TypeError, "numel(): argument 'input' (position 1) must be Tensor, not int"),
        (lambda: torch.randint(5, 2, (2,)), RuntimeError, "random_ expects 'from' to be less than 'to', but got from=5 >= to=2"),
    ],
)  # fmt: skip
def test_arguments_that_make_no_tensor_are_refused_in_pytorchs_words(
    call: Any, kind: Any, message: str
) -> None:
    with pytest.raises(GradcliError) as caught:
        call()
    assert isinstance(caught.value, kind)
    assert str(caught.value) == message


def test_the_value_decides_the_dtype_of_full() -> None:
    assert [torch.full((2,), value).dtype.name for value in (True, 1, 1.0)] == ["bool", "int64", "float32"]
    assert torch.full((2,), 1, dtype=torch.float64).tolist() == [1.0, 1.0]


@pytest.mark.parametrize(
    ("made", "values"),
    [
        (lambda: torch.arange(3), [0, 1, 2]), (lambda: torch.arange(5, 1, -2), [5, 3]), (lambda: torch.arange(0), []),
        (lambda: torch.arange(1, 2, 0.25), [1.0, 1.25, 1.5, 1.75]), (lambda: torch.arange(start=1, end=3), [1, 2]),
        (lambda: torch.arange(end=2), [0, 1]), (lambda: torch.linspace(0, 1, 5), [0.0, 0.25, 0.5, 0.75, 1.0]),
        (lambda: torch.linspace(3, 7, 1), [3.0]), (lambda: torch.linspace(0, 1, 0), []),
        (lambda: torch.linspace(0, 5, 3, dtype=torch.int64), [0, 2, 5]), (lambda: torch.logspace(0, 2, 3), [1.0, 10.0, 100.0]),
        (lambda: torch.logspace(0, 2, 3, base=2), [1.0, 2.0, 4.0]), (lambda: torch.eye(2, 3), [[1.0, 0, 0], [0, 1.0, 0]]),
        (lambda: torch.tril_indices(2, 2), [[0, 1, 1], [0, 0, 1]]), (lambda: torch.triu_indices(2, 3, 1), [[0, 0, 1], [1, 2, 2]]),
    ],
)  # fmt: skip
def test_ranges_and_grids_hold_these_numbers(made: Any, values: Any) -> None:
    assert made().tolist() == values


def test_whole_ranges_are_integers_and_others_floats() -> None:
    assert torch.arange(3).dtype.name == "int64"
    assert torch.arange(0, 3, 0.5).dtype.name == "float32"
    assert torch.arange(3, dtype=torch.float64).dtype.name == "float64"


def test_both_ends_of_a_grid_are_exact() -> None:
    grid = torch.linspace(0.1, 0.7, 101, dtype=torch.float64)
    assert (grid[0].item(), grid[-1].item()) == (0.1, 0.7)


def test_like_functions_take_shape_and_dtype_of_a_tensor() -> None:
    x = torch.ones(2, 3, dtype=torch.float64)
    for make in (torch.zeros_like, torch.ones_like, torch.empty_like, torch.rand_like, torch.randn_like):
        made = make(x)
        assert (tuple(made.shape), made.dtype.name) == ((2, 3), "float64")
    assert torch.full_like(x, 7, dtype=torch.int64).tolist() == [[7] * 3] * 2
    assert torch.zeros_like(x, requires_grad=True).requires_grad


def test_new_functions_take_the_dtype_of_a_tensor() -> None:
    x = torch.ones(2, dtype=torch.float64)
    assert creation.new_zeros(x, 3).dtype.name == "float64"
    assert creation.new_ones(x, (1, 2)).tolist() == [[1.0, 1.0]]
    assert creation.new_full(x, (2,), 3).tolist() == [3.0, 3.0]
    assert creation.new_tensor(x, [1]).dtype.name == "float64"


def test_the_same_seed_gives_the_same_numbers() -> None:
    torch.manual_seed(0)
    first = torch.rand(3).tolist()
    assert first == pytest.approx([0.4963, 0.7682, 0.0885], abs=1e-4)
    torch.manual_seed(0)
    assert torch.rand(3).tolist() == first
    assert torch.initial_seed() == 0
    torch.manual_seed(0)
    assert torch.randn(4).tolist() == pytest.approx([1.5410, -0.2934, -2.1788, 0.5684], abs=1e-4)


def test_random_integers_and_choices_stay_in_their_ranges() -> None:
    drawn = torch.randint(2, 5, (200,)).tolist()
    assert set(drawn) == {2, 3, 4}
    assert sorted(torch.randperm(9).tolist()) == list(range(9))
    assert set(torch.bernoulli(torch.full((200,), 0.5)).tolist()) == {0.0, 1.0}
    assert torch.multinomial(torch.tensor([0.0, 1.0]), 1).tolist() == [1]
    assert set(torch.randint_like(torch.ones(100), 3).tolist()) == {0.0, 1.0, 2.0}


def test_normals_follow_tensors_of_means_and_deviations() -> None:
    made = torch.normal(torch.tensor([0.0, 100.0]), torch.tensor([0.0, 0.0]))
    assert made.tolist() == [0.0, 100.0]
    assert tuple(torch.normal(0.0, 1.0, (2, 3)).shape) == (2, 3)


@pytest.mark.parametrize(
    "make",
    [
        lambda n: torch.zeros(n), lambda n: torch.full((n,), 1.0), lambda n: torch.arange(n), lambda n: torch.linspace(0, 1, n),
        lambda n: torch.rand(n), lambda n: torch.randperm(n), lambda n: torch.randint(3, (n,)), lambda n: torch.eye(n),
        lambda n: torch.tril_indices(n, 2),
    ],
)  # fmt: skip
def test_the_budget_is_asked_before_anything_is_allocated(make: Any) -> None:
    with session(budget=Budget(max_elements=10**6)), pytest.raises(LimitFault):
        make(10**12)


def test_facts_about_dtypes_follow_pytorch() -> None:
    assert torch.result_type(torch.ones(2), 1).name == "float32"
    assert torch.result_type(1, 2.0).name == "float32"
    assert torch.promote_types(torch.int32, torch.float32).name == "float32"
    assert not torch.can_cast(torch.float64, torch.int64)
    assert torch.can_cast(torch.int64, torch.float32)
    assert torch.finfo(torch.float64).eps == 2.0**-52
    assert torch.iinfo(torch.int8).max == 127
    assert torch.is_tensor(torch.ones(1))
    assert not torch.is_tensor(1.0)
    assert torch.numel(torch.ones(2, 3)) == 6
    assert torch.is_floating_point(torch.ones(2))
    assert not torch.is_floating_point(torch.arange(2))


@pytest.mark.parametrize(
    "grow",
    [
        lambda x: x.expand(10**6, 10**6), lambda x: x.repeat(10**9), lambda x: x[[0] * 3, None].expand(3, 10**9),
        lambda x: torch.repeat_interleave(x, torch.tensor([10**12])), lambda x: torch.combinations(torch.arange(2000.0), 3),
        lambda x: torch.nn.functional.pad(x, (10**12, 0)), lambda x: torch.nn.functional.one_hot(torch.arange(3), 10**12),
        lambda x: torch.zeros(1, 10**6)[torch.zeros(10**6, dtype=torch.int64)], lambda x: x.tensor_split(10**12),
        lambda x: torch.diag_embed(torch.zeros(10**6)), lambda x: torch.meshgrid([torch.arange(10**4)] * 4),
    ],
)  # fmt: skip
def test_what_makes_small_tensors_big_asks_the_budget_too(grow: Any) -> None:
    with session(budget=Budget(max_elements=10**8)), pytest.raises(LimitFault):
        grow(torch.ones(1))
