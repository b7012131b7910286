"""A claim that is a number, or a factor of the chain rule, away from the derivative."""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING, Any

import numpy as np

from gradcli.checks.slips_evidence import RTOL, close, spread

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from gradcli.checks.slips_evidence import Evidence, Factor

__all__ = ["chain_factor", "chain_factors", "constant_factor", "counted", "factor_words", "negated", "offset"]

NOISE = 1e-4  # a ratio that is so near to 1 is 1
LARGEST = 64  # of the numbers in a fraction that is named


def negated(points: Sequence[Evidence]) -> str:
    """Returns a word on a claim that has the wrong sign."""
    ratio = _ratio(points)
    return "sign: the claim is the negative of the derivative" if ratio and abs(ratio + 1) < RTOL else ""


def counted(points: Sequence[Evidence]) -> str:
    """Returns a word on a ratio that is a number of elements."""
    ratio = _ratio(points)
    if ratio is None:
        return ""
    sign, size = "the sign is wrong, and " if ratio < 0 else "", points[0].truth.size
    for name, count in points[0].counts:
        times, share = abs(abs(ratio) / count - 1) < RTOL, abs(abs(ratio) * count - 1) < RTOL
        if count < 2:  # noqa: PLR2004 - nothing is averaged
            continue
        if name == "mean" and times:
            return (
                f"{sign}1/n is missing: the mean is over {count} elements, the claim {count} times too large"
            )
        if name == "division" and times:
            return (
                f"{sign}1/n is missing: the program divides by {count}, the claim is {count} times too large"
            )
        if name == "sum" and share and points[0].divides:
            return f"{sign}a mean for a sum: the claim divides by {count}, and nothing is averaged"
    averages = not points[0].counts or any(name == "mean" for name, _ in points[0].counts)
    if size > 1 and averages and abs(abs(ratio) - size) < RTOL * size:
        return f"{sign}1/n is missing: the claim is {size} times too large, the number of elements"
    return ""


def constant_factor(points: Sequence[Evidence]) -> str:
    """Returns a word on any other ratio: of an inner derivative that is constant, if there is one."""
    ratio = _ratio(points)
    if ratio is None or abs(abs(ratio) - 1) < NOISE:
        return ""
    sign = "the sign is wrong, and " if ratio < 0 else ""
    for at, factor in enumerate(points[0].factors):
        values = [one.factors[at].values for one in points]
        if all(np.allclose(np.abs(one) * abs(ratio), 1, rtol=RTOL, atol=0) for one in values):
            return (
                f"{sign}a chain-rule factor is missing: {factor.words}, {_number(float(values[0].flat[0]))}"
            )
    return f"{sign}constant factor: the claim is {_number(abs(ratio))} times the derivative"


def _ratio(points: Sequence[Evidence]) -> float | None:
    """The one number that the claim is times the derivative everywhere."""
    ratios = [_constant(spread(one), one.truth) for one in points]
    known = [ratio for ratio in ratios if ratio is not None]
    if len(known) < len(ratios) or not _alike(known):
        return None
    return float(np.median(known))


def offset(points: Sequence[Evidence]) -> str:
    """Returns a word on a claim that is a number more or less."""
    offsets = [_same(spread(one) - one.truth) for one in points]
    if any(offset is None for offset in offsets) or not _alike(offsets):
        return ""
    first = offsets[0]
    if not first:
        return ""
    more = "more" if first > 0 else "less"
    return f"constant term: the claim is {_number(abs(first))} {more} than the derivative"


def chain_factor(points: Sequence[Evidence]) -> str:
    """Returns a word on a local derivative of the program that the claim lacks, has twice, or divides by."""
    return _factored(points, lambda _, ratio: ratio == 1)


def chain_factors(points: Sequence[Evidence]) -> str:
    """Returns a word on one that the claim lacks with a number beside it."""
    return _factored(points, lambda words, _: "missing" in words)


def _factored(points: Sequence[Evidence], fits: Callable[[str, float], bool]) -> str:
    """A factor that leaves but a number; `fits` is asked of the words for it and the number."""
    for at, factor in enumerate(points[0].factors):
        for what in ("missing", "too many"):
            ratio, words = _repaired(points, at, what), factor_words(factor, what)
            if ratio is not None and fits(words, ratio):
                return words if ratio == 1 else f"{words}, and {_number(1 / ratio)}"
    return ""


def _repaired(points: Sequence[Evidence], at: int, what: str) -> float | None:
    """What the claim is times the derivative, once a factor is put right; None where it is no multiple."""
    found, varies = [], False
    for one in points:
        try:
            values = np.broadcast_to(one.factors[at].values, one.truth.shape)
        except ValueError:
            return None
        with np.errstate(all="ignore"):
            put = spread(one) * values if what == "missing" else spread(one) / values
        found.append(put)
        varies = varies or not np.allclose(values, values.flat[0] if values.size else 1, rtol=RTOL, atol=0)
        varies = varies or not np.allclose(np.abs(values), 1, rtol=RTOL, atol=0)
    if not varies:
        return None
    if all(close(put, one.truth) for put, one in zip(found, points, strict=True)):
        return 1.0
    return _ratio([one._replace(claim=put) for put, one in zip(found, points, strict=True)])


def factor_words(factor: Factor, what: str) -> str:
    """Returns how a chain rule's slip is told: a factor `missing`, or `too many`."""
    if what == "missing":
        return f"a chain-rule factor is missing: {factor.words}"
    if factor.is_value:  # as a norm's: its derivative is its argument over it
        return f"a chain-rule factor is missing: 1 over {factor.words}"
    return f"a chain-rule factor too many: {factor.words}"


def _constant(claim: Any, truth: Any) -> float | None:
    """The one factor between two arrays, or None."""
    if claim.shape != truth.shape:
        return None
    there = (truth != 0) & np.isfinite(truth) & np.isfinite(claim)
    if not there.any():
        return None
    largest = np.argmax(np.where(there, np.abs(truth), 0))
    ratio = float(claim.ravel()[largest] / truth.ravel()[largest])
    return ratio if ratio and close(claim, ratio * truth) else None


def _same(differences: Any) -> float | None:
    """The one number that all elements are, or None."""
    if not differences.size or not np.isfinite(differences).all():
        return None
    first = float(differences.ravel()[0])
    return first if np.allclose(differences, first, rtol=RTOL, atol=0) else None


def _alike(numbers: Sequence[float | None]) -> bool:
    known = [number for number in numbers if number is not None]
    return bool(np.allclose(known, known[0], rtol=RTOL, atol=0))


def _number(value: float) -> str:
    """A number as people write it: 2, 1/3, 0.123."""
    fraction = Fraction(value).limit_denominator(LARGEST)
    if fraction and abs(float(fraction) / value - 1) < RTOL and abs(fraction.numerator) <= LARGEST**2:
        return str(fraction)
    return f"{value:.6g}"
