"""The dtype in which tensors, 0-dim tensors and Python numbers meet, forward and backward."""

from __future__ import annotations

import pytest

# (dtype, dims) of each side, and the dtype of a sum.
MEETINGS = [
    (("float32", 1), ("float64", 0), "float32"),
    (("float32", 1), ("float64", 1), "float64"),
    (("float32", 0), ("float64", 0), "float64"),
    (("float64", 0), ("float32", 2), "float32"),
    (("int64", 1), ("float64", 0), "float64"),
    (("int64", 1), ("float32", 0), "float32"),
    (("float32", 0), ("int64", 1), "float32"),
    (("int32", 1), ("int64", 0), "int32"),
    (("int32", 0), ("int64", 1), "int64"),
    (("uint8", 1), ("int8", 1), "int16"),
    (("uint8", 1), ("int64", 0), "uint8"),
    (("bool", 1), ("int64", 0), "int64"),
    (("bool", 1), ("bool", 1), "bool"),
    (("bool", 1), ("float16", 0), "float16"),
    (("float16", 1), ("float32", 0), "float16"),
    (("float16", 1), ("float32", 1), "float32"),
    (("int64", 2), ("float16", 1), "float16"),
]
NUMBERS = [
    ("int64", 1.0, "float32"),
    ("int64", 1, "int64"),
    ("int64", True, "int64"),
    ("bool", True, "bool"),
    ("bool", 2, "int64"),
    ("bool", 2.5, "float32"),
    ("uint8", 300, "uint8"),
    ("float16", 2.5, "float16"),
    ("float64", 2.5, "float64"),
    ("int8", 0.5, "float32"),
]


def ones(torch, dtype, dims):
    return torch.ones((1, 2)[2 - dims :], dtype=getattr(torch, dtype))


@pytest.mark.parametrize(("left", "right", "wanted"), MEETINGS)
def test_two_tensors_meet_in_the_dtype_of_the_higher_category(torch, left, right, wanted):
    a, b = ones(torch, *left), ones(torch, *right)
    assert (a + b).dtype == (b + a).dtype == (a * b).dtype == getattr(torch, wanted)


@pytest.mark.parametrize("dims", [0, 1])
@pytest.mark.parametrize(("dtype", "number", "wanted"), NUMBERS)
def test_a_number_changes_the_dtype_only_by_its_category(torch, dtype, number, wanted, dims):
    x = ones(torch, dtype, dims)
    assert (x + number).dtype == (number * x).dtype == getattr(torch, wanted)


def test_division_and_functions_make_floats_of_integers(torch):
    x = torch.tensor([1, 2, 4])
    assert (x / x).dtype == (x / 2).dtype == (1 / x).dtype == torch.float32
    assert x.exp().dtype == x.sqrt().dtype == x.sigmoid().dtype == torch.float32
    assert (x // 2).dtype == (x % 2).dtype == (x**2).dtype == torch.int64
    assert (x / torch.ones(3, dtype=torch.float64)).dtype == torch.float64


def test_sums_of_integers_and_truths_are_long(torch):
    assert torch.tensor([True, True]).sum().dtype == torch.int64
    assert torch.tensor([1, 2], dtype=torch.int8).sum().dtype == torch.int64
    assert torch.tensor([1, 2], dtype=torch.int32).prod().dtype == torch.int64
    assert torch.tensor([1.0], dtype=torch.float16).sum().dtype == torch.float16


def test_comparisons_are_bool_and_carry_no_gradient(torch):
    x = torch.tensor([1.0, 2.0], requires_grad=True)
    for found in (x < 2, x <= 1, x > 1, x >= 2.5, x == 1, x != 1):
        assert (found.dtype, found.requires_grad, found.grad_fn) == (torch.bool, False, None)
    assert (x == 1).tolist() == [True, False]


def test_bits_are_combined_and_inverted(torch):
    a, b = torch.tensor([True, True, False]), torch.tensor([True, False, False])
    assert ((a & b).tolist(), (a | b).tolist()) == ([True, False, False], [True, True, False])
    assert ((a ^ b).tolist(), (~a).tolist()) == ([False, True, False], [False, False, True])
    assert (torch.tensor([6]) & 3).tolist() == [2]
    assert (~torch.tensor([0])).tolist() == [-1]


def test_the_mean_of_integers_is_refused(torch, message):
    wanted = (
        "mean(): could not infer output dtype. Input dtype must be either a floating point or complex dtype. "
        "Got: Long"
    )
    assert message(RuntimeError, lambda: torch.tensor([1, 2]).mean()) == wanted


def test_integers_have_no_negative_powers(torch, message):
    wanted = "Integers to negative integer powers are not allowed."
    assert message(RuntimeError, lambda: torch.tensor([1, 2]) ** -1) == wanted


def test_a_matrix_product_does_not_promote(torch, message):
    a, b = torch.ones(2, 2), torch.ones(2, 2, dtype=torch.float64)
    wanted = "expected m1 and m2 to have the same dtype, but got: float != double"
    assert message(RuntimeError, lambda: a @ b) == wanted


def test_shapes_that_do_not_meet_are_named(torch, message):
    wanted = "The size of tensor a (2) must match the size of tensor b (3) at non-singleton dimension 0"
    assert message(RuntimeError, lambda: torch.ones(2) + torch.ones(3)) == wanted
    wanted = "mat1 and mat2 shapes cannot be multiplied (2x3 and 2x3)"
    assert message(RuntimeError, lambda: torch.ones(2, 3) @ torch.ones(2, 3)) == wanted
    wanted = "size mismatch, got input (2), mat (2x3), vec (2)"
    assert message(RuntimeError, lambda: torch.ones(2, 3) @ torch.ones(2)) == wanted


@pytest.mark.parametrize("operand", ["text", None, [1, 2], (1,), {}])
def test_operators_take_tensors_and_numbers_alone(torch, message, operand):
    x = torch.ones(2)
    for call in (lambda: x + operand, lambda: operand - x, lambda: operand / x, lambda: x - operand):
        assert "Tensor" in message(TypeError, call)


def test_reflected_operators_compute_in_their_order(torch):
    x = torch.tensor([2.0, 4.0])
    assert ((1 - x).tolist(), (8 / x).tolist(), (2**x).tolist()) == ([-1, -3], [4, 2], [4, 16])
    assert ((7 // x).tolist(), (7 % x).tolist()) == ([3, 1], [1, 3])


@pytest.mark.parametrize("first", ["float16", "float32", "float64"])
@pytest.mark.parametrize("second", ["float16", "float32", "float64"])
def test_each_gradient_has_its_leafs_dtype(torch, first, second):
    a = torch.full((2,), 3.0, dtype=getattr(torch, first), requires_grad=True)
    b = torch.tensor(2.0, dtype=getattr(torch, second), requires_grad=True)
    (a * b / 4 + a - b).sum().backward()
    assert (a.grad.dtype, b.grad.dtype) == (a.dtype, b.dtype)
    assert (a.grad.tolist(), b.grad.item()) == ([1.5, 1.5], -0.5)


def test_a_cast_is_undone_on_the_way_back(torch):
    x = torch.tensor([1.0, 2.0], requires_grad=True)
    (x.double() * torch.tensor([3.0, 4.0], dtype=torch.float64)).sum().backward()
    assert (x.grad.dtype, x.grad.tolist()) == (torch.float32, [3, 4])
