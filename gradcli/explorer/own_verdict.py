"""The verdict on a gradient of which nothing is known but the function: differences, and complex steps.

Operations declare their kinks and edges; a Python function does not. So an edge counts here only if the
claim is the derivative to one of its sides, and what nobody could judge is inconclusive.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from gradcli.checks.aspects import element_direction
from gradcli.checks.hearing import Hearing
from gradcli.checks.judge import judge
from gradcli.checks.ruling import EDGE, INCONCLUSIVE, KINK, UNHEARD, WRONG
from gradcli.checks.sample import choose
from gradcli.checks.subgradients import is_close, is_valid
from gradcli.checks.testimony import Testimony
from gradcli.checks.witnesses import callable as black_box
from gradcli.checks.witnesses.differences import Kinks
from gradcli.checks.witnesses.interruption import TimeIsUpError, at_most

if TYPE_CHECKING:
    from gradcli.checks.hearing import Asked
    from gradcli.checks.judge import Finding, Judgement
    from gradcli.checks.sample import Sample
    from gradcli.checks.witnesses.callable import Heard
    from gradcli.explorer.own_subject import OwnSubject

__all__ = ["judge_own"]

EVERY = 20_000  # elements up to which all are looked at
SOME = 1_000  # of each variable where there are more
NEAR = (2.0**-16, 2.0**-26)  # relative steps: what does not shrink with them is a jump
JUMP = 0.9


def judge_own(subject: OwnSubject, asked: Asked) -> tuple[Judgement, bool]:
    """Returns the verdict by differences and, where the function takes complex numbers, by complex steps.

    Beside it whether the function seems to compute in float32.
    """
    program: Any = subject
    total = sum(int(np.size(variable.value)) for variable in subject.variables)
    sample = choose(program, asked.sample or (EVERY if total <= EVERY else SOME), asked.seed)
    heard = _differences(subject, sample, asked.max_time)
    testimonies = [heard.testimony] if "fd" in asked.witnesses else []
    if "complex" in asked.witnesses:
        testimonies.append(_complex_steps(subject, sample, heard.testimony, asked.max_time))
    kinked = heard.kinked
    if heard.single:  # its steps look like kinks
        kinked = tuple(map(np.zeros_like, kinked))
    hearing = Hearing(tuple(testimonies), None, Kinks((), kinked))
    judgement = judge(program, asked, own=False, hearing=hearing, most=EVERY)
    for i, (finding, places) in enumerate(zip(judgement.findings, sample, strict=True)):
        verdicts = finding.verdicts.reshape(-1)
        unheard = places[verdicts[places] == UNHEARD]
        finding.verdicts.flat[unheard] = INCONCLUSIVE
        for place in np.flatnonzero((verdicts == KINK) | (verdicts == EDGE)).tolist():
            _judge_edge(subject, finding, i, place)
    if not np.isfinite(subject.value):
        for finding in judgement.findings:
            finding.verdicts[...] = INCONCLUSIVE
    return judgement, heard.single


def _differences(subject: OwnSubject, sample: Sample, seconds: float) -> Heard:
    try:
        with at_most(seconds):
            return black_box.examine(subject.trace.function, subject.point(), subject.cotangents[0], sample)
    except TimeIsUpError as error:
        nothing = tuple(np.zeros(variable.value.shape, bool) for variable in subject.variables)
        return black_box.Heard(Testimony("fd", (), str(error)), nothing)


def _complex_steps(subject: OwnSubject, sample: Sample, fd: Testimony, seconds: float) -> Testimony:
    if not fd.words:
        return Testimony("complex", (), "there are no differences to compare it with")
    try:
        with at_most(seconds):
            return black_box.complex_step(
                subject.trace.function, subject.point(), subject.cotangents[0], sample, fd
            )
    except TimeIsUpError as error:
        return Testimony("complex", (), str(error))


def _judge_edge(subject: OwnSubject, finding: Finding, i: int, place: int) -> None:
    """Judges an element on a kink or an edge: the judge takes edges as declared."""
    taken = float(np.asarray(subject.variables[i].gradient).flat[place])
    sides = [side for side in finding.aspects[place] if not np.isnan(side)]
    if _jumps(subject, i, place):
        finding.notes[place] = "the function jumps here"
        finding.verdicts.flat[place] = INCONCLUSIVE
    elif not any(is_close(taken, side) for side in sides):
        if len(sides) < len(finding.aspects[place]):
            finding.verdicts.flat[place] = INCONCLUSIVE
        elif not is_valid(taken, finding.aspects[place]):
            finding.verdicts.flat[place] = WRONG


def _jumps(subject: OwnSubject, i: int, place: int) -> bool:
    """Whether the function's change does not shrink with the step."""
    program: Any = subject
    size = min(abs(float(subject.variables[i].value.flat[place])), 1.0) or 1.0
    direction = element_direction(program, i, place)
    for sign in (-1.0, 1.0):
        changes = []
        for near in NEAR:
            step = sign * near * size
            moved = [x + step * d for x, d in zip(subject.point(), direction, strict=True)]
            changes.append(abs(float(subject.trace.run(moved)[0]) - subject.value))
        if changes[1] > JUMP * changes[0] > 0:
            return True
    return False
