"""Contexts of mpmath in which no number is so large that a function of it takes minutes.

The sine of 2**(1e8) takes pi to a hundred million bits, and so do exponentials of such numbers. A program
gets there by an exponential too many; in floating point it has long been infinite.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mpmath.ctx_mp import MPContext

from gradcli.diagnostics import LimitFault

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["in_context"]

RANGE = 2**14  # bits of an exponent: numbers go to 10^4932, as in quadruple precision
# Functions whose time grows with the size of their argument. Logarithms, roots and inverses may have any.
COSTLY = (
    "exp", "expm1", "cos", "sin", "tan", "sec", "csc", "cot", "cosh", "sinh", "tanh", "sech", "csch", "coth",
    "cospi", "sinpi", "cos_sin", "cospi_sinpi", "sinc", "expj", "gamma", "rgamma", "loggamma", "factorial",
    "psi", "digamma", "zeta", "beta", "erf", "erfc", "erfinv", "besselj", "bessely", "besseli", "besselk",
    "airyai", "airybi", "gammainc", "ei", "si", "ci", "chi", "shi", "lambertw", "hyp1f1", "hyp2f1",
)  # fmt: skip


def in_context(digits: int) -> Any:
    """Returns an mpmath context of its own with so many digits.

    Its functions raise a LimitFault for numbers beyond 10^4932 that they would take long over.
    """
    P = MPContext()  # noqa: N806 - as records call it
    P.dps = digits
    for name in COSTLY:
        setattr(P, name, _guarded(P, getattr(P, name)))
    P.mpf.__pow__, P.mpf.__rpow__ = _raised(P, P.mpf.__pow__, 1), _raised(P, P.mpf.__rpow__, 0)
    return P


def _guarded(P: Any, function: Callable[..., Any]) -> Callable[..., Any]:  # noqa: N803 - as above
    """The function, for arguments within the range."""

    def called(*args: Any, **options: Any) -> Any:
        for x in args:
            _check(P, x)
        return function(*args, **options)

    return called


def _raised(P: Any, power: Callable[..., Any], exponent: int) -> Callable[..., Any]:  # noqa: N803 - as above
    """A power, for exponents within the range; its base may have any size."""

    def called(*pair: Any) -> Any:
        _check(P, pair[exponent])
        return power(*pair)

    return called


def _check(P: Any, x: Any) -> None:  # noqa: N803 - as above
    if x.__class__ is P.mpf:
        _, mantissa, exponent, bits = x._mpf_  # how mpmath's own functions take a number apart
        if mantissa and exponent + bits > RANGE:
            raise LimitFault(
                "E605",
                "a number on the way is beyond 10^4932, where many digits take too long",
                help="finite differences, the complex step and forward mode still judge it",
            )
