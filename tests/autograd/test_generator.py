from __future__ import annotations

import subprocess
import sys

import numpy as np
import pytest

from gradcli.autograd.generator import Generator
from gradcli.diagnostics import NotImplementedFault, RuntimeFault, TypeFault, ValueFault

# Numbers printed by PyTorch 2.13.0.
RANDN_20 = [
    *(-1.12583983, -1.15236020, -0.25057858, -0.43387881, 0.59883946, -1.55509508, -0.34136039, 1.85300612),
    *(0.46809641, -0.15771244, 1.44366014, 0.26604941, 1.38936615, 1.58633423, 0.94629836, -0.84367675),
    *(0.93182659, 1.25900924, 2.00498056, 0.05373690),
]
RANDN_17_DOUBLE = [
    *(-2.310411800234176, -0.6332746088675096, -1.2609246557194385, -0.726951062065411),
    *(-0.019964750907762653, 0.2102998901016947, 0.17718935139366584, -0.830510051008449),
    *(0.23871805816817063, -0.2426793824588577, -0.7730112772958181, -1.5951814880783068),
    *(-0.6870036940435463, 1.4880743158106724, -0.4484158047114511, -0.8910030351707375, 0.6748575435940039),
]


def test_float32_uniforms_are_the_low_24_bits_of_one_word():
    expected = [0.49625658988952637, 0.7682217955589294, 0.08847743272781372]
    assert Generator(0).uniform((3,)).tolist() == expected


def test_float64_uniforms_are_the_low_53_bits_of_two_words():
    expected = [0.9700530018065531, 0.707819864399788, 0.45938294312745087]
    assert Generator(0).uniform((3,), "float64").tolist() == expected


def test_uniforms_between_bounds_are_rounded_once():
    expected = [0.9850263595581055, 2.0728871822357178, -0.6460902690887451]
    assert Generator(0).uniform((3,), low=-1, high=3).tolist() == expected


def test_float16_uniforms_that_round_up_to_the_upper_bound_become_the_lower():
    values = Generator(0).uniform((100_000,), "float16")
    assert values.max() < 1
    assert values.min() == 0


def test_few_normals_are_drawn_in_pairs():
    expected = [1.5409960746765137, -0.293428897857666, -2.1787893772125244, 0.5684312582015991]
    np.testing.assert_allclose(Generator(0).normal((4,)), expected, rtol=3e-7)
    np.testing.assert_allclose(Generator(0).normal((4,), "float64"), expected, rtol=1e-7)


def test_many_normals_are_drawn_in_blocks_of_16_and_the_last_16_once_more():
    np.testing.assert_allclose(Generator(0).normal((20,)), RANDN_20, rtol=1e-6)
    np.testing.assert_allclose(Generator(0).normal((4, 5)).ravel(), RANDN_20, rtol=1e-6)
    np.testing.assert_allclose(Generator(0).normal((17,), "float64"), RANDN_17_DOUBLE, rtol=1e-14)


def test_the_second_normal_of_a_pair_is_kept_for_the_next_call():
    pair = Generator(0).normal((2,), "float64")
    generator = Generator(0)
    assert generator.normal((1,), "float64") == pair[0]
    generator.uniform((3,))
    generator.normal((16,))
    assert generator.normal((), "float32") == np.float32(pair[1])


def test_manual_seed_clears_the_kept_normal():
    generator = Generator(0)
    generator.normal((1,))
    again = generator.manual_seed(0)
    assert again is generator
    assert generator.normal((1,)) == Generator(0).normal((1,))


def test_a_tensor_that_is_not_contiguous_is_filled_in_pairs():
    pairs = [Generator(0).normal((4,), "float64"), Generator(0).normal((20,), "float64", contiguous=False)]
    assert pairs[0].tolist() == pairs[1][:4].tolist()


def test_normals_have_the_mean_and_deviation_asked_for():
    values = Generator(0).normal((100_000,), "float64", 5.0, 0.25)
    assert abs(values.mean() - 5) < 0.01
    assert abs(values.std() - 0.25) < 0.01


def test_the_parts_of_complex_normals_share_the_variance():
    values = Generator(0).normal((100_000,), "complex128")
    assert abs(values.real.var() - 0.5) < 0.01
    assert abs(values.imag.var() - 0.5) < 0.01


@pytest.mark.parametrize(
    ("low", "high", "expected"),
    [
        (0, 10, [4, 9, 3, 0, 3, 9, 7, 3, 7, 3]),
        (0, 2**28 - 1, [209652404, 130329144]),
        (0, 2**28, [130329135, 136432832]),
        (0, 2**40, [741280623151, 506137267392, 291447657211]),
        (-(2**63), 2**63 - 1, [900450186894289455, 3969543146641149120]),
    ],
)
def test_integers_are_remainders_of_one_word_or_of_two_from_2_28_on(low, high, expected):
    drawn = Generator(0).randint(low, high, (len(expected),))
    assert drawn.dtype == np.int64
    assert drawn.tolist() == expected


def test_randperm_is_fisher_yates():
    assert Generator(0).randperm(10).tolist() == [4, 1, 7, 5, 3, 9, 0, 8, 6, 2]
    assert Generator(0).randperm(0).tolist() == []
    assert sorted(Generator(3).randperm(5000).tolist()) == list(range(5000))


def test_one_probability_is_compared_with_doubles_and_an_array_with_floats():
    assert Generator(0).bernoulli(0.5, (10,)).tolist() == [0, 0, 1, 0, 0, 0, 1, 1, 0, 1]
    halves = np.full(10, 0.5, np.float32)
    assert Generator(0).bernoulli(halves, (10,)).tolist() == [1, 0, 1, 1, 1, 0, 1, 0, 1, 0]


def test_exponentials_and_categories_are_pytorch_s():
    expected = [3.508326292037964, 1.2303847074508667, 0.615044116973877]
    np.testing.assert_allclose(Generator(0).exponential((3,)), expected, rtol=2e-7)
    weights = np.array([1.0, 2.0, 3.0], np.float32)
    assert Generator(0).multinomial(weights, 5, replacement=True).tolist() == [2, 2, 1, 2, 2]
    assert Generator(0).multinomial(weights, 3).tolist() == [2, 1, 0]


def test_a_zero_dimensional_draw_is_an_array():
    for drawn in (
        Generator().uniform(()),
        Generator().normal(()),
        Generator().normal((), "complex64"),
        Generator().randint(0, 3, ()),
        Generator().bernoulli(0.5, ()),
        Generator().exponential(()),
    ):
        assert isinstance(drawn, np.ndarray)
        assert drawn.shape == ()


def test_the_default_seed_is_zero_and_negative_seeds_wrap():
    assert Generator().initial_seed() == 0
    assert Generator(-1).initial_seed() == 2**64 - 1
    assert Generator().uniform((4,)).tolist() == Generator(0).uniform((4,)).tolist()
    # MT19937 is seeded with 32 bits.
    assert Generator(2**32 + 5).uniform((4,)).tolist() == Generator(5).uniform((4,)).tolist()


@pytest.mark.parametrize("drawn", [0, 1, 623, 624, 625])
def test_a_stream_continues_where_its_state_was_taken(drawn):
    generator, other = Generator(8), Generator()
    generator.uniform((drawn,))
    generator.normal((1,))
    state = generator.get_state()
    assert state.dtype == np.uint8
    assert state.shape == (5056,)
    other.set_state(state)
    assert other.initial_seed() == 8
    assert other.normal((3,)).tolist() == generator.normal((3,)).tolist()


def test_reading_the_state_does_not_move_the_stream():
    generator = Generator(4)
    before = generator.get_state().tobytes()
    assert generator.get_state().tobytes() == before
    generator.uniform((0,))
    assert generator.get_state().tobytes() == before
    other = Generator()
    other.set_state(generator.get_state())
    assert other.uniform((5,)).tolist() == Generator(4).uniform((5,)).tolist()


@pytest.mark.parametrize(
    ("call", "kind", "message"),
    [
        (lambda g: g.manual_seed(1.5), RuntimeFault, "manual_seed expected a long, but got float"),
        (lambda g: g.manual_seed(2**64), ValueFault, "Overflow when unpacking long long"),
        (lambda g: g.normal((2,), std=-1), RuntimeFault, "normal expects std >= 0.0, but found std -1"),
        (
            lambda g: g.normal((2,), "int64"),
            NotImplementedFault,
            "\"normal_kernel_cpu\" not implemented for 'Long'",
        ),
        (
            lambda g: g.uniform((2,), low=1, high=0),
            RuntimeFault,
            "uniform_ expects to return a [from, to) range, but found from=1 > to=0",
        ),
        (
            lambda g: g.randint(5, 5, (2,)),
            RuntimeFault,
            "random_ expects 'from' to be less than 'to', but got from=5 >= to=5",
        ),
        (lambda g: g.randint(0, 300, (2,), "int8"), RuntimeFault, "to - 1 is out of bounds for signed char"),
        (
            lambda g: g.bernoulli(1.5, (2,)),
            RuntimeFault,
            "bernoulli_ expects p to be in [0, 1], but got p=1.5",
        ),
        (
            lambda g: g.exponential((2,), rate=0),
            RuntimeFault,
            "exponential_ expects lambda > 0.0, but found lambda=0",
        ),
        (
            lambda g: g.multinomial(np.zeros(2), 1),
            RuntimeFault,
            "invalid multinomial distribution (sum of probabilities <= 0)",
        ),
        (
            lambda g: g.uniform((2, -3)),
            RuntimeFault,
            "Trying to create tensor with negative dimension -3: [2, -3]",
        ),
        (lambda g: g.set_state([1]), TypeFault, "expected a torch.ByteTensor, but got list"),
        (lambda g: g.set_state(np.zeros(5056, np.uint8)), RuntimeFault, "Invalid mt19937 state"),
        (
            lambda g: g.randperm(2**40),
            NotImplementedFault,
            "randperm of 1099511627776 elements is not implemented",
        ),
    ],
)
def test_unusable_arguments_are_refused_with_a_way_out(call, kind, message):
    with pytest.raises(kind) as caught:
        call(Generator())
    assert str(caught.value) == message
    assert caught.value.diagnostic.help


def test_numbers_too_big_for_the_dtype_are_infinite_without_a_warning():
    assert np.isinf(Generator().normal((20,), "float16", 0.0, 1e30)).all()
    assert np.isinf(Generator().normal((20,), "float32", 0.0, np.inf)).all()
    assert np.isinf(Generator().exponential((20,), "float32", 1e-50)).all()


def test_a_generator_loads_numpy_random_only_when_it_draws():
    program = (
        "import sys\n"
        "from gradcli.autograd.generator import Generator\n"
        "generator = Generator(3)\n"
        "assert 'numpy.random' not in sys.modules\n"
        "generator.uniform((1,))\n"
        "assert 'numpy.random' in sys.modules\n"
    )
    subprocess.run([sys.executable, "-c", program], check=True)
