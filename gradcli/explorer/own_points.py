"""Points besides the bindings at which a Python function of the user's own is judged."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from gradcli.checks.account import judged, overall
from gradcli.checks.ruling import WRONG
from gradcli.diagnostics import InputFault
from gradcli.explorer.own_verdict import judge_own
from gradcli.explorer.points import drawn, simplified

if TYPE_CHECKING:
    from gradcli.checks.hearing import Asked
    from gradcli.explorer.own_subject import OwnSubject, Pair

__all__ = ["random_subjects", "simplest_point"]


def random_subjects(pair: Pair, here: OwnSubject, count: int, seed: int) -> list[OwnSubject]:
    """Returns the subject at seeded random points with finite value and gradient; fewer where none is."""
    random = np.random.default_rng([seed, 1])
    values = {variable.name: variable.value for variable in here.variables}
    return drawn(count, random, values, lambda point: _finite(pair, point), claimed=values)


def simplest_point(pair: Pair, failing: OwnSubject, asked: Asked) -> dict[str, Any]:
    """Returns the values of the simplest point found at which a claim still is wrong."""

    def still(point: dict[str, Any]) -> bool:
        subject = _finite(pair, point)
        return subject is not None and _is_wrong(subject, asked)

    return simplified({variable.name: variable.value for variable in failing.variables}, still)


def _is_wrong(subject: OwnSubject, asked: Asked) -> bool:
    """Whether a claim is wrong at a point."""
    shaped = not any(subject.misshapen(i) for i in range(len(subject.claims)))
    return not shaped or overall(judged(judge_own(subject, asked)[0])) == WRONG


def _finite(pair: Pair, point: dict[str, Any]) -> OwnSubject | None:
    """The subject at a point; None where the user's code fails or is not finite."""
    try:
        subject = pair.at(point)
    except InputFault:
        return None
    finite = np.isfinite(subject.value) and all(np.isfinite(claim).all() for claim in subject.claims)
    return subject if finite else None
