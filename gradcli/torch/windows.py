"""torch.hann_window and its like: windows of signals. Source: Harris, On the Use of Windows (1978)."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np

from gradcli.autograd.context import context
from gradcli.diagnostics import RuntimeFault
from gradcli.torch.data import finish
from gradcli.torch.dtypes import unwrap
from gradcli.torch.makers import FACTORY, maker

if TYPE_CHECKING:
    from gradcli.autograd.tensor import Tensor

__all__ = ["bartlett_window", "blackman_window", "hamming_window", "hann_window"]


def _window(  # noqa: PLR0913 - what the four have in common
    name: str, length: int, form: Any, *, periodic: bool, dtype: Any, requires_grad: bool
) -> Tensor:
    """The form at the points of a window, which run from 0 to 1, or nearly so if it is periodic."""
    if length < 0:
        raise RuntimeFault("E303", f"{name} requires non-negative window_length, got window_length={length}")
    context.budget.ask((length,))
    wanted = unwrap(dtype) or context.default_dtype
    if length <= 1:
        return finish(np.ones(length, wanted), requires_grad)
    points = np.arange(length).astype(wanted) / (length if periodic else length - 1)
    return finish(form(points).astype(wanted), requires_grad)


@maker(*FACTORY)
def hann_window(
    window_length: int, periodic: bool = True, *, dtype: Any = None, requires_grad: bool = False
) -> Tensor:
    """Returns half a period of a squared sine."""
    return _window(
        "hann_window",
        window_length,
        lambda t: 0.5 - 0.5 * np.cos(2 * math.pi * t),
        periodic=periodic,
        dtype=dtype,
        requires_grad=requires_grad,
    )


@maker(*FACTORY)
def hamming_window(  # noqa: PLR0913 - PyTorch's signature
    window_length: int,
    periodic: bool = True,
    alpha: float = 0.54,
    beta: float = 0.46,
    *,
    dtype: Any = None,
    requires_grad: bool = False,
) -> Tensor:
    """Returns a raised cosine that does not reach zero."""
    return _window(
        "hamming_window",
        window_length,
        lambda t: alpha - beta * np.cos(2 * math.pi * t),
        periodic=periodic,
        dtype=dtype,
        requires_grad=requires_grad,
    )


@maker(*FACTORY)
def blackman_window(
    window_length: int, periodic: bool = True, *, dtype: Any = None, requires_grad: bool = False
) -> Tensor:
    """Returns a sum of two cosines."""
    return _window(
        "blackman_window",
        window_length,
        lambda t: 0.08 * np.cos(4 * math.pi * t) - 0.5 * np.cos(2 * math.pi * t) + 0.42,
        periodic=periodic,
        dtype=dtype,
        requires_grad=requires_grad,
    )


@maker(*FACTORY)
def bartlett_window(
    window_length: int, periodic: bool = True, *, dtype: Any = None, requires_grad: bool = False
) -> Tensor:
    """Returns a triangle."""
    return _window(
        "bartlett_window",
        window_length,
        lambda t: 1 - np.abs(2 * t - 1),
        periodic=periodic,
        dtype=dtype,
        requires_grad=requires_grad,
    )
