"""Derivatives of a reading: the gradient, and second derivatives in the form that says most."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from gradcli.explorer.diff.formulas import Formulas
from gradcli.explorer.diff.reading import Reading, read
from gradcli.explorer.diff.records import where
from gradcli.explorer.diff.reverse import derivatives
from gradcli.explorer.diff.second import elementwise_factor, matrix_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from gradcli.explorer.derivatives import Written
    from gradcli.explorer.diff.terms import Term
    from gradcli.explorer.job import Job

__all__ = ["ELEMENTWISE", "GRADIENT", "HESSIAN", "PRODUCT", "SECOND", "Derived", "Result", "derive"]

GRADIENT, SECOND, ELEMENTWISE, HESSIAN, PRODUCT = (
    "gradient", "second derivative", "elementwise", "hessian", "product",
)  # fmt: skip
DIRECTIONS = ("v", "u", "w", "d")


class Result(NamedTuple):
    """One derivative.

    Attributes:
        variables: what it is taken for, one name per order.
        kind: what the formula is: the derivative itself, or how it makes it.
        term: the formula.
    """

    variables: tuple[str, ...]
    kind: str
    term: Term


class Derived(NamedTuple):
    """The formulas of a run.

    Attributes:
        reading: the run as terms.
        gradient: per variable.
        results: what was asked for.
        directions: the leaves that products are taken with, by variable.
    """

    reading: Reading
    gradient: tuple[Result, ...]
    results: tuple[Result, ...]
    directions: dict[str, Term]


def derive(job: Job, written: Written, *, order: int, simplify: bool, guards: bool) -> Derived:
    """Returns the derivatives of a run as terms.

    Args:
        job: what was asked, for the names that it binds.
        written: the run.
        order: 1 or 2.
        simplify: whether the rules of simplification are used.
        guards: whether what rules do at exceptional points is left out.
    """
    m = Formulas(simplify=simplify, guards=guards)
    values = written.space.values
    bound = {one.name: values[one.name] for one in job.bindings if one.name in values}
    reading = read(m, written.linear.trace, written.variables, bound)
    names = list(written.variables)
    leaves = [reading.leaves[name] for name in names]
    weighted = [(root, m.broadcast(m.number(1), root.shape, root)) for root in reading.roots if root.moving]
    gradient = _gradient(m, weighted, leaves)
    first = tuple(Result((name,), GRADIENT, term) for name, term in zip(names, gradient, strict=True))
    if order == 1:
        return Derived(reading, first, first, {})
    directions = _directions(m, names, leaves, [*written.space.values])
    results = [
        result
        for i, name in enumerate(names)
        for result in _second(
            m, gradient[i], directions[name], name, dict(zip(names[i:], leaves[i:], strict=True))
        )
    ]
    used = {result.variables[0] for result in results if result.kind == PRODUCT}
    return Derived(reading, first, tuple(results), {name: directions[name] for name in used})


def _gradient(m: Formulas, weighted: Sequence[tuple[Term, Term]], leaves: Sequence[Term]) -> list[Term]:
    found = derivatives(m, weighted, leaves)
    return [
        m.filled(0, leaf.shape) if one is None else _as_number(m, one)
        for one, leaf in zip(found, leaves, strict=True)
    ]


def _as_number(m: Formulas, term: Term) -> Term:
    """A term as numbers: of a mask, which a product with nothing else is, ones and zeros."""
    return where(m, term, m.number(1), m.number(0)) if term.dtype.kind == "b" else term


def _directions(m: Formulas, names: list[str], leaves: list[Term], taken: list[str]) -> dict[str, Term]:
    """A leaf per variable, of its shape and along its axes."""
    import numpy as np

    candidates = (*DIRECTIONS, *[f"v{i}" for i in range(len(names) + len(taken))])
    free = iter([one for one in candidates if one not in taken])
    random = np.random.default_rng(0)
    found = {}
    for name, leaf in zip(names, leaves, strict=True):
        direction = m.leaf(next(free), random.standard_normal(leaf.shape), moving=True)
        direction.directed = True
        m.axes.together([direction, leaf], leaf.shape)
        found[name] = direction
    return found


def _second(
    m: Formulas, gradient: Term, direction: Term, name: str, leaves: Mapping[str, Term]
) -> list[Result]:
    """The derivatives of one variable's gradient for several, by one backward pass."""
    weight = direction if gradient.ndim else m.number(1)
    found = _gradient(m, [(gradient, weight)], [*leaves.values()])
    pairs = zip(leaves, found, strict=True)
    if not gradient.ndim:
        return [Result((name, other), SECOND, one) for other, one in pairs]
    return [Result((name, other), *_telling(m, one, direction)) for other, one in pairs]


def _telling(m: Formulas, product: Term, direction: Term) -> tuple[str, Term]:
    """The kind and the formula that say most of a second derivative times a direction."""
    if product.shape == direction.shape:
        factor = elementwise_factor(m, product, direction)
        if factor is not None:
            return ELEMENTWISE, factor
    matrix = matrix_of(m, product, direction)
    return (PRODUCT, product) if matrix is None else (HESSIAN, matrix)
