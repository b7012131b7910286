"""`check` of a Python function of the user's own and the gradient they wrote for it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from gradcli.autograd import Tensor
from gradcli.checks.account import judged, overall
from gradcli.checks.aspects import along, element_direction
from gradcli.checks.hearing import Hearing
from gradcli.checks.judge import MOST_ASPECTS, Finding, Judgement
from gradcli.checks.ruling import AGREES, INCONCLUSIVE, KINK, UNHEARD, WRONG, rule
from gradcli.checks.sample import choose
from gradcli.checks.slips import Evidence, name_slip
from gradcli.checks.subject import Variable
from gradcli.checks.witnesses import callable as black_box
from gradcli.checks.witnesses.differences import Kinks
from gradcli.diagnostics import Diagnostic, InputFault
from gradcli.explorer.bindings import read_bindings
from gradcli.explorer.job import job_session
from gradcli.explorer.points import STYLES
from gradcli.explorer.python_file import PythonFiles, gradients_of, is_function, value_of
from gradcli.explorer.values import array_of
from gradcli.explorer.workspace import Workspace
from gradcli.reports.checks import Check

if TYPE_CHECKING:
    from collections.abc import Sequence

    from gradcli.checks.hearing import Asked
    from gradcli.explorer.check_request import CheckRequest
    from gradcli.explorer.python_file import OwnFunction

__all__ = ["check_function"]

EVERY = 20_000  # elements up to which all are looked at
RANDOM = 3  # points besides the bindings
SLACK = 1e-4  # of one-sided differences


class _Program(NamedTuple):
    """A function as the judges of aspects see a trace."""

    function: Any
    outputs: tuple[int, ...] = (0,)

    def run(self, inputs: Sequence[Any], *_: Any) -> dict[int, Any]:
        """The function's value under the number 0."""
        return {0: self.function(*inputs)}


class _Subject(NamedTuple):
    """A function, its point and the gradient that the user wrote."""

    trace: _Program
    variables: tuple[Variable, ...]
    cotangents: tuple[Any, ...]

    def point(self) -> list[Any]:
        """The arrays, float64."""
        return [np.asarray(variable.value, np.float64) for variable in self.variables]


def check_function(request: CheckRequest, grad: str | None, asked: Asked) -> Check:
    """Returns the verdict on FILE.py:df as the gradient of FILE.py:f; this runs the user's file.

    Raises:
        InputFault: a function is missing or fails, no variable is bound, or the value is no scalar.
    """
    text = request.what.expressions[0] if request.what.expressions else ""
    if not is_function(text) or len(request.what.expressions) > 1:
        raise InputFault(
            "E509", "--grad goes with one FILE.py:NAME", help="gradcli check model.py:f --grad model.py:df"
        )
    if grad is None:
        raise InputFault("E509", f"the gradient of {text} is missing", help="add --grad FILE.py:NAME")
    files = PythonFiles()
    function, derivative = files.function(text), files.function(grad)
    names, values = _bound(request)
    subjects = [_subject(function, derivative, names, values)]
    subjects += _elsewhere(function, derivative, names, values, subjects[0], request)
    judgements = [_judge(subject, asked) for subject in subjects]
    reports = [judged(judgement) for judgement in judgements]
    verdicts = [overall(report) for report in reports]
    shown = verdicts.index(WRONG) if WRONG in verdicts else 0
    causes = tuple(
        _cause(subjects, judgements, i, variable.name, grad)
        for i, variable in enumerate(reports[shown])
        if variable.verdict == WRONG
    )
    notes = [f"{text} and {grad} were run as they are"]
    if shown:
        notes.append("right at the bindings; a random point is shown, where it is wrong")
    return Check(
        expressions=(text,),
        subject="claim",
        verdict=verdicts[shown],
        variables=reports[shown],
        causes=causes,
        notes=tuple(notes),
        seed=request.what.seed,
        points=len(subjects),
    )


def _bound(request: CheckRequest) -> tuple[list[str], dict[str, Any]]:
    """The variables' names, and all values by name."""
    with job_session(request.what):
        space = Workspace()
        space.bind(read_bindings(request.what.constants, request.what.variables, request.what.limits))
        names = list(space.leaves)
        if not names:
            raise InputFault("E506", "no variable is bound", help="bind the arguments: -v x=[1,2]")
        values = {
            name: array_of(value) if isinstance(value, Tensor) else value
            for name, value in space.values.items()
        }
    return names, values


def _subject(function: OwnFunction, derivative: OwnFunction, names: list[str], values: dict[str, Any]) -> Any:
    value = value_of(function(names, values), function.text)
    gradients = gradients_of(derivative(names, values), names, derivative.text)
    variables = []
    for name, gradient in zip(names, gradients, strict=True):
        shape = np.shape(values[name])
        if gradient.shape != shape and gradient.size != 1:
            raise InputFault(
                "E509",
                f"{derivative.text} gives shape {list(gradient.shape)} for `{name}` of shape {list(shape)}",
            )
        spread = gradient if gradient.shape == shape else np.broadcast_to(gradient.reshape(()), shape)
        variables.append(Variable(name, np.asarray(values[name], np.float64), spread))
    return _Subject(_Program(function.raw(names, values)), tuple(variables), (np.ones(value.shape),))


def _elsewhere(  # noqa: PLR0913 - two functions and their arguments
    function: OwnFunction,
    derivative: OwnFunction,
    names: list[str],
    values: dict[str, Any],
    here: _Subject,
    request: CheckRequest,
) -> list[_Subject]:
    """The subject at random points where all is finite; those at which the user's code fails are left out."""
    random = np.random.default_rng([request.what.seed, 1])
    found: list[_Subject] = []
    for _ in range(max(RANDOM, request.points)):
        for style in STYLES:
            moved = {variable.name: style(random, variable.value) for variable in here.variables}
            try:
                subject = _subject(function, derivative, names, values | moved)
            except InputFault:
                continue
            if all(np.isfinite(variable.gradient).all() for variable in subject.variables):
                found.append(subject)
                break
    return found


def _judge(subject: Any, asked: Asked) -> Judgement:
    """The verdict by differences and, where the function takes complex numbers, by complex steps."""
    total = sum(int(np.size(variable.value)) for variable in subject.variables)
    sample = choose(subject, asked.sample or (EVERY if total <= EVERY else 1_000), asked.seed)
    heard = black_box.examine(subject.trace.function, subject.point(), subject.cotangents[0], sample)
    testimonies = [heard.testimony] if "fd" in asked.witnesses else []
    if "complex" in asked.witnesses:
        testimonies.append(
            black_box.complex_step(
                subject.trace.function, subject.point(), subject.cotangents[0], sample, heard.testimony
            )
        )
    findings = []
    with np.errstate(all="ignore"):
        for i, variable in enumerate(subject.variables):
            words = [one.words[i] for one in testimonies if one.words]
            ruling = rule(np.asarray(variable.gradient), words, asked.rtol, asked.atol)
            verdicts = np.full(np.shape(variable.value), UNHEARD, dtype=object)
            verdicts[ruling.loose] = INCONCLUSIVE
            verdicts[ruling.agrees] = AGREES
            verdicts[ruling.contradicted] = WRONG
            aspects = {}
            for place in np.flatnonzero(heard.kinked[i])[:MOST_ASPECTS].tolist():
                aspect = aspects[place] = along(subject, element_direction(subject, i, place))
                sides = sorted((aspect.left, aspect.right))
                taken = float(variable.gradient.flat[place])
                slack = SLACK * (1e-3 + abs(sides[1]))
                fits = not np.isfinite(sides).all() or sides[0] - slack <= taken <= sides[1] + slack
                verdicts.flat[place] = KINK if fits else WRONG
            findings.append(Finding(verdicts, ruling, aspects, {}))
    kinks = Kinks((), heard.kinked)
    return Judgement(subject, Hearing(tuple(testimonies), None, kinks), tuple(findings), ())


def _cause(subjects: list[_Subject], judgements: list[Judgement], i: int, name: str, text: str) -> Diagnostic:
    """The slip in a hand-written gradient, by name where a pattern fits."""
    points = [
        Evidence(np.asarray(subject.variables[i].gradient), judgement.findings[i].ruling.reference)
        for subject, judgement in zip(subjects, judgements, strict=True)
    ]
    slip = name_slip(points)
    message = f"{text} is wrong for {name}"
    return Diagnostic("C402", f"{message}: {slip}" if slip else message)
