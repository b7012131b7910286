"""Derivatives that the user derived: read, computed at several points, and their slips named."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from gradcli.autograd import Tensor
from gradcli.checks.slips import Evidence, close, name_slip
from gradcli.diagnostics import Diagnostic, GradcliError, InputFault, Source, Span, did_you_mean
from gradcli.explorer.bindings import Value, read_value
from gradcli.explorer.python_file import PythonFiles, gradients_of, is_function
from gradcli.explorer.repairs import repairs
from gradcli.explorer.values import array_of, as_tensor
from gradcli.explorer.workspace import located, whole
from gradcli.language.program import parse_value

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from gradcli.explorer.python_file import OwnFunction
    from gradcli.explorer.tracing import Traced
    from gradcli.language.limits import Limits

__all__ = ["Claim", "claimed", "read_claims", "slip_of"]

LONGEST = 100
ONLY_HERE = "right only at this point"


class Claim(NamedTuple):
    """A variable and what the user says its gradient is.

    Attributes:
        name: the variable.
        value: the formula, or what a file holds.
        own: a Python function of the user's, in place of a formula.
    """

    name: str
    value: Value
    own: OwnFunction | None = None

    @property
    def is_formula(self) -> bool:
        """Whether it can be computed at other points than the bindings."""
        return self.own is not None or self.value.program is not None


def read_claims(texts: Iterable[str], names: Sequence[str], limits: Limits) -> tuple[Claim, ...]:
    """Returns the claims of `--against NAME=VALUE`, one per variable.

    Raises:
        InputFault: a claim has no `=`, is for no variable, or for one that has a claim already.
        SyntaxFault: a formula does not parse.
    """
    found: dict[str, Claim] = {}
    files = PythonFiles()
    for text in texts:
        if is_function(text.strip()):
            own = files.function(text.strip())
            empty = Value(Source("--against", text), None)
            found |= {name: Claim(name, empty, own) for name in names if name not in found}
            continue
        head, equals, formula = text.partition("=")
        name = head.strip()
        place = Span(Source("--against", text), 0, len(text) if not equals else max(len(head.rstrip()), 1))
        if not equals or formula.startswith("="):
            raise InputFault(
                "E507",
                "--against needs NAME=FORMULA",
                span=place,
                help='write for example --against "x = 2*x"',
            )
        if name not in names:
            raise InputFault(
                "E507",
                f"--against: no variable is called `{name[:LONGEST]}`",
                span=place,
                label=did_you_mean(name, names),
                help=f"the variables are {', '.join(names)}",
            )
        if name in found:
            raise InputFault("E507", f"--against: `{name}` has two claims", span=place, help="give it one")
        found[name] = Claim(name, read_value(Source(f"--against {name}", formula), limits))
    return tuple(found.values())


def claimed(claim: Claim, traced: Traced) -> Any:
    """Returns what a claim says at a point, float64, of whatever shape it has.

    Raises:
        GradcliError: it cannot be computed, or is no tensor.
    """
    if claim.own is not None:
        return _by_own(claim.own, claim.name, traced)
    with located(claim.value):
        value = traced.space.compute(claim.value)
        array = value if isinstance(value, np.ndarray) else array_of(as_tensor(value))
        if array.dtype.kind not in "fiub":
            raise InputFault("E507", f"--against: the claim for `{claim.name}` is not real")
        return np.asarray(array, np.float64)


def _by_own(own: OwnFunction, name: str, traced: Traced) -> Any:
    """What a Python function of the user's gives for a variable."""
    names = [variable.name for variable in traced.subject.variables]
    values = {
        key: np.array(array_of(value)) if isinstance(value, Tensor) else value
        for key, value in traced.space.values.items()
    }
    return gradients_of(own(names, values), names, own.text)[names.index(name)]


def slip_of(
    claim: Claim, points: Sequence[Evidence], runs: Sequence[Traced], *, right_here: bool = False
) -> Diagnostic:
    """Returns what is wrong with a claim that is: the slip by name where one fits, and its place.

    Args:
        claim: the user's formula.
        points: what it says and what is true, at the bindings and at random points.
        runs: the points, for trying mended formulas.
        right_here: whether it is right at the bindings, as one of several subgradients too.
    """
    message = f"the claim for {claim.name} is wrong"
    span = whole(claim.value)
    named = name_slip(points) or (ONLY_HERE if right_here else "")
    program = claim.value.program
    vague = not named or named.startswith(("the shape is", "not summed", "right only"))
    if vague and program is not None:
        for repair in repairs(program):
            if _holds(claim, repair.text, points, runs):
                return Diagnostic(
                    "C402", f"{message}: {repair.slip}", span=repair.span, help=f"write {repair.text.strip()}"
                )
    if named:
        return Diagnostic("C402", f"{message}: {named}", span=span)
    return Diagnostic("C402", message, span=span, notes=("no usual slip explains it",))


def _holds(claim: Claim, text: str, points: Sequence[Evidence], runs: Sequence[Traced]) -> bool:
    """Whether an edited formula is right at every point."""
    try:
        value = Value(Source("--against", text), parse_value(Source("--against", text)))
        return all(
            close(claimed(claim._replace(value=value), run), one.truth)
            for one, run in zip(points, runs, strict=True)
        )
    except GradcliError:
        return False
