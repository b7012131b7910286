"""A chain-rule factor put where it is missing inside a formula, or taken out of it.

Each part of the formula is multiplied, and divided, by what the program's chain rule multiplies by: the local
derivatives of its operations, and the values of those whose derivative is made of their value (softmax, a
norm). A repair is believed only if it holds at every point.
"""

from __future__ import annotations

import time
from itertools import product
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from gradcli.autograd import Tensor
from gradcli.checks.slips import close, factor_words
from gradcli.diagnostics import GradcliError
from gradcli.explorer.bindings import Value
from gradcli.explorer.claims import Claim, claimed, edited
from gradcli.explorer.repairs import Repair
from gradcli.language import tree
from gradcli.language.program import Program
from gradcli.language.tree.walking import walk

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from gradcli.checks.slips import Evidence, Factor
    from gradcli.explorer.tracing import Traced

__all__ = ["chain_repairs"]

LONGEST = 5.0  # seconds of trying
PART = "part_of_the_formula"  # the name that a changed part has meanwhile
ROUGHLY = 1e-5  # of what is float32: the values of parts are as the program computes them


class _Part(NamedTuple):
    """A part of a formula.

    Attributes:
        node: of the tree.
        alone: the claim that is this part alone.
        around: the claim with PART in its place.
    """

    node: Any
    alone: Claim
    around: Claim


def chain_repairs(claim: Claim, points: Sequence[Evidence], runs: Sequence[Traced]) -> Iterator[Repair]:
    """Returns the chain-rule factors that, put at one place of a formula, make it right at every point."""
    program = claim.value.program
    assert program is not None  # noqa: S101 - of what is no formula there are no parts
    deadline = time.monotonic() + LONGEST
    # The last point is a random one: what holds there is hardly a coincidence.
    order = [len(points) - 1, *range(len(points) - 1)]
    parts = list(_parts(claim, program))
    factors = [at for at in range(len(points[0].factors)) if _varies(points, at)]
    factors.sort(key=lambda at: points[0].factors[at].is_value)
    for what, fitting in product(("missing", "too many"), (_same_shape, _spread)):
        for at, part in product(factors, parts):
            if time.monotonic() > deadline:
                return
            if all(_holds(part, points[k], runs[k], at, what, fitting) for k in order):
                yield _repair(program, part, points[0].factors[at], what)


def _parts(claim: Claim, program: Program) -> Iterator[_Part]:
    """The parts that have a value of their own, the outer ones first."""
    text, seen = program.source.text, set()
    for k, statement in enumerate(program.statements):
        for node in _expressions(getattr(statement, "value", None)):
            place = node.start, node.end
            if place in seen:
                continue
            seen.add(place)
            alone = [*program.statements[:k], tree.Evaluate(place, node)]
            try:
                around = edited(claim, f"{text[: node.start]}({PART}){text[node.end :]}")
            except GradcliError:
                continue
            only = Program(program.source, program.limits, alone, program.scope)
            yield _Part(node, claim._replace(value=Value(program.source, only)), around)


def _expressions(found: Any) -> Iterator[tree.Expression]:
    """The expressions below, also those that a chain of operators begins with."""
    for node in walk(found):
        if isinstance(node, tree.Chain):
            for i in range(len(node.links), 0, -1):
                last = node.links[i - 1]
                yield tree.Chain((last.start, last.end), node.first, node.links[:i])
        elif isinstance(node, tree.Expression) and not isinstance(node, tree.Constant):
            yield node


def _varies(points: Sequence[Evidence], at: int) -> bool:
    return any(not np.allclose(np.abs(one.factors[at].values), 1) for one in points)


def _holds(  # noqa: PLR0913 - a part, a point, and what is done to it
    part: _Part, point: Evidence, run: Traced, at: int, what: str, fitting: Callable[[Any, Any], Any]
) -> bool:
    """Whether the formula is right at a point with a factor at a part of it."""
    values = run.space.values
    try:
        value = claimed(part.alone, run)
        factor = fitting(point.factors[at].values, value.shape)
        if factor is None:
            return False
        with np.errstate(all="ignore"):
            values[PART] = Tensor(value * factor if what == "missing" else value / factor)
        return close(claimed(part.around, run), point.truth, ROUGHLY)
    except GradcliError:
        return False
    finally:
        values.pop(PART, None)


def _same_shape(factor: Any, shape: tuple[int, ...]) -> Any | None:
    """A factor that has a number for each element of an array of a shape; None of any other."""
    return factor if factor.shape == shape else None


def _spread(factor: Any, shape: tuple[int, ...]) -> Any | None:
    """A factor of another shape, as it multiplies an array of a shape; None where it does not."""
    if factor.shape == shape:
        return None
    found = factor
    if found.shape != shape and found.shape == shape[::-1]:
        found = found.T
    elif found.ndim and found.ndim < len(shape) and found.shape == shape[: found.ndim]:
        found = found.reshape(found.shape + (1,) * (len(shape) - found.ndim))  # a number per row
    try:
        return found if np.broadcast_shapes(found.shape, shape) == shape else None
    except ValueError:
        return None


def _repair(program: Program, part: _Part, factor: Factor, what: str) -> Repair:
    text, place = program.text(part.node), program.span(part.node)
    words = f"multiply `{text}` by it" if what == "missing" else f"divide `{text}` by {factor.words}"
    return Repair(factor_words(factor, what), "", place, words)
