"""What kind of number an element is, and whether two tensors are the same or close."""

from __future__ import annotations

from typing import Any

import numpy as np

from gradcli.diagnostics import RuntimeFault
from gradcli.ops.dtypes import scalar_type
from gradcli.ops.record import Record, composite, elementwise, general

__all__: list[str] = []

FAMILY = "comparison"


def _predicate(name: str, numpy: Any, finite: bool, text: str, mpmath: Any) -> Record:
    """`finite`: the answer for every finite number, which is all that a symbol stands for."""
    return elementwise(
        name, numpy=numpy, complex=lambda x: numpy(np.real(x)), promote="keep", family=FAMILY, mpmath=mpmath,
        sympy=lambda S, x: S.true if finite else S.false,
        summary=text, source="IEEE 754, 5.7.2",
    )  # fmt: skip


isnan = _predicate("isnan", np.isnan, False, "Whether an element is not a number.", "isnan")
isinf = _predicate("isinf", np.isinf, False, "Whether an element is inf or -inf.", "isinf")
isfinite = _predicate(
    "isfinite", np.isfinite, True, "Whether an element is neither nan nor infinite.", "isfinite"
)
isposinf = _predicate(
    "isposinf", lambda x: x == np.inf, False, "Whether an element is inf.", lambda P, x: x == P.inf
)
isneginf = _predicate(
    "isneginf", lambda x: x == -np.inf, False, "Whether an element is -inf.", lambda P, x: x == -P.inf
)
isreal = _predicate(
    "isreal",
    lambda x: np.ones(np.shape(x), np.bool_),
    True,
    "Whether an element is real: always.",
    lambda P, x: True,
)


def _isclose(a: Any, b: Any, *, rtol: float, atol: float, equal_nan: bool) -> Any:
    same = a == b
    near = np.isfinite(b) & (np.abs(a - b) <= atol + np.abs(rtol * b))
    both = (a != a) & (b != b) if equal_nan else False  # noqa: PLR0124 - true for nan alone
    return same | near | both


def _close_front(  # noqa: PLR0913 - PyTorch's signature
    m: Any,
    input: Any,  # noqa: A002 - PyTorch's name
    other: Any,
    rtol: float = 1e-05,
    atol: float = 1e-08,
    equal_nan: bool = False,
) -> Any:
    if input.dtype != other.dtype:
        raise RuntimeFault(
            "E304",
            f"{scalar_type(input.dtype)} did not match {scalar_type(other.dtype)}",
            help="give both one dtype with .double() or .float()",
        )
    for name, value in (("rtol", rtol), ("atol", atol)):
        if value < 0:
            raise RuntimeFault("E303", f"{name} must be greater than or equal to zero, but got {value}")
    return m.apply(isclose, (input, other), {"rtol": rtol, "atol": atol, "equal_nan": equal_nan})


isclose = elementwise(
    "isclose",
    args=("a", "b"),
    numpy=_isclose,
    complex=lambda a, b, **params: _isclose(np.real(a), np.real(b), **params),
    sympy=lambda S, a, b, *, rtol, atol, equal_nan: S.Le(S.Abs(a - b), atol + rtol * S.Abs(b)),
    mpmath=lambda P, a, b, *, rtol, atol, equal_nan: P.fabs(a - b) <= atol + rtol * P.fabs(b),
    front=_close_front,
    family=FAMILY,
    samples=lambda s: [((s.normal(2, 3), s.normal(2, 3)), {"rtol": 1e-5, "atol": 1e-8, "equal_nan": False})],
    summary="Whether |a - b| <= atol + rtol |b|, elementwise.",
    source="NumPy reference, numpy.isclose",
    example="isclose(x, x + 1e-9)",
)

every = general(
    "every",
    numpy=lambda x: np.asarray(np.logical_and.reduce(x, axis=None)),
    vjps=(None,),
    stacks=False,
    promote="keep",
    infer=lambda x: (),
    faces="",
    family=FAMILY,
    samples=lambda s: [((s.boolean(2, 3),), {})],
    summary="Whether all elements are true.",
    source="DLMF 1.1",
)


@composite("allclose", family=FAMILY, summary="Whether isclose holds for all elements: True or False.",
           source="NumPy reference, numpy.allclose", example="allclose(x, x)")  # fmt: skip
def allclose(m: Any, *args: Any, **kwargs: Any) -> bool:
    return bool(m.every(_close_front(m, *args, **kwargs)))


@composite("equal", family=FAMILY, summary="Whether shapes and elements are equal: True or False.",
           source="NumPy reference, numpy.array_equal", example="equal(x, x)")  # fmt: skip
def equal(m: Any, input: Any, other: Any) -> bool:  # noqa: A002 - PyTorch's name
    return input.shape == other.shape and bool(m.every(m.eq(input, other)))
