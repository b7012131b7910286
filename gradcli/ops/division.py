"""Division: quotients, rounded or not, and remainders."""

from __future__ import annotations

from typing import Any

import numpy as np

from gradcli.diagnostics import RuntimeFault, TypeFault
from gradcli.ops.domain import NONZERO, REAL
from gradcli.ops.kink import Kink
from gradcli.ops.record import Record, composite, elementwise, with_number

__all__: list[str] = []

FAMILY = "arithmetic"


def _is_number(value: Any) -> bool:
    return isinstance(value, (int, float))


div_true = elementwise(
    "div_true",
    node="DivBackward0",
    numpy=np.true_divide,
    sympy=lambda S, a, b: a / b,
    # -y/b and not -a/b**2: b**2 overflows or vanishes long before y/b does.
    partials=(lambda m, b: 1 / b, lambda m, a, b: -(a / b) / b),
    promote="float",
    domain=(REAL, NONZERO),
    faces="",
    inplace=True,
    family=FAMILY,
    summary="Quotient a / b, elementwise with broadcasting.",
    source="DLMF 1.4.9",
)


@composite(
    "div",
    aliases=("divide", "true_divide", "Tensor.divide", "Tensor.true_divide"),
    inplace=True,
    family=FAMILY,
    summary="Quotient a / b; rounded down or towards zero with rounding_mode 'floor' or 'trunc'.",
    example="div(x, 4)",
)
def div(m: Any, input: Any, other: Any, *, rounding_mode: str | None = None) -> Any:  # noqa: A002 - PyTorch's name
    if rounding_mode is None:
        return m.apply(div_true, (input, other), {})
    if rounding_mode == "floor":
        return m.apply(divide_floored, (input, other), {})
    if rounding_mode == "trunc":
        return m.apply(trunc_divide, (input, other), {})
    raise RuntimeFault(
        "E303",
        "div expected rounding_mode to be one of None, 'trunc', or 'floor' but found '"
        + str(rounding_mode)
        + "'",
    )


def _trunc_divide(a: Any, b: Any) -> Any:
    quotient = np.trunc(np.true_divide(a, b))
    return quotient.astype(np.result_type(a, b)) if np.result_type(a, b).kind in "iu" else quotient


def _no_derivative(name: str, help: str) -> Any:  # noqa: A002 - the diagnostic's name
    def partial(m: Any) -> Any:  # noqa: ARG001 - the form of a formula
        raise RuntimeFault("E407", f"derivative for aten::{name} is not implemented", help=help)

    return partial


_floor_divide_partial = _no_derivative(
    "floor_divide", "its derivative is 0 almost everywhere: write floor(a / b), which says so"
)


def _floor_divide_front(m: Any, input: Any, other: Any) -> Any:  # noqa: A002 - PyTorch's name
    form = floor_divide_by if _is_number(other) else floor_divide_of if _is_number(input) else floor_divide
    return m.apply(form, (input, other), {})


floor_divide: Record = elementwise(
    "floor_divide",
    node="NotImplemented",
    numpy=np.floor_divide,
    complex=False,
    sympy=lambda S, a, b: S.floor(a / b),
    domain=(REAL, NONZERO),
    partials=(_floor_divide_partial, _floor_divide_partial),
    front=_floor_divide_front,
    inplace=True,
    family=FAMILY,
    summary="Quotient rounded down, a // b; not differentiable.",
    kinks=("has no derivative in PyTorch: a backward through it raises",),
    source="DLMF front matter, floor",
    example="x.detach() // 2",
)

floor_divide_by = with_number(floor_divide, 1, "floor_divide_by", "NotImplemented")
floor_divide_of = with_number(floor_divide, 0, "floor_divide_of", "NotImplemented")

divide_floored = elementwise(
    "divide_floored",
    node="DivBackward2",
    numpy=np.floor_divide,
    complex=False,
    sympy=lambda S, a, b: S.floor(a / b),
    domain=(REAL, NONZERO),
    partials=(0, 0),
    faces="",
    family=FAMILY,
    summary="Quotient rounded down, as div with rounding_mode 'floor' has it: with a derivative, of 0.",
    kinks=(Kink("the derivative is 0 also at the jumps", "zero", "zero"),),
    source="DLMF front matter, floor",
)

trunc_divide = elementwise(
    "trunc_divide",
    node="DivBackward2",
    numpy=_trunc_divide,
    complex=False,
    sympy=lambda S, a, b: S.sign(a / b) * S.floor(S.Abs(a / b)),
    mpmath=lambda P, a, b: P.sign(a / b) * P.floor(P.fabs(a / b)),
    domain=(REAL, NONZERO),
    partials=(0, 0),
    faces="",
    family=FAMILY,
    summary="Quotient rounded towards zero.",
    kinks=(Kink("the derivative is 0 also at the jumps", "zero", "zero"),),
    source="DLMF front matter, floor",
)


def _remainder(a: Any, b: Any) -> Any:
    """As C++ has it: NumPy's result has the sign of b where it is zero, this has that of a."""
    if a.dtype.kind != "f":
        return np.remainder(a, b)
    rest = np.fmod(a, b)
    return np.where((rest != 0) & ((b < 0) != (rest < 0)), rest + b, rest)


def _remainder_front(m: Any, input: Any, other: Any) -> Any:  # noqa: A002 - PyTorch's name
    form = remainder_by if _is_number(other) else remainder_of if _is_number(input) else remainder
    return m.apply(form, (input, other), {})


remainder: Record = elementwise(
    "remainder",
    node="RemainderBackward1",
    front=_remainder_front,
    numpy=_remainder,
    complex=False,
    sympy=lambda S, a, b: a - b * S.floor(a / b),
    mpmath=lambda P, a, b: a - b * P.floor(a / b),
    partials=(1, lambda m, a, b: -m.floor(a / b)),
    domain=(REAL, NONZERO),
    inplace=True,
    family=FAMILY,
    summary="Remainder a % b with the sign of b.",
    kinks=(Kink("at the jumps the derivative is that of the piece to the right", "right", "either"),),
    source="Knuth, TAOCP 1, 1.2.4, eq. (1)",
)

remainder_by = with_number(remainder, 1, "remainder_by", "RemainderBackward0")

remainder_of = elementwise(
    "remainder_of",
    node="NotImplemented",
    numpy=np.remainder,
    complex=False,
    sympy=lambda S, a, b: a - b * S.floor(a / b),
    mpmath=lambda P, a, b: a - b * P.floor(a / b),
    partials=(
        None,
        _no_derivative("remainder", "write the number as a tensor: tensor(2.0) % x has a derivative"),
    ),
    domain=(REAL, NONZERO),
    faces="",
    family=FAMILY,
    summary="Remainder of a number divided by a tensor; not differentiable.",
    kinks=("has no derivative in PyTorch: a backward through it raises",),
    source="Knuth, TAOCP 1, 1.2.4, eq. (1)",
)


def _fmod_front(m: Any, input: Any, other: Any) -> Any:  # noqa: A002 - PyTorch's name
    if _is_number(input):
        raise TypeFault(
            "E303",
            f"fmod(): argument 'input' (position 1) must be Tensor, not {type(input).__name__}",
            help="make a tensor of it: fmod(tensor(2.0), x)",
        )
    return m.apply(fmod_by if _is_number(other) else fmod, (input, other), {})


fmod: Record = elementwise(
    "fmod",
    node="FmodBackward1",
    front=_fmod_front,
    numpy=np.fmod,
    complex=False,
    sympy=lambda S, a, b: a - b * S.sign(a / b) * S.floor(S.Abs(a / b)),
    mpmath=lambda P, a, b: a - b * P.sign(a / b) * P.floor(P.fabs(a / b)),  # its fmod has the sign of b
    partials=(1, lambda m, a, b: -m.trunc(a / b)),
    domain=(REAL, NONZERO),
    inplace=True,
    family=FAMILY,
    summary="Remainder of the division rounded towards zero, with the sign of a.",
    kinks=(Kink("at the jumps the derivative is that of one of the pieces", "either", "larger"),),
    source="C11 7.12.10.1",
)

fmod_by = with_number(fmod, 1, "fmod_by", "FmodBackward0")


@composite("rdiv", faces="", aliases=("Tensor.__rdiv__",), family=FAMILY, summary="Quotient other / self.",
           source="DLMF 1.4.9", example="1 / x")  # fmt: skip
def rdiv(m: Any, input: Any, other: Any) -> Any:  # noqa: A002 - PyTorch's name
    return m.mul(m.reciprocal(input), other)
