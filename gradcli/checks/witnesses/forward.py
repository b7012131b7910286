"""The witness of forward mode: the gradient against the directional derivative, <g, t> = <c, J t>.

Tangents go through the program by the same formulas that reverse mode uses, so this proves that the
backward pass is the transpose of the forward one, not that the partial derivatives are right.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from gradcli.checks.witnesses.differences_step import FAILURES
from gradcli.diagnostics import GradcliError
from gradcli.ops.algebra import NUMPY
from gradcli.ops.rules import push
from gradcli.plan.trace import DOUBLES, Literal

if TYPE_CHECKING:
    from collections.abc import Sequence

    from gradcli.checks.subject import Subject

__all__ = ["Transposition", "transposition"]

DIRECTIONS = 4
RUNS = 4  # with disturbed values, per direction
SAFETY = 8.0


class Transposition(NamedTuple):
    """Forward mode against reverse mode.

    Attributes:
        directions: how many random directions were tried per variable.
        seed: they are drawn by.
        defects: per variable the worst relative defect |<g, t> - <c, J t>| / sum |g_i t_i|.
        bounds: per variable what rounding can make of that one.
        agrees: per variable, whether all directions agree within rounding.
        silence: why it could not speak, one line; empty where it could.
    """

    directions: int
    seed: int
    defects: tuple[float, ...]
    bounds: tuple[float, ...]
    agrees: tuple[bool, ...]
    silence: str = ""

    @property
    def digits(self) -> tuple[float, ...]:
        """Per variable the decimal digits that both have in common, at most 16."""
        return tuple(min(max(-math.log10(max(defect, 1e-16)), 0.0), 16.0) for defect in self.defects)


def transposition(subject: Subject, *, seed: int = 0) -> Transposition:
    """Returns whether the gradient under test is what forward mode says along random directions."""
    defects, bounds, agrees = [], [], []
    try:
        with np.errstate(all="ignore"):
            for position in range(len(subject.variables)):
                found = [_along(subject, position, seed + k) for k in range(DIRECTIONS)]
                worst = max(
                    found, key=lambda one: one[0] / max(one[1], 1e-300) if one[1] == one[1] else np.inf
                )
                defects.append(worst[0])
                bounds.append(worst[1])
                agrees.append(all(defect <= bound for defect, bound in found))
    except FAILURES as error:
        why = (
            str(error).splitlines()[0] if isinstance(error, GradcliError) else "its numbers leave their range"
        )
        return Transposition(0, seed, (), (), (), f"forward mode does not get through the program: {why}")
    return Transposition(DIRECTIONS, seed, tuple(defects), tuple(bounds), tuple(agrees))


def _along(subject: Subject, position: int, seed: int) -> tuple[float, float]:
    """The relative defect along one direction in one variable, and its bound; nan is a defect."""
    random = np.random.default_rng(seed)
    variable = subject.variables[position]
    tangent = random.standard_normal(np.shape(variable.value))
    gradient = np.asarray(variable.gradient, np.float64)
    terms = gradient * tangent
    scale = float(abs(terms).sum()) or 1.0
    eps = _eps(subject)
    forward = _pushed(subject, position, tangent, None, eps)
    moved = [_pushed(subject, position, tangent, random, eps) for _ in range(RUNS)]
    spread = float(np.sqrt(np.mean([(one - forward) ** 2 for one in moved])))
    defect = abs(float(terms.sum()) - forward)
    bound = SAFETY * spread + SAFETY * eps * scale
    return (defect / scale if np.isfinite(defect) else np.inf), bound / scale


def _eps(subject: Subject) -> float:
    """The rounding of the least precise gradient, or of a cast on its way."""
    dtypes = [np.asarray(variable.gradient).dtype for variable in subject.variables]
    dtypes += [step.params["dtype"] for step in subject.trace.steps if step.record.name == "cast"]
    return max(float(np.finfo(dtype).eps) for dtype in dtypes if dtype.kind == "f")


def _pushed(subject: Subject, position: int, tangent: Any, random: Any, eps: float) -> float:
    """<c, J t>; with `random`, of a run in which every value is disturbed in its last place."""
    trace, point = subject.trace, subject.point()
    values: dict[int, Any] = dict(zip(trace.inputs, point, strict=True))
    values.update((number, DOUBLES.lift(array)) for number, array in trace.constants.items())
    tangents: dict[int, Any] = {trace.inputs[position]: tangent}
    for step in trace.steps:
        arguments = [a.value if a.__class__ is Literal else values[a] for a in step.arguments]
        found = DOUBLES.apply(step.record, arguments, step.params)
        outputs = list(found) if isinstance(found, tuple) else [found]
        moving = [None if a.__class__ is Literal else tangents.get(a) for a in step.arguments]
        disturbed = [_disturbed(y, random, eps) for y in outputs]  # not before push: y is one of x for max
        values.update(zip(step.results, disturbed, strict=True))
        if any(t is not None for t in moving):
            for number, y, t in zip(
                step.results, outputs, _tangents(step, arguments, outputs, moving), strict=True
            ):
                if t is not None and y.dtype.kind == "f":
                    tangents[number] = _disturbed(np.broadcast_to(t, y.shape), random, eps)
    return sum(
        float(np.sum(np.where(c == 0, 0, c * tangents[number])))
        for number, c in zip(trace.outputs, subject.cotangents, strict=True)
        if number in tangents
    )


def _tangents(
    step: Any, arguments: Sequence[Any], outputs: Sequence[Any], moving: Sequence[Any]
) -> Sequence[Any]:
    if step.record.name == "cast":  # all floats are float64 here
        return moving[:1]
    if not step.record.differentiable:
        return [None] * len(outputs)
    arrays = list(map(np.asarray, arguments)) if step.record.kind == "linear" else arguments
    return push(NUMPY, step.record, arrays, outputs, moving, step.params)


def _disturbed(y: Any, random: Any, eps: float) -> Any:
    y = np.asarray(y)
    if random is None or y.dtype.kind != "f":
        return y
    return y * (1 + eps * random.uniform(-1, 1, y.shape))
