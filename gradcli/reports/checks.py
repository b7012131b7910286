"""The verdict on a gradient."""

from __future__ import annotations

from typing import Any, NamedTuple

__all__ = ["Check", "Element", "Judged", "Sight"]


class Sight(NamedTuple):
    """What one witness saw of one variable.

    Attributes:
        witness: `symbolic`, `complex`, `fd`, `precise` or `forward`.
        judged: how many elements it spoke of.
        digits: decimal digits of agreement at the element where it agrees least, kinks and edges apart; None
            where there is no such element.
        silence: why it said nothing, or not of every element; one line.
        plain: of how many of those elements it could judge the gradient: kinks and edges apart. Where there
            are some and `digits` is None, both are zeros as far as the witness can tell.
    """

    witness: str
    judged: int
    digits: float | None
    silence: str = ""
    plain: int = 0


class Element(NamedTuple):
    """One element of a gradient that is worth showing.

    Attributes:
        at: where it stands.
        value: the variable there.
        gradient: what is judged.
        reference: what the best witness says; None where none spoke.
        verdict: as of the variable.
        left, right: the one-sided derivatives at a kink or an edge; None elsewhere.
        note: what else is to be said of it.
    """

    at: tuple[int, ...]
    value: float
    gradient: float
    reference: float | None
    verdict: str
    left: float | None = None
    right: float | None = None
    note: str = ""

    @property
    def ratio(self) -> float | None:
        """The gradient over the reference; None where that says nothing."""
        if self.reference is None or not self.reference:
            return None
        return self.gradient / self.reference


class Judged(NamedTuple):
    """The verdict on the gradient for one variable.

    Attributes:
        name: the variable.
        shape: its shape.
        verdict: the gravest of its elements': `wrong`, `inconclusive`, `edge`, `kink` or `agrees`.
        counts: how many elements have each verdict.
        judged: how many elements at least one witness spoke of.
        total: how many there are.
        sights: what each witness saw.
        worst: the element that agrees least.
        elements: those that do not simply agree, the gravest first; not all where there are many.
        notes: what else is to be known, a sentence each.
    """

    name: str
    shape: tuple[int, ...]
    verdict: str
    counts: dict[str, int]
    judged: int
    total: int
    sights: tuple[Sight, ...]
    worst: Element | None
    elements: tuple[Element, ...]
    notes: tuple[str, ...] = ()


class Check(NamedTuple):
    """What `check` found.

    Attributes:
        expressions: what was differentiated, as the user gave it.
        subject: `gradient`, `claim` (the user's own) or `second` (the gradient of the gradient).
        verdict: the gravest of the variables'.
        variables: one verdict each.
        causes: what is wrong, with its place: diagnostics, the gravest first.
        notes: facts that the user should know, a sentence each.
        seed: of everything random.
        points: at how many points it was judged.
        reproduce: the command that shows a failure at its simplest point; empty where there is none.
    """

    expressions: tuple[str, ...]
    subject: str
    verdict: str
    variables: tuple[Judged, ...]
    causes: tuple[Any, ...] = ()
    notes: tuple[str, ...] = ()
    seed: int = 0
    points: int = 1
    reproduce: str = ""
