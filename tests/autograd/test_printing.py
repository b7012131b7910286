from __future__ import annotations

import math

import numpy as np
import pytest

from gradcli.autograd.printing import (
    PrintOptions,
    format_spec,
    number_text,
    parameter_text,
    scalar_text,
    size_text,
    tensor_text,
)
from gradcli.diagnostics import LimitFault, TypeFault, ValueFault

NAN, INF = math.nan, math.inf


def text(values, dtype="float32", **facts):
    return tensor_text(np.array(values, dtype), dtype_name=dtype, **facts)


# Printed by PyTorch 2.13.0.
@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ([1e5, 1.5], "tensor([1.0000e+05, 1.5000e+00])"),
        ([0.1, 100.0], "tensor([  0.1000, 100.0000])"),
        ([1e-5, 1e-4], "tensor([1.0000e-05, 1.0000e-04])"),
        ([INF, 1.5], "tensor([   inf, 1.5000])"),
        ([NAN, 1.0, 2.0], "tensor([nan, 1., 2.])"),
        ([-0.0, 0.0], "tensor([-0., 0.])"),
        ([1.0, 2.0, 3.0], "tensor([1., 2., 3.])"),
        (4.5, "tensor(4.5000)"),
        ([], "tensor([])"),
        ([[1.0, 1.0], [1.0, 1.0]], "tensor([[1., 1.],\n        [1., 1.]])"),
        (
            np.ones((2, 2, 2)),
            "tensor([[[1., 1.],\n         [1., 1.]],\n\n        [[1., 1.],\n         [1., 1.]]])",
        ),
        (
            np.arange(30),
            (
                "tensor([ 0.,  1.,  2.,  3.,  4.,  5.,  6.,  7.,  8.,  9., 10., 11., 12., 13.,\n"
                "        14., 15., 16., 17., 18., 19., 20., 21., 22., 23., 24., 25., 26., 27.,\n"
                "        28., 29.])"
            ),
        ),
    ],
)
def test_floats_share_one_notation_and_one_width(values, expected):
    assert text(values) == expected


@pytest.mark.parametrize(
    ("values", "dtype", "expected"),
    [
        ([True, False], "bool", "tensor([ True, False])"),
        ([[1, -20], [300, 4]], "int64", "tensor([[  1, -20],\n        [300,   4]])"),
        ([1, 2], "int32", "tensor([1, 2], dtype=torch.int32)"),
        ([1.0], "float64", "tensor([1.], dtype=torch.float64)"),
        ([1 + 2j, -0.5 - 1j], "complex64", "tensor([ 1.0000+2.j, -0.5000-1.j])"),
        ([], "int64", "tensor([], dtype=torch.int64)"),
        (np.empty((0, 3)), "float32", "tensor([], size=(0, 3))"),
        (np.empty((0, 3)), "bool", "tensor([], size=(0, 3), dtype=torch.bool)"),
    ],
)
def test_a_dtype_is_named_where_the_elements_do_not_tell(values, dtype, expected):
    assert text(values, dtype) == expected


def test_the_default_dtype_is_not_named_and_its_complex_neither():
    assert text([1.0], "float64", default_dtype_name="float64") == "tensor([1.])"
    assert text([1.0], "float32", default_dtype_name="float64") == "tensor([1.], dtype=torch.float32)"
    assert text([1.0], "complex128", default_dtype_name="float64") == "tensor([1.+0.j])"


def test_a_node_is_named_and_a_leaf_says_that_it_requires_grad():
    ones = np.ones((2, 2))
    leaf = "tensor([[1., 1.],\n        [1., 1.]], requires_grad=True)"
    assert text(ones, requires_grad=True) == leaf
    node = "tensor([[1., 1.],\n        [1., 1.]], grad_fn=<MulBackward0>)"
    assert text(ones, requires_grad=True, grad_fn="MulBackward0") == node
    assert parameter_text(np.array([1.0, 2.0]), dtype_name="float32") == (
        "Parameter containing:\ntensor([1., 2.], requires_grad=True)"
    )


def test_a_suffix_that_does_not_fit_goes_to_a_line_of_its_own():
    values = np.arange(1.5, 8, 0.5)
    assert text(values, "float64", requires_grad=True) == (
        "tensor([1.5000, 2.0000, 2.5000, 3.0000, 3.5000, 4.0000, 4.5000, 5.0000, 5.5000,\n"
        "        6.0000, 6.5000, 7.0000, 7.5000], dtype=torch.float64,\n"
        "       requires_grad=True)"
    )
    assert text(np.full(11, 1234.5677), "float64", grad_fn="MulBackward0") == (
        "tensor([1234.5677, 1234.5677, 1234.5677, 1234.5677, 1234.5677, 1234.5677,\n"
        "        1234.5677, 1234.5677, 1234.5677, 1234.5677, 1234.5677],\n"
        "       dtype=torch.float64, grad_fn=<MulBackward0>)"
    )


def test_above_a_thousand_elements_three_at_each_end_are_shown():
    assert text(np.arange(2000), "int64") == "tensor([   0,    1,    2,  ..., 1997, 1998, 1999])"
    row = "[0., 0., 0.,  ..., 0., 0., 0.]"
    rows = [row, row, row, "...", row, row, row]
    assert text(np.zeros((50, 50))) == "tensor([" + ",\n        ".join(rows) + "])"
    assert "..." not in text(np.zeros(1000))


def test_only_the_elements_shown_are_looked_at():
    values = np.ones(2000)
    values[1000] = 1e30
    assert text(values) == "tensor([1., 1., 1.,  ..., 1., 1., 1.])"
    # Nobody could visit these.
    vast = np.broadcast_to(np.float32(1.5), (10**6, 10**6))
    row = "[1.5000, 1.5000, 1.5000,  ..., 1.5000, 1.5000, 1.5000]"
    rows = [row, row, row, "...", row, row, row]
    assert tensor_text(vast, dtype_name="float32") == "tensor([" + ",\n        ".join(rows) + "])"


def test_another_prefix_moves_the_indentation():
    assert text(np.ones((2, 1)), prefix="Leaf(") == "Leaf([[1.],\n      [1.]])"


def test_options_decide_digits_ends_width_and_notation():
    values = [1.23456, 2.0, 3.0]
    assert text(values, options=PrintOptions(precision=2)) == "tensor([1.23, 2.00, 3.00])"
    assert (
        text(values, options=PrintOptions(sci_mode=True, precision=1))
        == "tensor([1.2e+00, 2.0e+00, 3.0e+00])"
    )
    assert text([1e-9], options=PrintOptions(sci_mode=False)) == "tensor([0.0000])"
    assert text(range(9), options=PrintOptions(threshold=5, edgeitems=1)) == "tensor([0.,  ..., 8.])"
    assert (
        text(range(4), options=PrintOptions(linewidth=14))
        == "tensor([0.,\n        1.,\n        2.,\n        3.])"
    )


def test_a_profile_is_set_first_and_the_notation_always():
    assert PrintOptions().changed(profile="short") == PrintOptions(precision=2, edgeitems=2)
    assert PrintOptions().changed(profile="full", precision=7) == PrintOptions(precision=7, threshold=INF)
    assert PrintOptions(precision=9, sci_mode=True).changed() == PrintOptions(precision=9)


@pytest.mark.parametrize(
    ("make", "kind"),
    [
        (lambda: PrintOptions(precision=2.5), TypeFault),
        (lambda: PrintOptions().changed(edgeitems=True), TypeFault),
        (lambda: PrintOptions().changed(linewidth=-1), ValueFault),
        (lambda: PrintOptions().changed(profile="long"), ValueFault),
        (lambda: PrintOptions(precision=10**9), LimitFault),
        (lambda: PrintOptions(threshold="all"), TypeFault),
    ],
)
def test_unusable_options_are_refused_with_a_way_out(make, kind):
    with pytest.raises(kind) as caught:
        make()
    assert caught.value.diagnostic.help


def test_one_element_in_an_f_string_is_the_bare_number_in_full():
    assert scalar_text(np.float32(0.1)[...]) == "0.10000000149011612"
    assert scalar_text(np.array(27.0)) == "27.0"
    assert scalar_text(np.array(3)) == "3"
    assert scalar_text(np.array(True)) == "True"


def test_a_format_spec_formats_one_element():
    assert format_spec(np.array(2.5), ".3f") == "2.500"
    assert format_spec(np.array(7), ">4d") == "   7"
    assert format_spec(2.5, "8.1e") == " 2.5e+00"
    assert format_spec("loss", "<6") == "loss  "
    assert format_spec(np.array(2.5), "0>6") == "0002.5"


@pytest.mark.parametrize(
    ("value", "spec", "kind", "message"),
    [
        (np.ones(2), ".2f", TypeFault, "unsupported format string passed to Tensor.__format__"),
        (np.array(1.0), "d", ValueFault, "Unknown format code 'd' for object of type 'float'"),
        (np.array(1.0), ">1000000000", LimitFault, "the format '>1000000000' is too wide"),
        (np.array(1.0), ".99999999f", LimitFault, "the format '.99999999f' is too wide"),
    ],
)
def test_a_format_that_cannot_be_is_refused_with_a_way_out(value, spec, kind, message):
    with pytest.raises(kind) as caught:
        format_spec(value, spec)
    assert str(caught.value) == message
    assert caught.value.diagnostic.help


def test_a_parameter_takes_no_format_spec():
    with pytest.raises(TypeFault, match=r"passed to Parameter\.__format__"):
        format_spec(np.array(1.0), ".2f", kind="Parameter")


def test_a_size_names_its_dimensions():
    assert size_text((2, 3)) == "torch.Size([2, 3])"
    assert size_text(()) == "torch.Size([])"


@pytest.mark.parametrize(
    ("number", "expected"),
    [
        (27.0, "27"),
        (4.5, "4.5"),
        (1 / 3, "0.3333"),
        (123456.0, "1.235e+05"),
        (123456, "123456"),
        (np.int64(123456), "123456"),
        (np.float32(0.1), "0.1"),
        (True, "True"),
        (-0.0, "-0"),
        (NAN, "nan"),
        (-INF, "-inf"),
        (1 + 2j, "1+2j"),
    ],
)
def test_a_number_of_a_table_has_the_significant_digits_asked_for(number, expected):
    assert number_text(number, 4) == expected
