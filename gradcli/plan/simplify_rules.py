"""Steps that are the identity, or cheaper written as another operation: exact, or within 2 ulps.

A rule gets the simplifier and a step whose arguments are simple already. It returns the number of the
value that stands for the result, which may be that of a step it adds, or None to leave the step alone.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from gradcli.ops.catalog import catalog
from gradcli.plan.trace import Literal

if TYPE_CHECKING:
    from collections.abc import Callable

    from gradcli.plan.simplify import Simplifier
    from gradcli.plan.trace import Step

__all__ = ["RULES"]

SMALLEST_POWER = 14  # of two: its reciprocal is exact in every float dtype, float16 included


def _power(simplifier: Simplifier, step: Step) -> int | None:
    """x**2 and x**3 as the products that NumPy's form makes of them; x**0.5 as a root, x**-1 as 1 / x."""
    (x,), exponent = step.arguments, step.params["exponent"]
    if exponent == 1:
        return _identity(simplifier, step)
    if exponent == 2:  # noqa: PLR2004 - the square
        return simplifier.add(step, catalog()["mul"], (x, x), {})
    if exponent == 3:  # noqa: PLR2004 - the cube
        square = simplifier.add(step, catalog()["mul"], (x, x), {})
        return simplifier.add(step, catalog()["mul"], (square, x), {})
    if exponent == 0.5:  # noqa: PLR2004 - the root
        return simplifier.add(step, catalog()["sqrt"], (x,), {})
    if exponent == -1:
        return simplifier.add(step, catalog()["reciprocal"], (x,), {})
    return None


def _product(simplifier: Simplifier, step: Step) -> int | None:
    """1 x and x 1."""
    for x, other in (step.arguments, step.arguments[::-1]):
        if other.__class__ is Literal and other.value == 1 and x.__class__ is int:
            return _same(simplifier, step, x)
    return None


def _quotient(simplifier: Simplifier, step: Step) -> int | None:
    """Division by 1; x / 4 as x * 0.25, which rounds the same number."""
    x, by = step.arguments
    if by.__class__ is not Literal or x.__class__ is not int:
        return None
    if by.value == 1:
        return _same(simplifier, step, x)
    fraction, power = math.frexp(by.value)
    if abs(fraction) == 0.5 and abs(power) <= SMALLEST_POWER and _is_float(simplifier, x):  # noqa: PLR2004 - frexp's
        return simplifier.add(step, catalog()["mul"], (x, Literal(1 / by.value)), {})
    return None


def _sum(simplifier: Simplifier, step: Step) -> int | None:
    """The sum with a negative as a difference, on either side."""
    for x, other in (step.arguments, step.arguments[::-1]):
        negated = _negated(simplifier, other)
        if negated is not None:
            return simplifier.add(step, catalog()["sub"], (x, negated), {})
    return None


def _difference(simplifier: Simplifier, step: Step) -> int | None:
    """Nothing taken away (x + 0 is another matter at -0), and x - (-y) as x + y."""
    x, other = step.arguments
    negated = _negated(simplifier, other)
    if negated is not None:
        return simplifier.add(step, catalog()["add"], (x, negated), {})
    if other.__class__ is Literal and other.value == 0 and math.copysign(1, other.value) > 0:
        return _same(simplifier, step, x)
    return None


def _negative(simplifier: Simplifier, step: Step) -> int | None:
    """-(-x)."""
    return _negated(simplifier, step.arguments[0])


def _negated(simplifier: Simplifier, number: Any) -> int | None:
    """The value that another is the negative of."""
    before = simplifier.maker(number)
    if before is not None and before.record.name == "neg" and before.tracked:
        return _number(before.arguments[0])
    return None


def _transpose(simplifier: Simplifier, step: Step) -> int | None:
    """Two exchanges of the same dims, or an order of dims put right again."""
    before = simplifier.maker(step.arguments[0])
    if before is None or before.record is not step.record or not before.tracked:
        return None
    if step.record.name == "permute":
        first, second = before.params["dims"], step.params["dims"]
        undone = all(first[dim] == place for place, dim in zip(range(-len(second), 0), second, strict=True))
    else:
        undone = step.record.name == "t" or sorted(before.params["dims"]) == sorted(step.params["dims"])
    return _number(before.arguments[0]) if undone else None


def _cast(simplifier: Simplifier, step: Step) -> int | None:
    """A cast to the dtype that the value has."""
    (x,), dtype = step.arguments, step.params["dtype"]
    before = simplifier.maker(x)
    known = simplifier.facts.get(x)
    if known is not None:
        return _number(x) if known.dtype == dtype else None
    if before is not None and before.record is step.record and before.params["dtype"] == dtype:
        return _number(x)
    return None


def _identity(simplifier: Simplifier, step: Step) -> int | None:
    """A copy: values in a trace are never changed, so none is needed."""
    del simplifier
    return _number(step.arguments[0])


def _reshaped(simplifier: Simplifier, step: Step) -> int | None:
    """A change to the shape that the value has."""
    before, after = (simplifier.facts.get(n) for n in (step.arguments[0], step.results[0]))
    if before is not None and after is not None and tuple(before.shape) == tuple(after.shape):
        return _number(step.arguments[0])
    return None


def _same(simplifier: Simplifier, step: Step, x: Any) -> int | None:
    """X, if the result has its shape and dtype."""
    before, after = simplifier.facts.get(x), simplifier.facts.get(step.results[0])
    if before is None or after is None or before.dtype != after.dtype:
        return None
    return _number(x) if tuple(before.shape) == tuple(after.shape) else None


def _is_float(simplifier: Simplifier, x: int) -> bool:
    known = simplifier.facts.get(x)
    return known is not None and known.dtype.kind == "f"


def _number(argument: Any) -> int | None:
    return argument if argument.__class__ is int else None


RULES: dict[str, Callable[[Simplifier, Step], int | None]] = {
    "pow_scalar": _power,
    "mul": _product,
    "div_true": _quotient,
    "add": _sum,
    "sub": _difference,
    "neg": _negative,
    "transpose": _transpose,
    "t": _transpose,
    "permute": _transpose,
    "cast": _cast,
    "clone": _identity,
    "compact": _identity,
    "expand": _reshaped,
    "reshape": _reshaped,
    "sum_to": _reshaped,
}
