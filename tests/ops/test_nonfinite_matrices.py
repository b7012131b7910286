"""Matrices with nan in them: PyTorch's words, or its nan."""

from __future__ import annotations

import numpy as np
import pytest

from gradcli.autograd import Tensor
from gradcli.diagnostics import RuntimeFault
from gradcli.torch.namespace import Namespace

linalg = Namespace("linalg")
SPOILED = [[np.nan, 1.0], [1.0, 1.0]]
GOOD = [[2.0, 0.0], [0.0, 4.0]]


def member(name):
    return getattr(linalg, name)


@pytest.mark.parametrize("name", ["svd", "svdvals", "pinv", "matrix_rank"])
def test_a_decomposition_of_nan_fails_in_pytorchs_words(name):
    words = "The algorithm failed to converge because the input matrix contained non-finite values."
    with pytest.raises(RuntimeFault) as caught:
        member(name)(Tensor(np.array(SPOILED)))
    assert str(caught.value.diagnostic.message) == f"linalg.svd: {words}"
    with pytest.raises(RuntimeFault) as caught:
        member(name)(Tensor(np.array([GOOD, SPOILED])))
    assert str(caught.value.diagnostic.message) == f"linalg.svd: (Batch element 1): {words}"


def test_an_inverse_and_a_solution_with_nan_are_nan_and_their_neighbours_are_not():
    stack = Tensor(np.array([GOOD, SPOILED]))
    inverse = member("inv")(stack).numpy()
    np.testing.assert_array_equal(inverse[0], [[0.5, 0.0], [0.0, 0.25]])
    assert np.isnan(inverse[1]).all()
    solution = member("solve")(stack, Tensor(np.ones((2, 2, 1)))).numpy()
    np.testing.assert_array_equal(solution[0], [[0.5], [0.25]])
    assert np.isnan(solution[1]).all()


def test_a_singular_matrix_beside_one_with_nan_is_still_singular():
    stack = np.array([np.ones((2, 2)), SPOILED])
    with pytest.raises(RuntimeFault, match=r"Batch element 0.*singular"):
        member("inv")(Tensor(stack))
