"""Products of matrices, vectors and stacks: PyTorch's nodes, numbers and messages."""

from __future__ import annotations

import numpy as np
import pytest

from gradcli import torch
from gradcli.diagnostics import GradcliError


def leaf(*shape, dtype=torch.float64):
    values = np.random.default_rng(sum(shape)).standard_normal(shape)
    return torch.tensor(values, dtype=dtype, requires_grad=True)


def nodes(tensor):
    """The names of a result's node and of those that feed it."""
    node = tensor.grad_fn
    return node.name(), [None if parent is None else parent.name() for parent, _ in node.next_functions]


@pytest.mark.parametrize(
    ("left", "right", "name"),
    [
        ((3,), (3,), "DotBackward0"),
        ((2, 3), (3,), "MvBackward0"),
        ((2, 3), (3, 2), "MmBackward0"),
        ((3,), (3, 2), "SqueezeBackward4"),
        ((5, 2, 3), (3, 4), "UnsafeViewBackward0"),
        ((5, 2, 3), (5, 3, 4), "UnsafeViewBackward0"),
        ((2, 3), (5, 3, 4), "CloneBackward0"),
        ((3,), (5, 3, 4), "UnsafeViewBackward0"),
        ((6, 5, 2, 3), (5, 3, 4), "UnsafeViewBackward0"),
    ],
)
def test_matmul_equals_numpys_under_pytorchs_node(left, right, name):
    a, b = leaf(*left), leaf(*right)
    product = a @ b
    np.testing.assert_allclose(product.detach().numpy(), a.detach().numpy() @ b.detach().numpy(), atol=1e-14)
    assert product.grad_fn.name() == name


def test_a_vector_times_a_matrix_goes_through_a_row():
    assert nodes(leaf(3) @ leaf(3, 2)) == ("SqueezeBackward4", ["MmBackward0"])


def test_linear_on_rows_is_one_node_over_bias_input_and_the_transposed_weight():
    name, parents = nodes(torch.nn.functional.linear(leaf(2, 3), leaf(4, 3), leaf(4)))
    assert name == "AddmmBackward0"
    assert parents == ["torch::autograd::AccumulateGrad", "torch::autograd::AccumulateGrad", "TBackward0"]


@pytest.mark.parametrize(("shape", "name"), [((3,), "ViewBackward0"), ((5, 2, 3), "ViewBackward0")])
def test_linear_on_other_shapes_folds_them_into_rows(shape, name):
    assert nodes(torch.nn.functional.linear(leaf(*shape), leaf(4, 3), leaf(4))) == (name, ["AddmmBackward0"])


def test_addmm_ignores_its_input_where_beta_is_zero():
    broken = torch.tensor(np.full((2, 2), np.nan), dtype=torch.float64, requires_grad=True)
    found = torch.addmm(broken, leaf(2, 3), leaf(3, 2), beta=0)
    assert np.isfinite(found.detach().numpy()).all()
    found.sum().backward()
    assert (broken.grad.numpy() == 0).all()


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: leaf(2, 3) @ leaf(2, 3), "mat1 and mat2 shapes cannot be multiplied (2x3 and 2x3)"),
        (lambda: leaf(2, 3) @ leaf(2), "size mismatch, got input (2), mat (2x3), vec (2)"),
        (
            lambda: leaf(3) @ leaf(4),
            (
                "inconsistent tensor size, expected tensor [3] and src [4] to have the same number of "
                "elements, but got "
                "3 and 4 elements respectively"
            ),
        ),
        (
            lambda: leaf(5, 2, 3) @ leaf(5, 4, 2),
            "Expected size for first two dimensions of batch2 tensor to be: [5, 3] but got: [5, 4].",
        ),
        (lambda: torch.mm(leaf(2), leaf(2, 2)), "self must be a matrix"),
        (lambda: torch.mv(leaf(2), leaf(2, 2)), "vector + matrix @ vector expected, got 1, 1, 2"),
        (lambda: torch.bmm(leaf(2, 2), leaf(2, 2)), "batch1 must be a 3D tensor"),
        (lambda: torch.outer(leaf(2, 2), leaf(2)), "outer: Expected 1-D argument self, but got 2-D"),
        (
            lambda: leaf(2, 2, dtype=torch.float32) @ leaf(2, 2),
            "expected m1 and m2 to have the same dtype, but got: float != double",
        ),
        (
            lambda: leaf(2, 2) @ torch.ones(2, 2, dtype=torch.int64),
            "expected m1 and m2 to have the same dtype, but got: double != long int",
        ),
        (
            lambda: torch.addmm(leaf(3), leaf(2, 3), leaf(3, 2)),
            (
                "The expanded size of the tensor (2) must match the existing size (3) at non-singleton "
                "dimension 1.  "
                "Target sizes: [2, 2].  Tensor sizes: [3]"
            ),
        ),
        (lambda: torch.matmul(leaf(2), 3), "matmul(): argument 'other' (position 2) must be Tensor, not int"),
        (
            lambda: torch.linalg.matrix_power(leaf(3, 2), 2),
            "linalg.matrix_power: A must be batches of square matrices, but they are 3 by 2 matrices",
        ),
        (lambda: torch.cross(leaf(2, 4), leaf(2, 4)), "no dimension of size 3 in input"),
        (
            lambda: torch.tensordot(leaf(2, 3), leaf(3, 2), ([1], [1, 0])),
            "both dimension lists should have same length",
        ),
    ],
)
def test_a_product_that_cannot_be_says_so_in_pytorchs_words(call, message):
    with pytest.raises(GradcliError) as error:
        call()
    assert str(error.value) == message


def test_the_zeroth_power_is_the_identity_whatever_the_matrix():
    broken = torch.tensor(np.full((2, 2), np.inf), dtype=torch.float64)
    assert (torch.matrix_power(broken, 0).numpy() == np.eye(2)).all()


def test_a_chain_of_matrices_is_multiplied_in_the_cheapest_order():
    # (10x1)(1x10)(10x1): the last two first, 20 multiplications and not 200.
    name, parents = nodes(torch.linalg.multi_dot([leaf(10, 1), leaf(1, 10), leaf(10, 1)]).sum())
    assert (name, parents) == ("SumBackward0", ["ViewBackward0"])
    product = torch.linalg.multi_dot([leaf(10, 1), leaf(1, 10), leaf(10, 1)]).grad_fn.next_functions[0][0]
    assert [parent.name() for parent, _ in product.next_functions] == [
        "torch::autograd::AccumulateGrad",
        "MmBackward0",
    ]
