"""Comparisons and logic, and the operations that choose between values."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np

from gradcli.diagnostics import RuntimeFault, TypeFault
from gradcli.ops.dtypes import scalar_type
from gradcli.ops.masks import kept_where
from gradcli.ops.operands import two_tensors
from gradcli.ops.record import Record, composite, elementwise

if TYPE_CHECKING:
    from collections.abc import Callable

__all__: list[str] = []

FAMILY = "comparison"


def _relation(name: str, ufunc: Any, symbol: str, sympy: str, aliases: tuple[str, ...] = ()) -> Record:
    compare: Callable[..., Any] = lambda a, b: ufunc(np.real(a), np.real(b))  # noqa: E731 - one of six
    return elementwise(
        name,
        args=("a", "b"),
        numpy=ufunc,
        complex=compare,
        sympy=sympy,
        aliases=aliases,
        inplace=False,
        family=FAMILY,
        summary=f"Whether a {symbol} b, elementwise.",
        source="DLMF 1.4(i)",
    )


lt = _relation("lt", np.less, "<", "Lt", ("less", "Tensor.less"))
le = _relation("le", np.less_equal, "<=", "Le", ("less_equal", "Tensor.less_equal"))
gt = _relation("gt", np.greater, ">", "Gt", ("greater", "Tensor.greater"))
ge = _relation("ge", np.greater_equal, ">=", "Ge", ("greater_equal", "Tensor.greater_equal"))
eq = _relation("eq", np.equal, "==", "Eq")
ne = _relation("ne", np.not_equal, "!=", "Ne", ("not_equal", "Tensor.not_equal"))

logical_not = elementwise(
    "logical_not", numpy=np.logical_not, sympy="Not", promote="keep", family=FAMILY,
    summary="Logical negation; zero is false.", source="DLMF 1.1",
)  # fmt: skip
logical_and = elementwise(
    "logical_and", front=two_tensors("logical_and"),
    args=("a", "b"), numpy=np.logical_and, sympy="And", promote="keep", family=FAMILY,
    summary="Logical conjunction; zero is false.", source="DLMF 1.1",
)  # fmt: skip
logical_or = elementwise(
    "logical_or", front=two_tensors("logical_or"),
    args=("a", "b"), numpy=np.logical_or, sympy="Or", promote="keep", family=FAMILY,
    summary="Logical disjunction; zero is false.", source="DLMF 1.1",
)  # fmt: skip
logical_xor = elementwise(
    "logical_xor", front=two_tensors("logical_xor"),
    args=("a", "b"), numpy=np.logical_xor, sympy="Xor", promote="keep", family=FAMILY,
    summary="Logical exclusive or; zero is false.", source="DLMF 1.1",
)  # fmt: skip


_MISSING: Any = object()  # not None, which a caller may pass by mistake


def _where_front(
    m: Any,
    condition: Any,
    input: Any = _MISSING,  # noqa: A002 - PyTorch's name
    other: Any = _MISSING,
) -> Any:
    if not hasattr(condition, "dtype"):
        raise TypeFault(
            "E303",
            f"where(): argument 'condition' (position 1) must be Tensor, not {type(condition).__name__}",
            help="write a comparison, such as where(x > 0, a, b)",
        )
    if input is _MISSING and other is _MISSING:
        return m.nonzero(condition, as_tuple=True)
    if input is _MISSING or other is _MISSING:
        raise TypeFault(
            "E303",
            "where() takes a condition alone, or with values for both sides",
            help="write where(condition, a, b)",
        )
    dtype = condition.dtype
    if dtype.kind not in "bu":
        raise RuntimeFault(
            "E304",
            "where expected condition to be a boolean tensor, but got a tensor with dtype "
            f"{scalar_type(dtype)}",
            help="write a comparison, such as where(x > 0, a, b)",
        )
    return m.apply(select_by, (condition, input, other), {})


NUMBERS = (float, int, np.floating)


def _where(condition: Any, a: Any, b: Any) -> Any:
    zero = isinstance(b, NUMBERS) and not b and math.copysign(1, b) > 0
    return kept_where(condition, a) if zero else np.where(condition, a, b)  # the former for most cotangents


select_by = elementwise(
    "where",
    args=("condition", "a", "b"),
    discrete=("condition",),
    node="WhereBackward0",
    numpy=_where,
    sympy=lambda S, condition, a, b: S.Piecewise((a, condition), (b, True)),
    mpmath=lambda P, condition, a, b: a if condition else b,
    partials=(
        None,
        lambda m, condition: m.select(condition, 1),
        lambda m, condition: m.select(m.logical_not(condition), 1),
    ),
    front=_where_front,
    faces="torch",
    family=FAMILY,
    samples=lambda s: [((s.boolean(2, 3), s.normal(2, 3), s.normal(2, 3)), {})],
    kinks=("only the chosen side gets a cotangent; an inf or nan in it meets 0 * inf inside that side",),
    summary="a where the condition holds, b elsewhere.",
    source="PyTorch derivatives.yaml, where",
    example="where(x > 0, x, 0)",
)


@composite("where_method", faces="", aliases=("Tensor.where",), family=FAMILY,
           summary="As where(condition, self, other).", source="PyTorch derivatives.yaml, where",
           example="x.where(x > 0, 0)")  # fmt: skip
def where_method(m: Any, input: Any, condition: Any, other: Any) -> Any:  # noqa: A002 - PyTorch's name
    return _where_front(m, condition, input, other)
