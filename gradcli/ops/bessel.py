"""Bessel functions: modified, scaled, ordinary and spherical, and Airy's."""

from __future__ import annotations

import math
from functools import partial
from typing import Any

import numpy as np

from gradcli.ops.domain import POSITIVE
from gradcli.ops.kink import Kink
from gradcli.ops.record import Record, elementwise

__all__: list[str] = []

FAMILY = "bessel"

_function = partial(elementwise, promote="float", family=FAMILY)


def _special(name: str, *orders: int) -> Any:
    """The scipy.special function of a fixed name, loaded when first called: start-up does without."""

    def call(x: Any) -> Any:
        from scipy import special

        return getattr(special, name)(*orders, x)

    return call


NEAR = 1e-3  # up to here three terms of a power series are exact to the last digit


def _near_zero(x: Any, order: int) -> Any:
    """(x / 2)**n / n! (1 + q / (n + 1) (1 + q / (2 n + 4))), q = x*x / 4: the modified function near 0."""
    order, q = abs(order), x * x / 4
    return (x / 2) ** order / math.factorial(order) * (1 + q / (order + 1) * (1 + q / (2 * order + 4)))


def _modified(x: Any, *, order: int) -> Any:
    """The function; near 0, where scipy loses digits and then underflows, by its power series."""
    from scipy import special  # as in _special

    near = np.abs(x) < NEAR
    return np.where(near, _near_zero(np.where(near, x, 0), order), special.iv(order, x)).astype(x.dtype)


def _modified_scaled(x: Any, *, order: int) -> Any:
    from scipy import special  # as in _special

    near = np.abs(x) < NEAR
    small = np.where(near, x, 0)
    far = np.where(np.isinf(x), 0, special.ive(order, x))  # scipy has nan there
    return np.where(near, np.exp(-np.abs(small)) * _near_zero(small, order), far).astype(x.dtype)


# The derivatives by neighbouring orders: the form i0(x) - i1(x) / x cancels near 0.

bessel_i = _function(
    "bessel_i", numpy=_modified, sympy=lambda S, x, *, order: S.besseli(order, x),
    partials=(lambda m, x, order: (m.bessel_i(x, order=order - 1) + m.bessel_i(x, order=order + 1)) / 2,),
    node="SpecialI1Backward0", faces="",
    samples=lambda s: [((s.normal(2, 3),), {"order": n}) for n in (1, 2)],
    summary="Modified Bessel function of the first kind.", source="DLMF 10.25.2, 10.29.1",
)  # fmt: skip


def _scaled_partial(m: Any, x: Any, y: Any, order: int) -> Any:
    below, above = m.bessel_ie(x, order=order - 1), m.bessel_ie(x, order=order + 1)
    return (below + above) / 2 - m.sign(x) * y


bessel_ie = _function(
    "bessel_ie", numpy=_modified_scaled, complex=False,
    sympy=lambda S, x, *, order: S.exp(-S.Abs(x)) * S.besseli(order, x),
    mpmath=lambda P, x, *, order: P.exp(-P.fabs(x)) * P.besseli(order, x),
    partials=(_scaled_partial,), node="SpecialI1EBackward0", faces="",
    samples=lambda s: [((s.normal(2, 3),), {"order": n}) for n in (1, 2)],
    summary="e**-|x| times the modified Bessel function of the first kind.", source="DLMF 10.29.1",
)  # fmt: skip


i0 = _function(
    "i0", node="I0Backward0", numpy=_special("i0"), complex=_special("iv", 0),
    sympy=lambda S, x: S.besseli(0, x),
    partials=(lambda m, x: m.i1(x),), faces="torch method special", inplace=True,
    summary="Modified Bessel function of the first kind, order 0.", source="DLMF 10.25.2, 10.29.3",
)  # fmt: skip

i0e = _function(
    "i0e", node="SpecialI0EBackward0", numpy=_special("i0e"),
    complex=False, sympy=lambda S, x: S.exp(-S.Abs(x)) * S.besseli(0, x),
    mpmath=lambda P, x: P.exp(-P.fabs(x)) * P.besseli(0, x),
    partials=(lambda m, x, y: m.i1e(x) - m.sign(x) * y,), faces="special", example="special.i0e(x)",
    kinks=(Kink("the derivative at 0 is 0", "zero"),),
    summary="e**-|x| times the modified Bessel function of order 0.", source="DLMF 10.29.3",
)  # fmt: skip

i1 = _function(
    "i1", node="SpecialI1Backward0", numpy=_special("i1"), complex=_special("iv", 1),
    sympy=lambda S, x: S.besseli(1, x),
    partials=(lambda m, x, y: (m.i0(x) + m.bessel_i(x, order=2)) / 2,),
    faces="special", example="special.i1(x)",
    summary="Modified Bessel function of the first kind, order 1.", source="DLMF 10.25.2, 10.29.2",
)  # fmt: skip

i1e = _function(
    "i1e", node="SpecialI1EBackward0", numpy=_special("i1e"),
    complex=False, sympy=lambda S, x: S.exp(-S.Abs(x)) * S.besseli(1, x),
    mpmath=lambda P, x: P.exp(-P.fabs(x)) * P.besseli(1, x),
    partials=(lambda m, x, y: (m.i0e(x) + m.bessel_ie(x, order=2)) / 2 - m.sign(x) * y,),
    faces="special", example="special.i1e(x)",
    summary="e**-|x| times the modified Bessel function of order 1.", source="DLMF 10.29.2",
)  # fmt: skip


def _spherical(x: Any, *, order: int) -> Any:
    """The function; near 0, where scipy's recurrence loses digits and underflows, by its power series."""
    from scipy import special  # as in _special

    near = np.abs(x) < NEAR
    small = np.where(near, x, 0)
    half = small * small / 2
    series = small**order * (1 - half / (2 * order + 3) * (1 - half / (4 * order + 10)))
    far = special.spherical_jn(order, np.where(near, 1, x)).astype(x.dtype)
    return np.where(near, series / math.prod(range(1, 2 * order + 2, 2)), far)


def _spherical_partial(m: Any, x: Any, order: int) -> Any:
    if order == 0:
        return -m.spherical_bessel(x, order=1)
    below, above = m.spherical_bessel(x, order=order - 1), m.spherical_bessel(x, order=order + 1)
    return (below * order - above * (order + 1)) / (2 * order + 1)


def _spherical_digits(P: Any, x: Any, *, order: int) -> Any:
    if x == 0:
        return P.mpf(order == 0)
    return P.sqrt(P.pi / (2 * P.fabs(x))) * P.besselj(order + P.mpf(1) / 2, P.fabs(x)) * P.sign(x) ** order


spherical_bessel = _function(
    "spherical_bessel", numpy=_spherical, complex=False,
    sympy=lambda S, x, *, order: S.expand_func(S.jn(order, x)),
    mpmath=_spherical_digits, partials=(_spherical_partial,), node="SincBackward0", faces="",
    samples=lambda s: [((s.normal(2, 3),), {"order": n}) for n in (0, 1, 2)],
    summary="Spherical Bessel function of the first kind: the derivatives of sinc.",
    source="DLMF 10.47.3, 10.51.1",
)  # fmt: skip


def _plain(name: str, scipy: Any, sympy: Any, source: str, text: str, **facts: Any) -> Record:
    """One that PyTorch, too, has without a derivative."""
    return elementwise(
        name, args=("x",), numpy=scipy, complex=False, sympy=sympy, promote="float", faces="special",
        family=FAMILY, summary=text, source=source, example=f"special.{name}(x)", **facts,
    )  # fmt: skip


bessel_j0 = _plain(
    "bessel_j0",
    _special("j0"),
    lambda S, x: S.besselj(0, x),
    "DLMF 10.2.2",
    "Bessel function of the first kind, order 0; no derivative.",
)
bessel_j1 = _plain(
    "bessel_j1",
    _special("j1"),
    lambda S, x: S.besselj(1, x),
    "DLMF 10.2.2",
    "Bessel function of the first kind, order 1; no derivative.",
)
bessel_y0 = _plain(
    "bessel_y0",
    _special("y0"),
    lambda S, x: S.bessely(0, x),
    "DLMF 10.2.3",
    "Bessel function of the second kind, order 0; no derivative.",
    domain=(POSITIVE,),
)
bessel_y1 = _plain(
    "bessel_y1",
    _special("y1"),
    lambda S, x: S.bessely(1, x),
    "DLMF 10.2.3",
    "Bessel function of the second kind, order 1; no derivative.",
    domain=(POSITIVE,),
)
modified_bessel_i0 = _plain(
    "modified_bessel_i0",
    _special("i0"),
    lambda S, x: S.besseli(0, x),
    "DLMF 10.25.2",
    "As i0, without a derivative.",
)
modified_bessel_i1 = _plain(
    "modified_bessel_i1",
    _special("i1"),
    lambda S, x: S.besseli(1, x),
    "DLMF 10.25.2",
    "As i1, without a derivative.",
)
modified_bessel_k0 = _plain(
    "modified_bessel_k0",
    _special("k0"),
    lambda S, x: S.besselk(0, x),
    "DLMF 10.25.3",
    "Modified Bessel function of the second kind, order 0; no derivative.",
    domain=(POSITIVE,),
)
modified_bessel_k1 = _plain(
    "modified_bessel_k1",
    _special("k1"),
    lambda S, x: S.besselk(1, x),
    "DLMF 10.25.3",
    "Modified Bessel function of the second kind, order 1; no derivative.",
    domain=(POSITIVE,),
)
scaled_modified_bessel_k0 = _plain(
    "scaled_modified_bessel_k0",
    _special("k0e"),
    lambda S, x: S.exp(x) * S.besselk(0, x),
    "DLMF 10.25.3",
    "e**x times modified_bessel_k0; no derivative.",
    domain=(POSITIVE,),
)
scaled_modified_bessel_k1 = _plain(
    "scaled_modified_bessel_k1",
    _special("k1e"),
    lambda S, x: S.exp(x) * S.besselk(1, x),
    "DLMF 10.25.3",
    "e**x times modified_bessel_k1; no derivative.",
    domain=(POSITIVE,),
)
spherical_bessel_j0 = _plain(
    "spherical_bessel_j0",
    lambda x: _spherical(x, order=0),
    lambda S, x: S.sinc(x),
    "DLMF 10.49.3",
    "Spherical Bessel function of order 0, sin(x) / x; no derivative.",
    mpmath="sinc",
)


def _airy(x: Any) -> Any:
    from scipy import special  # as in _special

    return special.airy(x)[0]


airy_ai = _plain(
    "airy_ai", _airy, "airyai", "DLMF 9.2.2", "Airy function Ai; no derivative.", mpmath="airyai"
)
