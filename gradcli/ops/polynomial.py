"""Orthogonal polynomials of a degree given per element; PyTorch, too, has them without a derivative."""

from __future__ import annotations

from typing import Any

import numpy as np

from gradcli.diagnostics import LimitFault
from gradcli.ops.record import Record, elementwise

__all__: list[str] = []

FAMILY = "polynomial"

HIGHEST = 10_000


def _evaluate(name: str, x: Any, n: Any) -> Any:
    """scipy.special's `eval_` function of a fixed name.

    As in PyTorch a fractional degree is cut, and a negative one gives 0.

    Raises:
        LimitFault: a degree is past the limit; the recurrences take as many steps.
    """
    from scipy import special  # loaded when first called: start-up does without

    degree = np.asarray(n).astype(np.int64)
    if np.max(degree, initial=0) > HIGHEST:
        raise LimitFault("E606", f"a polynomial of degree {np.max(degree)}", help=f"give at most {HIGHEST}")
    value = getattr(special, name)(np.maximum(degree, 0), x)
    return np.where(degree < 0, 0, value).astype(x.dtype)


def _polynomial(  # noqa: PLR0913 - what one differs in from the others
    name: str, numpy: Any, sympy: Any, mpmath: Any, source: str, text: str
) -> Record:
    return elementwise(
        name, args=("x", "n"), discrete=("n",), numpy=numpy, complex=False, sympy=sympy, mpmath=mpmath,
        promote="float", faces="special", family=FAMILY,
        samples=lambda s: [((s.normal(2, 3), s.integers(5, 2, 3)), {})],
        summary=f"{text}, of degree n; no derivative.", source=source, example=f"special.{name}(x / 2, 3)",
    )  # fmt: skip


def _t(x: Any, n: Any) -> Any:
    return _evaluate("eval_chebyt", x, n)


def _u(x: Any, n: Any) -> Any:
    return _evaluate("eval_chebyu", x, n)


def _v(x: Any, n: Any) -> Any:
    return _u(x, n) - _u(x, np.trunc(n) - 1)


def _w(x: Any, n: Any) -> Any:
    return _u(x, n) + _u(x, np.trunc(n) - 1)


def _chebyshev(  # noqa: PLR0913 - as above
    kind: str, ordinal: str, numpy: Any, sympy: Any, mpmath: Any, source: str
) -> tuple[Record, Record]:
    """The polynomial on [-1, 1], and shifted to [0, 1]."""
    name, text = f"chebyshev_polynomial_{kind}", f"Chebyshev polynomial of the {ordinal} kind"
    return (
        _polynomial(name, numpy, sympy, mpmath, source, text),
        _polynomial(
            f"shifted_{name}",
            lambda x, n: numpy(2 * x - 1, n),
            lambda S, x, n: sympy(S, 2 * x - 1, n),
            lambda P, x, n: mpmath(P, 2 * x - 1, n),
            source,
            f"{text} of 2x - 1",
        ),
    )


chebyshev_t, shifted_t = _chebyshev(
    "t", "first", _t, lambda S, x, n: S.chebyshevt(n, x), lambda P, x, n: P.chebyt(n, x), "DLMF 18.5.1"
)
chebyshev_u, shifted_u = _chebyshev(
    "u", "second", _u, lambda S, x, n: S.chebyshevu(n, x), lambda P, x, n: P.chebyu(n, x), "DLMF 18.5.2"
)
chebyshev_v, shifted_v = _chebyshev(
    "v",
    "third",
    _v,
    lambda S, x, n: S.chebyshevu(n, x) - S.chebyshevu(n - 1, x),
    lambda P, x, n: P.chebyu(n, x) - P.chebyu(n - 1, x),
    "DLMF 18.7.5",
)
chebyshev_w, shifted_w = _chebyshev(
    "w",
    "fourth",
    _w,
    lambda S, x, n: S.chebyshevu(n, x) + S.chebyshevu(n - 1, x),
    lambda P, x, n: P.chebyu(n, x) + P.chebyu(n - 1, x),
    "DLMF 18.7.6",
)
hermite_h = _polynomial(
    "hermite_polynomial_h",
    lambda x, n: _evaluate("eval_hermite", x, n),
    lambda S, x, n: S.hermite(n, x),
    lambda P, x, n: P.hermite(n, x),
    "DLMF 18.5.5",
    "Hermite polynomial (physicists')",
)
hermite_he = _polynomial(
    "hermite_polynomial_he",
    lambda x, n: _evaluate("eval_hermitenorm", x, n),
    lambda S, x, n: S.hermite_prob(n, x),
    lambda P, x, n: P.mpf(2) ** (-P.mpf(n) / 2) * P.hermite(n, x / P.sqrt(2)),
    "DLMF 18.7.11",
    "Hermite polynomial (probabilists')",
)
laguerre_l = _polynomial(
    "laguerre_polynomial_l",
    lambda x, n: _evaluate("eval_laguerre", x, n),
    lambda S, x, n: S.laguerre(n, x),
    lambda P, x, n: P.laguerre(n, 0, x),
    "DLMF 18.5.5",
    "Laguerre polynomial",
)
legendre_p = _polynomial(
    "legendre_polynomial_p",
    lambda x, n: _evaluate("eval_legendre", x, n),
    lambda S, x, n: S.legendre(n, x),
    lambda P, x, n: P.legendre(n, x),
    "DLMF 18.5.5",
    "Legendre polynomial",
)
