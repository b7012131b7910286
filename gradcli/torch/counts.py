"""torch.poisson: counts of rare events, drawn as PyTorch draws them.

Sources: Hormann, The transformed rejection method for generating Poisson random variables (1993);
PyTorch 2.13's ATen/native/Distributions.cpp.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np

from gradcli.autograd.context import context
from gradcli.diagnostics import RuntimeFault
from gradcli.ops.dtypes import FLOAT64
from gradcli.torch.creation import template
from gradcli.torch.data import finish
from gradcli.torch.makers import maker

if TYPE_CHECKING:
    from collections.abc import Callable

    from gradcli.autograd.tensor import Tensor

__all__ = ["poisson"]

MANY = 10  # from this rate on by rejection


@maker()
def poisson(input: Tensor, *, generator: Any = None) -> Tensor:  # noqa: A002 - PyTorch's name
    """Returns counts with the rates in a tensor, of its shape and dtype.

    Raises:
        RuntimeFault: a rate is negative.
    """
    rates = template("poisson", input)
    if context.tape is not None:
        context.tape.disclose(input)
    if np.any(rates < 0):
        raise RuntimeFault("E303", "invalid Poisson rate, expected rate to be non-negative")
    source = generator or context.generator

    def uniform() -> float:
        return float(source.uniform((1,), FLOAT64)[0])

    counts = [_few(uniform, rate) if rate < MANY else _many(uniform, rate) for rate in rates.ravel().tolist()]
    return finish(np.array(counts, rates.dtype).reshape(rates.shape), requires_grad=False)


def _few(uniform: Callable[[], float], rate: float) -> int:
    """How many uniforms can be multiplied before their product falls below exp(-rate)."""
    if not rate:
        return 0
    count, product, bound = 0, 1.0, math.exp(-rate)
    while True:
        product *= uniform()
        if product <= bound:
            return count
        count += 1


def _many(uniform: Callable[[], float], rate: float) -> int:
    """Transformed rejection; the names are those of the paper."""
    b = 0.931 + 2.53 * math.sqrt(rate)
    a = -0.059 + 0.02483 * b
    inverse_alpha = 1.1239 + 1.1328 / (b - 3.4)
    v_r = 0.9277 - 3.6224 / (b - 2)
    while True:
        u, v = uniform() - 0.5, uniform()
        us = 0.5 - abs(u)
        k = math.floor((2 * a / us + b) * u + rate + 0.43)
        if us >= 0.07 and v <= v_r:  # noqa: PLR2004 - the paper's squeeze
            return k
        if k < 0 or (us < 0.013 and v > us):  # noqa: PLR2004 - as above
            continue
        left = math.log(v) + math.log(inverse_alpha) - math.log(a / (us * us) + b)
        if left <= -rate + k * math.log(rate) - math.lgamma(k + 1):
            return k
