"""Rounding, signs and magnitudes."""

from __future__ import annotations

from functools import partial
from typing import Any

import numpy as np

from gradcli.diagnostics import NotImplementedFault, RuntimeFault, TypeFault
from gradcli.ops.domain import NONZERO
from gradcli.ops.kink import Kink
from gradcli.ops.operands import two_tensors
from gradcli.ops.record import Record, composite, elementwise, general, with_number

__all__: list[str] = []

FAMILY = "rounding"

_function = partial(elementwise, inplace=True, family=FAMILY)

JUMPS = (Kink("the derivative is 0 also at the jumps", "zero"),)

abs_ = _function(
    "abs", node="AbsBackward0", numpy=np.abs, complex=lambda x: np.where(np.real(x) < 0, -x, x), sympy="Abs",
    mpmath="fabs", partials=(lambda m, x: m.sign(x),), domain=(NONZERO,),
    aliases=("absolute", "Tensor.absolute", "Tensor.absolute_"),
    kinks=(Kink("the derivative at 0 is 0", "zero"),),
    summary="Absolute value.", source="DLMF 1.9.4",
)  # fmt: skip


def _sign(x: Any) -> Any:
    """-1, 0 or 1; 0 for a nan, as PyTorch has it and NumPy has not."""
    return x if x.dtype.kind == "b" else np.subtract(x > 0, x < 0, dtype=x.dtype)


def _real_sign(x: Any) -> Any:
    return np.sign(np.real(x)) + 0 * x


sign = _function(
    "sign", node="SignBackward0", numpy=_sign, complex=_real_sign, sympy="sign", mpmath="sign", partials=(0,),
    domain=(NONZERO,), kinks=JUMPS, summary="Sign: -1, 0 or 1; 0 for a nan.",
    source="DLMF front matter, sign",
)  # fmt: skip

sgn = _function(
    "sgn", node="SgnBackward0", numpy=_sign, complex=_real_sign, sympy="sign", mpmath="sign",
    partials=(lambda m, x, y: 0,),
    domain=(NONZERO,), kinks=JUMPS, summary="Sign, as sign: -1, 0 or 1.", source="DLMF front matter, sign",
)  # fmt: skip

signbit = _function(
    "signbit", numpy=lambda x: np.signbit(x) if x.dtype.kind == "f" else x < 0,
    complex=lambda x: np.signbit(np.real(x)), sympy=lambda S, x: S.Lt(x, 0), mpmath=lambda P, x: x < 0,
    promote="keep", inplace=False,
    summary="Whether the sign bit is set: true for negative numbers and for -0.", source="IEEE 754, 5.7.2",
)  # fmt: skip


def _copysign_digits(P: Any, a: Any, b: Any) -> Any:
    if b == 0:
        raise NotImplementedFault("E308", "copysign: mpmath has no zero with a sign")
    return P.fabs(a) if b > 0 else -P.fabs(a)


copysign: Record = _function(
    "copysign", args=("a", "b"), node="CopysignBackward0", numpy=np.copysign,
    complex=lambda a, b: np.where(np.signbit(np.real(a)) == np.signbit(np.real(b)), a, -a),
    sympy=lambda S, a, b: S.Abs(a) * S.Piecewise((1, S.Ge(b, 0)), (-1, True)),
    mpmath=_copysign_digits,
    front=lambda m, input, other: m.apply(  # noqa: A006 - PyTorch's name
        copysign_number if isinstance(other, (int, float)) else copysign, (input, other), {}
    ),
    partials=(
        lambda m, a, y: m.select(m.ne(a, 0), y / a),
        lambda m, y: 0,  # saved, as PyTorch does
    ), promote="float",
    samples=lambda s: [((s.normal(2, 3), s.normal(2, 3)), {})], domain=(NONZERO, NONZERO),
    example="copysign(x, -1)",
    kinks=(Kink("the derivative in a at a = 0 is 0", "zero", "zero"), "the derivative in b is 0"),
    summary="Magnitude of a with the sign of b, also that of a zero.", source="IEEE 754, 5.5.1",
)  # fmt: skip
copysign_number: Record = with_number(copysign, 1, "copysign_number", "CopysignBackward1")


def _whole(ufunc: Any) -> Any:
    """A rounding of floats that leaves integers as they are."""
    return lambda x: ufunc(x) if x.dtype.kind in "fc" else x


floor = _function(
    "floor", node="FloorBackward0", numpy=_whole(np.floor), complex=lambda x: np.floor(np.real(x)) + 0 * x,
    sympy="floor", mpmath="floor", partials=(0,), kinks=JUMPS,
    summary="Largest integer not above x.", source="DLMF front matter, floor",
)  # fmt: skip

ceil = _function(
    "ceil", node="CeilBackward0", numpy=_whole(np.ceil), complex=lambda x: np.ceil(np.real(x)) + 0 * x,
    sympy="ceiling", mpmath="ceil", partials=(0,), kinks=JUMPS,
    summary="Smallest integer not below x.", source="DLMF front matter, ceiling",
)  # fmt: skip

trunc = _function(
    "trunc", node="TruncBackward0", numpy=_whole(np.trunc), complex=lambda x: np.trunc(np.real(x)) + 0 * x,
    sympy=lambda S, x: S.sign(x) * S.floor(S.Abs(x)), mpmath=lambda P, x: P.sign(x) * P.floor(P.fabs(x)),
    partials=(0,), aliases=("fix", "Tensor.fix", "Tensor.fix_"), kinks=JUMPS,
    summary="Integer part: x rounded towards zero.", source="IEEE 754, 5.9",
)  # fmt: skip

frac = _function(
    "frac", node="FracBackward0", numpy=lambda x: x - np.trunc(x), complex=lambda x: x - np.trunc(np.real(x)),
    sympy=lambda S, x: x - S.sign(x) * S.floor(S.Abs(x)),
    mpmath=lambda P, x: x - P.sign(x) * P.floor(P.fabs(x)),
    partials=(1,), kinks=(Kink("the derivative is 1 also at the jumps", "right"),),
    summary="Fractional part x - trunc(x), with the sign of x.", source="IEEE 754, 5.9",
)  # fmt: skip


LARGEST = 308  # the decimal exponent of the largest float


def _round(x: Any, *, decimals: int | None = None) -> Any:
    if x.dtype.kind not in "fc":
        return x
    if not decimals:
        return np.rint(x)
    scale = 10.0 ** abs(decimals) if abs(decimals) <= LARGEST else np.inf
    return np.rint(x * scale) / scale if decimals > 0 else np.rint(x / scale) * scale


def _round_front(m: Any, input: Any, *, decimals: Any = None) -> Any:  # noqa: A002 - PyTorch's name
    if decimals is None:
        return m.apply(round_, (input,), {})
    if not isinstance(decimals, int):
        raise TypeFault("E303", f"round(): argument 'decimals' must be int, not {type(decimals).__name__}")
    # Limited to what makes a difference: witnesses compute the power exactly.
    return m.apply(round_, (input,), {"decimals": max(-LARGEST - 1, min(LARGEST + 1, decimals))})


round_: Record = _function(
    "round", node=lambda decimals=None: f"RoundBackward{0 if decimals is None else 1}", numpy=_round,
    complex=lambda x, *, decimals=None: _round(np.real(x), decimals=decimals) + 0 * x,
    sympy=lambda S, x, *, decimals=None: _nearest(S, x, S.Integer(10) ** (decimals or 0)),
    mpmath=lambda P, x, *, decimals=None: P.nint(x * 10 ** P.mpf(decimals or 0)) / 10 ** P.mpf(decimals or 0),
    front=_round_front,
    partials=(0,), samples=lambda s: [((s.normal(2, 3),), {}), ((s.normal(2, 3),), {"decimals": 2})],
    aliases=("special.round",), kinks=JUMPS, example="round(x, decimals=2)",
    summary="Nearest integer, or nearest multiple of 10**-decimals; halves go to the even one.",
    source="IEEE 754, 4.3.1",
)  # fmt: skip


def _nearest(S: Any, x: Any, scale: Any) -> Any:
    """The nearest multiple of 1 / scale, halves to the even one, in floors."""
    raised = x * scale + S.Rational(1, 2)
    return (S.floor(raised) - S.Piecewise((1, S.Eq(S.Mod(raised, 2), 1)), (0, True))) / scale


def _nan_to_num(x: Any, *, nan: float, posinf: float | None, neginf: float | None) -> Any:
    return np.nan_to_num(x, nan=nan, posinf=posinf, neginf=neginf)


nan_to_num: Record = _function(
    "nan_to_num", node="NanToNumBackward0", numpy=_nan_to_num,
    complex=lambda x, *, nan, posinf, neginf: np.where(
        np.isfinite(np.real(x)), x, _nan_to_num(np.real(x), nan=nan, posinf=posinf, neginf=neginf)
    ),
    sympy=lambda S, x, *, nan, posinf, neginf: x,
    front=lambda m, input, nan=0.0, posinf=None, neginf=None: m.apply(  # noqa: A006 - PyTorch's name
        nan_to_num, (input,), {"nan": 0.0 if nan is None else nan, "posinf": posinf, "neginf": neginf}
    ),
    partials=(lambda m, x: m.select(m.isfinite(x), 1),),
    samples=lambda s: [((s.normal(2, 3),), {"nan": 0.0, "posinf": None, "neginf": None})],
    kinks=("the derivative at nan and at the infinities is 0",),
    summary="x with nan, inf and -inf replaced, by 0 and the largest numbers if not told otherwise.",
    source="PyTorch derivatives.yaml, nan_to_num",
)  # fmt: skip


def _heaviside_partial(m: Any) -> Any:  # noqa: ARG001 - the form of a formula
    raise RuntimeFault(
        "E407",
        "derivative for aten::heaviside is not implemented",
        help="detach its arguments; to switch between differentiable pieces use where(condition, a, b)",
    )


heaviside = _function(
    "heaviside", args=("a", "b"), node="NotImplemented",
    numpy=lambda a, b: np.where(a == 0, b, np.asarray(a > 0, np.result_type(a, b))),
    complex=lambda a, b: np.where(np.real(a) == 0, b, np.where(np.real(a) > 0, 1.0, 0.0)),
    sympy=lambda S, a, b: S.Piecewise((0, S.Lt(a, 0)), (b, S.Eq(a, 0)), (1, True)),
    mpmath=lambda P, a, b: b if a == 0 else P.mpf(a > 0), partials=(_heaviside_partial, _heaviside_partial),
    domain=(NONZERO, NONZERO), kinks=("has no derivative in PyTorch: a backward through it raises",),
    example="heaviside(x.detach(), x.detach())",
    summary="Unit step of a: 0 below 0, 1 above, b at 0.", source="DLMF 1.16.13",
)  # fmt: skip

nextafter = _function(
    "nextafter", front=two_tensors("nextafter"),
    args=("a", "b"), node="NextafterBackward0", numpy=np.nextafter, complex=False,
    sympy=lambda S, a, b: a,
    partials=(lambda m, a, b: m.select(m.ne(a, b), 1), 0),
    kinks=(Kink("where a = b the derivative is 0", "hole", ""),),
    summary="The next floating-point number after a towards b.", source="IEEE 754, 5.3.1",
)  # fmt: skip


@composite("positive", family=FAMILY, summary="The argument itself, +x.", source="DLMF 1.4.7",
           example="positive(x)")  # fmt: skip
def positive(m: Any, input: Any) -> Any:  # noqa: A002, ARG001 - PyTorch's name; the form of a front
    if input.dtype.kind == "b":
        raise RuntimeFault("E304", "The `+` operator, on a bool tensor is not supported.")
    return input


def _frexp_front(m: Any, input: Any) -> Any:  # noqa: A002 - PyTorch's name
    return m.named("frexp", ("mantissa", "exponent"), m.apply(frexp, (input,), {}))


frexp = general(
    "frexp",
    outputs=("mantissa", "exponent"),
    node="FrexpBackward0",
    numpy=np.frexp,
    complex=False,
    sympy=lambda S, x: _frexp_symbols(S, x),  # noqa: PLW0108 - it is defined below
    vjps=(lambda m, g, exponent: m.ldexp(g, -m.cast_like(exponent, g)),),
    jvps=(lambda m, t, exponent: (m.ldexp(t, -m.cast_like(exponent, t)), None),),
    promote="keep",
    front=_frexp_front,
    family=FAMILY,
    samples=lambda s: [((s.normal(2, 3),), {})],
    kinks=("at powers of two the derivative is that of the piece above",),
    summary="Mantissa in [1/2, 1) and exponent: x = mantissa 2**exponent.",
    source="ISO C 7.12.6.4",
    example="frexp(x).mantissa",
)


def _frexp_symbols(S: Any, x: Any) -> tuple[Any, Any]:
    mantissas, exponents = np.frexp(S.floats(x))
    S.tied(x, np.abs(mantissas) == 0.5)  # noqa: PLR2004 - a power of two
    return x * S.nsimplify(2) ** -exponents.astype(object), exponents
