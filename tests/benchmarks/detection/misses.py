"""Wrong rules, judged: every rule of the catalog is got wrong in many ways, and is each caught and blamed?"""

from __future__ import annotations

import time
import warnings
from collections import Counter
from collections.abc import Iterator
from copy import copy
from typing import Any, NamedTuple

import numpy as np
from mutations import Ear, Mutation, Place, Touch, forward_mutant, listen, mutant, mutations
from programs import ASKED, FAILURES, Program, programs_of

from gradcli.autograd import session
from gradcli.autograd.algebra import ARRAYS
from gradcli.checks.account import judged, overall
from gradcli.checks.conventions import words_for
from gradcli.checks.hearing import Hearing
from gradcli.checks.judge import Judgement, judge
from gradcli.checks.local_rule import by_rule
from gradcli.checks.reverse import by_rules
from gradcli.checks.subject import Subject
from gradcli.checks.witnesses.forward import transposition
from gradcli.ops.algebra import NUMPY
from gradcli.ops.catalog import catalog
from gradcli.ops.record import Record
from gradcli.ops.rules import Facts, backward_rule, parameters, push
from gradcli.plan.derivatives import has_rule
from gradcli.plan.trace import Literal

PATIENT = ASKED._replace(max_time=10.0)
SEEN = 4.0  # times the tolerance: a gradient that is off by less is no wrong one
SAME = "the same gradient to the last digit, at every point tried"
STRICT = {"zero", "left", "right"}


class Outcome(NamedTuple):
    """What became of one mutant.

    Attributes:
        record, argument: whose rule it was.
        mutation: how it was wrong.
        state: caught, missed, unblamed, refused or equivalent.
        why: what else is known; of mutants that change nothing the reason.
        forward: whether it was the rule of forward mode.
    """

    record: str
    argument: str
    mutation: str
    state: str
    why: str = ""
    forward: bool = False


def run(names: tuple[str, ...] = (), *, log: Any = None) -> dict[str, Any]:
    """Returns what became of all mutants of the records named (none: of all that have derivatives)."""
    began = time.perf_counter()
    outcomes: list[Outcome] = []
    alarms: list[str] = []
    for record in catalog().values():
        if record.kind == "composite" or not record.differentiable or (names and record.name not in names):
            continue
        with (
            warnings.catch_warnings(),
            np.errstate(all="ignore"),
            session(default_dtype=np.dtype(np.float64)),
        ):
            warnings.simplefilter("ignore")
            found = list(_outcomes(record, alarms))
        outcomes += found
        if log:
            states = Counter(one.state for one in found)
            print(record.name, dict(states), f"{time.perf_counter() - began:.0f} s", file=log, flush=True)
            for one in found:
                if one.state in ("missed", "unblamed"):
                    print("   ", one, file=log, flush=True)
    return {"outcomes": outcomes, "alarms": alarms, "seconds": round(time.perf_counter() - began, 1)}


def summary(found: dict[str, Any]) -> list[str]:
    """Returns what is printed."""
    outcomes: list[Outcome] = found["outcomes"]
    lines = []
    for forward in (False, True):
        of_mode = [one for one in outcomes if one.forward == forward]
        states = Counter(one.state for one in of_mode)
        tried = states["caught"] + states["missed"] + states["unblamed"]
        operations = len({one.record for one in of_mode})
        why = Counter(one.why for one in of_mode if one.state in ("equivalent", "refused"))
        mode, heard = "forward" if forward else "backward", states["caught"] + states["unblamed"]
        lines += [
            f"{mode} rules: {operations} operations, {len(of_mode)} mutants, {tried} change the result",
            f"caught: {heard}; blamed on the right operation: {states['caught']}",
            f"listed apart: {states['refused']} that cannot run, {states['equivalent']} that change nothing",
            *(f"  {count} x {reason}" for reason, count in why.most_common()),
        ]
    return [
        *lines,
        *(f"  {one}" for one in outcomes if one.state in ("missed", "unblamed")),
        *(f"  the right rules, called wrong: {alarm}" for alarm in found["alarms"]),
        f"{found['seconds']} s",
    ]


def _outcomes(record: Record, alarms: list[str]) -> Iterator[Outcome]:
    programs = list(programs_of(record, alarms))
    for position in sorted({i for program in programs for i in _moving(program)}):
        moved = [program for program in programs if position in _moving(program)]
        for mutation in _mutations(moved, position):
            yield _tried(record, position, mutation, moved)
        if record.kind == "general" and record.jvps:
            smooth = [program for program in moved if program.verdict == "agrees"]
            for mutation in _forward_mutations(smooth, position):
                yield _tried_forward(record, position, mutation, smooth)


def _moving(program: Program) -> list[int]:
    """The arguments that have a rule and depend on a variable."""
    step, dependent = program.step, program.subject.trace.dependent()
    return [
        i
        for i, x in enumerate(step.arguments)
        if x.__class__ is int and x in dependent and has_rule(step.record, i)
    ]


def _around(program: Program) -> tuple[list[Any], list[Any]]:
    """The operation's arguments and results."""
    values = program.values()
    arguments = [x.value if x.__class__ is Literal else values[x] for x in program.step.arguments]
    return arguments, [values[number] for number in program.step.results]


def _mutations(programs: list[Program], position: int) -> Iterator[Mutation]:
    """All of them, as many operations as the formula has in any of the programs."""
    known: dict[str, Mutation] = {}
    for program in programs:
        step, (arguments, results) = program.step, _around(program)
        rule = backward_rule(step.record, 1 << position, len(arguments))
        saved = [arguments[slot] if slot >= 0 else results[~slot] for slot in rule.save]
        facts = Facts(step.params, [np.shape(x) for x in arguments], [np.shape(y) for y in results])
        gs = [np.ones(np.shape(y)) for y in results if np.asarray(y).dtype.kind == "f"]
        events, shape = listen(rule.pulls[0], ARRAYS, gs[0] if len(gs) == 1 else tuple(gs), saved, facts)
        formula = step.record.rule(position)
        asked = parameters(formula) if callable(formula) else ()
        params = {name: value for name, value in step.params.items() if name in asked}
        place = Place(events, np.shape(arguments[position]), shape, saved, len(gs), params)
        for one in mutations(place):
            known.setdefault(one.name, one)
    yield from known.values()


def _forward_mutations(programs: list[Program], position: int) -> Iterator[Mutation]:
    """The same of the formula of forward mode."""
    known: dict[str, Mutation] = {}
    for program in programs:
        record = program.step.record
        at = min(position, record.star) if record.star >= 0 else position
        ear = Ear(record.jvps[at])
        _tangents(program, position, (*record.jvps[:at], ear, *record.jvps[at + 1 :]))
        for one in mutations(ear.place):
            known.setdefault(one.name, one)
    yield from known.values()


def _tried(  # noqa: C901 - a list of cases
    record: Record, position: int, mutation: Mutation, programs: list[Program]
) -> Outcome:
    """The verdict at up to two programs whose gradient is another: a regular one, and one at ties."""
    wrong = mutant(record, position, mutation)
    same, refused, judged_at = Counter[str](), "", set()
    outcome = Outcome(record.name, record.argument(position), mutation.name, "equivalent")
    for program in programs:
        if program.what in judged_at:
            continue
        if program.verdict == "edge" and not STRICT.intersection(words_for(record, position)):
            same["no more than an edge, at every point tried, where nothing is declared"] += 1
            continue
        if program.verdict == "kink" and not record.kinks:
            same["no more than a kink, at every point tried, where nothing is declared"] += 1
            continue
        subject = _with(program, wrong)
        try:
            gradients = by_rules(subject)
        except FAILURES as error:
            refused = type(error).__name__
            continue
        why = _unchanged(program.subject, gradients) or _within(program, wrong, position)
        if why:
            same[why] += 1
            continue
        changed = subject._replace(
            variables=tuple(v._replace(gradient=g) for v, g in zip(subject.variables, gradients, strict=True))
        )
        judgement = _judged(changed, program.hearing)
        if program.verdict == "kink" and not judgement.faults and _all_agree(program.subject, judgement):
            same["the derivative itself, where the record declares another number"] += 1
            continue
        judged_at.add(program.what)
        if overall(judged(judgement)) != "wrong":
            return outcome._replace(state="missed", why=f"{program.what}: {overall(judged(judgement))}")
        if not judgement.faults or judgement.faults[0].step.record is not wrong:
            blamed = judgement.faults[0].step.record.name if judgement.faults else "nothing"
            outcome = outcome._replace(state="unblamed", why=f"{program.what}: {blamed} is blamed")
        elif outcome.state == "equivalent":
            outcome = outcome._replace(state="caught")
    if outcome.state == "equivalent" and not same:
        return outcome._replace(state="refused", why=f"the rule cannot run ({refused or 'nowhere'})")
    if outcome.state != "equivalent":
        return outcome
    why = same.most_common(1)[0][0]
    return outcome._replace(why=_told(wrong.compiled.touch) if why == SAME else why)


def _tried_forward(record: Record, position: int, mutation: Mutation, programs: list[Program]) -> Outcome:
    """Whether a forward rule that gives another tangent is said to be wrong, beside a right gradient."""
    wrong = forward_mutant(record, position, mutation)
    outcome = Outcome(record.name, record.argument(position), mutation.name, "equivalent", forward=True)
    refused, same = "", False
    for program in programs:
        try:
            right, other = (_tangents(program, position, one.jvps) for one in (record, wrong))
        except FAILURES as error:
            refused = type(error).__name__
            continue
        if not _differ(right, other):
            same = True
            continue
        subject = _with(program, wrong)
        hearing = program.hearing._replace(transposition=transposition(subject))
        judgement = _judged(subject, hearing)
        faults = [fault for fault in judgement.faults if fault.forward]
        if not faults and not judgement.notes:
            return outcome._replace(state="missed", why=overall(judged(judgement)))
        if not faults or faults[0].step.record is not wrong:
            return outcome._replace(state="unblamed", why="nothing or another is blamed")
        return outcome._replace(state="caught")
    if same:
        at = min(position, record.star) if record.star >= 0 else position
        return outcome._replace(why=_told(wrong.jvps[at].touch))
    return outcome._replace(state="refused", why=f"the rule cannot run ({refused or 'nowhere'})")


def _judged(subject: Subject, hearing: Hearing) -> Judgement:
    """The judgement; where nothing is blamed after another look with more time: machines may be busy."""
    judgement = judge(subject, ASKED, hearing=hearing)
    return judgement if judgement.faults else judge(subject, PATIENT, hearing=hearing)


def _tangents(program: Program, position: int, jvps: tuple[Any, ...]) -> list[Any]:
    """The tangents of an operation's results along a direction in one argument."""
    arguments, results = _around(program)
    direction = np.random.default_rng(1).standard_normal(np.shape(arguments[position]))
    record = copy(program.step.record)
    record.jvps = jvps
    moving = [direction if i == position else None for i in range(len(arguments))]
    found = push(NUMPY, record, arguments, results, moving, program.step.params)
    return [
        np.asarray(t)
        for t, y in zip(found, results, strict=True)
        if t is not None and np.asarray(y).dtype.kind == "f"
    ]


def _differ(right: list[Any], other: list[Any]) -> bool:
    """Whether tangents are others by more than the tolerance."""
    if len(right) != len(other):
        return True
    for a, b in zip(right, other, strict=True):
        size = np.where(np.isfinite(a), np.abs(a), 0.0)
        near = np.abs(a - b) <= SEEN * (ASKED.rtol * size + ASKED.atol * np.max(size, initial=0.0))
        if not (near | (np.isnan(a) & np.isnan(b))).all():
            return True
    return False


def _told(touch: Touch) -> str:
    """Why a mutant changes nothing: what is got wrong is 0, or not there; or nothing depends on it."""
    if touch.other:
        return "what is got wrong is another number, and the derivative is the same whatever it is"
    return "what is got wrong is the same number: 0, equal to its neighbour, or where no tie is"


def _with(program: Program, record: Record) -> Subject:
    """The program with another record at its step."""
    trace = program.subject.trace
    steps = list(trace.steps)
    steps[program.index] = steps[program.index]._replace(record=record)
    return program.subject._replace(trace=trace._replace(steps=tuple(steps)))


def _unchanged(subject: Subject, gradients: list[Any]) -> str:
    """Why a gradient is not to be told from the right one; empty where it is."""
    right = [np.asarray(variable.gradient) for variable in subject.variables]
    if all(np.array_equal(a, b, equal_nan=True) for a, b in zip(right, gradients, strict=True)):
        return SAME
    for a, b in zip(right, gradients, strict=True):
        off = np.abs(a - b) > SEEN * (ASKED.atol + ASKED.rtol * np.abs(a))
        if (off | (np.isfinite(a) != np.isfinite(b))).any():
            return ""
    return "a gradient within the tolerance, at every point tried"


def _all_agree(right: Subject, judgement: Judgement) -> bool:
    """Whether all elements that are others than they were agree with the witnesses."""
    return all(
        (finding.verdicts[np.asarray(a.gradient) != np.asarray(b.gradient)] == "agrees").all()
        for a, b, finding in zip(
            right.variables, judgement.subject.variables, judgement.findings, strict=True
        )
    )


def _within(program: Program, wrong: Record, position: int) -> str:
    """Why a rule is not to be told from the right one, beside what it is added to; empty where it is."""
    values, step = program.values(), program.step
    random = np.random.default_rng(0)
    results = [np.asarray(values[number]) for number in step.results]
    gs = [random.standard_normal(y.shape) for y in results if y.dtype.kind == "f"]
    right = by_rule(step, values, gs, position)
    off = np.abs(by_rule(step._replace(record=wrong), values, gs, position) - right)
    size = np.where(np.isfinite(right), np.abs(right), 0.0)
    near = off <= SEEN * (ASKED.rtol * size + ASKED.atol * np.max(size, initial=0.0))
    return "a rule within the tolerance, at every point tried" if (near | (off == 0)).all() else ""


def failed(found: dict[str, Any]) -> bool:
    """Returns whether a wrong rule was missed or not blamed, or a right one called wrong."""
    return bool(found["alarms"]) or any(one.state in ("missed", "unblamed") for one in found["outcomes"])
