"""Every number of the generator against PyTorch's own."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gradcli.autograd.generator import PYTORCH_DEFAULT_SEED, Generator
from gradcli.diagnostics import GradcliError

torch = pytest.importorskip("torch")
pytestmark = pytest.mark.oracle

SIZES = (0, 1, 2, 15, 16, 17, 31, 32, 33, 100, 1000)
SHAPES = (*((size,) for size in SIZES), (), (1,), (3, 5), (4, 4), (2, 3, 7), (0, 3))
SEEDS = st.one_of(st.integers(0, 10), st.integers(-(2**63), 2**64 - 1))
FLOATS = st.sampled_from(["float16", "float32", "float64"])
ULPS = {"float16": 1, "float32": 4, "float64": 4}


def same_bits(ours, theirs):
    theirs = theirs.numpy()
    assert ours.dtype == theirs.dtype
    assert ours.shape == theirs.shape
    assert ours.tobytes() == theirs.tobytes()


def within_ulps(ours, theirs):
    theirs = theirs.numpy()
    assert ours.dtype == theirs.dtype
    np.testing.assert_array_max_ulp(ours, theirs, ULPS[ours.dtype.name])


def both(seed):
    return Generator(seed), torch.Generator().manual_seed(seed)


def rand(ours, theirs, like, dtype):
    same_bits(ours.uniform(like.shape, dtype), torch.rand(like.shape, dtype=like.dtype, generator=theirs))


def uniform_(ours, theirs, like, dtype):
    same_bits(ours.uniform(like.shape, dtype, -0.3, 1.7), like.uniform_(-0.3, 1.7, generator=theirs))


def randn(ours, theirs, like, dtype):
    within_ulps(ours.normal(like.shape, dtype), torch.randn(like.shape, dtype=like.dtype, generator=theirs))


def normal_(ours, theirs, like, dtype):
    within_ulps(ours.normal(like.shape, dtype, 1e3, 2.5), like.normal_(1e3, 2.5, generator=theirs))


def randint(ours, theirs, like, _):
    same_bits(ours.randint(-5, 90, like.shape), torch.randint(-5, 90, like.shape, generator=theirs))


def wide_randint(ours, theirs, like, _):
    same_bits(ours.randint(-5, 2**40, like.shape), torch.randint(-5, 2**40, like.shape, generator=theirs))


def bernoulli_(ours, theirs, like, dtype):
    same_bits(ours.bernoulli(0.3, like.shape, dtype), like.bernoulli_(0.3, generator=theirs))


def bernoulli(ours, theirs, like, dtype):
    p = torch.linspace(0, 1, like.numel(), dtype=like.dtype).reshape(like.shape)
    same_bits(ours.bernoulli(p.numpy(), like.shape, dtype), torch.bernoulli(p, generator=theirs))


def exponential_(ours, theirs, like, dtype):
    within_ulps(ours.exponential(like.shape, dtype, 0.7), like.exponential_(0.7, generator=theirs))


def randperm(ours, theirs, like, _):
    same_bits(ours.randperm(like.numel()), torch.randperm(like.numel(), generator=theirs))


def multinomial(ours, theirs, _, __):
    weights = torch.linspace(1, 2, 6, dtype=torch.float64)
    same_bits(ours.multinomial(weights.numpy(), 4), weights.multinomial(4, generator=theirs))


DRAWS = (
    rand,
    uniform_,
    randn,
    normal_,
    randint,
    wide_randint,
    bernoulli_,
    bernoulli,
    exponential_,
    randperm,
    multinomial,
)


@pytest.mark.parametrize("dtype", ["float16", "float32", "float64"])
@pytest.mark.parametrize("shape", SHAPES, ids=str)
@pytest.mark.parametrize("draw", DRAWS)
def test_one_call_draws_pytorch_s_numbers_in_every_shape_and_dtype(draw, shape, dtype):
    for seed in (0, 1, 42):
        draw(*both(seed), torch.empty(shape, dtype=getattr(torch, dtype)), dtype)


@given(
    seed=SEEDS,
    calls=st.lists(
        st.tuples(st.sampled_from(DRAWS), st.sampled_from(SIZES), FLOATS), min_size=1, max_size=12
    ),
)
@settings(max_examples=300, deadline=None)
def test_any_interleaving_of_calls_draws_pytorch_s_numbers_and_ends_in_its_state(seed, calls):
    ours, theirs = both(seed)
    for draw, size, dtype in calls:
        draw(ours, theirs, torch.empty(size, dtype=getattr(torch, dtype)), dtype)
    ends_alike(ours, theirs)


def ends_alike(ours, theirs):
    state = ours.get_state()
    expected = theirs.get_state().numpy()
    assert state.size == expected.size
    # The kept normal is a float64 that may differ in its last bits; everything else is exact.
    kept = slice(5024, 5032)
    np.testing.assert_allclose(state[kept].view(float), expected[kept].view(float), rtol=1e-14)
    assert np.delete(state, np.s_[kept]).tobytes() == np.delete(expected, np.s_[kept]).tobytes()


@given(seed=SEEDS)
def test_the_global_stream_after_manual_seed_is_the_generator_s(seed):
    torch.manual_seed(seed)
    ours = Generator(seed)
    assert ours.initial_seed() == torch.initial_seed()
    same_bits(ours.uniform((4,)), torch.rand(4))


def test_the_default_seed_of_a_generator_is_pytorch_s():
    assert torch.Generator().initial_seed() == PYTORCH_DEFAULT_SEED


def test_float32_normals_agree_bit_for_bit_where_the_processor_fuses_multiply_and_add():
    if torch.backends.cpu.get_cpu_capability() not in {"AVX2", "AVX512"}:
        pytest.skip("PyTorch takes another path here")
    ours, theirs = both(7)
    same_bits(ours.normal((100_003,)), torch.randn(100_003, generator=theirs))
    mean, std = 0.25, 3.7
    theirs = torch.empty(1000).normal_(mean, std, generator=theirs)
    same_bits(ours.normal((1000,), "float32", mean, std), theirs)


@pytest.mark.parametrize("dtype", ["complex64", "complex128"])
@pytest.mark.parametrize("size", [0, 1, 7, 8, 9, 50])
def test_complex_numbers_are_drawn_as_pairs(size, dtype):
    ours, theirs = both(3)
    kind = getattr(torch, dtype)
    same_bits(ours.uniform((size,), dtype), torch.rand(size, dtype=kind, generator=theirs))
    mine, its = ours.normal((size,), dtype), torch.randn(size, dtype=kind, generator=theirs)
    np.testing.assert_allclose(mine, its.numpy(), rtol=1e-6 if dtype == "complex64" else 1e-14)


def test_a_strided_tensor_is_filled_pair_by_pair_in_the_order_of_its_memory():
    ours, theirs = both(5)
    tensor = torch.empty(8, 6).t()
    tensor.normal_(generator=theirs)
    within_ulps(ours.normal((8, 6), contiguous=False), tensor.t())


BOUNDS = st.integers(-(2**63), 2**63 - 1)
NEAR = st.sampled_from([0, 1, 2**24, 2**24 + 1, 2**28, 2**31, 2**32, 2**53 + 1, 2**62, 2**63 - 1])


@given(
    seed=st.integers(0, 5),
    low=st.one_of(BOUNDS, NEAR, NEAR.map(lambda n: -n)),
    high=st.one_of(BOUNDS, NEAR, NEAR.map(lambda n: -n)),
    dtype=st.sampled_from(
        ["int64", "int32", "int16", "int8", "uint8", "bool", "float64", "float32", "float16"]
    ),
)
@settings(max_examples=600, deadline=None)
@pytest.mark.filterwarnings("ignore:.*is out of bounds")
def test_randint_agrees_or_fails_alike_for_any_bounds_and_dtype(seed, low, high, dtype):
    alike(
        lambda g: g.randint(low, high, (9,), dtype),
        lambda g: torch.randint(low, high, (9,), dtype=getattr(torch, dtype), generator=g),
        seed,
    )


def alike(ours, theirs, seed=0):
    """Both give the same numbers, or the same exception with the same message."""
    mine, its = both(seed)
    expected, error = outcome(theirs, its)
    if error is None:
        same_bits(ours(mine), expected)
        return
    with pytest.raises(GradcliError) as caught:
        ours(mine)
    assert str(caught.value) == str(error)
    assert isinstance(caught.value, type(error))
    assert caught.value.diagnostic.help


def outcome(call, generator):
    try:
        return call(generator), None
    except (RuntimeError, TypeError, ValueError) as error:
        return None, error


# A result below the normal range is rounded twice here (once when it is scaled down) and once in PyTorch.
normal = st.floats(1e-200, 1e6) | st.just(0.0)


@given(seed=st.integers(0, 100), low=normal | normal.map(lambda x: -x), width=normal, double=st.booleans())
@settings(max_examples=300, deadline=None)
def test_uniforms_between_any_bounds_agree_bit_for_bit(seed, low, width, double):
    dtype = torch.float64 if double else torch.float32
    alike(
        lambda g: g.uniform((50,), "float64" if double else "float32", low, low + width),
        lambda g: torch.empty(50, dtype=dtype).uniform_(low, low + width, generator=g),
        seed,
    )


NUMBERS = (
    -1.0,
    0.0,
    0.5,
    1.0,
    1.5,
    -1.123456789,
    65504.0,
    65505.0,
    3e38,
    1e39,
    1e308,
    np.inf,
    -np.inf,
    np.nan,
)


@pytest.mark.parametrize("dtype", ["float16", "float32", "float64", "int64", "bool", "complex64"])
@pytest.mark.parametrize("size", [0, 3, 20])
def test_unusable_arguments_fail_in_pytorch_s_words(dtype, size):
    def empty():
        return torch.empty(size, dtype=getattr(torch, dtype))

    for a in NUMBERS:
        for b in NUMBERS:
            alike(
                lambda g, a=a, b=b: g.uniform((size,), dtype, a, b),
                lambda g, a=a, b=b: empty().uniform_(a, b, generator=g),
            )
        if not a >= 0:
            alike(
                lambda g, a=a: g.normal((size,), dtype, 0.0, a),
                lambda g, a=a: empty().normal_(0, a, generator=g),
            )
        alike(
            lambda g, a=a: g.bernoulli(a, (size,), dtype), lambda g, a=a: empty().bernoulli_(a, generator=g)
        )
        if not a > 0 or dtype in {"int64", "bool", "complex64"}:
            alike(
                lambda g, a=a: g.exponential((size,), dtype, a),
                lambda g, a=a: empty().exponential_(a, generator=g),
            )
        for of in ("float32", "float64", "int64"):
            with np.errstate(all="ignore"):
                p = np.full(size, a).astype(of) if np.isfinite(a) or of != "int64" else np.zeros(size, of)
            alike(
                lambda g, p=p: g.bernoulli(p, (size,), dtype),
                lambda g, p=p: empty().bernoulli_(torch.tensor(p), generator=g),
            )


@pytest.mark.parametrize("seed", [1.5, "a", None, True, 2**64, -(2**63) - 1, 2**70, [1]])
def test_unusable_seeds_fail_in_pytorch_s_words(seed):
    def ours(_):
        return Generator().manual_seed(seed)

    alike(ours, lambda _: torch.Generator().manual_seed(seed))


WEIGHTS = (
    [1.0],
    [0.0, 1.0, 0.0],
    [0.1, 0.2, 0.7],
    [[1.0, 2.0], [3.0, 1.0]],
    [0.0, 0.0],
    [[1.0, 1.0], [0.0, 0.0]],
    [-1.0, 1.0],
    [np.nan, 1.0],
    [np.inf, 1.0],
    [-1.0, np.inf],
    1.0,
    [[[1.0]]],
)


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64, torch.int64])
@pytest.mark.parametrize("weights", WEIGHTS, ids=str)
def test_multinomial_draws_or_fails_as_pytorch_does(weights, dtype):
    if dtype == torch.int64 and not np.isfinite(weights).all():
        pytest.skip("no such integers")
    weights = torch.tensor(weights).to(dtype)
    for replacement in (False, True):
        for count in (-1, 0, 1, 2, 3, 40):
            alike(
                lambda g, n=count, r=replacement: g.multinomial(weights.numpy(), n, replacement=r),
                lambda g, n=count, r=replacement: weights.multinomial(n, r, generator=g),
            )


@pytest.mark.parametrize("replacement", [False, True])
def test_multinomial_of_many_categories_agrees(replacement):
    for seed in range(5):
        ours, theirs = both(seed)
        weights = ours.uniform((30, 500))
        torch.rand(30, 500, generator=theirs)
        same_bits(
            ours.multinomial(weights, 200, replacement=replacement),
            torch.tensor(weights).multinomial(200, replacement, generator=theirs),
        )


def test_an_array_of_probabilities_broadcasts_and_is_drawn_in_the_order_of_the_result():
    ours, theirs = both(2)
    rows = torch.linspace(0, 1, 7).reshape(7, 1)
    same_bits(ours.bernoulli(rows.numpy(), (7, 9)), torch.empty(7, 9).bernoulli_(rows, generator=theirs))
    turned = torch.linspace(0, 1, 63).reshape(9, 7).t()
    same_bits(ours.bernoulli(turned.numpy(), (7, 9)), torch.bernoulli(turned, generator=theirs))


def test_dropout_is_a_bernoulli_mask_divided_by_its_probability():
    for p in (0.1, 0.5, 0.83):
        for size in (5, 16, 100, 5000):
            torch.manual_seed(size)
            x = torch.linspace(1, 2, size)
            keep = np.float32(1 - p)
            mask = Generator(size).bernoulli(1 - p, (size,), "float32") / keep
            same_bits(x.numpy() * mask, torch.nn.functional.dropout(x, p))


@pytest.mark.parametrize("count", [0, 1, 623, 624, 625, 5000])
def test_a_state_can_be_exchanged_with_pytorch(count):
    ours, theirs = both(9)
    ours.uniform((count,))
    torch.rand(count, generator=theirs)
    assert ours.get_state().tobytes() == theirs.get_state().numpy().tobytes()
    torch.randn(3, generator=theirs)
    ours.set_state(theirs.get_state().numpy())
    assert ours.initial_seed() == 9
    within_ulps(ours.normal((5,)), torch.randn(5, generator=theirs))
    ends_alike(ours, theirs)


@pytest.mark.parametrize(
    "state",
    [np.zeros(10, np.uint8), np.zeros(5056), np.zeros(5056, np.uint8), [1]],
    ids=("short", "f8", "0", "list"),
)
def test_an_unusable_state_fails_in_pytorch_s_words(state):
    tensor = torch.tensor(state) if isinstance(state, np.ndarray) else state
    alike(lambda g: g.set_state(state), lambda g: g.set_state(tensor))


@pytest.mark.parametrize("count", [2, 3, 1000, 40_000])
def test_permutations_agree_for_many_seeds(count):
    for seed in range(40 if count < 10_000 else 2):
        ours, theirs = both(seed)
        same_bits(ours.randperm(count), torch.randperm(count, generator=theirs))
