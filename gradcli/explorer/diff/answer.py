"""`diff`: what is the gradient, as a formula and as a program?"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, NamedTuple

from gradcli.diagnostics import InputFault, RuntimeFault
from gradcli.explorer.derivatives import said, write_down
from gradcli.explorer.diff.deriving import PRODUCT, Derived, derive
from gradcli.explorer.diff.languages import GRADCLI
from gradcli.explorer.diff.naming import definitions_of, name_parts, writer_for
from gradcli.explorer.diff.own_operations import own_operations
from gradcli.explorer.diff.verify import points, reproduces, text_reproduces
from gradcli.explorer.differentiate import starting_gradients
from gradcli.explorer.job import read_job
from gradcli.explorer.workspace import whole
from gradcli.reports.diff import Definition, Derivative, Diff

if TYPE_CHECKING:
    from collections.abc import Callable

    from gradcli.diagnostics import Diagnostic
    from gradcli.explorer.derivatives import Written
    from gradcli.explorer.diff.deriving import Result
    from gradcli.explorer.diff.naming import Names
    from gradcli.explorer.diff.verify import Point
    from gradcli.explorer.job import Job
    from gradcli.explorer.request import EvalRequest

__all__ = ["DiffRequest", "explore_diff"]

# Each attempt says less at exceptional points than the one before: first the textbook form.
ATTEMPTS = ((True, True), (True, False), (False, False))  # simplified, without guards


class DiffRequest(NamedTuple):
    """What `diff` is asked beside the expressions.

    Attributes:
        order: 1 or 2.
        language: to write a program in; empty for none.
        with_test: whether the program tests itself.
    """

    order: int = 1
    language: str = ""
    with_test: bool = False


class _Shown(NamedTuple):
    """Formulas that reproduce the derivatives."""

    derived: Derived
    names: Names
    derivatives: tuple[Derivative, ...]


def explore_diff(request: EvalRequest, asked: DiffRequest, warn: Callable[[Diagnostic], None]) -> Diff:
    """Returns the gradient of the expressions as formulas, and as a program where one is asked for.

    Raises:
        GradcliError: a text cannot be read or run, has no derivative, or no formula that reproduces it.
    """
    if asked.with_test and asked.language in {"", "gradcli", "latex"}:
        raise InputFault(
            "E506",
            "--with-test writes a program that tests itself, which needs a language",
            help="add --emit numpy, torch, jax or sympy",
        )
    with said(request, warn):
        job = read_job(request)
        written = write_down(job, "a formula")
        notes = [*written.notes(job), *_from_ones(job, written)]
        found = points(job, written.variables, asked.order)
        if not any(root.requires_grad for root in written.roots):
            from gradcli.explorer.evaluate import evaluate  # it refuses, and says what cut the variables off

            evaluate(request, lambda _: None)
        if found[0].unreached:
            names = ", ".join(found[0].unreached)
            notes.append(f"no derivative leads from the value to {names}: the gradient is zero")
        shown = _shown(job, written, found, asked.order)
        program = ""
        if asked.language and asked.language != "latex":  # which views write
            from gradcli.explorer.diff.emitting import emit  # only where a program is wanted

            program = emit(shown.derived, asked.language, with_test=asked.with_test, programs=job.programs)
    return _report(job, asked, shown, program, len(found), notes)


def _from_ones(job: Job, written: Written) -> tuple[str, ...]:
    """What is to be known of the gradients that backward starts from; PyTorch's error where it has none."""
    weights, notes = starting_gradients((), written.space, written.roots)
    for root, weight, program in zip(written.roots, weights, job.programs, strict=True):
        if weight is None and math.prod(root.shape) != 1:
            raise RuntimeFault(
                "E401",
                "grad can be implicitly created only for scalar outputs",
                span=whole(program),
                help="give --grad-tensors, or reduce it: sum(...), mean(...); `gradcli jacobian` shows all",
            )
    return notes


def _shown(job: Job, written: Written, found: list[Point], order: int) -> _Shown:
    """The first attempt whose formulas all reproduce; of those that do not the ones of a later attempt."""
    spare = None  # right in numbers, but not as a text that runs
    for simplified, guards in ATTEMPTS:
        try:
            derived = derive(job, written, order=order, simplify=simplified, guards=guards)
        except RecursionError:  # of rules that go down into the terms of a term: the last attempt has none
            continue
        if not reproduces(derived, found, job.request.dtype):
            continue
        leaves = derived.reading.leaves
        taken = [*written.space.values, *(leaf.data for leaf in derived.directions.values())]
        terms = [result.term for result in (*derived.gradient, *derived.results)]
        names = name_parts(derived.reading.m, [*dict.fromkeys(terms)], leaves, taken)
        made = [_written(derived, result, names, simplified=simplified) for result in derived.results]
        if all(
            one.program is None or text_reproduces(one.program, derived, result, found, job)
            for one, result in zip(made, derived.results, strict=True)
        ):
            return _Shown(derived, names, tuple(made))
        if spare is None:
            spare = _Shown(derived, names, tuple(one._replace(program=None) for one in made))
    if spare is not None:
        return spare
    raise RuntimeFault(
        "E403",
        "no formula was found that reproduces the gradient at this point",
        span=whole(job.programs[0]),
        help="`gradcli explain` shows the backward pass step by step, with numbers",
    )


def _written(derived: Derived, result: Result, names: Names, *, simplified: bool) -> Derivative:
    writer = writer_for(GRADCLI, names, derived.reading.leaves, result.variables[-1])
    formula = writer.definition(result.term)
    definitions = definitions_of(result.term, names, writer)
    lines = [f"{one.name} = {one.formula}" for one in definitions]
    return Derivative(
        result.variables,
        result.kind,
        result.term.shape,
        formula,
        definitions,
        None if writer.unspelled else "; ".join([*lines, formula]),
        tuple(writer.unspelled),
        simplified,
        derived.directions[result.variables[0]].data if result.kind == PRODUCT else "",
    )


def _named(names: list[str]) -> list[str]:
    """What is to be said of operations that a formula only names."""
    own = own_operations(names)
    others = [name for name in names if name not in own]
    verb = "appears by its name: it has" if len(others) == 1 else "appear by their names: they have"
    return [
        *own.values(),
        *([f"{', '.join(others)} {verb} no closed form here"] if others else []),
    ]


def _report(  # noqa: PLR0913 - the parts of a report
    job: Job, asked: DiffRequest, shown: _Shown, program: str, count: int, notes: list[str]
) -> Diff:
    derived = shown.derived
    m = derived.reading.m
    if any(one.program is None and not one.named for one in shown.derivatives):
        notes.append("a formula here cannot be run as it stands; its numbers were compared all the same")
    named = sorted({name for one in shown.derivatives for name in one.named})
    notes += _named(named)
    if not all(one.simplified for one in shown.derivatives):
        notes.append(
            "the simplified formula does not reproduce the gradient here; this is the backward pass as it ran"
        )
    roots = derived.reading.roots
    return Diff(
        expressions=tuple(program.source.text.strip() for program in job.programs),
        shape=roots[0].shape,
        derivatives=shown.derivatives,
        order=asked.order,
        assumed=tuple(m.assumed),
        rules=tuple(Definition(name, identity) for name, identity in m.used.items()),
        points=count,
        notes=tuple(notes),
        language=asked.language,
        program=program,
    )
