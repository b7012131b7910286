"""What the witnesses' words mean for each element: array arithmetic, no reasons yet."""

from __future__ import annotations

from itertools import combinations
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from gradcli.checks.testimony import Words

__all__ = [
    "AGREES",
    "EDGE",
    "FULL",
    "GRAVITY",
    "INCONCLUSIVE",
    "KINK",
    "TRUST",
    "UNHEARD",
    "WRONG",
    "Ruling",
    "digits_lost",
    "digits_of",
    "gravest",
    "largest_finite",
    "relative_errors",
    "rule",
]

UNHEARD, AGREES, KINK, EDGE, INCONCLUSIVE, WRONG = (
    "unheard",
    "agrees",
    "kink",
    "edge",
    "inconclusive",
    "wrong",
)
GRAVITY = (UNHEARD, AGREES, KINK, EDGE, INCONCLUSIVE, WRONG)
SHARE = 1e-12  # of the largest element: what is so small beside it is known well enough
TRUST = 3  # bounds that the error of a witness may come to
MAJORITY = 2  # witnesses that refute a third
FULL = 15.95  # decimal digits of float64
ROUNDING = 2.0**-53  # relative, of a float64


class Ruling(NamedTuple):
    """Per element of a variable.

    Attributes:
        agrees: a tight witness supports it, and none that is tighter speaks against it.
        contradicted: a witness speaks against it, and no tighter one for it.
        heard: at least one witness spoke.
        reference: what the tightest witness says; nan where none spoke.
        bound: that witness's bound.
    """

    agrees: Any
    contradicted: Any
    heard: Any
    reference: Any
    bound: Any

    @property
    def loose(self) -> Any:
        """Heard, but by nobody who knows well enough."""
        return self.heard & ~self.agrees & ~self.contradicted


def rule(gradient: Any, testimony: Iterable[Words], rtol: float, atol: float) -> Ruling:
    """Returns what the words of the witnesses on one variable come to.

    A difference counts where |g - w| > atol + rtol |w| + TRUST times the witness's bound; a witness is tight
    where its bound is no larger than the rest of that sum, or is nothing beside the variable's largest
    derivative. A word that two others refute is not heard (`_refuted`).
    """
    testimony = tuple(testimony)
    testimony = tuple(map(_without, testimony, _refuted(gradient, testimony, rtol, atol)))
    shape = np.shape(gradient)
    support, against = np.full(shape, np.inf), np.full(shape, np.inf)
    heard = np.zeros(shape, bool)
    reference, bound = np.full(shape, np.nan), np.full(shape, np.inf)
    for words in testimony:
        allowed = atol + rtol * np.abs(words.values)
        spoke = words.spoke & ~np.isnan(words.values)
        size = np.abs(words.values[spoke & np.isfinite(words.values)])
        share = SHARE * float(np.max(size, initial=0.0))
        same = (gradient == words.values) | (
            np.abs(gradient - words.values) <= allowed + TRUST * words.bounds
        )
        tight = spoke & ((words.bounds <= allowed + share) | (np.isinf(words.values) & same))
        support = np.where(tight & same, np.minimum(support, words.bounds), support)
        against = np.where(spoke & ~same, np.minimum(against, words.bounds), against)
        heard |= spoke
        better = spoke & ((words.bounds < bound) | np.isnan(reference))
        reference = np.where(better, words.values, reference)
        bound = np.where(better, words.bounds, bound)
    agrees = np.isfinite(support) & (support <= against)
    contradicted = np.isfinite(against) & ~agrees
    return Ruling(agrees, contradicted, heard, reference, bound)


def _refuted(gradient: Any, testimony: Sequence[Words], rtol: float, atol: float) -> list[Any]:
    """Returns per witness where two tight ones say the same, and it says another number than all others.

    The witnesses have nothing in common but the program: where two know a number closely and agree, a third
    that claims to know another one has claimed a bound that is too small.
    """
    refuted = [np.zeros(np.shape(gradient), bool) for _ in testimony]
    if len(testimony) < MAJORITY + 1:
        return refuted
    asked = np.sum([words.spoke for words in testimony], axis=0) > MAJORITY
    values = [words.values[asked] for words in testimony]
    bounds = [np.where(words.spoke[asked], words.bounds[asked], np.inf) for words in testimony]
    slack = [atol + rtol * np.abs(value) for value in values]
    tight = [bound <= allowed for bound, allowed in zip(bounds, slack, strict=True)]

    def same(i: int, j: int) -> Any:
        return np.abs(values[i] - values[j]) <= slack[i] + TRUST * (bounds[i] + bounds[j])

    for k in range(len(testimony)):
        others = [j for j in range(len(testimony)) if j != k]
        agreed = np.zeros(values[k].shape, bool)
        for i, j in combinations(others, 2):
            agreed |= tight[i] & tight[j] & same(i, j)
        alone = np.abs(gradient[asked] - values[k]) > slack[k] + TRUST * bounds[k]
        for j in others:
            alone &= ~(tight[j] & same(j, k))
        refuted[k][asked] = alone & agreed
    return refuted


def _without(words: Words, struck: Any) -> Words:
    return words._replace(spoke=words.spoke & ~struck) if struck.any() else words


def digits_of(gradient: Any, values: Any, bounds: Any) -> Any:
    """Returns the decimal digits to which a gradient agrees with a witness, per element.

    No more than the witness's own bound can vouch for; where both are 0, all that a float has.
    """
    with np.errstate(all="ignore"):
        scale = np.abs(values)
        relative = np.maximum(np.abs(gradient - values), bounds) / np.where(scale == 0, 1.0, scale)
        found = np.where(relative > 0, -np.log10(relative), FULL)
    found = np.where(gradient == values, np.maximum(found, 0), found)
    return np.clip(np.where(np.isnan(found), 0.0, found), 0.0, FULL)


def relative_errors(gradient: Any, exact: Any) -> Any:
    """Returns how far a gradient is from the exact one, per element; 0 where they are the same."""
    with np.errstate(all="ignore"):
        return np.where(gradient == exact, 0.0, np.abs(gradient - exact) / np.abs(exact))


def digits_lost(error: float) -> float:
    """Returns how many of float64's decimal digits a relative error takes beyond one rounding."""
    return min(FULL, max(0.0, float(np.log10(max(error, ROUNDING) / ROUNDING))))


def largest_finite(array: Any) -> float:
    """Returns the size of the largest finite element; 0 where there is none."""
    return float(np.max(np.abs(array[np.isfinite(array)]), initial=0.0))


def gravest(verdicts: Sequence[str]) -> str:
    """Returns the gravest of some verdicts; of none `inconclusive`, since nobody was heard."""
    return max(verdicts, key=GRAVITY.index, default=INCONCLUSIVE)
