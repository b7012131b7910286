"""torch.nn.functional's functions that draw random numbers or change their argument.

All others are records. The module answers for them too, so that it may stand wherever PyTorch's does.
"""

# PyTorch's names and signatures, with parts that change nothing; Tensor's fields are this package's own.
# ruff: noqa: A002, ARG001, PLR0913, SLF001

from __future__ import annotations

import math
from typing import Any

import numpy as np

from gradcli.autograd.algebra import TENSORS
from gradcli.autograd.context import context
from gradcli.autograd.inplace import become
from gradcli.autograd.tensor import Tensor, make
from gradcli.autograd.writable import check_writable
from gradcli.diagnostics import RuntimeFault, TypeFault, ValueFault
from gradcli.ops.layout import memory
from gradcli.torch.namespace import Namespace

__all__ = [
    "alpha_dropout", "dropout", "dropout1d", "dropout2d", "dropout3d", "feature_alpha_dropout",
    "gumbel_softmax", "rrelu",
]  # fmt: skip

SELU_LIMIT = -1.7580993408473766  # what SELU tends to at minus infinity: -alpha times scale
PER_CHANNEL = 2  # dims before those that a channel has

_records = Namespace("nn.functional")


def __getattr__(name: str) -> Any:
    return getattr(_records, name)


def _checked(name: str, input: Any, p: float) -> Any:
    if not isinstance(input, Tensor):
        raise TypeFault(
            "E303", f"{name}(): argument 'input' (position 1) must be Tensor, not {type(input).__name__}"
        )
    if not 0.0 <= p <= 1.0:
        raise ValueFault("E303", f"dropout probability has to be between 0 and 1, but got {p}")
    return input._array


def _settled(input: Tensor, result: Any, *, inplace: bool) -> Any:
    """The result, or the input that took its values."""
    if not inplace:
        return result
    check_writable(input)
    return become(input, result)


def _kept(p: float, shape: tuple[int, ...], dtype: Any) -> Any:
    return context.generator.bernoulli(1 - p, shape, dtype)


def _dropped(input: Tensor, array: Any, p: float, shape: tuple[int, ...]) -> Any:
    if p == 1:
        return input * make(np.zeros((), array.dtype))  # type: ignore[operator] # an operator that methods.py adds
    scale = np.true_divide(_kept(p, shape, array.dtype), array.dtype.type(1 - p))
    return input * make(scale)  # type: ignore[operator] # as above


def dropout(input: Tensor, p: float = 0.5, training: bool = True, inplace: bool = False) -> Any:
    """Returns the input with elements zeroed with probability p and the others divided by 1 - p.

    Raises:
        ValueFault: p is outside [0, 1].
    """
    array = _checked("dropout", input, p)
    if not training or p == 0 or not array.size:
        return input
    return _settled(input, _dropped(input, array, p, array.shape), inplace=inplace)


def _channels(input: Tensor) -> tuple[int, ...]:
    """The shape of one number per channel of each instance.

    Raises:
        RuntimeFault: there are no channels.
    """
    shape = tuple(input.shape)
    if len(shape) < PER_CHANNEL:
        raise RuntimeFault("E301", "Feature dropout requires at least 2 dimensions in the input")
    return shape[:PER_CHANNEL] + (1,) * (len(shape) - PER_CHANNEL)


def _feature_dropout(name: str, input: Tensor, p: float, training: bool, inplace: bool, single: int) -> Any:
    """Whole channels dropped; an input of `single` dims is one instance without a batch dim."""
    array = _checked(name, input, p)
    if not training or p == 0 or not array.size:
        return input
    if array.ndim == single:
        batch = TENSORS.unsqueeze(input, dim=-array.ndim - 1)
        result = _dropped(batch, batch._array, p, _channels(batch))
        return _settled(input, result[0], inplace=inplace)
    return _settled(input, _dropped(input, array, p, _channels(input)), inplace=inplace)


def dropout1d(input: Tensor, p: float = 0.5, training: bool = True, inplace: bool = False) -> Any:
    """Returns (N, C, L) or (C, L) with whole channels zeroed with probability p.

    Raises:
        RuntimeFault: the input has other dims.
    """
    if len(input.shape) not in (2, 3):
        raise RuntimeFault(
            "E301",
            f"dropout1d: Expected 2D or 3D input, but received a {len(input.shape)}D input. Note that "
            "dropout1d exists to provide channel-wise dropout on inputs with 1 spatial dimension, a channel "
            "dimension, and an optional batch dimension (i.e. 2D or 3D inputs).",
        )
    return _feature_dropout("dropout1d", input, p, training, inplace, single=2)


def dropout2d(input: Tensor, p: float = 0.5, training: bool = True, inplace: bool = False) -> Any:
    """Returns (N, C, H, W) with whole channels zeroed with probability p."""
    return _feature_dropout("dropout2d", input, p, training, inplace, single=-1)


def dropout3d(input: Tensor, p: float = 0.5, training: bool = True, inplace: bool = False) -> Any:
    """Returns (N, C, D, H, W) or (C, D, H, W) with whole channels zeroed with probability p."""
    return _feature_dropout("dropout3d", input, p, training, inplace, single=4)


def _alpha(input: Tensor, array: Any, p: float, shape: tuple[int, ...]) -> Any:
    if p == 1:
        return input * make(np.zeros((), array.dtype))  # type: ignore[operator] # as in _dropped
    a = 1.0 / math.sqrt((SELU_LIMIT**2 * p + 1) * (1 - p))
    noise = _kept(p, shape, array.dtype)
    shift = (noise - 1) * (-SELU_LIMIT * a) + (-SELU_LIMIT * a * p)
    return input * make(noise * a) + make(shift)  # type: ignore[operator] # as in _dropped


def alpha_dropout(input: Tensor, p: float = 0.5, training: bool = False, inplace: bool = False) -> Any:
    """Returns the input with elements set to SELU's limit with probability p, mean and variance kept.

    Source: Klambauer et al., Self-Normalizing Neural Networks (2017).
    """
    array = _checked("alpha_dropout", input, p)
    if not training or p == 0 or not array.size:
        return input
    return _settled(input, _alpha(input, array, p, array.shape), inplace=inplace)


def feature_alpha_dropout(
    input: Tensor,
    p: float = 0.5,
    training: bool = False,
    inplace: bool = False,
) -> Any:
    """Returns the input with whole channels set to SELU's limit, mean and variance kept."""
    array = _checked("feature_alpha_dropout", input, p)
    if not training or p == 0 or not array.size:
        return input
    return _settled(input, _alpha(input, array, p, _channels(input)), inplace=inplace)


def rrelu(
    input: Tensor,
    lower: float = 1.0 / 8,
    upper: float = 1.0 / 3,
    training: bool = False,
    inplace: bool = False,
) -> Any:
    """Returns the input with negative elements times random slopes, or their mean outside of training."""
    array = _checked("rrelu", input, 0.0)
    if not training:
        return _settled(input, _records.leaky_relu(input, (lower + upper) / 2), inplace=inplace)
    slopes, below = np.ones_like(array), array <= 0
    slopes[below] = context.generator.uniform((int(below.sum()),), array.dtype, lower, upper)
    return _settled(input, input * make(slopes), inplace=inplace)  # type: ignore[operator] # as in _dropped


def gumbel_softmax(
    logits: Any,
    tau: float = 1,
    hard: bool = False,
    eps: float = 1e-10,
    dim: int = -1,
) -> Any:
    """Returns samples from the Gumbel-softmax distribution; with `hard`, one-hot with the soft gradient.

    Source: Jang, Gu, Poole, Categorical Reparameterization with Gumbel-Softmax (2017).
    """
    array = _checked("gumbel_softmax", logits, 0.0)
    gumbels = -np.log(context.generator.exponential(array.shape, array.dtype))
    soft = _records.softmax((logits + make(gumbels)) / tau, dim)
    if not hard:
        return soft
    place = np.expand_dims(np.argmax(memory(soft), axis=dim), dim)
    one_hot = np.zeros_like(array)
    np.put_along_axis(one_hot, place, 1, axis=dim)
    return make(one_hot) - soft.detach() + soft
