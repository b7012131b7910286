"""Each operation's own rule against differences of its forward form, its arguments held fixed: blame."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from gradcli.checks.appeal import ATOL, RTOL, is_rounding, is_unstable, largest, on_appeal
from gradcli.checks.conventions import has_convention
from gradcli.checks.cuts import has_rule
from gradcli.checks.declared import at_kink, at_meeting, beside_meetings, is_conventional
from gradcli.checks.differentiable import is_differentiable
from gradcli.checks.local_rule import Fault, by_rule
from gradcli.checks.ruling import TRUST
from gradcli.checks.witnesses.differences_jacobian import TooBigError
from gradcli.checks.witnesses.differences_partials import UNKNOWN
from gradcli.checks.witnesses.differences_pull import Cotangent, pull
from gradcli.checks.witnesses.differences_step import LocalStep
from gradcli.checks.witnesses.structure_symmetry import TRIANGULAR, symmetrised
from gradcli.diagnostics import GradcliError
from gradcli.plan.trace import DOUBLES, Step

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from gradcli.checks.subject import Subject
    from gradcli.checks.witnesses.differences_partials import Kink

__all__ = ["BUDGET", "RTOL", "Fault", "audit", "by_rule", "weighed"]

BUDGET = 1e8
ROUGHLY = 1e-4  # what one-sided differences are good to
MOST_EXCUSED = 64


def audit(
    subject: Subject, indices: Iterable[int] | None = None, *, excused: bool = False
) -> Iterator[Fault]:
    """Yields the operations whose rule is wrong, in the order in which they ran.

    Args:
        subject: what is judged.
        indices: the steps to look at; None: all.
        excused: those instead whose rule gives no derivative because there is none.
    """
    trace = subject.trace
    with np.errstate(all="ignore"):
        values = trace.run(subject.point(), DOUBLES.apply, DOUBLES.lift)
        dependent = trace.dependent()
        used = {x for step in trace.steps for x in step.arguments if x.__class__ is int} | set(trace.outputs)
        chosen = range(len(trace.steps)) if indices is None else sorted(set(indices))
        for index in chosen:
            step = trace.steps[index]
            moving = [i for i, x in enumerate(step.arguments) if x.__class__ is int and x in dependent]
            for fault in _audited(index, step, values, moving, used):
                if bool(fault.excuse) == excused:
                    yield fault


def _audited(
    index: int, step: Step, values: Mapping[int, Any], moving: list[int], used: set[int]
) -> Iterator[Fault]:
    local = LocalStep(step, values)
    if not local.floats:
        return
    idle = [k for k, number in enumerate(step.results) if number not in used]
    gs, cotangents = weighed(index, local, [values[number] for number in step.results], idle)
    for position in moving:
        if local.is_float(position) and has_rule(step.record, position):
            fault = _of_argument(index, local, position, values, gs, cotangents)
            if fault is not None:
                yield fault


def weighed(
    index: int, local: LocalStep, results: Sequence[Any], idle: Sequence[int] = ()
) -> tuple[list[Any], list[Cotangent]]:
    """Returns random cotangents of the floating-point results, and of all results: zero for the others.

    Zero for those at `idle` places too, which nothing uses: eigenvectors need not have a derivative then.
    """
    random = np.random.default_rng(index)
    gs = [
        random.standard_normal(y.shape) * (k not in idle)
        for k, y in zip(local.floats, local.outputs, strict=True)
    ]
    rest = iter(gs)
    cotangents = [
        Cotangent.exact(next(rest).ravel()) if k in local.floats else Cotangent.zero(np.size(y))
        for k, y in enumerate(results)
    ]
    return gs, cotangents


def _of_argument(  # noqa: PLR0913 - one call site
    index: int,
    local: LocalStep,
    position: int,
    values: Mapping[int, Any],
    gs: list[Any],
    cotangents: list[Cotangent],
) -> Fault | None:
    """What is wrong with the rule for one argument."""
    step = local.step
    try:
        ruled = by_rule(step, values, gs, position)
        found, kinks = pull(local, position, cotangents, [None] * len(local.arguments), BUDGET)
    except (GradcliError, TooBigError):
        return None  # PyTorch has no derivative there either, or there are too many elements
    if TRIANGULAR.get(step.record.name) == position:  # what its other triangle gets is convention
        ruled = (np.triu if step.params["upper"] else np.tril)(ruled)
    ruled = symmetrised(local, ruled, np.shape(ruled)).reshape(np.shape(ruled))
    arrays = [y for y in (*local.outputs, *local.arguments) if isinstance(y, np.ndarray)]
    found = _without_meeting_sides(step, found, kinks)
    broken = not all(np.isfinite(y).all() for y in arrays)
    fault = _undeclared(index, step, position, values, gs, ruled, found, broken=broken)
    if fault is not None and not fault.excuse:
        fault = _heard(fault, local, values, gs, found, kinks)
    for kink in kinks:
        if fault is None or fault.excuse:
            fault = _of_kink(index, local, position, values, gs, kink) or fault
    return fault or at_meeting(index, step, position, values, gs)


def _heard(  # noqa: PLR0913 - one call site
    fault: Fault,
    local: LocalStep,
    values: Mapping[int, Any],
    gs: list[Any],
    found: Cotangent,
    kinks: Sequence[Kink],
) -> Fault | None:
    """What is left of a fault when all that speaks for the rule has been heard."""
    record = local.step.record
    if is_rounding(fault, local, values, gs, found):
        return None
    if (
        # A singular value of 0, say, is a kink of some elements; those of others are rounding then.
        (kinks and record.kind == "general" and not has_convention(record))
        or is_unstable(fault, values, gs)
        or not is_differentiable(local, fault.position, gs, found, fault.place)
    ):
        return fault._replace(excuse="nowhere")
    return on_appeal(fault, local, gs) if record.kind == "elementwise" else fault


def _of_kink(  # noqa: PLR0913 - one call site
    index: int, local: LocalStep, position: int, values: Mapping[int, Any], gs: list[Any], kink: Kink
) -> Fault | None:
    """How the rule breaks its convention at a kink, if that is one."""
    fault = at_kink(index, local.step, position, values, gs, kink)
    if fault is None or local.step.record.kind == "elementwise":
        return fault
    return on_appeal(fault, local, gs)


def _undeclared(  # noqa: PLR0913 - one call site
    index: int,
    step: Step,
    position: int,
    values: Mapping[int, Any],
    gs: list[Any],
    ruled: Any,
    found: Cotangent,
    *,
    broken: bool,
) -> Fault | None:
    """A place where rule and differences are apart and nothing is declared; else an excused one, if any."""
    fault = _compared(index, step, position, ruled, found, broken=broken)
    excused = None
    met = None if fault is None else beside_meetings(step, position, values, gs, found.values)
    if fault is not None and met is not None:
        excused, ruled = fault, met
        fault = _compared(index, step, position, ruled, found, broken=broken)
    rest = ruled.copy()
    for _ in range(MOST_EXCUSED):
        if fault is None or not is_conventional(fault, ruled, values, gs):
            break
        excused = fault
        rest.flat[fault.place] = fault.truth  # one that is excused must not hide another
        fault = _compared(index, step, position, rest, found, broken=broken)
    return fault or (None if excused is None else excused._replace(excuse="declared"))


def _compared(  # noqa: PLR0913 - one call site
    index: int, step: Step, position: int, ruled: Any, found: Cotangent, *, broken: bool
) -> Fault | None:
    """The place where rule and differences are furthest apart, if it is too far.

    Where the operation has no finite value, or arguments (`broken`), what its rule gives need not be finite.
    """
    flat = np.asarray(ruled).ravel()
    if flat.shape != found.values.shape:
        return Fault(index, step, position, 0, float("nan"), float(found.values[0]))
    known = ~found.kinked & (found.bounds < UNKNOWN / 1e100)
    allowed = RTOL * np.abs(found.values) + ATOL * max(largest(found), 1e-300) + TRUST * found.bounds
    excess = np.where(known, np.abs(flat - found.values) - allowed, 0)
    excess = np.where(known & ~np.isfinite(flat), 0 if broken else np.inf, excess)
    if not excess.size or not (excess > 0).any():
        return None
    place = int(np.argmax(excess))
    return Fault(index, step, position, place, float(flat[place]), float(found.values[place]))


def _without_meeting_sides(step: Step, found: Cotangent, kinks: Sequence[Kink]) -> Cotangent:
    """The cotangent with a derivative where the two sides are one: there the differences were but in doubt.

    So for operations that declare no kink; at those of others the convention decides.
    """
    if step.record.kind != "general" or has_convention(step.record):
        return found
    values, bounds, kinked = found.values.copy(), found.bounds.copy(), found.kinked.copy()
    for kink in kinks:
        slack = ROUGHLY * (1e-2 + np.abs(kink.left))
        same = np.abs(kink.left - kink.right) <= slack
        at = kink.places[same]
        values[at], bounds[at], kinked[at] = kink.left[same], slack[same], False
    return found._replace(values=values, bounds=bounds, kinked=kinked)
