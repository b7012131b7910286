"""einsum against NumPy's, and PyTorch's messages for equations that mean nothing."""

from __future__ import annotations

import numpy as np
import pytest

from gradcli import torch
from gradcli.diagnostics import GradcliError


def tensor(*shape):
    return torch.tensor(
        np.random.default_rng(len(shape)).standard_normal(shape), dtype=torch.float64, requires_grad=True
    )


@pytest.mark.parametrize(
    ("equation", "shapes"),
    [
        ("ij,jk->ik", [(3, 4), (4, 2)]),
        ("ij,jk", [(3, 4), (4, 2)]),
        ("bij,bjk->bik", [(6, 3, 4), (6, 4, 2)]),
        ("ij,jk,kl->il", [(3, 4), (4, 2), (2, 5)]),
        ("ii", [(3, 3)]),
        ("ii->i", [(3, 3)]),
        ("ij->ji", [(3, 4)]),
        ("ij->", [(3, 4)]),
        ("i,j->ij", [(3,), (4,)]),
        ("...ij,...jk->...ik", [(6, 3, 4), (6, 4, 2)]),
        ("...ij,jk->...ik", [(6, 3, 4), (4, 2)]),
        ("i...->...", [(3, 4)]),
        ("iij,ik->jk", [(3, 3, 4), (3, 2)]),
        ("ij,ij,ij->i", [(3, 4), (3, 4), (3, 4)]),
        ("bi,oij,bj->bo", [(2, 3), (5, 3, 4), (2, 4)]),
        (" i j , j k -> i k ", [(3, 4), (4, 2)]),
        ("Ab,bA->A", [(3, 4), (4, 3)]),
    ],
)
def test_einsum_gives_what_numpys_gives_and_its_gradient_is_the_transposed_contraction(equation, shapes):
    operands = [tensor(*shape) for shape in shapes]
    found = torch.einsum(equation, *operands)
    arrays = [x.detach().numpy() for x in operands]
    expected = np.einsum(equation.replace(" ", ""), *arrays)
    np.testing.assert_allclose(found.detach().numpy(), expected, atol=1e-12)
    # Multilinear: the gradient times the operand gives the value back, operand by operand.
    weights = np.random.default_rng(1).standard_normal(expected.shape)
    gradients = torch.autograd.grad((found * torch.tensor(weights)).sum(), operands)
    for x, gradient in zip(arrays, gradients, strict=True):
        np.testing.assert_allclose((x * gradient.numpy()).sum(), (weights * expected).sum(), atol=1e-10)


def test_a_dim_of_size_one_broadcasts():
    found = torch.einsum("ij,ij->ij", tensor(3, 1), tensor(1, 4))
    assert found.shape == (3, 4)


def test_the_subscripts_may_be_lists_of_numbers():
    a, b = tensor(3, 4), tensor(4, 2)
    np.testing.assert_allclose(
        torch.einsum(a, [0, 1], b, [1, 2], [0, 2]).detach().numpy(),
        torch.einsum("ij,jk->ik", a, b).detach().numpy(),
    )


@pytest.mark.parametrize(
    ("equation", "shapes", "message"),
    [
        (
            "ij,jk->ik",
            [(2, 3), (4, 4)],
            (
                "einsum(): subscript j has size 4 for operand 1 which does not broadcast with previously "
                "seen size 3"
            ),
        ),
        (
            "ijk",
            [(2, 3)],
            (
                "einsum(): the number of subscripts in the equation (3) does not match the number of "
                "dimensions (2) for "
                "operand 0 and no ellipsis was given"
            ),
        ),
        (
            "ij->ik",
            [(2, 3)],
            "einsum(): output subscript k does not appear in the equation for any input operand",
        ),
        ("ij->ii", [(2, 3)], "einsum(): output subscript i appears more than once in the output"),
        (
            "i1",
            [(2, 3)],
            (
                "einsum(): invalid subscript given at index 1 in the equation string, subscripts must be in "
                "[a-zA-Z]"
            ),
        ),
        ("ij,jk", [(2, 3)], "einsum(): fewer operands were provided than specified in the equation"),
        ("ij", [(2, 3), (2, 3)], "einsum(): more operands were provided than specified in the equation"),
        ("i..j", [(2, 3)], "einsum(): found '.' for operand 0 that is not part of any ellipsis"),
        ("...i....", [(2, 3)], "einsum(): found '.' for operand 0 for which an ellipsis was already found"),
        ("ij->...i.", [(2, 3)], "einsum(): found '.' for output but an ellipsis (...) was already found"),
        ("ii", [(2, 3)], "einsum(): subscript i is repeated for operand 0 but the sizes don't match, 3 != 2"),
    ],
)
def test_an_equation_that_means_nothing_says_so_in_pytorchs_words(equation, shapes, message):
    with pytest.raises(GradcliError) as error:
        torch.einsum(equation, *(tensor(*shape) for shape in shapes))
    assert str(error.value) == message
