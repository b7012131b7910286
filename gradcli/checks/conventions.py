"""What the derivative at a kink has to be, by the record's declaration or by the sides alone."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from gradcli.checks.cuts import has_rule
from gradcli.checks.naming import name_of
from gradcli.diagnostics import GradcliError
from gradcli.ops.kink import Kink as Declared
from gradcli.plan.trace import DOUBLES

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from gradcli.ops.record import Record
    from gradcli.plan.trace import Step

__all__ = ["follows", "has_convention", "is_subgradient", "sentences", "shares", "words_for"]

STEP = 1e-6  # along a direction
DIRECTIONS = 6
OUTPUTS = 16  # results that are looked at one by one
RTOL = 1e-4  # one-sided differences are good to so much


def words_for(record: Record, position: int) -> tuple[str, ...]:
    """Returns the words that a record declares for the kinks of an argument."""
    found = [
        kink.takes[min(position, len(kink.takes) - 1)]
        for kink in record.kinks
        if isinstance(kink, Declared) and kink.takes
    ]
    return tuple(word for word in found if word)


def has_convention(record: Record) -> bool:
    """Returns whether a record says which number stands for the derivative somewhere where there is none."""
    return any(not isinstance(kink, Declared) or set(kink.takes) - {"none", ""} for kink in record.kinks)


def sentences(kinks: Iterable[tuple[Step, Any]]) -> str:
    """Returns what is declared for operations that sit on a kink or an edge, for people.

    Args:
        kinks: the operation, and the kink with its derivatives to the left and to the right.
    """
    found: dict[str, None] = {}
    for step, kink in kinks:
        record = step.record
        if not record.differentiable:
            said = "the branch changes here"
        elif record.kinks:
            said = "; ".join(record.kinks)
        elif np.isfinite([kink.left, kink.right]).all():
            said = "the two sides differ here"
        else:
            said = "the derivative is infinite, or there is none on one side"
        found[f"{name_of(step)}: {said}"] = None
    return "; ".join(found)


def follows(taken: Any, left: Any, right: Any, words: Sequence[str], finite: Any = False) -> Any:
    """Returns whether derivatives taken at kinks are what is declared, per element.

    Without a declaration anything between the sides will do. Where a side has no limit, or the function
    no value, the derivative may be what the other side says, infinite, or nan; but where a word says what
    it is and the function has a value, it is that.

    Args:
        taken: the derivatives that a rule gives.
        left: the derivatives to the left; inf where they grow without end, nan where there is none.
        right: those to the right.
        words: of `gradcli.ops.kink`.
        finite: where the function has a value.
    """
    edge = ~(np.isfinite(left) & np.isfinite(right))
    low, high = np.fmin(left, right), np.fmax(left, right)
    between = (taken >= low - _slack(low)) & (taken <= high + _slack(high))
    fine = between if not words else np.zeros(np.shape(taken), bool)
    unknown = np.isnan(left) & np.isnan(right)
    for word in words:
        wanted = TAKES[word](left, right) if word in TAKES else np.nan
        fine |= _near(taken, wanted) if word in TAKES else between
        unknown |= np.isnan(wanted)
    if "none" in words:
        fine |= between
    if "zero" in words:  # that is a number whatever the sides are
        some = [np.isnan(TAKES[word](left, right)) for word in words if word in TAKES]
        unknown &= ~np.isnan(taken) | np.any(some, axis=0)
    lenient = ~np.isfinite(taken) | _near(taken, left) | _near(taken, right) | (taken == 0) | unknown
    strict = bool(words) & np.asarray(finite) & ~unknown
    return fine | (edge & ~strict & lenient)


def _near(a: Any, b: Any) -> Any:
    return (a == b) | (np.abs(a - b) <= _slack(b)) | (np.isnan(a) & np.isnan(b))


def _slack(size: Any) -> Any:
    return RTOL * (1e-2 + np.abs(size))


TAKES: dict[str, Callable[[Any, Any], Any]] = {
    "zero": lambda left, _: np.zeros(np.shape(left)),
    "left": lambda left, _: left,
    "right": lambda _, right: right,
    "smaller": lambda left, right: np.where(np.abs(left) <= np.abs(right), left, right),
    "larger": lambda left, right: np.where(np.abs(left) >= np.abs(right), left, right),
    "half": lambda left, right: (left + right) / 2,
    "none": lambda left, _: np.full(np.shape(left), np.nan),
}


def shares(
    step: Step, x: Any, results: Sequence[Any], cotangents: Sequence[Any], words: Sequence[str]
) -> Any:
    """Returns the cotangent that tied elements of x get by `even` or `picked`; None where neither applies.

    Args:
        step: a reduction, or an operation that picks elements and says which.
        x: its argument.
        results: its results.
        cotangents: of its floating-point results.
        words: what the record declares.
    """
    if "picked" in words and len(results) == 2 and results[1].dtype.kind == "i":  # noqa: PLR2004 - values and indices
        return _picked(step, x, results[1], cotangents[0])
    if "even" in words and all(result.dtype.kind == "f" for result in results):
        return sum(_even(step, x, y, g) for y, g in zip(results, cotangents, strict=True))
    return None


def is_subgradient(  # noqa: PLR0913 - a place in a program, and how it is judged
    step: Step,
    values: Mapping[int, Any],
    position: int,
    places: Any,
    by_rule: Callable[..., Any],
    *,
    apart: bool = False,
) -> bool:
    """Returns whether what a rule gives for single results lies between the sides along directions.

    So for maxima, norms and sums of them; each result is looked at alone, because differences of them have
    conventions that are no slope. The directions move one element at a kink, all of them, and all arguments.

    Args:
        step: an operation.
        values: of the trace.
        position: of the argument.
        places: its elements that sit on a kink, flat.
        by_rule: gives the cotangent of an argument.
        apart: whether the elements are looked at one by one only.
    """
    floats = [i for i, number in enumerate(step.arguments) if _is_float(number, values)]
    ruled = [i for i in floats if has_rule(step.record, i)]
    x = np.asarray(values[step.arguments[position]])
    moves = [{position: np.where(np.arange(x.size) == place, 1.0, 0.0)} for place in places[:OUTPUTS]]
    random = np.random.default_rng(0)
    for k in range(0 if apart else DIRECTIONS):
        direction = np.zeros(x.size)
        direction[places] = 1.0 if k == 0 else random.standard_normal(len(places))
        sizes = {i: np.size(values[step.arguments[i]]) for i in ruled}
        moves.append({position: direction})
        moves.append({i: np.ones(n) if k == 0 else random.standard_normal(n) for i, n in sizes.items()})
    sides = [_sides(step, values, move) for move in moves]
    outputs = [np.asarray(values[number]) for number in step.results if _is_float(number, values)]
    for output, y in enumerate(outputs):
        for place in range(min(y.size, OUTPUTS)):
            gs = [np.zeros(one.shape) for one in outputs]
            gs[output].flat[place] = 1.0
            taken = {i: by_rule(step, values, gs, i).ravel() for i in {position, *ruled}}
            for move, (left, right) in zip(moves, sides, strict=True):
                low, high = sorted((float(left[output].flat[place]), float(right[output].flat[place])))
                slope = sum(float(taken[i] @ direction) for i, direction in move.items())
                known = np.isfinite([low, high, slope]).all()
                if known and not low - _slack(low) <= slope <= high + _slack(high):
                    return False
    return True


def _is_float(number: Any, values: Mapping[int, Any]) -> bool:
    return number.__class__ is int and np.asarray(values[number]).dtype.kind == "f"


def _sides(step: Step, values: Mapping[int, Any], move: Mapping[int, Any]) -> tuple[Any, Any]:
    """The derivatives of the results to the left and to the right along a direction; inf where they vary."""
    arguments = [x.value if x.__class__ is not int else values[x] for x in step.arguments]

    def at(h: float) -> list[Any]:
        moved = list(arguments)
        for i, direction in move.items():
            moved[i] = arguments[i] + h * direction.reshape(np.shape(arguments[i]))
        try:
            found = DOUBLES.apply(step.record, moved, step.params)
        except GradcliError:  # beyond the domain, where some operations refuse to be asked
            return [np.full(np.shape(values[y]), np.nan) for y in step.results if _is_float(y, values)]
        several = found if isinstance(found, tuple) else (found,)
        return [np.asarray(y) for y in several if np.asarray(y).dtype.kind == "f"]

    center = at(0.0)
    step_size = STEP * (max(float(np.max(np.abs(arguments[i]), initial=0.0)) for i in move) or 1.0)
    sides = []
    for h in (-step_size, step_size):
        near, far = at(h), at(2 * h)
        one = [(a - c) / h for a, c in zip(near, center, strict=True)]
        two = [(b - c) / (2 * h) for b, c in zip(far, center, strict=True)]
        steady = [np.abs(a - b) <= _slack(a) for a, b in zip(one, two, strict=True)]
        sides.append([np.where(s, 2 * a - b, np.inf) for s, a, b in zip(steady, one, two, strict=True)])
    return sides[0], sides[1]


def _picked(step: Step, x: Any, indices: Any, g: Any) -> Any:
    dim = step.params.get("dim")
    if dim is None or not x.ndim:
        return None
    full = x.ndim == indices.ndim
    indices, g = (one if full else np.expand_dims(one, dim) for one in (indices, g))
    found = np.zeros(x.shape)
    where = list(np.indices(indices.shape))
    where[dim % x.ndim] = indices
    np.add.at(found, tuple(where), g)
    return found


def _even(step: Step, x: Any, y: Any, g: Any) -> Any:
    dims = step.params.get("dims", tuple(range(-x.ndim, 0)))
    if y.ndim != x.ndim:
        shape = tuple(
            1 if i - x.ndim in {d % x.ndim - x.ndim for d in dims} else n for i, n in enumerate(x.shape)
        )
        if int(np.prod(shape)) != y.size:
            shape = (1,) * x.ndim
        y, g = y.reshape(shape), np.broadcast_to(g, y.shape).reshape(shape)
    tied = x == y
    return (
        g * tied / np.maximum(tied.sum(tuple(i for i, n in enumerate(y.shape) if n == 1), keepdims=True), 1)
    )
