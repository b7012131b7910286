"""Wrong rules, judged: every rule of the catalog is got wrong in many ways, and is each caught and blamed?"""

from __future__ import annotations

import importlib.util
import time
import warnings
from collections import Counter
from collections.abc import Iterator
from copy import copy
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from mutations import Ear, Mutation, Place, forward_mutant, listen, mutant, mutations

from gradcli.autograd import Tensor, session
from gradcli.autograd.algebra import ARRAYS, TENSORS
from gradcli.checks.account import judged, overall
from gradcli.checks.conventions import words_for
from gradcli.checks.cuts import has_rule, without_constants
from gradcli.checks.hearing import Asked, Hearing, hear
from gradcli.checks.judge import judge
from gradcli.checks.local_rule import by_rule
from gradcli.checks.reverse import by_rules
from gradcli.checks.subject import Subject, Variable
from gradcli.checks.witnesses.forward import transposition
from gradcli.diagnostics import GradcliError
from gradcli.ops.algebra import NUMPY
from gradcli.ops.catalog import catalog
from gradcli.ops.record import Record
from gradcli.ops.rules import Facts, backward_rule, parameters, push
from gradcli.plan import taped
from gradcli.plan.trace import DOUBLES, Literal, Step

ASKED = Asked(witnesses=("complex", "fd", "precise"), max_time=1.0)
SEEN = 4.0  # times the tolerance: a gradient that is off by less is no wrong one
STRICT = {"zero", "left", "right"}
NOISE = 1e-9  # results that are no more are roundings of 0
SIZE = 40  # elements of an argument at the most
FAILURES = (
    GradcliError,
    ValueError,
    TypeError,
    IndexError,
    ArithmeticError,
    AttributeError,
    np.linalg.LinAlgError,
)


class Program(NamedTuple):
    """A program around one operation, with the right gradient and what the witnesses say.

    Attributes:
        subject: sum(sin(c * y) * w) of y = record(x * u, ...), traced.
        hearing: of the witnesses.
        index: of the operation's step.
        what: where it was taken: `samples`, or a place of ties and kinks.
        verdict: on the right gradient. At an edge sides are missing: only what a record declares can be held
            against a rule.
    """

    subject: Subject
    hearing: Hearing
    index: int
    what: str
    verdict: str

    @property
    def step(self) -> Step:
        """The operation."""
        return self.subject.trace.steps[self.index]

    def values(self) -> dict[int, Any]:
        """All that the program computes."""
        return self.subject.trace.run(self.subject.point(), DOUBLES.apply, DOUBLES.lift)


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


@cache
def laws() -> Any:
    """The tests' own samples of each record."""
    path = Path(__file__).parents[2] / "ops" / "conftest.py"
    spec = importlib.util.spec_from_file_location("laws", path)
    assert spec is not None and spec.loader is not None  # noqa: PT018 - one file
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module.LAWS


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
        lines += [
            f"{'forward' if forward else 'backward'} rules: {operations} operations, {len(of_mode)} mutants, of "
            f"which {tried} change the result",
            f"caught: {states['caught'] + states['unblamed']}; blamed on the right operation: "
            f"{states['caught']}",
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
    programs = list(_programs(record, alarms))
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


def _tried(record: Record, position: int, mutation: Mutation, programs: list[Program]) -> Outcome:
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
        judgement = judge(changed, ASKED, hearing=program.hearing)
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
    return outcome if outcome.state != "equivalent" else outcome._replace(why=same.most_common(1)[0][0])


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
        judgement = judge(subject, ASKED, hearing=hearing)
        faults = [fault for fault in judgement.faults if fault.forward]
        if not faults and not judgement.notes:
            return outcome._replace(state="missed", why=overall(judged(judgement)))
        if not faults or faults[0].step.record is not wrong:
            return outcome._replace(state="unblamed", why="nothing or another is blamed")
        return outcome._replace(state="caught")
    if same:
        return outcome._replace(why="the same tangent, at every point tried")
    return outcome._replace(state="refused", why=f"the rule cannot run ({refused or 'nowhere'})")


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
        return "the same gradient to the last digit, at every point tried"
    for a, b in zip(right, gradients, strict=True):
        off = np.abs(a - b) > SEEN * (ASKED.atol + ASKED.rtol * np.abs(a))
        if (off | (np.isfinite(a) != np.isfinite(b))).any():
            return ""
    return "a gradient within the tolerance, at every point tried"


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


def _programs(record: Record, alarms: list[str]) -> Iterator[Program]:
    """Programs at the record's samples, and at places where elements are whole, equal or 0."""
    for number, (values, params) in enumerate(laws().cases(record)):
        if any(x.size > SIZE for x in values) or not any(x.size for x in values):
            continue
        for what, moved in _places(record, values, params):
            if number > 5 and what != "samples":
                continue
            try:
                subject, index = _subject(record, moved, params)
            except (*FAILURES, StopIteration):
                continue
            if what != "samples" and not _finite(subject):
                continue
            hearing = hear(subject, ASKED)
            verdict = overall(judged(judge(subject, ASKED, hearing=hearing)))
            if verdict == "wrong":
                alarms.append(f"{record.name}, case {number}, {what}")
            elif verdict != "inconclusive":
                usual = what in ("samples", "broadcast")
                yield Program(subject, hearing, index, "samples" if usual else "at kinks", verdict)


def _finite(subject: Subject) -> bool:
    """Whether all values and gradients are numbers: at poles a derivative has nothing to be compared with."""
    values = subject.trace.run(subject.point(), DOUBLES.apply, DOUBLES.lift)
    return all(np.isfinite(x).all() for x in values.values()) and all(
        np.isfinite(variable.gradient).all() for variable in subject.variables
    )


def _blank(x: Any) -> Any:
    """Where the zeros of a triangular matrix are."""
    matrix = x.ndim > 1 and x.shape[-1] == x.shape[-2]
    full = matrix and np.triu(x, 1).any() and np.tril(x, -1).any()
    return (x == 0) & (matrix and not full)


def _places(record: Record, values: tuple[Any, ...], params: Any) -> Iterator[tuple[str, tuple[Any, ...]]]:
    """The sample itself, and the same arguments with elements that are whole, equal, 0 or at a parameter."""
    yield "samples", values
    floats = [i for i, x in enumerate(values) if x.dtype.kind == "f"]
    if not floats:
        return

    def each(change: Any, which: Any = floats) -> tuple[Any, ...]:
        """Some changed; of a triangular matrix the other triangle stays 0."""
        return tuple(np.where(_blank(x), x, change(x)) if i in which else x for i, x in enumerate(values))

    if record.kind == "elementwise" and len(floats) > 1:
        for i in floats:
            if values[i].ndim and values[i].shape[-1] > 1:
                yield "broadcast", each(lambda x: x[..., :1].reshape(-1)[:1], (i,))
    yield "whole", each(np.round)
    yield "halves", each(lambda x: np.round(2 * x) / 2)
    yield "ones", each(np.ones_like)
    yield "zeros", each(np.zeros_like)
    yield "threes", each(lambda x: np.round(x) * 3)
    if record.kind == "linear":
        return
    numbers = [float(p) for p in params.values() if type(p) in (int, float) and np.isfinite(p)]
    if numbers:
        cycle = np.array([sign * p for p in numbers for sign in (1, -1)])
        yield "at a parameter", each(lambda x: np.resize(cycle, x.shape))
    for i in floats[1:]:
        first = values[floats[0]]
        if first.shape == values[i].shape and first.ndim:
            yield "equal", each(lambda _, first=first: first, (i,))
            if numbers:
                apart = np.resize(cycle, first.shape)
                halves = np.round(2 * first) / 2
                yield (
                    "apart",
                    tuple(
                        halves + apart if k == i else halves if k == floats[0] else x
                        for k, x in enumerate(values)
                    ),
                )


def _subject(record: Record, values: tuple[Any, ...], params: Any) -> tuple[Subject, int]:
    """sum(sin(c * y) * w) of y = record(x * u, ...): a variable per argument, and u = 1 before all."""
    random = np.random.default_rng(0)
    with taped() as tape:
        u = Tensor(np.ones(()), requires_grad=True)
        tape.input(u)
        leaves, arguments = [u], []
        for i, x in enumerate(values):
            if x.dtype.kind == "f" and has_rule(record, i):
                leaf = Tensor(np.array(x, np.float64), requires_grad=True)
                tape.input(leaf)
                leaves.append(leaf)
                arguments.append(TENSORS.mul(laws_kind(record, x)(leaf), u))
            else:
                arguments.append(Tensor(x))
        found = TENSORS.apply(record, arguments, params)
        outs = [
            y
            for y in (found if isinstance(found, tuple) else (found,))
            if y.dtype.dtype.kind == "f" and y.numel()
        ]
        roots = []
        for y in outs:
            array = y._array
            largest = float(np.max(np.abs(array), initial=0.0))
            scale = largest if largest > NOISE else 1.0
            weight = Tensor(random.standard_normal(array.shape))
            roots.append((TENSORS.sin(y * (1.3 / scale)) * weight).sum())
        trace = tape.trace(roots)
    variables = tuple(Variable(f"x{i}", leaf._array, np.zeros(leaf.shape)) for i, leaf in enumerate(leaves))
    subject, _ = without_constants(Subject(trace, variables, tuple(np.ones(()) for _ in roots)))
    gradients = by_rules(subject)
    subject = subject._replace(
        variables=tuple(v._replace(gradient=g) for v, g in zip(variables, gradients, strict=True))
    )
    index = next(i for i, step in enumerate(subject.trace.steps) if step.record is record)
    return subject, index


def laws_kind(record: Record, x: Any) -> Any:
    """How an argument is made of its variable: symmetric or triangular matrices stay what they are."""
    square = record.kind == "general" and x.ndim > 1 and x.shape[-1] == x.shape[-2] > 1
    if square and np.array_equal(x, np.swapaxes(x, -1, -2)):
        return lambda t: (t + TENSORS.mT(t)) * 0.5
    if square and not np.triu(x, 1).any():
        return lambda t: TENSORS.tril(t, diagonal=0)
    if square and not np.tril(x, -1).any():
        return lambda t: TENSORS.triu(t, diagonal=0)
    return lambda t: t


def failed(found: dict[str, Any]) -> bool:
    """Returns whether a wrong rule was missed or not blamed, or a right one called wrong."""
    return bool(found["alarms"]) or any(one.state in ("missed", "unblamed") for one in found["outcomes"])
