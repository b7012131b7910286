"""The same backward with many digits: is a gradient's rule wrong, or did its arithmetic lose digits?

No witness: it runs the very rules that are judged. Where a witness contradicts a gradient and this meets
the witness, the rules are right.
"""

from __future__ import annotations

import math
import time
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from gradcli.checks.witnesses.decisions import decided_otherwise, zero_with_a_sign
from gradcli.checks.witnesses.interruption import TimeIsUpError, at_most
from gradcli.checks.witnesses.precise_cost import seconds
from gradcli.diagnostics import GradcliError
from gradcli.ops.rules import Facts, backward_rule

if TYPE_CHECKING:
    from collections.abc import Sequence

    from gradcli.checks.subject import Subject
    from gradcli.plan.trace import Step
    from gradcli.symbolic import PreciseAlgebra

__all__ = ["Rerun", "conformed", "rerun"]

MAX_TIME = 10.0
DIGITS = (40, 80, 160, 320, 640, 1280)  # two runs agree at the lower of two of them
AGREED = 1e-17
BACKWARD = 3  # times the forward run's cost


class Rerun(NamedTuple):
    """The gradient by the same rules, in arithmetic that loses nothing.

    Attributes:
        gradients: per variable an array of its shape, float64: rounded once.
        silence: why there is none, one line; empty where there is.
    """

    gradients: tuple[Any, ...]
    silence: str = ""


def rerun(subject: Subject, *, max_time: float = MAX_TIME) -> Rerun:
    """Returns the subject's gradient, computed by the records' own rules with 40 digits or more.

    Args:
        subject: what is judged.
        max_time: seconds that it may take; it gives up at once where the program is too large.
    """
    deadline = time.monotonic() + max_time
    try:
        why = _unable(subject, max_time)
        if not why:
            import gradcli.symbolic  # noqa: F401 - takes 300 ms, and an import is not to be broken off

            with at_most(max_time):
                found, why = _agreed(subject, deadline)
    except TimeIsUpError as error:
        why = f"of the backward with 40 digits: {error}"
    except GradcliError as error:
        why = str(error).splitlines()[0]
    except Exception as error:  # noqa: BLE001 - mpmath has exceptions of its own
        why = f"the backward cannot be run with 40 digits ({error})"
    return Rerun((), why) if why else Rerun(tuple(found))


def _unable(subject: Subject, max_time: float) -> str:
    """Why it is not even begun; empty where it is."""
    signed = zero_with_a_sign(subject)
    if signed:
        return f"the sign of a zero decides {signed}, and 40 digits know none"
    cost = seconds(subject) * (1 + BACKWARD) * 2
    return f"the backward with 40 digits would take about {cost:.0f} s" if cost > max_time else ""


def _agreed(subject: Subject, deadline: float) -> tuple[list[Any], str]:
    """The gradient that two runs agree on, or why there is none."""
    before: list[Any] | None = None
    for digits in DIGITS:
        if time.monotonic() > deadline:
            return [], f"{digits // 2} digits are not enough, and the time is up"
        found = _Backward(subject, digits, deadline).gradients()
        if before is not None and all(map(_same, before, found)):
            return [x.astype(np.float64) for x in found], ""
        before = found
    return [], f"{DIGITS[-1]} digits are not enough"


def _same(before: Any, after: Any) -> bool:
    """Whether two arrays of many digits are one in float64."""
    a, b = before.astype(np.float64), after.astype(np.float64)
    with np.errstate(invalid="ignore"):
        close = (a == b) | (np.isnan(a) & np.isnan(b))
    rest = zip(before[~close].tolist(), after[~close].tolist(), strict=True)
    largest = max(map(abs, after[np.isfinite(b)].tolist()), default=0)
    return all(abs(x - y) <= AGREED * max(abs(y), AGREED * largest) for x, y in rest)


class _Backward:
    """One backward pass with so many digits."""

    def __init__(self, subject: Subject, digits: int, deadline: float) -> None:
        from gradcli.symbolic import PreciseAlgebra  # mpmath comes with sympy, which takes 300 ms

        self._subject = subject
        self._m = PreciseAlgebra(digits)
        self._m.names.mirror = True
        self._deadline = deadline
        self._cotangents: dict[int, Any] = {}

    def gradients(self) -> list[Any]:
        """Per variable an array of mpmath numbers."""
        subject, m = self._subject, self._m
        trace = subject.trace
        inputs = [m.array(x) for x in subject.point()]
        with np.errstate(all="ignore"):
            values = trace.run(inputs, self._apply, m.array)
            other = decided_otherwise(subject, {n: getattr(y, "data", y) for n, y in values.items()})
            if other:
                raise ArithmeticError(f"rounding to float64 decides {other}")
            reached = trace.dependent()
            for number, cotangent in zip(trace.outputs, subject.cotangents, strict=True):
                self._add(number, m.array(np.asarray(cotangent, np.float64)))
            for step in reversed(trace.steps):
                self._pull(step, values, reached)
        return [
            self._cotangents.get(number, m.zeros_like(x)).data
            for number, x in zip(trace.inputs, inputs, strict=True)
        ]

    def _apply(self, record: Any, values: Sequence[Any], params: Any) -> Any:
        if time.monotonic() > self._deadline:
            raise ArithmeticError("the time is up")
        return self._m.apply(record, values, params)

    def _add(self, number: int, g: Any) -> None:
        held = self._cotangents.get(number)
        self._cotangents[number] = g if held is None else held + g

    def _pull(self, step: Step, values: dict[int, Any], reached: set[int]) -> None:
        """Hands the cotangents of a step's results on to its arguments."""
        held = [self._cotangents.get(number) for number in step.results]
        if all(g is None for g in held):
            return
        m = self._m
        arguments = [values[x] if x.__class__ is int else m.array(x.value) for x in step.arguments]
        outs = [values[number] for number in step.results]
        mask = sum(
            1 << i
            for i, x in enumerate(step.arguments)
            if x.__class__ is int and x in reached and arguments[i].dtype.kind == "f"
        )
        rule = backward_rule(step.record, mask, len(arguments))
        saved = [arguments[slot] if slot >= 0 else outs[~slot] for slot in rule.save]
        facts = Facts(step.params, [x.shape for x in arguments], [y.shape for y in outs])
        floats = [
            m.zeros_like(y) if g is None else g
            for g, y in zip(held, outs, strict=True)
            if y.dtype.kind == "f"
        ]
        cotangent = floats[0] if len(floats) == 1 else tuple(floats)
        for position, pull in zip(rule.positions, rule.pulls, strict=True):
            g = pull(m, cotangent, saved, facts)
            if g is not None:
                self._add(step.arguments[position], conformed(m, g, arguments[position].shape))


def conformed(m: PreciseAlgebra, g: Any, shape: tuple[int, ...]) -> Any:
    """Returns a cotangent of many digits summed, or spread, to its argument's shape, as the engine does."""
    g = g if hasattr(g, "shape") else m.array(np.float64(g))
    if g.shape == shape:
        return g
    fewer = math.prod(g.shape) < math.prod(shape) or len(g.shape) < len(shape)
    return (m.expand if fewer else m.sum_to)(g, shape=shape, rank=len(g.shape))
