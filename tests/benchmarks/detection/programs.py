"""Programs around one operation, at points that exercise its rules, and what the witnesses say there."""

from __future__ import annotations

import importlib.util
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from gradcli.autograd import Tensor
from gradcli.autograd.algebra import TENSORS
from gradcli.checks.account import judged, overall
from gradcli.checks.cuts import without_constants
from gradcli.checks.hearing import Asked, Hearing, hear
from gradcli.checks.judge import judge
from gradcli.checks.reverse import by_rules
from gradcli.checks.subject import Subject, Variable
from gradcli.diagnostics import GradcliError
from gradcli.ops.record import Record
from gradcli.plan import taped
from gradcli.plan.derivatives import has_rule
from gradcli.plan.trace import DOUBLES, Step

ASKED = Asked(witnesses=("complex", "fd", "precise"), max_time=1.0)
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


@cache
def laws() -> Any:
    """The tests' own samples of each record."""
    path = Path(__file__).parents[2] / "ops" / "conftest.py"
    spec = importlib.util.spec_from_file_location("laws", path)
    assert spec is not None and spec.loader is not None  # noqa: PT018 - one file
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module.LAWS


def programs_of(record: Record, alarms: list[str]) -> Iterator[Program]:
    """Programs at the record's samples, and at places where elements are whole, equal or 0."""
    for number, (values, params) in enumerate(laws().cases(record)):
        if any(x.size > SIZE for x in values) or not any(x.size for x in values):
            continue
        for what, moved in places(record, values, params):
            if number > 5 and what != "samples":
                continue
            try:
                subject, index = subject_at(record, moved, params)
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


def _dependent(x: Any) -> Any:
    """A square matrix whose last row is the sum of the others."""
    found = x.copy()
    found[..., -1, :] = found[..., :-1, :].sum(-2)
    return found


def places(  # noqa: C901 - a list of cases
    record: Record, values: tuple[Any, ...], params: Any
) -> Iterator[tuple[str, tuple[Any, ...]]]:
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
    if values[0].ndim > 1 and values[0].shape[-1] == values[0].shape[-2]:
        yield "dependent", each(_dependent, floats[:1])
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


def subject_at(record: Record, values: tuple[Any, ...], params: Any) -> tuple[Subject, int]:
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
                arguments.append(TENSORS.mul(_kept(record, x)(leaf), u))
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


def _kept(record: Record, x: Any) -> Any:
    """How an argument is made of its variable: symmetric or triangular matrices stay what they are."""
    square = record.kind == "general" and x.ndim > 1 and x.shape[-1] == x.shape[-2] > 1
    if square and np.array_equal(x, np.swapaxes(x, -1, -2)):
        return lambda t: (t + TENSORS.mT(t)) * 0.5
    if square and not np.triu(x, 1).any():
        return lambda t: TENSORS.tril(t, diagonal=0)
    if square and not np.tril(x, -1).any():
        return lambda t: TENSORS.triu(t, diagonal=0)
    return lambda t: t
