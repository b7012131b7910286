"""Linear algebra where it is awkward: singular matrices, unused factors, equal eigenvalues, messages."""

from __future__ import annotations

import numpy as np
import pytest

from gradcli import torch
from gradcli.diagnostics import GradcliError

linalg = torch.linalg


def matrix(values):
    return torch.tensor(np.asarray(values, dtype=np.float64), dtype=torch.float64, requires_grad=True)


def gradient(output, *inputs, **options):
    found = torch.autograd.grad(output, inputs, **options)
    return found[0] if len(inputs) == 1 else found


ADJUGATES = {
    "of rank one": ([[1.0, 1.0], [1.0, 1.0]], [[1.0, -1.0], [-1.0, 1.0]]),
    "of rank two": (
        [[1.0, 2.0, 3.0], [4.0, 5.0, 6.0], [7.0, 8.0, 9.0]],
        [[-3.0, 6.0, -3.0], [6.0, -12.0, 6.0], [-3.0, 6.0, -3.0]],
    ),
    "of zeros": ([[0.0, 0.0], [0.0, 0.0]], [[0.0, 0.0], [0.0, 0.0]]),
}


@pytest.mark.parametrize("name", ADJUGATES)
def test_the_gradient_of_a_singular_determinant_is_its_matrix_of_cofactors(name):
    values, cofactors = ADJUGATES[name]
    a = matrix(values)
    np.testing.assert_allclose(gradient(linalg.det(a), a).numpy(), cofactors, atol=1e-13)


@pytest.mark.parametrize(
    "values", [[[1.0, 1.0], [1.0, 1.0]], [[0.0, 0.0], [0.0, 0.0]], [[2.0, 0.0], [0.0, 3.0]]]
)
def test_the_second_derivative_of_a_two_by_two_determinant_is_constant(values):
    # det = ad - bc: the derivative of its first cofactor, d, is 1 at d alone.
    a = matrix(values)
    first = gradient(linalg.det(a), a, create_graph=True)
    np.testing.assert_allclose(gradient(first[0, 0], a).numpy(), [[0, 0], [0, 1]], atol=1e-13)


def test_the_third_derivative_of_the_determinant_of_the_identity_is_the_alternating_form():
    a = matrix(np.eye(3))
    first = gradient(linalg.det(a), a, create_graph=True)
    second = gradient(first[0, 0], a, create_graph=True)
    np.testing.assert_allclose(gradient(second[1, 1], a).numpy(), np.diag([0.0, 0.0, 1.0]), atol=1e-12)


def test_logdet_of_a_negative_determinant_is_nan_with_a_zero_gradient():
    a = matrix([[1.0, 2.0], [3.0, 4.0]])
    found = torch.logdet(a)
    assert np.isnan(found.detach().numpy())
    assert (gradient(found, a).numpy() == 0).all()


def test_slogdet_of_a_singular_matrix_has_an_infinite_gradient():
    a = matrix([[1.0, 1.0], [1.0, 1.0]])
    sign, size = linalg.slogdet(a)
    assert (sign.item(), size.item()) == (0.0, -np.inf)
    np.testing.assert_array_equal(gradient(size, a).numpy(), [[np.inf, -np.inf], [-np.inf, np.inf]])


@pytest.mark.parametrize("values", [lambda a: linalg.eigh(a)[0], linalg.svdvals, linalg.eigvalsh])
def test_equal_eigenvalues_do_no_harm_to_a_gradient_that_asks_for_no_vectors(values):
    a = matrix(np.eye(3))
    np.testing.assert_allclose(gradient(values(a).sum(), a).numpy(), np.eye(3), atol=1e-14)


def test_the_nuclear_norm_of_a_wide_matrix_has_the_polar_factor_as_gradient():
    values = np.random.default_rng(0).standard_normal((2, 4))
    a = matrix(values)
    u, _, vh = np.linalg.svd(values, full_matrices=False)
    np.testing.assert_allclose(gradient(linalg.svdvals(a).sum(), a).numpy(), u @ vh, atol=1e-12)


def test_a_solution_of_a_triangular_system_reads_one_triangle_alone():
    a, b = matrix([[2.0, 99.0], [1.0, 4.0]]), matrix([[2.0], [9.0]])
    found = linalg.solve_triangular(a, b, upper=False)
    np.testing.assert_allclose(found.detach().numpy(), [[1.0], [2.0]])
    assert gradient(found.sum(), a).numpy()[0, 1] == 0


def test_a_zero_on_the_diagonal_of_a_triangular_system_gives_infinity_and_no_error():
    found = linalg.solve_triangular(matrix([[0.0, 0.0], [0.0, 1.0]]), matrix([[1.0], [1.0]]), upper=True)
    assert found.detach().numpy()[0, 0] == np.inf


@pytest.mark.parametrize(("rows", "columns"), [(3, 3), (5, 2), (2, 4)])
def test_qr_gives_the_matrix_back_and_so_does_its_gradient(rows, columns):
    a = matrix(np.random.default_rng(1).standard_normal((rows, columns)))
    q, r = linalg.qr(a)
    weights = torch.tensor(np.random.default_rng(2).standard_normal((rows, columns)))
    np.testing.assert_allclose(gradient(((q @ r) * weights).sum(), a).numpy(), weights.numpy(), atol=1e-12)


@pytest.mark.parametrize(("rows", "columns"), [(3, 3), (5, 2), (2, 4)])
def test_lu_gives_the_matrix_back_and_so_does_its_gradient(rows, columns):
    a = matrix(np.random.default_rng(3).standard_normal((rows, columns)))
    p, lower, upper = linalg.lu(a)
    np.testing.assert_allclose((p @ lower @ upper).detach().numpy(), a.detach().numpy(), atol=1e-13)
    weights = torch.tensor(np.random.default_rng(2).standard_normal((rows, columns)))
    found = gradient(((p @ lower @ upper) * weights).sum(), a)
    np.testing.assert_allclose(found.numpy(), weights.numpy(), atol=1e-12)


@pytest.mark.parametrize("left", [True, False])
@pytest.mark.parametrize("adjoint", [True, False])
def test_a_system_solved_by_its_lu_factors_is_the_system_solved(left, adjoint):
    a, b = matrix(np.random.default_rng(4).standard_normal((3, 3))), matrix(np.arange(9.0).reshape(3, 3))
    found = linalg.lu_solve(*linalg.lu_factor(a), b, left=left, adjoint=adjoint)
    used = a.mT if adjoint else a
    product = used @ found if left else found @ used
    np.testing.assert_allclose(product.detach().numpy(), b.detach().numpy(), atol=1e-12)


def test_the_product_of_householder_reflections_is_orthogonal():
    v = np.array([1.0, 0.5, -2.0])
    q = linalg.householder_product(matrix(v[:, None]), matrix([2 / (v @ v)]))
    np.testing.assert_allclose(q.detach().numpy()[:, 0], np.eye(3)[0] - 2 * v * v[0] / (v @ v), atol=1e-14)


def test_cholesky_of_upper_and_lower_have_one_gradient():
    values = np.array([[4.0, 1.0], [1.0, 3.0]])
    a, b = matrix(values), matrix(values)
    lower = gradient((linalg.cholesky(a) ** 3).sum(), a)
    upper = gradient((linalg.cholesky(b, upper=True) ** 3).sum(), b)
    np.testing.assert_allclose(lower.numpy(), upper.numpy(), atol=1e-13)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (
            lambda: linalg.cholesky(matrix([[1.0, 2.0], [2.0, 1.0]])),
            (
                "linalg.cholesky: The factorization could not be completed because the input is not "
                "positive-definite (the "
                "leading minor of order 2 is not positive-definite)."
            ),
        ),
        (
            lambda: linalg.inv(matrix([[1.0, 1.0], [1.0, 1.0]])),
            (
                "linalg.inv: The diagonal element 2 is zero, the inversion could not be completed because "
                "the input matrix "
                "is singular."
            ),
        ),
        (
            lambda: linalg.inv(matrix([[[1.0, 0.0], [0.0, 1.0]], [[1.0, 1.0], [1.0, 1.0]]])),
            (
                "linalg.inv: (Batch element 1): The diagonal element 2 is zero, the inversion could not be "
                "completed because "
                "the input matrix is singular."
            ),
        ),
        (
            lambda: linalg.solve(matrix([[1.0, 1.0], [1.0, 1.0]]), matrix([1.0, 2.0])),
            "torch.linalg.solve: The solver failed because the input matrix is singular.",
        ),
        (
            lambda: linalg.solve(matrix(np.eye(3)), matrix([1.0, 2.0])),
            "linalg.solve: Incompatible shapes of A and B for the equation AX = B (3x3 and 2x1)",
        ),
        (
            lambda: linalg.det(matrix([[1.0, 2.0, 3.0]])),
            "linalg.det: A must be batches of square matrices, but they are 1 by 3 matrices",
        ),
        (
            lambda: linalg.inv(matrix([1.0])),
            "linalg.inv: The input tensor A must have at least 2 dimensions.",
        ),
        (
            lambda: linalg.det(torch.ones(2, 2, dtype=torch.int64)),
            "linalg.det: Expected a floating point or complex tensor as input. Got Long",
        ),
        (
            lambda: linalg.qr(matrix(np.ones((3, 2))), mode="complete")[0].sum().backward(),
            "The QR decomposition is not differentiable when mode='complete' and nrows > ncols.",
        ),
        (
            lambda: linalg.eigh(matrix(np.eye(2)), UPLO="X"),
            "Expected UPLO argument to be 'L' or 'U', but got X",
        ),
    ],
)
def test_what_cannot_be_factored_says_so_in_pytorchs_words(call, message):
    with pytest.raises(GradcliError) as error:
        call()
    assert str(error.value) == message
