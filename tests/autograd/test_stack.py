"""Stacked inputs: the batch axis goes where it belongs, whatever the ranks of the operands."""

from __future__ import annotations

import numpy as np
import pytest

from gradcli.autograd.stack import StackedAlgebra, StackedArray, apply_stacked
from gradcli.autograd.stack_rules import jvp_stacked, vjp_stacked
from gradcli.ops.catalog import catalog
from gradcli.ops.record import general

RANDOM = np.random.default_rng(5)


def _normal(*shape):
    return RANDOM.standard_normal(shape)


def test_a_batched_vector_meets_an_unbatched_matrix_row_by_row():
    batch, matrix = _normal(4, 3), _normal(2, 3)
    (found,) = apply_stacked(catalog()["add"], (batch, matrix), (True, False))
    assert np.array_equal(found, np.stack([row + matrix for row in batch]))


def test_python_numbers_stay_numbers():
    batch = _normal(4, 3).astype(np.float32)
    (found,) = apply_stacked(catalog()["mul"], (batch, 2.5), (True, False))
    assert found.dtype == np.float32
    assert np.array_equal(found, batch * np.float32(2.5))


@pytest.mark.parametrize(
    ("left", "right", "batched"),
    [((2, 3), (3, 4), (True, False)), ((2, 3), (3, 4), (False, True)), ((5, 2, 3), (3, 4), (True, True))],
)
def test_matrix_products_take_a_batch_on_either_side(left, right, batched):
    a = _normal(3, *left) if batched[0] else _normal(*left)
    b = _normal(3, *right) if batched[1] else _normal(*right)
    (found,) = apply_stacked(catalog()["matmul_batched"], (a, b), batched)
    expected = [(a[k] if batched[0] else a) @ (b[k] if batched[1] else b) for k in range(3)]
    assert np.allclose(found, expected)


def test_a_batch_as_large_as_a_stack_of_matrices_is_not_taken_for_it():
    a, b = _normal(5, 5, 2, 3), _normal(5, 3, 4)
    (found,) = apply_stacked(catalog()["matmul_batched"], (a, b), (True, True))
    assert np.allclose(found, [x @ y for x, y in zip(a, b, strict=True)])


def test_indices_are_shared_by_the_batch_or_looped_over():
    x, rows = _normal(3, 4, 2), np.array([1, 3, 1])
    params = {"dims": (-2,), "rank": 2}
    (shared,) = apply_stacked(catalog()["index"], (x, rows), (True, False), params)
    assert np.array_equal(shared, x[:, rows])
    each = np.array([[0, 1, 2], [3, 2, 1], [0, 0, 0]])
    (looped,) = apply_stacked(catalog()["index"], (x, each), (True, True), params)
    assert np.array_equal(looped, [member[row] for member, row in zip(x, each, strict=True)])


def test_a_record_that_cannot_be_stacked_is_looped():
    seen = []

    def whole(x):
        seen.append(x.shape)
        return np.asarray(x.sum())

    record = general("whole", numpy=whole, vjps=(None,), stacks=False)
    x = _normal(4, 2, 3)
    (found,) = apply_stacked(record, (x,), (True,))
    assert np.allclose(found, x.sum(axis=(1, 2)))
    assert seen == [(2, 3)] * 4


def test_several_outputs_are_all_stacked():
    x = _normal(4, 2, 3)
    values, indices = apply_stacked(catalog()["max_dim"], (x,), (True,), {"dim": -1, "keepdim": False})
    assert np.array_equal(values, x.max(axis=-1))
    assert np.array_equal(indices, x.argmax(axis=-1))


def test_rows_of_a_jacobian_are_one_vjp_over_a_batch_of_cotangents():
    x = _normal(3)
    record = catalog()["exp"]
    y = np.exp(x)
    (rows,) = vjp_stacked(record, (x,), (y,), (np.eye(3),), (False, False, True), (0,))
    assert np.allclose(rows, np.diag(y))


def test_a_cotangent_is_summed_to_its_arguments_own_shape():
    a, b = _normal(3), _normal(2, 3)
    g = _normal(4, 2, 3)
    flags = (False, False, False, True)
    for_a, for_b = vjp_stacked(catalog()["mul"], (a, b), (a * b,), (g,), flags, (0, 1))
    assert np.allclose(for_a, (g * b).sum(axis=1))
    assert np.allclose(for_b, g * a)


def test_columns_of_a_jacobian_are_one_jvp_over_a_batch_of_tangents():
    x = _normal(3)
    y = np.cumprod(x)
    (columns,) = jvp_stacked(
        catalog()["cumprod"], (x,), (y,), (np.eye(3),), (False, False, True), {"dim": -1}
    )
    step = 1e-6
    expected = [(np.cumprod(x + step * e) - np.cumprod(x - step * e)) / (2 * step) for e in np.eye(3)]
    assert np.allclose(columns, expected, atol=1e-8)


def test_a_composite_front_sees_the_shape_of_one_member():
    m = StackedAlgebra(4)
    x = StackedArray(m, _normal(4, 2, 3), True)
    found = m.mean(x, 0)
    assert found.shape == (3,)
    assert np.allclose(found.array, x.array.mean(axis=1))


def test_what_no_batch_reaches_stays_without_one():
    m = StackedAlgebra(4)
    x = StackedArray(m, _normal(2, 3), False)
    assert not (x * 2 + 1).batched


def test_a_value_of_each_member_stays_its_own_where_the_first_and_the_last_are_equal():
    x, places = _normal(3, 4), np.array([0, 2])
    value = np.array([5.0, 6.0, 5.0])
    params = {"dim": -1, "rank": 1, "form": 1}
    (found,) = apply_stacked(catalog()["index_fill_dim"], (x, value, places), (True, True, False), params)
    assert np.array_equal(found[:, places], value[:, None] * np.ones(2))


def test_members_that_are_nearly_equal_are_not_taken_for_each_other():
    x, places = _normal(3, 4), np.array([0, 2])
    value = 5.0 + np.array([0.0, 1e-7, 2e-7])
    params = {"dim": -1, "rank": 1, "form": 1}
    (found,) = apply_stacked(catalog()["index_fill_dim"], (x, value, places), (True, True, False), params)
    assert np.array_equal(found[:, places], value[:, None] * np.ones(2))


def test_columns_of_a_jacobian_through_a_filled_in_value_are_all_there():
    x, places = _normal(4), np.array([0, 2])
    params = {"dim": -1, "rank": 1, "form": 1}
    fill = catalog()["index_fill_dim"]
    y = fill.numpy(x, x[1], places, **params)
    tangents = (np.zeros((4, 4)), np.eye(4)[1], None)
    (found,) = jvp_stacked(
        fill,
        (x, x[1], places),
        (y,),
        tangents,
        (False, False, False, False, True, True, False),
        params,
    )
    assert np.array_equal(found[:, places], np.eye(4)[1][:, None] * np.ones(2))


def test_members_with_one_real_part_are_told_apart_by_their_imaginary_parts():
    x, places = _normal(3, 4) + 0j, np.array([0, 2])
    value = 5.0 + 1e-20j * np.array([0.0, 1.0, 0.0])
    params = {"dim": -1, "rank": 1, "form": 1}
    (found,) = apply_stacked(catalog()["index_fill_dim"], (x, value, places), (True, True, False), params)
    assert np.array_equal(found[:, places].imag, value.imag[:, None] * np.ones(2))
