"""A judgement as a report: per variable what each witness saw, the worst element, and the causes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from gradcli.checks.naming import name_of
from gradcli.checks.ruling import (
    AGREES,
    EDGE,
    FULL,
    GRAVITY,
    INCONCLUSIVE,
    KINK,
    TRUST,
    UNHEARD,
    digits_of,
    gravest,
)
from gradcli.diagnostics import Diagnostic, Span
from gradcli.reports.checks import Element, Judged, Sight

if TYPE_CHECKING:
    from gradcli.checks.audit import Fault
    from gradcli.checks.judge import Finding, Judgement
    from gradcli.checks.testimony import Words

__all__ = ["causes", "judged", "overall"]

ZERO = 1e-9  # the absolute difference that is none: a witness that knows a zero so well has no digits of it
MOST = 50  # elements of a variable that a report names


def overall(variables: tuple[Judged, ...]) -> str:
    """Returns the gravest verdict of the variables."""
    return gravest([variable.verdict for variable in variables])


def judged(judgement: Judgement) -> tuple[Judged, ...]:
    """Returns the report on each variable."""
    return tuple(_judged(judgement, i, finding) for i, finding in enumerate(judgement.findings))


def _judged(judgement: Judgement, i: int, finding: Finding) -> Judged:
    variable = judgement.subject.variables[i]
    gradient = np.asarray(variable.gradient, np.float64)
    names, found = np.unique(finding.verdicts.astype(str), return_counts=True)
    counts = dict(zip(names.tolist(), found.tolist(), strict=True))
    heard = {name: counts[name] for name in reversed(GRAVITY) if name in counts and name != UNHEARD}
    verdict = next(iter(heard), INCONCLUSIVE if gradient.size else AGREES)
    plain = (finding.verdicts != KINK) & (finding.verdicts != EDGE)
    kinked = judgement.hearing.kinks.reached[i].any()
    why = "these elements sit on a kink or an edge" if kinked else ""
    sights = tuple(
        _sight(one.witness, one.words[i] if one.words else None, one.silence or why, gradient, plain)
        for one in judgement.hearing.testimonies
    ) + _forward(judgement, i, int(plain.sum()))
    return Judged(
        name=variable.name,
        shape=tuple(np.shape(variable.value)),
        verdict=verdict,
        counts=heard,
        judged=sum(heard.values()),
        total=int(gradient.size),
        sights=sights,
        worst=_worst(judgement, i, finding),
        elements=tuple(_element(judgement, i, finding, place) for place in _notable(finding)[:MOST]),
        notes=_notes(variable.value, finding),
    )


def _sight(witness: str, words: Words | None, silence: str, gradient: Any, plain: Any) -> Sight:
    """What a witness saw; its digits are those at elements that have no reason to differ."""
    if words is None or not words.spoke.any():
        return Sight(witness, 0, None, silence or "nothing finite comes of it here")
    at = words.spoke & plain
    told = at & ~_zeros(gradient, words)
    digits = digits_of(gradient[told], words.values[told], words.bounds[told])
    least = float(np.min(digits)) if told.any() else None
    silence = "" if words.spoke.all() else silence
    return Sight(witness, int(words.spoke.sum()), least, silence, int(at.sum()))


def _zeros(gradient: Any, words: Words) -> Any:
    """Where a witness knows that there is as good as nothing, and finds it: no digit can agree there."""
    with np.errstate(invalid="ignore"):  # infinities
        near = np.abs(gradient - words.values) <= TRUST * words.bounds
    return near & (words.bounds >= np.abs(words.values)) & (words.bounds > 0) & (words.bounds <= ZERO)


def _forward(judgement: Judgement, i: int, plain: int) -> tuple[Sight, ...]:
    found = judgement.hearing.transposition
    if found is None:
        return ()
    if found.silence:
        return (Sight("forward", 0, None, found.silence),)
    if not np.isfinite(found.defects[i]):
        finite = np.isfinite(judgement.subject.variables[i].gradient).all()
        why = "0 times an infinite derivative is nan in it" if finite else "the gradient is not finite"
        return (Sight("forward", 0, None, why),)
    size = int(np.size(judgement.subject.variables[i].value))
    return (Sight("forward", size, float(-np.log10(max(found.defects[i], 2.0**-53))), plain=plain),)


def _notable(finding: Finding) -> list[int]:
    """The flat indices of elements that do not simply agree, the gravest first."""
    flat = finding.verdicts.ravel()
    places = (
        [place for place in range(flat.size) if flat[place] not in (AGREES, UNHEARD)] if flat.size else []
    )
    return sorted(places, key=lambda place: (-GRAVITY.index(flat[place]), place))


def _worst(judgement: Judgement, i: int, finding: Finding) -> Element | None:
    """The element of the gravest verdict that is furthest from its witness."""
    gradient = np.asarray(judgement.subject.variables[i].gradient, np.float64)
    if not finding.ruling.heard.any() and not _notable(finding):
        return None
    with np.errstate(all="ignore"):
        distance = np.abs(gradient - finding.ruling.reference) / (np.abs(finding.ruling.reference) + 1e-300)
    distance = np.where(np.isnan(distance), -1.0, distance)
    gravity = np.vectorize(GRAVITY.index, otypes=[int])(finding.verdicts) if gradient.size else np.zeros(0)
    order = np.lexsort((-distance.ravel(), -gravity.ravel()))
    return _element(judgement, i, finding, int(order[0]))


def _element(judgement: Judgement, i: int, finding: Finding, place: int) -> Element:
    variable = judgement.subject.variables[i]
    shape = np.shape(variable.value)
    aspect = finding.aspects.get(place)
    reference = float(finding.ruling.reference.flat[place])
    return Element(
        at=tuple(int(part) for part in np.unravel_index(place, shape)) if shape else (),
        value=float(np.asarray(variable.value).flat[place]),
        gradient=float(np.asarray(variable.gradient).flat[place]),
        reference=None if np.isnan(reference) else reference,
        verdict=str(finding.verdicts.flat[place]),
        left=None if aspect is None else aspect.left,
        right=None if aspect is None else aspect.right,
        note=finding.notes.get(place, ""),
    )


def _notes(value: Any, finding: Finding) -> tuple[str, ...]:
    found = [f"at kinks and edges: {finding.convention}"] if finding.convention else []
    if finding.lost:
        found.append(
            f"the arithmetic lost up to {finding.lost:.1f} digits ({FULL - finding.lost:.1f} are left); "
            "with 40 digits the same backward meets the witnesses"
        )
    if getattr(value, "dtype", None) == np.float32:
        found += _ulps(finding)
    return tuple(found)


def _ulps(finding: Finding) -> list[str]:
    """The error of a float32 gradient in units of its last place."""
    return [f"float32: off by up to {finding.ulps:.1f} ulps of float32"] if finding.ulps else []


def causes(judgement: Judgement) -> tuple[Diagnostic, ...]:
    """Returns what is to blame, each with its place in the source."""
    return tuple(map(_cause, judgement.faults))


def _cause(fault: Fault) -> Diagnostic:
    record, name = fault.step.record, name_of(fault.step)
    argument = record.argument(fault.position)
    span = fault.step.span if isinstance(fault.step.span, Span) else None
    if fault.forward:
        notes = (f"its jvp gives {fault.rule:.9g}, differences of the operation give {fault.truth:.9g}",)
        message = f"the forward rule of {name} in {argument} is wrong; the gradient is not made by it"
        return Diagnostic("C403", message, span, "this operation", notes, severity="warning")
    if fault.at_kink:
        message = f"{name} breaks its own convention at a kink"
        notes = (f"its derivative in {argument} is {fault.rule:.6g} there; {_declared(record)}",)
    else:
        message = f"the derivative of {name} in {argument} is wrong"
        notes = (f"its rule gives {fault.rule:.9g}, differences of the operation give {fault.truth:.9g}",)
    return Diagnostic("C401", message, span=span, label="this operation", notes=notes)


def _declared(record: Any) -> str:
    return "; ".join(record.kinks) or "the sides do not allow it"
