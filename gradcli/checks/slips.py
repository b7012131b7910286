"""What slip turned a true derivative into a claimed one: patterns over a few points, arrays alone.

A pattern is believed only if it holds at every point: a coincidence at one point is none at the others.
"""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    Pattern = Callable[[Sequence["Evidence"]], str]

__all__ = [
    "COUNTS",
    "FORM",
    "LAST",
    "NEGATIVE",
    "OUTSIDE",
    "Evidence",
    "Factor",
    "close",
    "factor_words",
    "name_slip",
]

RTOL = 1e-6
NOISE = 1e-4  # a ratio that is so near to 1 is 1
LARGEST = 64  # of the numbers in a fraction that is named


class Factor(NamedTuple):
    """What a chain rule may multiply by, at one point.

    Attributes:
        text: an operation as it stands in the program.
        values: d result / d argument of it, per element.
        is_value: whether it is the operation's result instead.
    """

    text: str
    values: Any
    is_value: bool = False

    @property
    def words(self) -> str:
        """What it is called."""
        return f"`{self.text}`" if self.is_value else f"the derivative of `{self.text}`"


class Evidence(NamedTuple):
    """One point.

    Attributes:
        claim: what the user says, as it came, of any shape.
        truth: the derivative, of the variable's shape.
        factors: local derivatives of the program's operations there; the same ones, in order, at every point.
        counts: how many elements the program's means (name `mean`) and sums (`sum`) run over, and what it
            divides by (`division`); empty where nothing is known of it.
        divides: whether the claim holds a mean or a division, as far as is known.
    """

    claim: Any
    truth: Any
    factors: tuple[Factor, ...] = ()
    counts: tuple[tuple[str, int], ...] = ()
    divides: bool = True


def close(a: Any, b: Any, rtol: float = RTOL) -> bool:
    """Returns whether two arrays of one shape agree, relative to the largest element; nan agrees with nan."""
    if np.shape(a) != np.shape(b):
        return False
    finite = np.isfinite(b)
    scale = float(np.max(np.abs(b[finite]), initial=0.0)) if np.ndim(b) else abs(float(b))
    atol = rtol * scale if np.isfinite(scale) else 0.0
    return bool(np.allclose(a, b, rtol=rtol, atol=atol, equal_nan=True))


def name_slip(points: Sequence[Evidence], patterns: Sequence[Pattern] | None = None) -> str:
    """Returns the slip in one line, or nothing where no pattern fits.

    Args:
        points: the first is where the user binds the variables, the others are random.
        patterns: what to try, in order; None: all.
    """
    if all(map(_agrees, points)):
        return ""
    for pattern in (*FORM, *NEGATIVE, *COUNTS, *OUTSIDE, *LAST) if patterns is None else patterns:
        found = pattern(points)
        if found:
            return found
    return ""


def _shape(points: Sequence[Evidence]) -> str:
    given, wanted = points[0].claim.shape, points[0].truth.shape
    square = len(given) > 1 and given[-1] == given[-2]
    if given == wanted and not square:
        return ""
    if len(given) > 1 and _always(points, lambda one: close(np.swapaxes(one.claim, -1, -2), one.truth)):
        also = "" if square else f": the shape is {list(given)} where {list(wanted)} belongs"
        return "transposed" + (also or ": the claim's transpose is right")
    return "" if given == wanted or not given else _other_shape(points)


def _other_shape(points: Sequence[Evidence]) -> str:
    given, wanted = points[0].claim.shape, points[0].truth.shape
    for dims in _summed(given, wanted):
        if _always(points, lambda one, d=dims: close(one.claim.sum(d).reshape(wanted), one.truth)):  # type: ignore[misc] # the default binds it
            where = ", ".join(map(str, dims))
            return f"not summed: the variable is broadcast, so the claim has to be summed over dim {where}"
    if points[0].claim.size == points[0].truth.size and _always(
        points, lambda one: close(one.claim.reshape(wanted), one.truth)
    ):
        return f"the elements are right, the shape is {list(given)}: write .reshape({list(wanted)})"
    return f"the shape is {list(given)}, and the variable's {list(wanted)}"


def _summed(given: tuple[int, ...], wanted: tuple[int, ...]) -> Iterator[tuple[int, ...]]:
    """Which dims of one shape, summed, could leave the other."""
    if len(given) >= len(wanted):
        lead = len(given) - len(wanted)
        rest = zip(given[lead:], wanted, strict=True)
        found = [*range(lead), *(lead + i for i, (a, b) in enumerate(rest) if a != b)]
        if all(i < lead or wanted[i - lead] == 1 for i in found):
            yield tuple(found)
    for dim in range(len(given)):
        if given[:dim] + given[dim + 1 :] == wanted:
            yield (dim,)


def _only_here(points: Sequence[Evidence]) -> str:
    if len(points) > 1 and _agrees(points[0]) and not all(map(_agrees, points[1:])):
        wrong = sum(not _agrees(one) for one in points[1:])
        return f"right only at this point: wrong at {wrong} of {len(points) - 1} random ones"
    return ""


def _sign(points: Sequence[Evidence]) -> str:
    ratio = _ratio(points)
    return "sign: the claim is the negative of the derivative" if ratio and abs(ratio + 1) < RTOL else ""


def _counted(points: Sequence[Evidence]) -> str:
    """A ratio that is a number of elements."""
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


def _constant_factor(points: Sequence[Evidence]) -> str:
    """Any other ratio: of an inner derivative that is constant, if there is one."""
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
    ratios = [_constant(_spread(one), one.truth) for one in points]
    known = [ratio for ratio in ratios if ratio is not None]
    if len(known) < len(ratios) or not _alike(known):
        return None
    return float(np.median(known))


def _offset(points: Sequence[Evidence]) -> str:
    offsets = [_same(_spread(one) - one.truth) for one in points]
    if any(offset is None for offset in offsets) or not _alike(offsets):
        return ""
    first = offsets[0]
    if not first:
        return ""
    more = "more" if first > 0 else "less"
    return f"constant term: the claim is {_number(abs(first))} {more} than the derivative"


def _sign_of_some(points: Sequence[Evidence]) -> str:
    if not _always(points, lambda one: close(np.abs(_spread(one)), np.abs(one.truth))):
        return ""
    here = _spread(points[0])
    wrong = int(np.sum(~np.isclose(here, points[0].truth, rtol=RTOL, atol=0)))
    return f"sign: {wrong} of {here.size} elements have the wrong sign" if wrong else ""


def _chain_factor(points: Sequence[Evidence]) -> str:
    """A local derivative of the program that the claim lacks, has twice, or divides by."""
    return _factored(points, lambda ratio: ratio == 1)


def _chain_factors(points: Sequence[Evidence]) -> str:
    """One that the claim lacks with a number beside it."""
    return _factored(points, lambda _: True)


def _factored(points: Sequence[Evidence], fits: Callable[[float], bool]) -> str:
    for at, factor in enumerate(points[0].factors):
        for what in ("missing", "too many"):
            ratio = _repaired(points, at, what)
            if ratio is not None and fits(ratio):
                beside = "" if ratio == 1 else f", and {_number(1 / ratio)}"
                return factor_words(factor, what) + beside
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
            put = _spread(one) * values if what == "missing" else _spread(one) / values
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


def _agrees(one: Evidence) -> bool:
    return close(_spread(one), one.truth)


def _spread(one: Evidence) -> Any:
    """The claim in the variable's shape: scalars broadcast."""
    return np.broadcast_to(one.claim, one.truth.shape) if one.claim.size == 1 else one.claim


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


def _always(points: Sequence[Evidence], holds: Callable[[Evidence], bool]) -> bool:
    return all(map(holds, points))


def _number(value: float) -> str:
    """A number as people write it: 2, 1/3, 0.123."""
    fraction = Fraction(value).limit_denominator(LARGEST)
    if fraction and abs(float(fraction) / value - 1) < RTOL and abs(fraction.numerator) <= LARGEST**2:
        return str(fraction)
    return f"{value:.6g}"


# In the order in which they are tried.
FORM: tuple[Pattern, ...] = (_shape,)
NEGATIVE: tuple[Pattern, ...] = (_sign,)
COUNTS: tuple[Pattern, ...] = (_counted,)
OUTSIDE: tuple[Pattern, ...] = (_constant_factor, _offset, _chain_factor)
LAST: tuple[Pattern, ...] = (_only_here, _chain_factors, _sign_of_some)
