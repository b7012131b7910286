"""`check` of a Python function of the user's own and the gradient they wrote for it."""

from __future__ import annotations

from shlex import quote
from typing import TYPE_CHECKING, Any

import numpy as np

from gradcli.checks.account import judged, overall
from gradcli.checks.ruling import INCONCLUSIVE, WRONG
from gradcli.checks.slips import Evidence, name_slip
from gradcli.diagnostics import Diagnostic, InputFault, did_you_mean
from gradcli.explorer.bindings import read_bindings
from gradcli.explorer.claim_verdict import misshapen
from gradcli.explorer.job import job_session
from gradcli.explorer.own_points import random_subjects, simplest_point
from gradcli.explorer.own_subject import Pair
from gradcli.explorer.own_verdict import judge_own
from gradcli.explorer.python_file import PythonFiles, is_function
from gradcli.explorer.values import array_of
from gradcli.explorer.workspace import Workspace
from gradcli.reports.checks import Check

if TYPE_CHECKING:
    from collections.abc import Sequence

    from gradcli.checks.hearing import Asked
    from gradcli.checks.judge import Judgement
    from gradcli.explorer.check_request import CheckRequest
    from gradcli.explorer.own_subject import OwnSubject
    from gradcli.reports.checks import Judged

__all__ = ["check_function"]

WITNESSES = ("fd", "complex")
RANDOM = 3  # points besides the bindings
SINGLE = "{} seems to compute in float32: differences know its derivatives to a few digits (--rtol 1e-3)"


def check_function(request: CheckRequest, grad: str | None, asked: Asked) -> Check:
    """Returns the verdict on FILE.py:df as the gradient of FILE.py:f; this runs the user's file.

    Raises:
        InputFault: a function is missing or fails, no variable is bound, or the value is no scalar.
    """
    pair = _pair(request, grad)
    here = pair.at({})
    count = max(RANDOM, request.points)
    subjects = [here, *random_subjects(pair, here, count, request.what.seed)]
    judgements, singles = zip(*(judge_own(subject, asked) for subject in subjects), strict=True)
    reports = [_reports(subject, judgement) for subject, judgement in zip(subjects, judgements, strict=True)]
    verdicts = [overall(report) for report in reports]
    shown = verdicts.index(WRONG) if WRONG in verdicts else 0
    causes = tuple(
        _cause(pair, subjects, judgements, i)
        for i, variable in enumerate(reports[shown])
        if variable.verdict == WRONG
    )
    notes = [f"{pair.function.text} and {pair.derivative.text} were run as they are"]
    notes += _changed(pair)
    if not np.isfinite(subjects[shown].value):
        notes.append(f"{pair.function.text} gives {subjects[shown].value} here: nothing can be judged")
    if any(singles):
        notes.append(SINGLE.format(pair.function.text))
    if shown:
        words = "right" if verdicts[0] != INCONCLUSIVE else "nobody can tell"
        notes.append(f"{words} at the bindings; a random point is shown, where it is wrong")
    return Check(
        expressions=(pair.function.text,),
        subject="claim",
        verdict=verdicts[shown],
        variables=reports[shown],
        causes=causes,
        notes=tuple(notes),
        seed=request.what.seed,
        points=len(subjects),
        reproduce=_reproduction(request, pair, subjects[shown], asked)
        if causes and (shown or request.points)
        else "",
    )


def _pair(request: CheckRequest, grad: str | None) -> Pair:
    """The two functions and their arguments."""
    text = request.what.expressions[0] if request.what.expressions else ""
    if not is_function(text) or len(request.what.expressions) > 1:
        raise InputFault(
            "E509", "--grad goes with one FILE.py:NAME", help="gradcli check model.py:f --grad model.py:df"
        )
    if grad is None:
        raise InputFault(
            "E509",
            f"the gradient of {text} is missing",
            help=f"write gradcli check {text} --grad {_meant(request, text)}; --against is for expressions",
        )
    _refuse_others(request, grad)
    files = PythonFiles()
    function, derivative = files.function(text), files.function(grad)
    names, values = _bound(request)
    taken = [*function.parameters, *derivative.parameters]
    for name in values:
        if name not in names and name not in taken:
            raise InputFault(
                "E506",
                f"-c {name}: neither {text} nor {grad} has a parameter `{name}`",
                label=did_you_mean(name, taken),
            )
    return Pair(function, derivative, names, values)


def _refuse_others(request: CheckRequest, grad: str) -> None:
    """What only expressions have must not be passed over in silence."""
    backward, words = request.what.backward, f"is for expressions, not for {grad}"
    if request.order > 1:
        raise InputFault(
            "E509",
            "--order 2 is for expressions: of a Python function only the first derivative is known",
            help=f"judge the second one as the gradient of {grad}, a number of its result at a time",
        )
    for option, given, instead in (
        ("--against", request.against, "--grad already names the gradient"),
        ("--grad-tensors", backward.grad_tensors, "weight the result in the function"),
        ("--wrt", backward.wrt, "bind what is constant with -c"),
    ):
        if given:
            raise InputFault("E509", f"{option} {words}", help=instead)
    if not set(WITNESSES).intersection(request.judging.witnesses):
        raise InputFault(
            "E508", f"--witness: of a Python function {' and '.join(WITNESSES)} alone know anything"
        )


def _meant(request: CheckRequest, text: str) -> str:
    """The function that a user may have meant by --against."""
    claims = (claim.rpartition("=")[2].strip() for claim in request.against)
    return next(filter(is_function, claims), f"{text.rpartition(':')[0]}:NAME")


def _bound(request: CheckRequest) -> tuple[list[str], dict[str, Any]]:
    """The variables' names, and all values by name."""
    with job_session(request.what):
        space = Workspace()
        space.bind(read_bindings(request.what.constants, request.what.variables, request.what.limits))
        names = list(space.leaves)
        if not names:
            raise InputFault("E506", "no variable is bound", help="bind the arguments: -v x=[1,2]")
        values = {
            name: array_of(value) if hasattr(value, "_array") else value
            for name, value in space.values.items()
        }
    return names, values


def _reports(subject: OwnSubject, judgement: Judgement) -> tuple[Judged, ...]:
    """The report on each variable."""
    return tuple(
        misshapen(subject.variables[i], subject.claims[i]) if subject.misshapen(i) else report
        for i, report in enumerate(judged(judgement))
    )


def _reproduction(request: CheckRequest, pair: Pair, failing: OwnSubject, asked: Asked) -> str:
    """The command that shows the failure at the simplest point."""
    from gradcli.explorer.reproduction import command_line  # what is right needs none

    point = simplest_point(pair, failing, asked)
    line = command_line(request._replace(points=0), point)
    return f"{line} --grad {quote(pair.derivative.text)}" if line else ""


def _changed(pair: Pair) -> list[str]:
    """What the user's code does to its arguments, which only copies keep from spoiling the check."""
    return [
        f"{own.text} changes its argument `{name}` in place; it got a copy"
        for own in (pair.function, pair.derivative)
        for name in sorted(own.changed)
    ]


def _cause(pair: Pair, subjects: list[OwnSubject], judgements: Sequence[Judgement], i: int) -> Diagnostic:
    """The slip in a hand-written gradient, by name where a pattern fits."""
    points = [
        Evidence(subject.claims[i], judgement.findings[i].ruling.reference)
        for subject, judgement in zip(subjects, judgements, strict=True)
    ]
    name, broken = pair.names[i], judgements[0].broken
    if broken and not subjects[0].misshapen(i):
        return Diagnostic("C402", f"{pair.derivative.text} is no subgradient for {name}", notes=(broken,))
    slip = name_slip(points)
    message = f"{pair.derivative.text} is wrong for {name}"
    return Diagnostic("C402", f"{message}: {slip}" if slip else message)
