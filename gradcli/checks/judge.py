"""The verdict on each element of a gradient: kinks, edges and lost digits told apart from what is wrong.

The order of questions: does the element depend on an operation that sits on a kink or an edge? Then the
convention decides, not the witnesses. Do they support it? Do they contradict it? Then the same backward is
run with 40 digits: if that meets the witness, the rules are right and the arithmetic lost digits.
"""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from gradcli.checks.cuts import without_constants
from gradcli.checks.hearing import Asked, Hearing, hear
from gradcli.checks.ruling import (
    AGREES,
    EDGE,
    INCONCLUSIVE,
    KINK,
    UNHEARD,
    WRONG,
    Ruling,
    rule,
)
from gradcli.checks.witnesses.interruption import TimeIsUpError, at_most

if TYPE_CHECKING:
    from gradcli.checks.aspects import Aspect
    from gradcli.checks.audit import Fault
    from gradcli.checks.subject import Subject, Variable

__all__ = ["Finding", "Judgement", "judge", "rulings_on"]

LOOSE = 1e-3  # of the gradient: rounding hides from forward mode whether it agrees
MOST_ASPECTS = 24  # kinked elements whose sides are measured one by one: the rules are audited besides
MOST_CLAIMED = 512  # those of a claim, for which the sides alone speak: of others nobody knows


class Finding(NamedTuple):
    """What became of one variable.

    Attributes:
        verdicts: per element, a word of `ruling`.
        ruling: what the witnesses' words come to.
        aspects: flat index -> one-sided derivatives, of kinked elements.
        notes: flat index -> why an element has its verdict.
        convention: what is declared for kinks that the variable leads to.
        lost: digits that the arithmetic lost, at most over the elements; 0 where none are known to be.
        ulps: of a float32 gradient, the largest error in units of its last place.
    """

    verdicts: Any
    ruling: Ruling
    aspects: dict[int, Aspect]
    notes: dict[int, str]
    convention: str = ""
    lost: float = 0.0
    ulps: float = 0.0


class Judgement(NamedTuple):
    """What became of a subject.

    Attributes:
        subject: what was judged.
        hearing: what the witnesses said.
        findings: one per variable.
        faults: the operations to blame, in the order in which they ran.
        notes: what else is to be known, a sentence each.
        broken: along which direction a claim is no subgradient, in words; empty where none is known.
    """

    subject: Subject
    hearing: Hearing
    findings: tuple[Finding, ...]
    faults: tuple[Fault, ...]
    notes: tuple[str, ...] = ()
    broken: str = ""


def judge(
    subject: Subject,
    asked: Asked,
    *,
    own: bool = True,
    hearing: Hearing | None = None,
    most: int = MOST_CLAIMED,
) -> Judgement:
    """Returns the verdict.

    Args:
        subject: the program and the gradient.
        asked: by which witnesses, how exactly.
        own: whether autograd made the gradient: then it has to follow the records' conventions, and a
            contradiction may be lost digits. A user's claim may be any subgradient, and is what it is.
        hearing: what the witnesses said of this program before; None: they are heard.
        most: kinked elements of a variable whose sides are measured, if it is not its own.
    """
    subject, constants = without_constants(subject)
    hearing = hearing or hear(subject, asked)
    rulings = rulings_on(subject, asked, hearing)
    with np.errstate(all="ignore"):
        court = _Court(subject, asked, hearing, rulings, own=own, most=MOST_ASPECTS if own else most)
        court.notes += [
            f"{name} has no derivative in PyTorch: what goes into it is taken as constant"
            for name in constants
        ]
        return court.judgement()


def rulings_on(subject: Subject, asked: Asked, hearing: Hearing) -> list[Ruling]:
    """Returns what the witnesses' words come to for each variable, whatever kinks there are."""
    heard = [one.words for one in hearing.testimonies if one.words]
    gradients = [np.asarray(variable.gradient, np.float64) for variable in subject.variables]
    with np.errstate(all="ignore"):
        return [
            rule(gradient, [words[i] for words in heard], asked.rtol, asked.atol)
            for i, gradient in enumerate(gradients)
        ]


class _Court:
    """One judgement under way."""

    def __init__(  # noqa: PLR0913 - what is judged, and how
        self, subject: Subject, asked: Asked, hearing: Hearing, rulings: list[Ruling], *, own: bool, most: int
    ) -> None:
        self.subject, self.asked, self.hearing, self.rulings, self.own = subject, asked, hearing, rulings, own
        self.most = most
        self.findings = [_plain(ruling) for ruling in rulings]
        self.gradients = [np.asarray(variable.gradient, np.float64) for variable in subject.variables]
        self.kinked = tuple(
            reached | (~np.isfinite(gradient) & self._leads_to_an_edge(i))
            for i, (reached, gradient) in enumerate(zip(hearing.kinks.reached, self.gradients, strict=True))
        )
        steps = subject.trace.steps
        # A comparison has no convention of its own: it only says which branch is taken.
        self.flips = all(not steps[kink.step].record.differentiable for kink in hearing.kinks.kinks)
        self.faults: list[Fault] = []
        self.notes: list[str] = []
        self.broken = ""

    def _leads_to_an_edge(self, i: int) -> bool:
        """Whether a variable goes into an operation whose derivative is infinite: 0 times that is nan."""
        edges = [kink for kink in self.hearing.kinks.kinks if not np.isfinite([kink.left, kink.right]).all()]
        if not edges:
            return False
        dependent = self.subject.trace.dependent((self.subject.trace.inputs[i],))
        steps = self.subject.trace.steps
        return any(steps[kink.step].arguments[kink.argument] in dependent for kink in edges)

    def judgement(self) -> Judgement:
        """All of it."""
        if any(kinked.any() for kinked in self.kinked):
            self._judge_kinks()
        if self.own and any((finding.verdicts == WRONG).any() for finding in self.findings):
            from gradcli.checks.contradictions import settle  # what is right loads nothing to settle it with

            free = [~kinked for kinked in self.kinked]
            self.findings, faults, notes = settle(self.subject, self.asked, self.findings, free)
            known = {(fault.number, fault.position) for fault in self.faults}
            self.faults += [fault for fault in faults if (fault.number, fault.position) not in known]
            self.faults.sort(key=lambda fault: fault.number)
            self.notes += notes
        for finding, gradient in zip(self.findings, self.gradients, strict=True):
            finding.verdicts[(finding.verdicts == UNHEARD) & ~np.isfinite(gradient)] = EDGE
        self._compare_modes()
        self.findings = [
            finding._replace(ulps=_ulps(variable, finding))
            for variable, finding in zip(self.subject.variables, self.findings, strict=True)
        ]
        return Judgement(
            self.subject,
            self.hearing,
            tuple(self.findings),
            tuple(self.faults),
            tuple(self.notes),
            self.broken,
        )

    def _compare_modes(self) -> None:
        """Where forward mode disagrees with reverse mode, and the witnesses side with the latter, blame."""
        found = self.hearing.transposition
        if found is None or found.silence or not self.own:
            return
        odd = [
            variable.name
            for i, (variable, agrees, defect, finding) in enumerate(
                zip(self.subject.variables, found.agrees, found.defects, self.findings, strict=True)
            )
            if not agrees
            and not finding.lost
            and (finding.verdicts == AGREES).all()
            and (
                np.isfinite(defect)
                or (np.isfinite(variable.gradient).all() and not self._leads_to_an_edge(i))
            )
        ]
        self.notes += [f"forward mode disagrees on {one}: its rules are not those of backward" for one in odd]
        if odd or max(found.bounds, default=0.0) > LOOSE:
            from gradcli.checks.forward_audit import forward_faults  # rarely needed

            self.faults += forward_faults(self.subject, self.asked.max_time)

    # Kinks and edges.

    def _judge_kinks(self) -> None:
        """Elements that depend on a kink: by the declared convention, or, of a claim, by what is valid."""
        broken = self.own and bool(self._blame_kinks())
        edge = any(not np.isfinite([kink.left, kink.right]).all() for kink in self.hearing.kinks.kinks)
        for i, kinked in enumerate(self.kinked):
            places = np.flatnonzero(kinked)
            convention = EDGE if edge and not self.flips else KINK
            self.findings[i].verdicts.flat[places] = convention if self.own else INCONCLUSIVE
            with suppress(TimeIsUpError), at_most(self.asked.max_time):
                for place in places[: self.most].tolist():
                    self._judge_kinked(i, place)
            self.findings[i] = self.findings[i]._replace(convention=self._convention(i))
            if broken:
                self.findings[i].verdicts.flat[places] = WRONG
        if not self.own:
            self._judge_directions()

    def _convention(self, i: int) -> str:
        """What is declared for the kinks that a variable leads to, or allowed there to a claim."""
        if not np.isin(self.findings[i].verdicts, (KINK, EDGE)).any():
            return ""
        if not self.own:
            return self._allowed(i)
        from gradcli.checks.conventions import sentences  # most programs have no kinks

        dependent = self.subject.trace.dependent((self.subject.trace.inputs[i],))
        steps = self.subject.trace.steps
        return sentences(
            (steps[kink.step], kink)
            for kink in self.hearing.kinks.kinks
            if steps[kink.step].arguments[kink.argument] in dependent
        )

    def _allowed(self, i: int) -> str:
        """What a claim may be at the kinks that a variable leads to."""
        aspects, kinked = self.findings[i].aspects, int(self.kinked[i].sum())
        looked = len(aspects)
        words = "anything between the two sides is right"
        if np.isnan([side for aspect in aspects.values() for side in aspect]).any():
            words = "a side has no derivative: nothing speaks against the claim there"
        return words if kinked == looked else f"{words}; of {kinked} elements {looked} were looked at"

    def _judge_kinked(self, i: int, place: int) -> None:
        """One element, by the one-sided derivatives of the whole program."""
        from gradcli.checks.aspects import along, element_direction  # as the conventions
        from gradcli.checks.subgradients import is_close, is_valid

        finding = self.findings[i]
        aspect = along(self.subject, element_direction(self.subject, i, place))
        finding.aspects[place] = aspect
        taken = float(self.gradients[i].flat[place])
        finite = np.isfinite([aspect.left, aspect.right, taken]).all()
        finding.verdicts.flat[place] = KINK if finite else EDGE
        if aspect.both and is_close(taken, aspect.right):
            if self.flips:
                finding.verdicts.flat[place] = AGREES
        elif aspect.both and self.own:
            finding.notes[place] = f"the sides meet at {aspect.right:.6g}; the convention is another"
        if not self.own and not is_valid(taken, aspect):
            finding.verdicts.flat[place] = WRONG
            finding.notes[place] = "outside of what the two sides allow"

    def _judge_directions(self) -> None:
        """A claimed subgradient has to be one along every direction, not only along each element."""
        from gradcli.checks.subgradients import broken_direction  # as above

        spoiled = any(
            (finding.verdicts == EDGE).any() or not np.isfinite(gradient[kinked]).all()
            for finding, gradient, kinked in zip(self.findings, self.gradients, self.kinked, strict=True)
        )
        if not spoiled:
            self.broken = broken_direction(self.subject, self.gradients, self.kinked, self.asked.seed)
        if self.broken:
            for finding, kinked in zip(self.findings, self.kinked, strict=True):
                finding.verdicts[kinked] = WRONG

    def _blame_kinks(self) -> list[Fault]:
        """The operations that break their own convention."""
        from gradcli.checks.blame import faults_of  # as above

        steps = {kink.step for kink in self.hearing.kinks.kinks}
        found = faults_of(self.subject, self.asked.max_time, steps)
        self.faults += found
        return found


def _plain(ruling: Ruling) -> Finding:
    """The verdicts by the witnesses alone."""
    verdicts = np.full(np.shape(ruling.agrees), UNHEARD, dtype=object)
    verdicts[ruling.loose] = INCONCLUSIVE
    verdicts[ruling.agrees] = AGREES
    verdicts[ruling.contradicted] = WRONG
    return Finding(verdicts, ruling, {}, {})


def _ulps(variable: Variable, finding: Finding) -> float:
    """How far a float32 gradient is from the reference, in units of its last place."""
    if np.asarray(variable.gradient).dtype != np.float32:
        return 0.0
    known = (finding.verdicts == AGREES) & np.isfinite(finding.ruling.reference)
    reference = finding.ruling.reference[known]
    error = np.abs(np.asarray(variable.gradient, np.float64)[known] - reference)
    return float(np.max(error / np.spacing(np.abs(reference).astype(np.float32)), initial=0.0))
