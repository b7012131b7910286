"""A formula's value with more digits than its program's floats have: is it wrong, or did it lose digits?"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

import numpy as np

from gradcli.checks.witnesses.decisions import decided_otherwise
from gradcli.checks.witnesses.interruption import TimeIsUpError, at_most
from gradcli.checks.witnesses.precise_cost import seconds
from gradcli.plan.trace import DOUBLES

if TYPE_CHECKING:
    from gradcli.checks.subject import Subject

__all__ = ["in_doubles", "in_many_digits"]

DIGITS = (40, 80, 160, 320)  # two runs agree at the lower of two of them
AGREED = 1e-15  # of the larger of an element and all elements' rounding


def in_doubles(formula: Subject) -> Any:
    """Returns the one output of a trace in float64, whatever floats the program used."""
    with np.errstate(all="ignore"):
        values = formula.trace.run(formula.point(), DOUBLES.apply, DOUBLES.lift)
    return np.asarray(values[formula.trace.outputs[0]], np.float64)


def in_many_digits(formula: Subject, max_time: float) -> Any | None:
    """Returns the one output of a trace, rounded once; None where that cannot be told in time."""
    deadline = time.monotonic() + max_time
    if 2 * seconds(formula) > max_time:
        return None
    import gradcli.symbolic  # noqa: F401 - takes 300 ms, and an import is not to be broken off

    try:
        with at_most(max_time):
            before = None
            for digits in DIGITS:
                found = _evaluated(formula, digits, deadline)
                if before is not None and _same(before, found):
                    return found
                before = found
    except TimeIsUpError:
        return None
    except Exception:  # noqa: BLE001 - mpmath has exceptions of its own
        return None
    return None


def _evaluated(formula: Subject, digits: int, deadline: float) -> Any:
    """The output with so many digits, rounded to float64.

    Raises:
        ArithmeticError: with more digits the formula takes another way, or the time is up.
    """
    from gradcli.symbolic import PreciseAlgebra  # mpmath comes with sympy, which takes 300 ms

    m = PreciseAlgebra(digits)

    def apply(record: Any, values: Any, params: Any) -> Any:
        if time.monotonic() > deadline:
            raise ArithmeticError("the time is up")
        return m.apply(record, values, params)

    with np.errstate(all="ignore"):
        values = formula.trace.run([m.array(x) for x in formula.point()], apply, m.array)
    other = decided_otherwise(formula, {number: getattr(y, "data", y) for number, y in values.items()})
    if other:
        raise ArithmeticError(f"rounding to float64 decides {other}")
    return np.asarray(values[formula.trace.outputs[0]].floats(), np.float64)


def _same(before: Any, after: Any) -> bool:
    scale = np.maximum(np.abs(after), AGREED * float(np.max(np.abs(after), initial=0.0)))
    with np.errstate(invalid="ignore"):
        return bool(((before == after) | (np.abs(before - after) <= AGREED * scale)).all())
