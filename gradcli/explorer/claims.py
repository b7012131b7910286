"""Derivatives that the user derived: read, and computed wherever they are judged."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from gradcli.autograd import Tensor
from gradcli.checks.subject import Subject
from gradcli.diagnostics import InputFault, NameFault, Source, Span
from gradcli.explorer.bindings import Value, no_variable, read_value
from gradcli.explorer.python_file import PythonFiles, gradients_of, is_function
from gradcli.explorer.values import array_of, as_tensor
from gradcli.explorer.workspace import located
from gradcli.language import tree
from gradcli.language.program import Program, parse
from gradcli.plan import taped

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from gradcli.explorer.python_file import OwnFunction
    from gradcli.explorer.tracing import Traced
    from gradcli.language.limits import Limits

__all__ = ["Claim", "claimed", "edited", "read_claims", "recorded"]

MOST_NAMES = 12  # that a help lists


class Claim(NamedTuple):
    """A variable and what the user says its gradient is.

    Attributes:
        name: the variable.
        value: the formula, with the intermediate values it is made of, or what a file holds.
        own: a Python function of the user's, in place of a formula.
        alone: whether that is said to give the gradient of this variable, and not those of all.
    """

    name: str
    value: Value
    own: OwnFunction | None = None
    alone: bool = False

    @property
    def is_formula(self) -> bool:
        """Whether it can be computed at other points than the bindings."""
        return self.own is not None or self.value.program is not None


def read_claims(texts: Iterable[str], names: Sequence[str], limits: Limits) -> tuple[Claim, ...]:
    """Returns the claims of `--against NAME=VALUE`, one per variable.

    A text may name intermediate values first: `p = softmax(z, 0); z = p - y`.

    Raises:
        InputFault: a claim has no `=`, is for no variable, or for one that has a claim already.
        SyntaxFault: a formula does not parse.
    """
    found: dict[str, Claim] = {}
    files = PythonFiles()
    for text in texts:
        if is_function(text.strip()) and not text.partition("=")[0].strip().isidentifier():
            own = files.function(text.strip())
            empty = Value(Source("--against", text), None)
            found |= {name: Claim(name, empty, own) for name in names if name not in found}
            continue
        for claim, place in _read(text, names, limits, files):
            if claim.name in found:
                raise InputFault(
                    "E507", f"--against: `{claim.name}` has two claims", span=place, help="give it one"
                )
            found[claim.name] = claim
    return tuple(found.values())


def _read(
    text: str, names: Sequence[str], limits: Limits, files: PythonFiles
) -> Iterator[tuple[Claim, Span]]:
    """The claims of one text, each with the place of its name."""
    head, equals, formula = text.partition("=")
    name = head.strip()
    if formula.lstrip(" \t").startswith(("\n", "\r")):
        formula = formula.strip()
    place = Span(Source("--against", text), 0, len(text) if not equals else max(len(head.rstrip()), 1))
    if not equals or formula.startswith("="):
        raise InputFault(
            "E507",
            "--against needs NAME=FORMULA",
            span=place,
            help='write for example --against "x = 2*x"',
        )
    if not formula.lstrip().startswith("@") and (";" in formula or "\n" in formula.strip()):
        several = Source("--against", f"{name} = {formula.strip()}")
        claims = list(_of_statements(parse(several, limits), names))
        if claims:
            yield from claims
            return
    if name not in names:
        raise no_variable("E507", "--against", name, names, place)
    if is_function(formula.strip()):
        own = files.function(formula.strip())
        yield Claim(name, Value(Source("--against", text), None), own, alone=True), place
        return
    yield Claim(name, read_value(Source(f"--against {name}", formula), limits)), place


def _of_statements(program: Program, names: Sequence[str]) -> Iterator[tuple[Claim, Span]]:
    """What statements assign to variables, each with the intermediate values before it."""
    before: list[tree.Statement] = []
    for statement in program.statements:
        target = statement.targets[0] if isinstance(statement, tree.Assign) else None
        if isinstance(statement, tree.Assign) and isinstance(target, tree.Name) and target.name in names:
            value = statement.value
            last = tree.Evaluate((value.start, value.end), value)
            formula = Program(program.source, program.limits, [*before, last], program.scope)
            yield Claim(target.name, Value(program.source, formula)), program.span(target)
        else:
            before.append(statement)


def edited(claim: Claim, text: str) -> Claim:
    """Returns a claim whose text, intermediate values and all, is another one.

    Raises:
        SyntaxFault: it is no formula.
    """
    assert claim.value.program is not None  # noqa: S101 - for the type checker
    source, limits = Source(claim.value.source.name, text), claim.value.program.limits
    program = parse(source, limits)
    found = next((one for one, _ in _of_statements(program, (claim.name,))), None)
    return found or claim._replace(value=read_value(source, limits))


def claimed(claim: Claim, traced: Traced) -> Any:
    """Returns what a claim says at a point, float64, of whatever shape it has.

    Raises:
        GradcliError: it cannot be computed, or is no tensor.
    """
    if claim.own is not None:
        return _by_own(claim.own, claim.name, traced, alone=claim.alone)
    array = array_of(_computed(claim, traced))
    if array.dtype.kind not in "fiub":
        with located(claim.value):
            raise InputFault("E507", f"--against: the claim for `{claim.name}` is not real")
    return np.asarray(array, np.float64)


def recorded(claim: Claim, traced: Traced) -> Subject | None:
    """Returns a formula as a trace with one output, from the variables on; None of what is no formula."""
    if claim.value.program is None:
        return None
    with taped(traced.tape):
        found = _computed(claim, traced)
        trace = traced.tape.trace([found])
    return Subject(trace, traced.subject.variables, (np.ones(found.shape),))


def _computed(claim: Claim, traced: Traced) -> Tensor:
    """The value of a claim; the names that it makes are forgotten."""
    program, values = claim.value.program, traced.space.values
    made = set() if program is None else program.scope.bound
    before = {name: values[name] for name in made if name in values}
    try:
        with located(claim.value):
            value = traced.space.compute(claim.value)
            return Tensor(np.array(value)) if isinstance(value, np.ndarray) else as_tensor(value)
    except NameFault as fault:
        _advise(fault, claim, traced)
        raise
    finally:
        for name in made:
            if name not in before:
                values.pop(name, None)
        values.update(before)


def _advise(fault: NameFault, claim: Claim, traced: Traced) -> None:
    """Says which names a formula may use."""
    if fault.diagnostic.code != "E201":
        return
    bound = list(traced.space.values)[:MOST_NAMES]
    words = (
        f"the names are {', '.join(bound)}; a name of your own is made before: h = ...; {claim.name} = ..."
    )
    span = fault.diagnostic.span
    if span is not None and span.text == "n":
        words = f"the number of elements of {claim.name} is {claim.name}.numel(); {words}"
    fault.diagnostic = fault.diagnostic._replace(help=words)


def _by_own(own: OwnFunction, name: str, traced: Traced, *, alone: bool) -> Any:
    """What a Python function of the user's gives for a variable."""
    names = [variable.name for variable in traced.subject.variables]
    values = {
        key: np.array(array_of(value)) if isinstance(value, Tensor) else value
        for key, value in traced.space.values.items()
    }
    found = own(names, values)
    if alone and not isinstance(found, tuple):  # as it would be for a function that gives all
        names = [name]
    return gradients_of(found, names, own.text)[names.index(name)]
