"""Activation functions with hard ends: linear in a middle piece, constant or shifted outside."""

from __future__ import annotations

from functools import partial
from typing import Any

import numpy as np

from gradcli.diagnostics import RuntimeFault, ValueFault
from gradcli.ops.kink import Kink
from gradcli.ops.record import Record, composite, elementwise

__all__: list[str] = []

FAMILY = "rectifier"

_function = partial(elementwise, faces="F", inplace=True, family=FAMILY)


def _between(x: Any, low: Any, high: Any) -> Any:
    """Limits x to [low, high], by its real part where it is complex."""
    return np.where(np.real(x) < low, low, np.where(np.real(x) > high, high, x))


def _at_ends(m: Any, x: Any, low: Any, high: Any) -> Any:
    """Where x is at an end or beyond; not where it is a nan, which passes the cotangent."""
    return m.logical_or(m.le(x, low), m.ge(x, high))


def _hardtanh_front(
    m: Any, input: Any, min_val: Any = -1.0, max_val: Any = 1.0, inplace: bool = False  # noqa: A002 - PyTorch's name
) -> Any:  # fmt: skip
    if min_val > max_val:
        raise ValueFault("E303", "min_val cannot be greater than max_val")
    return (
        input.hardtanh_(min_val, max_val)
        if inplace
        else m.apply(hardtanh, (input,), {"min_val": min_val, "max_val": max_val})
    )


hardtanh = _function(
    "hardtanh",
    node="HardtanhBackward0",
    numpy=lambda x, *, min_val, max_val: np.minimum(np.maximum(x, min_val), max_val).astype(x.dtype),
    complex=lambda x, *, min_val, max_val: _between(x, min_val, max_val),
    sympy=lambda S, x, *, min_val, max_val: S.Min(S.Max(x, min_val), max_val),
    mpmath=lambda P, x, *, min_val, max_val: min(max(x, P.mpf(min_val)), P.mpf(max_val)),
    front=_hardtanh_front,
    partials=(lambda m, x, min_val, max_val: m.select(m.logical_not(_at_ends(m, x, min_val, max_val)), 1),),
    samples=lambda s: [((s.normal(2, 3),), {"min_val": -1, "max_val": 1})],
    kinks=(Kink("the derivative at both ends is 0; at nan it is 1", "smaller"),),
    summary="x limited to [min_val, max_val].",
    source="Collobert et al. 2011, Natural Language Processing (Almost) from Scratch, eq. (5)",
    example="nn.functional.hardtanh(x)",
)


@composite("relu6", faces="F", family=FAMILY, inplace=True, summary="x limited to [0, 6].",
           source="Howard et al. 2017, arXiv 1704.04861", example="nn.functional.relu6(x)")  # fmt: skip
def relu6(m: Any, input: Any, inplace: bool = False) -> Any:  # noqa: A002 - PyTorch's name
    return _hardtanh_front(m, input, 0, 6, inplace)


def _hardsigmoid_front(m: Any, input: Any, inplace: bool = False) -> Any:  # noqa: A002 - PyTorch's name
    return input.hardsigmoid_() if inplace else m.apply(hardsigmoid, (input,), {})


hardsigmoid = _function(
    "hardsigmoid",
    node="HardsigmoidBackward0",
    promote="float",
    numpy=lambda x: np.minimum(np.maximum(x + 3, 0), 6) / 6,
    complex=lambda x: _between(x + 3, 0, 6) / 6,
    sympy=lambda S, x: S.Min(S.Max(x + 3, 0), 6) / 6,
    mpmath=lambda P, x: min(max(x + 3, P.mpf(0)), P.mpf(6)) / 6,
    front=_hardsigmoid_front,
    partials=(lambda m, x: m.select(m.logical_and(m.gt(x, -3), m.lt(x, 3)), m.ones_like(x) / 6),),
    kinks=(Kink("the derivative at -3 and 3 is 0", "smaller"),),
    summary="The line (x + 3) / 6 limited to [0, 1].",
    source="Howard et al. 2019, arXiv 1905.02244, 5.2",
    example="nn.functional.hardsigmoid(x)",
)


def _hardswish_front(m: Any, input: Any, inplace: bool = False) -> Any:  # noqa: A002 - PyTorch's name
    return input.hardswish_() if inplace else m.apply(hardswish, (input,), {})


hardswish = _function(
    "hardswish",
    node="HardswishBackward0",
    promote="float",
    numpy=lambda x: x * np.minimum(np.maximum(x + 3, 0), 6) / 6,
    complex=lambda x: x * _between(x + 3, 0, 6) / 6,
    sympy=lambda S, x: x * S.Min(S.Max(x + 3, 0), 6) / 6,
    mpmath=lambda P, x: x * min(max(x + 3, P.mpf(0)), P.mpf(6)) / 6,
    front=_hardswish_front,
    partials=(
        lambda m, x: m.select(
            m.logical_not(m.le(x, -3)), m.where(m.lt(x, 3), (x * 2 + 3) / 6, m.ones_like(x))
        ),
    ),
    kinks=(Kink("the derivative at -3 is 0, at 3 it is 1", "smaller"),),
    summary="x hardsigmoid(x).",
    source="Howard et al. 2019, arXiv 1905.02244, 5.2",
    example="nn.functional.hardswish(x)",
)


def _outside(m: Any, x: Any, lambd: Any) -> Any:
    """1 but within [-lambd, lambd]; a nan, which is not within, passes the cotangent."""
    return m.select(m.logical_not(m.logical_and(m.ge(x, -lambd), m.le(x, lambd))), 1)


def _shrink_front(record: Any, m: Any, input: Any, lambd: Any = 0.5) -> Any:  # noqa: A002 - PyTorch's name
    if lambd < 0 and record is softshrink:
        top = {"float32": "3.40282e+38", "float64": "1.79769e+308"}.get(input.dtype.name, "inf")
        name = {"float32": "Float", "float64": "Double"}.get(input.dtype.name, input.dtype.name)
        raise RuntimeFault(
            "E303", f"lambda must be in range [0, {top}] for input dtype {name}, but found {lambd:g}"
        )
    return m.apply(record, (input,), {"lambd": lambd})


softshrink: Record = _function(
    "softshrink",
    node="SoftshrinkBackward0",
    promote="float",
    # x * 0 inside: 0 for a number, and the nan of a nan.
    numpy=lambda x, *, lambd: np.where(
        np.real(x) > lambd, x - lambd, np.where(np.real(x) < -lambd, x + lambd, x * 0)
    ),
    sympy=lambda S, x, *, lambd: S.Piecewise(
        (x - lambd, S.Gt(x, lambd)), (x + lambd, S.Lt(x, -lambd)), (0, True)
    ),
    mpmath=lambda P, x, *, lambd: x - lambd if x > lambd else x + lambd if x < -lambd else P.mpf(0),
    front=lambda m, *args, **kwargs: _shrink_front(softshrink, m, *args, **kwargs),
    partials=(_outside,),
    samples=lambda s: [((s.normal(2, 3),), {"lambd": 0.5})],
    inplace=False,
    kinks=(Kink("the derivative at -lambd and lambd is 0; at nan it is 1", "smaller"),),
    summary="x moved towards 0 by lambd, 0 where it would pass it.",
    source="Donoho 1995, De-noising by soft-thresholding, eq. (5)",
    example="nn.functional.softshrink(x, 0.3)",
)

hardshrink: Record = _function(
    "hardshrink",
    node="HardshrinkBackward0",
    numpy=lambda x, *, lambd: np.where((np.real(x) >= -lambd) & (np.real(x) <= lambd), 0, x),
    sympy=lambda S, x, *, lambd: S.Piecewise((x, S.Gt(x, lambd)), (x, S.Lt(x, -lambd)), (0, True)),
    mpmath=lambda P, x, *, lambd: x if P.fabs(x) > lambd else P.mpf(0),
    front=lambda m, *args, **kwargs: _shrink_front(hardshrink, m, *args, **kwargs),
    partials=(_outside,),
    samples=lambda s: [((s.normal(2, 3),), {"lambd": 0.5})],
    faces="torch method F",
    inplace=False,
    kinks=(Kink("the derivative at -lambd and lambd is 0; at nan it is 1", "smaller"),),
    summary="x where |x| is above lambd, 0 elsewhere.",
    source="Donoho and Johnstone 1994, Ideal spatial adaptation by wavelet shrinkage",
    example="hardshrink(x, 0.3)",
)
