"""Every printed form against PyTorch's own."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gradcli.autograd.printing import (
    PrintOptions,
    format_spec,
    parameter_text,
    scalar_text,
    size_text,
    tensor_text,
)
from gradcli.diagnostics import GradcliError

torch = pytest.importorskip("torch")
pytestmark = pytest.mark.oracle

DTYPES = (
    *("float16", "float32", "float64", "complex64", "complex128"),
    *("bool", "uint8", "int8", "int16", "int32", "int64"),
)
SHAPES = st.one_of(
    st.lists(st.integers(0, 5), max_size=5),
    st.lists(st.integers(1, 30), max_size=2),
    st.lists(st.integers(5, 12), min_size=3, max_size=4),
    st.sampled_from(
        [[999], [1000], [1001], [5000], [2000, 2], [2, 2000], [7, 1, 200], [6, 6, 30], [1, 1, 1]]
    ),
)


def normal(count, random):
    return random.normal(size=count)


def whole(count, random):
    return np.round(random.normal(size=count) * 10.0 ** random.integers(0, 9))


def wide(count, random):
    return random.normal(size=count) * 10.0 ** random.uniform(-6, 9, count)


def scaled(count, random):
    return random.normal(size=count) * 10.0 ** random.uniform(-60, 60)


def alike(count, random):
    return np.full(count, 10.0 ** random.integers(-6, 10))


def sparse(count, random):
    values = random.normal(size=count)
    return np.where(random.random(count) < 0.8, np.copysign(0.0, values), values)


def special(count, random):
    return random.choice(np.array([np.nan, np.inf, -np.inf, -0.0, 0.0, 1.0, 2.5]), count)


def zeros(count, _):
    return np.zeros(count)


KINDS = (normal, whole, wide, scaled, alike, sparse, special, zeros)


@np.errstate(all="ignore")
def array_of(dtype, shape, kind, seed):
    random = np.random.default_rng(seed)
    count = int(np.prod(shape))
    values = kind(count, random)
    if dtype.startswith("complex"):
        values = values + 1j * KINDS[random.integers(len(KINDS))](count, random)
    elif dtype[0] in "ui":
        info = np.iinfo(dtype)
        values = random.integers(info.min, info.max, count) >> random.integers(0, 60, count)
    elif dtype == "bool":
        values = random.random(count) < 0.5
    return values.astype(dtype).reshape(shape)


def arrays(dtypes=DTYPES, shapes=SHAPES):
    seeds = st.integers(0, 2**32)
    return st.builds(array_of, st.sampled_from(dtypes), shapes, st.sampled_from(KINDS), seeds)


FLOATING = [dtype for dtype in DTYPES if dtype[0] in "fc"]


@given(array=arrays())
@settings(max_examples=2000, deadline=None)
def test_a_tensor_prints_to_the_character_as_in_pytorch(array):
    assert tensor_text(array, dtype_name=array.dtype.name) == repr(torch.tensor(array))


@given(array=arrays(FLOATING), default=st.sampled_from(["float32", "float64"]))
@settings(max_examples=500, deadline=None)
def test_what_autograd_adds_stands_on_the_same_line_or_the_next_as_in_pytorch(array, default):
    leaf = torch.tensor(array, requires_grad=True)
    node = leaf.clone()
    parameter = torch.nn.Parameter(torch.tensor(array))
    facts = {"dtype_name": array.dtype.name, "default_dtype_name": default}
    try:
        torch.set_default_dtype(getattr(torch, default))
        expected = repr(leaf), repr(node), repr(parameter)
    finally:
        torch.set_default_dtype(torch.float32)
    assert tensor_text(array, requires_grad=True, **facts) == expected[0]
    assert tensor_text(array, requires_grad=True, grad_fn="CloneBackward0", **facts) == expected[1]
    assert parameter_text(array, **facts) == expected[2]


OPTIONS = st.builds(
    PrintOptions,
    precision=st.integers(0, 12),
    threshold=st.one_of(st.integers(0, 50), st.just(np.inf)),
    edgeitems=st.integers(0, 4),
    linewidth=st.integers(0, 200),
    sci_mode=st.sampled_from([None, False, True]),
)


@given(array=arrays(), options=OPTIONS)
@settings(max_examples=1500, deadline=None)
def test_print_options_have_pytorch_s_effect(array, options):
    grad = array.dtype.name in FLOATING
    tensor = torch.tensor(array, requires_grad=grad)
    named = {name: getattr(options, name) for name in PrintOptions.__slots__}
    with torch._tensor_str.printoptions(**named):
        expected = repr(tensor)
    assert tensor_text(array, dtype_name=array.dtype.name, requires_grad=grad, options=options) == expected


@given(
    changes=st.lists(
        st.fixed_dictionaries(
            {},
            optional={
                "precision": st.integers(0, 9),
                "threshold": st.integers(0, 99),
                "edgeitems": st.integers(0, 9),
                "linewidth": st.integers(0, 99),
                "profile": st.sampled_from(["default", "short", "full"]),
                "sci_mode": st.sampled_from([None, True, False]),
            },
        ),
        max_size=4,
    ),
)
@settings(deadline=None)
def test_options_change_as_set_printoptions_changes_them(changes):
    options = PrintOptions()
    try:
        torch.set_printoptions(profile="default")
        for change in changes:
            torch.set_printoptions(**change)
            options = options.changed(**change)
        expected = torch._tensor_str.get_printoptions()
    finally:
        torch.set_printoptions(profile="default")
    assert {name: getattr(options, name) for name in PrintOptions.__slots__} == expected


@pytest.mark.parametrize("default", ["float32", "float64"])
@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("shape", [(), (2,), (0,), (0, 3)], ids=str)
def test_a_dtype_is_named_unless_the_default_dtype_explains_it(default, dtype, shape):
    array = np.ones(shape, dtype)
    try:
        torch.set_default_dtype(getattr(torch, default))
        expected = repr(torch.tensor(array))
    finally:
        torch.set_default_dtype(torch.float32)
    assert tensor_text(array, dtype_name=dtype, default_dtype_name=default) == expected


@given(array=arrays(shapes=st.just(())))
@settings(max_examples=300, deadline=None)
def test_an_f_string_of_one_number_shows_it_in_full(array):
    assert scalar_text(array) == f"{torch.tensor(array)}"


SPECS = (
    "",
    ".4f",
    "8.3e",
    ">12",
    "<9",
    "^15",
    "+.2f",
    ",",
    "d",
    "05d",
    ".3g",
    "%",
    "x",
    "s",
    "*^20",
    ".2x",
    "q",
)


@pytest.mark.parametrize("spec", SPECS)
@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("shape", [(), (2,)], ids=str)
def test_a_format_spec_gives_pytorch_s_text_or_its_error(spec, dtype, shape):
    if shape and not spec:
        pytest.skip("then it is the tensor's text")
    array = np.full(shape, 3, dtype)
    try:
        expected = format(torch.tensor(array), spec)
    except (TypeError, ValueError) as error:
        expected = error
    if isinstance(expected, str):
        assert format_spec(array, spec) == expected
        return
    with pytest.raises(GradcliError) as caught:
        format_spec(array, spec)
    assert str(caught.value) == str(expected)
    assert isinstance(caught.value, type(expected))


@given(st.lists(st.integers(0, 100), max_size=5))
def test_a_size_prints_as_in_pytorch(shape):
    assert size_text(shape) == repr(torch.Size(shape))


def test_a_tensor_that_is_not_contiguous_prints_its_elements_in_their_order():
    array = np.arange(6000.0).reshape(60, 100)[::2, ::3].T
    assert tensor_text(array, dtype_name="float64") == repr(torch.tensor(array))
