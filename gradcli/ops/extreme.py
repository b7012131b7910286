"""The larger, the smaller, and the limited: maximum, minimum, clamp."""

from __future__ import annotations

from functools import partial
from typing import Any

import numpy as np

from gradcli.diagnostics import RuntimeFault, TypeFault
from gradcli.ops.kink import Kink
from gradcli.ops.operands import two_tensors
from gradcli.ops.record import composite, elementwise

__all__: list[str] = []

FAMILY = "extreme"

_function = partial(elementwise, args=("a", "b"), family=FAMILY)


def _half_at_ties(m: Any, a: Any, b: Any) -> Any:
    return m.where(m.eq(a, b), m.ones_like(a) / 2, m.ones_like(b))


def _larger(a: Any, b: Any) -> Any:
    return np.where(np.real(a) > np.real(b), a, b)


def _smaller(a: Any, b: Any) -> Any:
    return np.where(np.real(a) < np.real(b), a, b)


maximum = _function(
    "maximum",
    front=two_tensors("maximum"),
    node="MaximumBackward0",
    numpy=np.maximum,
    complex=_larger,
    sympy="Max",
    mpmath=lambda P, a, b: max(a, b),
    # `not (a < b)` rather than `a >= b`: a nan on either side passes the cotangent to both.
    partials=(
        lambda m, a, b: m.select(m.logical_not(m.lt(a, b)), _half_at_ties(m, a, b)),
        lambda m, a, b: m.select(m.logical_not(m.lt(b, a)), _half_at_ties(m, b, a)),
    ),
    kinks=(Kink("equal arguments get half of the cotangent each", "half", "half"),),
    summary="The larger of a and b; nan if either is.",
    source="IEEE 754, 9.6; PyTorch derivatives.yaml, maximum",
)

minimum = _function(
    "minimum",
    front=two_tensors("minimum"),
    node="MinimumBackward0",
    numpy=np.minimum,
    complex=_smaller,
    sympy="Min",
    mpmath=lambda P, a, b: min(a, b),
    partials=(
        lambda m, a, b: m.select(m.logical_not(m.gt(a, b)), _half_at_ties(m, a, b)),
        lambda m, a, b: m.select(m.logical_not(m.gt(b, a)), _half_at_ties(m, b, a)),
    ),
    kinks=(Kink("equal arguments get half of the cotangent each", "half", "half"),),
    summary="The smaller of a and b; nan if either is.",
    source="IEEE 754, 9.6; PyTorch derivatives.yaml, minimum",
)


def _wins(m: Any, relation: Any, a: Any, b: Any) -> Any:
    """Where fmax or fmin takes the first: it wins or ties, or the second is a nan."""
    return m.logical_or(relation(a, b), m.ne(b, b))


fmax = _function(
    "fmax",
    front=two_tensors("fmax"),
    node="FmaxBackward0",
    numpy=np.fmax,
    complex=_larger,
    sympy="Max",
    mpmath=lambda P, a, b: max(a, b),
    partials=(
        lambda m, a, b: m.select(_wins(m, m.ge, a, b), 1),
        lambda m, a, b: m.select(m.logical_not(_wins(m, m.ge, a, b)), 1),
    ),
    kinks=(Kink("of equal arguments the first gets the cotangent", "larger", "smaller"),),
    summary="The larger of a and b; of a number and a nan the number.",
    source="IEEE 754, 9.6; PyTorch derivatives.yaml, fmax",
)

fmin = _function(
    "fmin",
    front=two_tensors("fmin"),
    node="FminBackward0",
    numpy=np.fmin,
    complex=_smaller,
    sympy="Min",
    mpmath=lambda P, a, b: min(a, b),
    partials=(
        lambda m, a, b: m.select(_wins(m, m.le, a, b), 1),
        lambda m, a, b: m.select(m.logical_not(_wins(m, m.le, a, b)), 1),
    ),
    kinks=(Kink("of equal arguments the first gets the cotangent", "larger", "smaller"),),
    summary="The smaller of a and b; of a number and a nan the number.",
    source="IEEE 754, 9.6; PyTorch derivatives.yaml, fmin",
)


def _limited(x: Any, low: Any, high: Any) -> Any:
    """Returns x within bounds that may be None; complex numbers by their real part."""
    if x.dtype.kind == "c":
        x = x if low is None else np.where(np.real(x) < np.real(low), low, x)
        return x if high is None else np.where(np.real(x) > np.real(high), high, x)
    x = x if low is None else np.maximum(x, low)
    return x if high is None else np.minimum(x, high)


def _inside(m: Any, x: Any, low: Any, high: Any) -> Any:
    """Where x is within its bounds, ends included and a nan not: there alone the cotangent passes."""
    if low is None:
        return m.le(x, high)
    return m.ge(x, low) if high is None else m.logical_and(m.ge(x, low), m.le(x, high))


def _limit_symbols(S: Any, x: Any, low: Any, high: Any) -> Any:
    x = x if low is None else S.Max(x, low)
    return x if high is None else S.Min(x, high)


def _limit_digits(x: Any, low: Any, high: Any) -> Any:
    x = x if low is None or x >= low else x * 0 + low
    return x if high is None or x <= high else x * 0 + high


CLAMP_KINKS = (Kink("the derivative at a bound is 1; at nan it is 0", "larger", "smaller"),)

clamp_number = elementwise(
    "clamp_number",
    node="ClampBackward1",
    numpy=lambda x, *, low, high: _limited(x, low, high),
    sympy=lambda S, x, *, low, high: _limit_symbols(S, x, low, high),
    mpmath=lambda P, x, *, low, high: _limit_digits(x, low, high),
    partials=(lambda m, x, low, high: m.select(_inside(m, x, low, high), 1),),
    faces="",
    family=FAMILY,
    samples=lambda s: [
        ((s.normal(2, 3),), {"low": low, "high": high}) for low, high in ((-0.5, 0.5), (0, None), (None, 0.3))
    ],
    kinks=CLAMP_KINKS,
    summary="x limited to between two numbers.",
    source="PyTorch derivatives.yaml, clamp",
)

clamp_tensor = elementwise(
    "clamp_tensor",
    args=("x", "low", "high"),
    node="ClampBackward0",
    numpy=_limited,
    sympy=_limit_symbols,
    mpmath=lambda P, x, low, high: _limit_digits(x, low, high),
    partials=(
        lambda m, x, low, high: m.select(_inside(m, x, low, high), 1),
        lambda m, x, low, high: m.select(m.logical_and(m.lt(x, low), m.lt(low, high)), 1),
        lambda m, x, low, high: m.select(m.logical_or(m.gt(x, high), m.lt(high, low)), 1),
    ),
    faces="",
    family=FAMILY,
    samples=lambda s: [((s.normal(2, 3), s.normal(2, 3) - 1, s.normal(2, 3) + 1), {})],
    kinks=(*CLAMP_KINKS, "a bound gets the cotangent where x is strictly beyond it"),
    summary="x limited to between two tensors; where they cross, the upper one.",
    source="PyTorch derivatives.yaml, clamp.Tensor",
)

clamp_low = elementwise(
    "clamp_low",
    args=("a", "b"),
    node=lambda name="ClampMinBackward1": name,
    numpy=lambda a, b, **_: np.maximum(a, b),
    complex=lambda a, b, **_: _larger(a, b),
    sympy=lambda S, a, b, **_: S.Max(a, b),
    mpmath=lambda P, a, b, **_: max(a, b),
    partials=(lambda m, a, b: m.select(m.ge(a, b), 1), lambda m, a, b: m.select(m.lt(a, b), 1)),
    faces="",
    family=FAMILY,
    samples=lambda s: [((s.normal(2, 3), s.normal(2, 3)), {})],
    kinks=CLAMP_KINKS,
    summary="x limited from below by a tensor.",
    source="PyTorch derivatives.yaml, clamp_min.Tensor",
)

clamp_high = elementwise(
    "clamp_high",
    args=("a", "b"),
    node=lambda name="ClampMaxBackward1": name,
    numpy=lambda a, b, **_: np.minimum(a, b),
    complex=lambda a, b, **_: _smaller(a, b),
    sympy=lambda S, a, b, **_: S.Min(a, b),
    mpmath=lambda P, a, b, **_: min(a, b),
    partials=(lambda m, a, b: m.select(m.le(a, b), 1), lambda m, a, b: m.select(m.gt(a, b), 1)),
    faces="",
    family=FAMILY,
    samples=lambda s: [((s.normal(2, 3), s.normal(2, 3)), {})],
    kinks=CLAMP_KINKS,
    summary="x limited from above by a tensor.",
    source="PyTorch derivatives.yaml, clamp_max.Tensor",
)


def _floating_if(m: Any, input: Any, *numbers: Any) -> Any:  # noqa: A002 - PyTorch's name
    """An integer tensor made floating where a bound is: the result has to hold it."""
    wanted = input.dtype.kind != "f" and any(isinstance(number, float) for number in numbers)
    return m.mul(input, 1.0) if wanted else input


def _as_number(bound: Any) -> Any:
    """The number in a 0-dim tensor; a number as it is."""
    if not hasattr(bound, "shape"):
        return bound
    if bound.shape:
        raise TypeFault(
            "E303",
            "clamp() takes two numbers or two tensors as bounds, not one of each",
            help="make the number a tensor: tensor(1.0)",
        )
    return bound.item()


@composite("clamp", family=FAMILY, inplace=True, aliases=("clip", "Tensor.clip", "Tensor.clip_"),
           summary="x limited to [min, max]: numbers or tensors, either may be left out.",
           source="PyTorch derivatives.yaml, clamp", example="clamp(x, 0, 0.5)")  # fmt: skip
def clamp(m: Any, input: Any, min: Any = None, max: Any = None) -> Any:  # noqa: A002 - PyTorch's names
    if min is None and max is None:
        raise RuntimeFault(
            "E303",
            "torch.clamp: At least one of 'min' or 'max' must not be None",
            help="write clamp(x, 0, 1)",
        )
    tensors = [hasattr(bound, "shape") for bound in (min, max) if bound is not None]
    if any(tensors) and not all(
        tensors
    ):  # as PyTorch, which takes a 0-dim tensor beside a number as a number
        min, max = _as_number(min), _as_number(max)  # noqa: A001 - as above
        tensors = []
    if not any(tensors):
        return m.apply(clamp_number, (_floating_if(m, input, min, max),), {"low": min, "high": max})
    if max is None:
        return m.apply(clamp_low, (input, min), {"name": "ClampBackward0"})
    if min is None:
        return m.apply(clamp_high, (input, max), {"name": "ClampBackward0"})
    return m.apply(clamp_tensor, (input, min, max), {})


def _clamp_min_front(m: Any, input: Any, min: Any) -> Any:  # noqa: A002 - PyTorch's names
    if hasattr(min, "shape"):
        return m.apply(clamp_low, (input, min), {})
    return m.apply(clamp_min, (_floating_if(m, input, min),), {"min": min})


def _clamp_max_front(m: Any, input: Any, max: Any) -> Any:  # noqa: A002 - PyTorch's names
    if hasattr(max, "shape"):
        return m.apply(clamp_high, (input, max), {})
    return m.apply(clamp_max, (_floating_if(m, input, max),), {"max": max})


clamp_min = elementwise(
    "clamp_min",
    node="ClampMinBackward0",
    numpy=lambda x, *, min: _limited(x, min, None),  # noqa: A006 - PyTorch's name
    sympy=lambda S, x, *, min: S.Max(x, min),  # noqa: A006 - PyTorch's name
    mpmath=lambda P, x, *, min: _limit_digits(x, min, None),  # noqa: A006 - PyTorch's name
    front=_clamp_min_front,
    partials=(lambda m, x, min: m.select(m.ge(x, min), 1),),  # noqa: A006 - PyTorch's name
    inplace=True,
    family=FAMILY,
    samples=lambda s: [((s.normal(2, 3),), {"min": 0.1})],
    kinks=CLAMP_KINKS,
    summary="x limited from below by a number or a tensor.",
    source="PyTorch derivatives.yaml, clamp_min",
    example="clamp_min(x, 0)",
)

clamp_max = elementwise(
    "clamp_max",
    node="ClampMaxBackward0",
    numpy=lambda x, *, max: _limited(x, None, max),  # noqa: A006 - PyTorch's name
    sympy=lambda S, x, *, max: S.Min(x, max),  # noqa: A006 - PyTorch's name
    mpmath=lambda P, x, *, max: _limit_digits(x, None, max),  # noqa: A006 - PyTorch's name
    front=_clamp_max_front,
    partials=(lambda m, x, max: m.select(m.le(x, max), 1),),  # noqa: A006 - PyTorch's name
    inplace=True,
    family=FAMILY,
    samples=lambda s: [((s.normal(2, 3),), {"max": 0.1})],
    kinks=CLAMP_KINKS,
    summary="x limited from above by a number or a tensor.",
    source="PyTorch derivatives.yaml, clamp_max",
    example="clamp_max(x, 0)",
)
