"""Smooth activation functions of neural networks."""

from __future__ import annotations

import math
from functools import partial
from typing import Any

import numpy as np

from gradcli.diagnostics import RuntimeFault
from gradcli.ops.domain import UNIT
from gradcli.ops.kink import Kink
from gradcli.ops.normal import lower_tail, lower_tail_complex
from gradcli.ops.record import Record, composite, elementwise

__all__ = ["logistic"]

FAMILY = "activation"

_function = partial(elementwise, promote="float", faces="F", family=FAMILY)


def logistic(x: Any) -> Any:
    """Returns 1 / (1 + e**-x); where the exponential overflows the result is 0, as it should."""
    return 1 / (1 + np.exp(-x))


def _complex_logistic(z: Any) -> Any:
    """The same by an exponential that does not overflow: a complex infinity makes nans."""
    negative = np.real(z) < 0
    small = np.exp(np.where(negative, z, -z))
    return np.where(negative, small, 1) / (1 + small)


def _log1p_exp(x: Any) -> Any:
    """log(1 + e**x) without overflow, and with its digits in the lower tail."""
    return np.maximum(x, 0) + np.log1p(np.exp(-np.abs(x)))


def _complex_log1p_exp(z: Any) -> Any:
    positive = np.real(z) > 0
    return np.where(positive, z, 0) + np.log1p(np.exp(np.where(positive, -z, z)))


sigmoid = _function(
    "sigmoid", node="SigmoidBackward0", numpy=logistic, complex=_complex_logistic,
    sympy=lambda S, x: 1 / (1 + S.exp(-x)),
    partials=(lambda m, y: (1 - y) * y,), faces="torch method F", inplace=True,
    aliases=("special.expit",),
    summary="Logistic function 1 / (1 + e**-x).", source="Bishop, Pattern Recognition, 4.59, 4.88",
)  # fmt: skip


def _logit(x: Any, *, eps: float | None) -> Any:
    if eps is not None:
        x = np.where(np.real(x) < eps, eps, np.where(np.real(x) > 1 - eps, 1 - eps, x))
    # Near 1/2 the quotient is near 1, where its logarithm cancels.
    return np.where(np.abs(np.real(x) - 0.5) < 0.25, 2 * np.arctanh(2 * x - 1), np.log(x / (1 - x)))  # noqa: PLR2004


def _logit_partial(m: Any, x: Any, eps: float | None) -> Any:
    low, high = (0, 1) if eps is None else (eps, 1 - eps)
    inside = m.logical_and(m.ge(x, low), m.le(x, high))
    slope = 1 / ((x + 0) * (1 - x))  # x + 0 makes a zero of either sign positive: the slope there is inf
    return m.where(inside, slope, m.nan) if eps is None else m.select(inside, slope)


logit: Record = _function(
    "logit", node="LogitBackward0", numpy=_logit,
    sympy=lambda S, x, *, eps: S.log(x / (1 - x)) if eps is None else _clamped_logit(S, x, eps),
    mpmath=lambda P, x, *, eps: _logit_digits(P, x, eps),
    front=lambda m, input, eps=None: m.apply(logit, (input,), {"eps": eps}),  # noqa: A006 - PyTorch's name
    partials=(_logit_partial,), domain=(UNIT,),
    samples=lambda s: [((s.unit(2, 3),), {"eps": None}), ((s.unit(2, 3),), {"eps": 0.1})],
    faces="torch method special", inplace=True, example="logit(x / 4)",
    kinks=(
        Kink("with eps the derivative is 0 below eps and above 1 - eps", "larger"),
        "outside [0, 1] it is nan",
    ),
    summary="Log-odds log(x / (1 - x)), of x clamped to [eps, 1 - eps] if eps is given.",
    source="Bishop, Pattern Recognition, 4.60",
)  # fmt: skip


def _logit_digits(P: Any, x: Any, eps: float | None) -> Any:
    if eps is not None:
        x = max(P.mpf(eps), min(1 - P.mpf(eps), x))
    return P.log(x / (1 - x))


def _clamped_logit(S: Any, x: Any, eps: float) -> Any:
    low = S.nsimplify(eps, rational=True)
    inner = S.log(x / (1 - x))
    end = S.log(low / (1 - low))
    return S.Piecewise((end, S.Lt(x, low)), (-end, S.Gt(x, 1 - low)), (inner, True))


def _softplus(x: Any, *, beta: float, threshold: float, log1p_exp: Any = _log1p_exp) -> Any:
    z = x * beta
    return np.where(np.real(z) > threshold, x, log1p_exp(z) / beta)


softplus: Record = _function(
    "softplus", node="SoftplusBackward0", numpy=_softplus,
    complex=lambda x, **params: _softplus(x, log1p_exp=_complex_log1p_exp, **params),
    sympy=lambda S, x, *, beta, threshold: S.Piecewise(
        (x, S.Gt(x * beta, threshold)), (S.log(1 + S.exp(x * beta)) / beta, True)
    ),
    mpmath=lambda P, x, *, beta, threshold: x if x * beta > threshold else P.log1p(P.exp(x * beta)) / beta,
    front=lambda m, input, beta=1, threshold=20: m.apply(  # noqa: A006 - PyTorch's name
        softplus, (input,), {"beta": beta, "threshold": threshold}
    ),
    partials=(
        lambda m, x, beta, threshold: m.where(m.gt(x * beta, threshold), m.ones_like(x), m.sigmoid(x * beta)),
    ),
    samples=lambda s: [
        ((s.normal(2, 3),), {"beta": 1, "threshold": 20}),
        ((s.normal(2, 3),), {"beta": 2.0, "threshold": 1.0}),
    ],
    kinks=(Kink("above the threshold it is x, with derivative 1", "left"),),
    summary="Smooth rectifier log(1 + e**(beta x)) / beta; x itself where beta x is above the threshold.",
    source="Dugas et al., NIPS 2000", example="nn.functional.softplus(x, beta=2)",
)  # fmt: skip


logsigmoid = _function(
    "logsigmoid", node="LogSigmoidBackward0", numpy=lambda x: -_log1p_exp(-x),
    complex=lambda x: -_complex_log1p_exp(-x), sympy=lambda S, x: -S.log(1 + S.exp(-x)),
    mpmath=lambda P, x: -P.log1p(P.exp(-x)), partials=(lambda m, x: m.sigmoid(-x),),
    summary="Logarithm of the logistic function, -log(1 + e**-x).",
    source="Bishop, Pattern Recognition, 4.59",
)  # fmt: skip


def _silu_front(m: Any, input: Any, inplace: bool = False) -> Any:  # noqa: A002 - PyTorch's name
    return input.silu_() if inplace else m.apply(silu, (input,), {})


def _silu_partial(m: Any, x: Any) -> Any:
    s = m.sigmoid(x)
    return s * (1 + x * m.sigmoid(-x))


silu = _function(
    "silu", node="SiluBackward0", numpy=lambda x: x / (1 + np.exp(-x)),
    complex=lambda x: x * _complex_logistic(x), sympy=lambda S, x: x / (1 + S.exp(-x)),
    front=_silu_front, partials=(_silu_partial,), inplace=True,
    summary="Sigmoid linear unit, x sigmoid(x).", source="Elfwing, Uchibe, Doya 2018, eq. (3), (5)",
    example="nn.functional.silu(x)",
)  # fmt: skip


def _mish(x: Any) -> Any:
    """Returns x tanh(log(1 + e**x)) as a rational function of e**x; the quotient is 1 from x = 40 on."""
    grown = np.exp(np.where(np.real(x) > 40, 40, x))  # noqa: PLR2004 - its square is finite in float32
    n = grown * (grown + 2)
    return x * (n / (n + 2))


def _mish_front(m: Any, input: Any, inplace: bool = False) -> Any:  # noqa: A002 - PyTorch's name
    return input.mish_() if inplace else m.apply(mish, (input,), {})


def _mish_partial(m: Any, x: Any) -> Any:
    t = m.tanh(m.softplus(x, beta=1, threshold=20))
    return t + x * m.sigmoid(x) * (1 - t) * (1 + t)


mish = _function(
    "mish", node="MishBackward0", numpy=_mish, sympy=lambda S, x: x * S.tanh(S.log(1 + S.exp(x))),
    mpmath=lambda P, x: x * P.tanh(P.log1p(P.exp(x))), front=_mish_front, partials=(_mish_partial,),
    inplace=True,
    summary="x tanh(softplus(x)).", source="Misra 2019, arXiv 1908.08681, eq. (1)",
    example="nn.functional.mish(x)",
)  # fmt: skip


def _gelu_front(m: Any, input: Any, *, approximate: str = "none") -> Any:  # noqa: A002 - PyTorch's name
    if approximate not in ("none", "tanh"):
        raise RuntimeFault("E303", "approximate argument must be either none or tanh.")
    return m.apply(gelu if approximate == "none" else gelu_tanh, (input,), {})


gelu = _function(
    "gelu", node="GeluBackward0", numpy=lambda x: x * lower_tail(x),
    complex=lambda x: x * lower_tail_complex(x),
    sympy=lambda S, x: x * S.erfc(-x / S.sqrt(2)) / 2,
    front=_gelu_front, partials=(lambda m, x: m.ndtr(x) + x * m.normal_pdf(x),),
    summary="Gaussian error linear unit: x times the normal distribution function (or its tanh form).",
    source="Hendrycks and Gimpel 2016, arXiv 1606.08415", example="nn.functional.gelu(x)",
)  # fmt: skip

CUBIC = 0.044715  # the approximation's one fitted number


def _gelu_tanh_partial(m: Any, x: Any) -> Any:
    rate = m.sqrt(m.ones_like(x) * 8 / m.pi)
    s = m.sigmoid(rate * (x + CUBIC * x**3))
    return s + x * s * (1 - s) * rate * (1 + 3 * CUBIC * x * x)


gelu_tanh = _function(
    "gelu_tanh", node="GeluBackward0",
    # (1 + tanh(u)) / 2 is sigmoid(2u), which keeps its digits in the lower tail.
    numpy=lambda x: x * logistic(math.sqrt(8 / math.pi) * (x + CUBIC * x * x * x)),
    complex=lambda x: x * _complex_logistic(math.sqrt(8 / math.pi) * (x + CUBIC * x**3)),
    sympy=lambda S, x: x * (1 + S.tanh(S.sqrt(2 / S.pi) * (x + CUBIC * x**3))) / 2,
    partials=(_gelu_tanh_partial,), faces="",
    summary="The tanh approximation of gelu.", source="Hendrycks and Gimpel 2016, arXiv 1606.08415",
)  # fmt: skip


@composite("softsign", faces="F", family=FAMILY, summary="x / (1 + |x|).", source="Glorot and Bengio 2010",
           example="nn.functional.softsign(x)")  # fmt: skip
def softsign(m: Any, input: Any) -> Any:  # noqa: A002 - PyTorch's name
    return m.div(input, m.abs(input) + 1)


@composite("tanhshrink", faces="F", family=FAMILY, summary="x - tanh(x).", source="PyTorch, nn.Tanhshrink",
           example="nn.functional.tanhshrink(x)")  # fmt: skip
def tanhshrink(m: Any, input: Any) -> Any:  # noqa: A002 - PyTorch's name
    return m.sub(input, m.tanh(input))
