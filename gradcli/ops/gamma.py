"""The gamma function's logarithm and derivatives, zeta, and the incomplete gamma function."""

from __future__ import annotations

import math
from functools import partial
from typing import Any

import numpy as np

from gradcli.diagnostics import LimitFault, NotImplementedFault, RuntimeFault, TypeFault
from gradcli.ops.domain import ABOVE_ONE, POSITIVE
from gradcli.ops.record import Record, composite, elementwise, with_number

__all__: list[str] = []

FAMILY = "gamma"

# scipy is imported inside the functions: loading it costs as much start-up time as numpy.

_function = partial(elementwise, promote="float", family=FAMILY)


def _lgamma(x: Any) -> Any:
    """Returns log |gamma(x)|; near its zeros 1 and 2 by the complex function, which has a series there."""
    from scipy import special

    x = np.asarray(x)
    found = np.array(special.gammaln(np.where(x == -np.inf, np.inf, x)))
    near = (np.abs(x - 1) < 0.2) | (np.abs(x - 2) < 0.2)  # noqa: PLR2004 - the radius of the series
    found[near] = special.loggamma(x[near].astype(complex)).real
    found[(x == 1) | (x == 2)] = 0  # noqa: PLR2004 - the zeros, where the series gives -0
    return found


def _lgamma_complex(x: Any) -> Any:
    """Returns log gamma, continued to the left half-plane by reflection, less its multiples of i pi."""
    from scipy import special

    left = np.real(x) < 0
    sine = np.sin(math.pi * np.where(left, x, 0.5))
    reflected = math.log(math.pi) - np.log(np.where(np.real(sine) < 0, -sine, sine))
    value = special.loggamma(np.where(left, 1 - x, x))
    return np.where(left, reflected - value, value)


lgamma = _function(
    "lgamma", node="LgammaBackward0", numpy=_lgamma, complex=_lgamma_complex, sympy="loggamma",
    mpmath=lambda P, x: P.re(P.loggamma(x)), partials=(lambda m, x: m.digamma(x),), domain=(POSITIVE,),
    inplace=True, aliases=("special.gammaln",), kinks=("at 0, -1, -2, ... the value is inf",),
    summary="Logarithm of |gamma(x)|.", source="DLMF 5.2.1, 5.2.2",
)  # fmt: skip


def _digamma(x: Any) -> Any:
    from scipy import special

    return np.where(x == 0, -np.copysign(np.inf, x), special.psi(x)).astype(x.dtype)


def _digamma_complex(x: Any) -> Any:
    from scipy import special

    return special.psi(x)


digamma = _function(
    "digamma", node="DigammaBackward0", numpy=_digamma, complex=_digamma_complex, sympy="digamma",
    mpmath="digamma",
    partials=(lambda m, x: m.polygamma(x, order=1),), domain=(POSITIVE,), inplace=True,
    aliases=("special.digamma", "special.psi"), kinks=("at 0 the value is -inf, at -1, -2, ... nan",),
    summary="Derivative of log gamma(x).", source="DLMF 5.2.2",
)  # fmt: skip


FAR = -1e3  # below that scipy's zeta, which goes up to 9 in steps of 1, takes too long, or for ever


def _hurwitz(a: Any, b: Any) -> Any:
    """The Hurwitz zeta function; far below 0 by the terms on both sides of it, each a zeta of its own."""
    from scipy import special

    far = np.less(b, FAR)
    if not np.any(far):
        return special.zeta(a, b)
    below = np.where(far, b, -0.5)
    part = below - np.floor(below)
    sign = np.where(np.mod(a, 2) == 0, 1.0, np.where(np.mod(a, 2) == 1, -1.0, np.nan))
    found = sign * (special.zeta(a, 1 - part) - special.zeta(a, 1 - below)) + special.zeta(a, part)
    found = np.where(part == 0, np.inf, np.where(np.isinf(below), np.nan, found))
    return np.where(far, found, special.zeta(a, np.where(far, 1.0, b))).astype(np.result_type(a, b))


def _polygamma(x: Any, *, order: int) -> Any:
    from scipy import special

    if order == 0:
        return special.psi(x).astype(x.dtype)
    return ((-1.0) ** (order + 1) * math.factorial(order) * _hurwitz(order + 1.0, x)).astype(x.dtype)


def _whole(name: str, argument: str, value: Any) -> None:
    if not isinstance(value, int) or isinstance(value, bool):
        raise TypeFault("E303", f"{name}(): argument {argument} must be int, not {type(value).__name__}")


def _polygamma_front(m: Any, n: Any, input: Any) -> Any:  # noqa: A002 - PyTorch's name
    _whole("polygamma", "'n' (position 1)", n)
    if n < 0:
        raise RuntimeFault("E303", "polygamma(n, x) does not support negative n.")
    return m.apply(polygamma, (input,), {"order": n})


polygamma: Record = _function(
    "polygamma", node="PolygammaBackward0", numpy=_polygamma, complex=False,
    sympy=lambda S, x, *, order: S.polygamma(order, x), mpmath=lambda P, x, *, order: P.psi(order, x),
    front=_polygamma_front, partials=(lambda m, x, order: m.polygamma(x, order=order + 1),),
    domain=(POSITIVE,),
    samples=lambda s: [((s.positive(2, 3),), {"order": n}) for n in (0, 1, 3)], faces="torch special",
    summary="Derivative of order n of digamma.", source="DLMF 5.15", example="polygamma(1, x)",
)  # fmt: skip


@composite("polygamma_method", faces="", aliases=("Tensor.polygamma",), family=FAMILY,
           summary="As polygamma(n, self).", source="DLMF 5.15", example="x.polygamma(1)")  # fmt: skip
def polygamma_method(m: Any, input: Any, n: Any) -> Any:  # noqa: A002 - PyTorch's name
    return _polygamma_front(m, n, input)


LARGEST = 1000  # each dimension takes a step


def _mvlgamma(x: Any, *, p: int, lgamma: Any = _lgamma) -> Any:
    return sum((lgamma(x - j / 2) for j in range(p)), p * (p - 1) / 4 * math.log(math.pi))


def _mvlgamma_partial(m: Any, x: Any, p: int) -> Any:
    total = m.digamma(x)
    for j in range(1, p):
        total = total + m.digamma(x - j / 2)
    return total


def _mvlgamma_front(m: Any, input: Any, p: int) -> Any:  # noqa: A002 - PyTorch's name
    _whole("mvlgamma", "'p' (position 2)", p)
    if p < 1:
        raise RuntimeFault("E303", "p has to be greater than or equal to 1")
    if p > LARGEST:
        raise LimitFault("E606", f"mvlgamma of dimension {p}", help=f"give at most {LARGEST}")
    return m.apply(mvlgamma, (input,), {"p": p})


mvlgamma: Record = _function(
    "mvlgamma", node="MvlgammaBackward0", numpy=_mvlgamma,
    complex=lambda x, *, p: _mvlgamma(x, p=p, lgamma=_lgamma_complex),
    sympy=lambda S, x, *, p: (
        sum(S.loggamma(x - S.Rational(j, 2)) for j in range(p)) + S.Rational(p * (p - 1), 4) * S.log(S.pi)
    ),
    mpmath=lambda P, x, *, p: (
        sum(P.re(P.loggamma(x - P.mpf(j) / 2)) for j in range(p)) + P.mpf(p * (p - 1)) / 4 * P.log(P.pi)
    ),
    front=_mvlgamma_front, partials=(_mvlgamma_partial,), domain=(ABOVE_ONE,),
    samples=lambda s: [((s.positive(2, 3) + 1,), {"p": 1}), ((s.positive(2, 3) + 1,), {"p": 3})],
    kinks=("is defined for x > (p - 1) / 2",), inplace=True, aliases=("special.multigammaln",),
    example="mvlgamma(x + 2, 3)",
    summary="Logarithm of the multivariate gamma function of dimension p.", source="DLMF 35.3.4",
)  # fmt: skip


def _no_derivative(name: str) -> Any:
    def slope(m: Any) -> Any:  # noqa: ARG001 - the form of a formula
        raise NotImplementedFault("E407", f"the derivative for '{name}' is not implemented.")

    return slope


zeta: Record = _function(
    "zeta", args=("a", "b"), node="SpecialZetaBackward0", numpy=_hurwitz, complex=False,
    sympy=lambda S, a, b: S.zeta(a, b), mpmath=lambda P, a, b: P.zeta(a, b),
    front=lambda m, input, other: m.apply(  # noqa: A006 - PyTorch's name
        zeta_of if not hasattr(input, "shape") else zeta if hasattr(other, "shape") else zeta_by,
        (input, other), {},
    ),
    partials=(_no_derivative("zeta"), lambda m, a, b: -a * m.zeta(a + 1, b)),
    samples=lambda s: [((s.positive(2, 3) + 1.5, s.positive(2, 3)), {})], domain=(ABOVE_ONE, POSITIVE),
    faces="special",
    kinks=("has no derivative in its first argument: a backward through it raises",),
    summary="Hurwitz zeta function, the sum of (k + b)**-a over k >= 0.", source="DLMF 25.11.1, 25.11.17",
    example="special.zeta(2, x)",
)  # fmt: skip
zeta_of: Record = with_number(zeta, 0, "zeta_of", "SpecialZetaBackward1")
zeta_by: Record = with_number(zeta, 1, "zeta_by", "SpecialZetaBackward2")


def _gammainc(a: Any, b: Any) -> Any:
    from scipy import special

    return special.gammainc(a, b)


def _gamma_density(m: Any, a: Any, b: Any) -> Any:
    return m.exp(m.xlogy(a - 1, b) - b - m.lgamma(a))


gammainc = _function(
    "gammainc", args=("a", "b"), node="IgammaBackward0", numpy=_gammainc, complex=False,
    sympy=lambda S, a, b: S.lowergamma(a, b) / S.gamma(a),
    # Outside of the domain mpmath's runs for ever.
    mpmath=lambda P, a, b: P.gammainc(a, 0, b, regularized=True) if a > 0 and b >= 0 else P.nan,
    partials=(_no_derivative("igamma: input"), _gamma_density), domain=(POSITIVE, POSITIVE), faces="special",
    aliases=("igamma", "Tensor.igamma"),
    kinks=("has no derivative in its first argument: a backward through it raises",),
    example="special.gammainc(x.detach(), x)",
    summary="Regularised lower incomplete gamma function P(a, x).", source="DLMF 8.2.4, 8.8.13",
)  # fmt: skip
