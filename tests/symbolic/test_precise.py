"""What the many-digit algebra promises beyond agreeing with NumPy."""

from __future__ import annotations

from itertools import pairwise

import mpmath
import numpy as np
import pytest

from gradcli.diagnostics import NotImplementedFault
from gradcli.ops.catalog import catalog
from gradcli.ops.record import elementwise, general
from gradcli.symbolic import PreciseAlgebra


def test_it_carries_the_digits_it_was_asked_for():
    m = PreciseAlgebra(60)
    found = m.exp(m.array(np.array(1.0))).data.item()
    with mpmath.workdps(60):
        assert abs(found - mpmath.e) < mpmath.mpf(10) ** -58


def test_it_leaves_mpmaths_own_precision_alone():
    before = mpmath.mp.dps
    PreciseAlgebra(200).exp(PreciseAlgebra(200).array(np.array(1.0)))
    assert mpmath.mp.dps == before


def test_floats_are_taken_exactly():
    m = PreciseAlgebra(60)
    tenth = m.array(np.array(0.1)).data.item()
    assert tenth * 2**55 == int(tenth * 2**55)


def test_what_cancels_in_floating_point_does_not_cancel():
    m = PreciseAlgebra(40)
    x = m.array(np.array(1e-18))
    assert float(m.log(x + 1).data.item()) == pytest.approx(1e-18, rel=1e-15)


def test_a_cast_to_a_narrower_float_keeps_the_digits():
    m = PreciseAlgebra(40)
    third = m.array(np.array(1.0)) / 3
    assert m.cast(third, dtype=np.dtype(np.float32)).data.item() == third.data.item()


def test_a_cast_to_a_short_whole_number_wraps_around():
    m = PreciseAlgebra(30)
    found = m.apply(catalog()["cast"], [m.array([1.5, 70_000.0])], {"dtype": np.dtype(np.int16)})
    assert found.data.tolist() == [1, 70_000 - 2**16]


def test_comparisons_give_masks_and_masks_choose():
    m = PreciseAlgebra(40)
    x = m.array(np.array([-1.0, 0.0, 2.0]))
    mask = m.logical_and(m.ge(x, 0), m.logical_not(m.eq(x, 0)))
    assert mask.data.tolist() == [False, False, True]
    assert m.where(mask, x, 7).floats().tolist() == [7, 7, 2]
    assert m.masked(x, mask).floats().tolist() == [0, 0, 2]


def test_poles_are_what_numpy_says_and_the_imaginary_is_nan():
    m = PreciseAlgebra(40)
    x = m.array(np.array([0.0, -1.0]))
    with np.errstate(all="ignore"):
        assert (1 / x).floats().tolist() == [np.inf, -1]
        assert np.isnan(m.log(x).floats()[1])


def test_linear_algebra_goes_by_elimination():
    m = PreciseAlgebra(40)
    hilbert = m.array(np.array([[1 / (i + j + 1) for j in range(6)] for i in range(6)]))
    ones = m.array(np.ones((6, 1)))
    residual = m.matmul_batched(hilbert, m.solve_matrix(hilbert, ones)) - ones
    assert np.max(np.abs(residual.floats())) < 1e-30


def test_a_record_without_a_form_says_so_and_does_not_round():
    spectral = general("spectral", numpy=np.linalg.eigvalsh, vjps=(None,))
    m = PreciseAlgebra(40)
    with pytest.raises(NotImplementedFault, match="cannot be evaluated to many digits"):
        m.apply(spectral, [m.array(np.eye(2))])


def test_a_name_that_mpmath_does_not_know_says_so():
    strange = elementwise("strange", numpy=np.sin, sympy="DiracDelta", partials=(0,))
    m = PreciseAlgebra(40)
    with pytest.raises(NotImplementedFault):
        m.apply(strange, [m.array(np.ones(2))])


def test_constants_have_the_digits_too():
    m = PreciseAlgebra(40)
    assert abs(m.sin(m.pi).data.item()) < 1e-38 if "sin" in catalog() else m.pi > 3
    assert m.log_number(2) == m.context.log(2)


CLOSE = {
    "near the identity": np.eye(3) + 1e-9 * np.array([[1.0, 0.5, -2], [0.25, -1, 3], [0.5, 2, 0.125]]),
    "one far above the others": np.diag([1e9, 1.0, 3.0]) + np.array([[0, 1.0, 2], [3, 0, 1], [2, 2, 0]]),
    "a small one": np.array([[1.0, 2e-9], [2, -1e-9], [0.5, 3e-9], [1, 1e-9]]),
}


@pytest.mark.parametrize("name", CLOSE)
def test_singular_values_that_lie_close_together_are_told_apart(name):
    m, a = PreciseAlgebra(60), CLOSE[name]
    u, s, vh = (x.data for x in m.apply(catalog()["svd"], [m.array(a)], {"full": False}))
    assert abs((u * s) @ vh - m.array(a).data).max() < 1e-50 * a.max()
    assert abs(u.T @ u - np.eye(len(s))).max() < 1e-50
    assert all(x > y for x, y in pairwise(s))
    assert (np.sum(u.astype(float) * np.linalg.svd(a, full_matrices=False)[0], axis=0) > 0.99).all()


@pytest.mark.parametrize("name", ["near the identity", "one far above the others"])
def test_eigenvalues_that_lie_close_together_are_told_apart(name):
    m, a = PreciseAlgebra(60), CLOSE[name] + CLOSE[name].T
    values, vectors = (x.data for x in m.apply(catalog()["linalg_eigh"], [m.array(a)], {"uplo": "L"}))
    assert abs(m.array(a).data @ vectors - vectors * values).max() < 1e-50 * a.max()
    assert all(x < y for x, y in pairwise(values))
    assert (np.sum(vectors.astype(float) * np.linalg.eigh(a)[1], axis=0) > 0.99).all()


def test_values_that_coincide_have_no_vectors():
    m = PreciseAlgebra(60)
    with pytest.raises(NotImplementedFault, match="coincide"):
        m.apply(catalog()["svd"], [m.array(np.eye(2))], {"full": False})
    with pytest.raises(NotImplementedFault, match="coincide"):
        m.apply(catalog()["linalg_eigh"], [m.array(np.eye(2))], {"uplo": "L"})
