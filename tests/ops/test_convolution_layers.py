"""Convolutions, folds and pools against their definitions, written out as loops."""

# A convolution has this many arguments:
# ruff: noqa: PLR0913

from __future__ import annotations

from itertools import product

import numpy as np
import pytest

from gradcli import torch
from gradcli.diagnostics import GradcliError

functional = torch.nn.functional


def leaf(*shape, seed=0):
    values = np.random.default_rng(seed).standard_normal(shape)
    return torch.tensor(values, dtype=torch.float64, requires_grad=True)


def correlate(x, w, stride, padding, dilation, groups):
    """conv2d by its definition, one product at a time."""
    x = np.pad(x, ((0, 0), (0, 0), (padding, padding), (padding, padding)))
    outputs, inner, height, width = w.shape
    rows = (x.shape[2] - dilation * (height - 1) - 1) // stride + 1
    columns = (x.shape[3] - dilation * (width - 1) - 1) // stride + 1
    found = np.zeros((x.shape[0], outputs, rows, columns))
    for n, o, i, j in np.ndindex(*found.shape):
        first = o // (outputs // groups) * inner
        for c, a, b in product(range(inner), range(height), range(width)):
            found[n, o, i, j] += (
                x[n, first + c, i * stride + a * dilation, j * stride + b * dilation] * w[o, c, a, b]
            )
    return found


@pytest.mark.parametrize(
    ("stride", "padding", "dilation", "groups"), [(1, 0, 1, 1), (2, 1, 1, 1), (1, 2, 2, 2), (3, 1, 2, 4)]
)
def test_conv2d_is_the_sum_of_products_over_every_window(stride, padding, dilation, groups):
    x, w, b = leaf(2, 4, 6, 5), leaf(4, 4 // groups, 3, 2, seed=1), leaf(4, seed=2)
    found = functional.conv2d(x, w, b, stride, padding, dilation, groups)
    expected = correlate(x.detach().numpy(), w.detach().numpy(), stride, padding, dilation, groups)
    np.testing.assert_allclose(
        found.detach().numpy(), expected + b.detach().numpy()[:, None, None], atol=1e-12
    )
    assert found.grad_fn.name() == "ConvolutionBackward0"


@pytest.mark.parametrize("stride", [1, 2])
@pytest.mark.parametrize("rank", [1, 2, 3])
def test_a_transposed_convolution_is_the_gradient_of_the_convolution(rank, stride):
    x, w = leaf(2, 3, *(5,) * rank), leaf(4, 3, *(3,) * rank, seed=1)
    convolve = getattr(functional, f"conv{rank}d")
    spread = getattr(functional, f"conv_transpose{rank}d")
    y = convolve(x, w, stride=stride)
    g = torch.tensor(np.random.default_rng(3).standard_normal(y.shape), dtype=torch.float64)
    (gradient,) = torch.autograd.grad((y * g).sum(), [x])
    np.testing.assert_allclose(gradient.numpy(), spread(g, w, stride=stride).detach().numpy(), atol=1e-12)


def test_same_padding_keeps_the_size_and_puts_the_odd_zero_behind():
    x = torch.tensor([[[1.0, 2.0, 3.0]]])
    found = functional.conv1d(x, torch.tensor([[[1.0, 1.0]]]), padding="same")
    assert found.tolist() == [[[3.0, 5.0, 3.0]]]


def test_an_image_without_a_batch_is_convolved_alike():
    x, w = leaf(3, 5, 5), leaf(2, 3, 2, 2, seed=1)
    alone = functional.conv2d(x, w).detach().numpy()
    assert np.array_equal(alone, functional.conv2d(x.unsqueeze(0), w).detach().numpy()[0])


def test_fold_counts_how_many_windows_cover_each_element():
    ones = torch.ones(1, 1, 3, 3)
    cover = functional.fold(functional.unfold(ones, 2), (3, 3), 2)
    assert cover.tolist() == [[[[1.0, 2.0, 1.0], [2.0, 4.0, 2.0], [1.0, 2.0, 1.0]]]]


def test_an_average_over_a_border_counts_padding_unless_told_otherwise():
    ones = torch.ones(1, 1, 2)
    assert functional.avg_pool1d(ones, 2, 1, 1).tolist() == [[[0.5, 1.0, 0.5]]]
    assert functional.avg_pool1d(ones, 2, 1, 1, count_include_pad=False).tolist() == [[[1.0, 1.0, 1.0]]]


def test_a_window_that_reaches_over_the_end_appears_with_ceil_mode_alone():
    x = torch.tensor([[[1.0, 2.0, 3.0]]])
    assert functional.max_pool1d(x, 2).tolist() == [[[2.0]]]
    assert functional.max_pool1d(x, 2, ceil_mode=True).tolist() == [[[2.0, 3.0]]]
    assert functional.avg_pool1d(x, 2, ceil_mode=True).tolist() == [[[1.5, 3.0]]]


def test_of_equal_elements_the_first_takes_the_gradient_of_the_maximum():
    x = torch.tensor([[[1.0, 1.0, 0.0, 0.0]]], requires_grad=True)
    functional.max_pool1d(x, 2).sum().backward()
    assert x.grad.tolist() == [[[1.0, 0.0, 1.0, 0.0]]]


def test_windows_that_share_their_maximum_add_their_gradients():
    x = torch.tensor([[[0.0, 5.0, 0.0]]], requires_grad=True)
    functional.max_pool1d(x, 2, stride=1).sum().backward()
    assert x.grad.tolist() == [[[0.0, 2.0, 0.0]]]


def test_unpooling_puts_maxima_back_where_they_were():
    x = torch.tensor([[[1.0, 4.0, 3.0, 2.0]]])
    largest, places = functional.max_pool1d(x, 2, return_indices=True)
    assert places.tolist() == [[[1, 2]]]
    assert functional.max_unpool1d(largest, places, 2).tolist() == [[[0.0, 4.0, 3.0, 0.0]]]


def test_an_infinite_neighbour_does_not_reach_an_average_that_does_not_read_it():
    x = torch.tensor([[[1.0, np.inf, 2.0]]])
    assert functional.adaptive_avg_pool1d(x, 3).tolist() == [[[1.0, np.inf, 2.0]]]
    assert functional.interpolate(x, size=6).tolist()[0][0][:2] == [1.0, 1.0]


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (
            lambda: functional.conv2d(leaf(1, 2, 5, 5), leaf(4, 3, 3, 3)),
            (
                "Given groups=1, weight of size [4, 3, 3, 3], expected input[1, 2, 5, 5] to have 3 channels, "
                "but got 2 channels instead"
            ),
        ),
        (
            lambda: functional.conv2d(leaf(1, 3, 2, 2), leaf(4, 3, 3, 3)),
            (
                "Calculated padded input size per channel: (2 x 2). Kernel size: (3 x 3). "
                "Kernel size can't be greater than actual input size"
            ),
        ),
        (
            lambda: functional.conv2d(leaf(5, 5), leaf(4, 3, 3, 3)),
            "Expected 3D (unbatched) or 4D (batched) input to conv2d, but got input of size: [5, 5]",
        ),
        (
            lambda: functional.conv2d(leaf(1, 3, 5, 5), leaf(4, 3, 3, 3), stride=2, padding="same"),
            "padding='same' is not supported for strided convolutions",
        ),
        (
            lambda: functional.max_pool2d(leaf(1, 2, 1, 1), 2),
            "Given input size: (2x1x1). Calculated output size: (2x0x0). Output size is too small",
        ),
        (
            lambda: functional.avg_pool2d(leaf(1, 2, 4, 4), 2, padding=2),
            (
                "pad should be at most half of effective kernel size, but got pad=2, kernel_size=2 "
                "and dilation=1"
            ),
        ),
        (
            lambda: functional.fold(leaf(1, 17, 9), (5, 5), 3),
            (
                "Expected size of input's dimension 1 to be divisible by the product of kernel_size, but got "
                "input.size(1)=17 and kernel_size=(3, 3)."
            ),
        ),
    ],
)
def test_a_layer_that_does_not_fit_says_so_in_pytorchs_words(call, message):
    with pytest.raises(GradcliError) as error:
        call()
    assert str(error.value) == message
