"""The slip in a wrong claim: the patterns of its numbers, and the edits of its formula that mend it."""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING

import numpy as np

from gradcli.checks.slips import COUNTS, FORM, LAST, NEGATIVE, OUTSIDE, agrees, name_slip
from gradcli.diagnostics import Diagnostic, GradcliError
from gradcli.explorer.chain_repairs import chain_repairs
from gradcli.explorer.claim_evidence import evidence_of
from gradcli.explorer.claim_verdict import best_known
from gradcli.explorer.claims import Claim, edited
from gradcli.explorer.repairs import divides, repairs, swaps
from gradcli.explorer.workspace import whole

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from gradcli.checks.slips import Pattern
    from gradcli.explorer.claim_verdict import Verdict
    from gradcli.explorer.repairs import Repair

__all__ = ["slip_of"]

ENOUGH = 8  # points at which a pattern is tried


def slip_of(claim: Claim, verdicts: Sequence[Verdict]) -> Diagnostic | None:
    """Returns the slip in a wrong claim by name, and its place; None where none explains it.

    Args:
        claim: the user's formula.
        verdicts: at the bindings and at random points.
    """
    search = _Search(claim, _telling(verdicts), _only_here(verdicts))
    return search.found() if search.can_tell() else None


def _only_here(verdicts: Sequence[Verdict]) -> str:
    """A word on a claim that is right at the bindings, counted over all points."""
    if verdicts[0].is_wrong:
        return ""
    wrong = sum(one.is_wrong for one in verdicts)
    return f"right only at this point: wrong at {wrong} of {len(verdicts) - 1} random ones"


def _telling(verdicts: Sequence[Verdict]) -> list[Verdict]:
    """The bindings, and of many points those that show the most; where all is infinite nothing shows."""
    finite = [one for one in verdicts if np.isfinite(one.truth).any()] or verdicts
    wrong = [one for one in finite[1:] if one.is_wrong]
    right = [one for one in finite[1:] if not one.is_wrong]
    return [finite[0], *wrong[: ENOUGH - 2], *right[: max(1, ENOUGH - 1 - len(wrong))]]


class _Search:
    """The search for the slip of one claim: what says most comes first, what is cheap before what is not."""

    def __init__(self, claim: Claim, verdicts: Sequence[Verdict], only_here: str) -> None:
        self._claim, self._verdicts, self._only_here = claim, verdicts, only_here
        program = claim.value.program
        dividing = program is None or divides(program)
        # A formula that is right at the bindings has `x` for 1 by coincidence: it is right there alone.
        wrong = verdicts[0].is_wrong
        self._points = [evidence_of(one, variables=wrong)._replace(divides=dividing) for one in verdicts]

    def can_tell(self) -> bool:
        """Whether a claim is wrong by more than a right one may seem to be, after an edit."""
        return not all(map(agrees, self._points))

    def found(self) -> Diagnostic | None:
        """What is wrong; without a formula to edit only what the numbers say."""
        program, points = self._claim.value.program, self._points
        form = name_slip(points, FORM)
        if program is None:
            return self._named(form or name_slip(points))
        if form:
            vague = form.startswith(("the shape is", "not summed"))
            mended = self._mended(repairs(program)) if vague else None
            return mended or self._named(form)
        runs = [one.run for one in self._verdicts]
        return (
            self._pattern(NEGATIVE)
            or self._mended(swaps(program))
            or self._pattern(COUNTS)
            or self._mended(repairs(program))
            or self._pattern(OUTSIDE)
            or self._told(chain_repairs(self._claim, points, runs))
            or self._named(self._only_here)
            or self._pattern(LAST)
        )

    def _pattern(self, patterns: Sequence[Pattern]) -> Diagnostic | None:
        return self._named(name_slip(self._points, patterns))

    def _named(self, slip: str) -> Diagnostic | None:
        if not slip:
            return None
        message = f"the claim for {self._claim.name} is wrong: {slip}"
        return Diagnostic("C402", message, span=whole(self._claim.value))

    def _mended(self, edits: Iterable[Repair]) -> Diagnostic | None:
        """The first edit that makes the formula right at every point."""
        return self._told(edit for edit in edits if self._holds(edit.text))

    def _told(self, edits: Iterable[Repair]) -> Diagnostic | None:
        for edit in islice(edits, 1):
            message = f"the claim for {self._claim.name} is wrong: {edit.slip}"
            return Diagnostic("C402", message, span=edit.span, help=edit.help or f"write {edit.text.strip()}")
        return None

    def _holds(self, text: str) -> bool:
        """Whether an edited formula is right at every point."""
        try:
            other = edited(self._claim, text)
            return all(
                agrees(point._replace(claim=best_known(other, one.run)))
                for one, point in zip(self._verdicts, self._points, strict=True)
            )
        except GradcliError:
            return False
