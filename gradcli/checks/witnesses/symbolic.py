"""The symbolic witness: the program written out in SymPy's functions, differentiated by `sympy.diff`."""

from __future__ import annotations

import math
import time
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from gradcli.checks.naming import name_of
from gradcli.checks.testimony import Testimony, Words, counted
from gradcli.checks.witnesses.interruption import TimeIsUpError, at_most
from gradcli.checks.witnesses.precise_cost import mirrored
from gradcli.diagnostics import GradcliError
from gradcli.plan.trace import DOUBLES

if TYPE_CHECKING:
    from collections.abc import Sequence

    from gradcli.checks.subject import Subject

__all__ = ["DEFAULT_SAMPLE", "Examination", "Tie", "examine", "testify"]

DEFAULT_SAMPLE = 4  # elements per variable: two may each spread over rows of 1,000 within the limit
MAX_TIME = 10.0
DENSE = 3_000  # elements of floats in the whole run up to which nothing is rounded to float64
DIGITS = (40, 80, 160, 320, 640, 1280)  # evaluations agree at two of them
ENOUGH = 320  # digits after which no number is taken to be one; with less it may be 0 that was lost
FEWER = 4  # times the limit that symbols may spread for a smaller sample to be tried
AGREED = 1e-17  # relative; below that nothing shows in a float64
CONVENTION = 1e-15  # a change by a skew cotangent of about 1 that shows
NEGLIGIBLE = 1e-30  # an error that calls for no more digits however small the derivative


class Tie(NamedTuple):
    """A decision between equal numbers, one of which depends on a variable: the program is at a kink.

    Attributes:
        step: the place in the trace's steps.
        record: the operation's name.
    """

    step: int
    record: str


class Examination(NamedTuple):
    """What the symbolic run found.

    Attributes:
        testimony: the derivatives.
        ties: decisions that could as well have gone the other way.
    """

    testimony: Testimony
    ties: tuple[Tie, ...]


def testify(
    subject: Subject,
    sample: Sequence[Any],
    *,
    max_time: float = MAX_TIME,  # noqa: PT028 - not a test
    limit: int = 10_000,  # noqa: PT028 - as above
) -> Testimony:
    """Returns the derivative at the sampled elements.

    Args:
        subject: what is judged.
        sample: per variable the flat indices that carry symbols; all other elements stay numbers.
        max_time: seconds after which it gives up.
        limit: of symbolic elements in one array, past which it gives up.
    """
    return examine(subject, sample, max_time=max_time, limit=limit).testimony


def examine(
    subject: Subject, sample: Sequence[Any], *, max_time: float = MAX_TIME, limit: int = 10_000
) -> Examination:
    """Returns the testimony with the ties met on the way; arguments as for `testify`."""
    deadline = time.monotonic() + max_time
    attempt = _Attempt(subject, sample, limit, deadline)
    try:
        with at_most(max_time):
            found = attempt.examination()
            fitting = attempt.fitting()
            if fitting is not None:
                attempt = _Attempt(subject, fitting, limit, deadline)
                found = attempt.examination()
    except TimeIsUpError as error:
        found = attempt.broken_off(str(error))
    return found


class _Attempt:
    """The program run once on symbols at some elements."""

    def __init__(self, subject: Subject, sample: Sequence[Any], limit: int, deadline: float) -> None:
        self._subject = subject
        self._sample = sample
        self._limit = limit
        self._deadline = deadline
        self._m: Any = None
        self._ties: list[Tie] = []
        self._step = 0
        self._name = ""  # of the operation under way

    def examination(self) -> Examination:
        """What comes of it."""
        try:
            testimony = self._testimony()
        except GradcliError as error:
            testimony = Testimony("symbolic", (), _because(self._name, str(error)))
        except RecursionError:  # SymPy goes down into the terms of a term
            testimony = Testimony(
                "symbolic", (), _because(self._name, "it is too deep an expression for symbols")
            )
        except (TypeError, ValueError, ArithmeticError, AttributeError) as error:
            testimony = Testimony("symbolic", (), _because(self._name, str(error)))
        return Examination(testimony, tuple(self._ties))

    def broken_off(self, why: str) -> Examination:
        """What is left of it where it was stopped."""
        return Examination(Testimony("symbolic", (), _because(self._name, why)), tuple(self._ties))

    def fitting(self) -> list[Any] | None:
        """A smaller sample whose symbols do not spread too far; None where this one's do not, or many do."""
        spread = 0 if self._m is None else self._m.spread
        if not self._limit < spread <= FEWER * self._limit:
            return None
        return [places[: max(1, len(places) * self._limit // spread)] for places in self._sample]

    def _testimony(self) -> Testimony:
        subject, sample = self._subject, self._sample
        dense = _is_small(subject)
        from gradcli.symbolic import AssigningAlgebra  # sympy takes 300 ms to import

        m = self._m = AssigningAlgebra(self._limit, dense=dense, deadline=self._deadline)
        inputs = [m.variable(x, at.tolist()) for x, at in zip(subject.point(), sample, strict=True)]
        symbols = [
            [x.entries[at] for at in places.tolist()] for x, places in zip(inputs, sample, strict=True)
        ]
        with np.errstate(all="ignore"):
            values = subject.trace.run(inputs, self._apply, m.array)
        self._name = ""
        weights = self._weights(values)
        found = _derivatives(m, weights, symbols)
        conventional = _conventional(m, weights, symbols, [value for value, _ in found])
        return _testimony(subject, sample, found, conventional)

    def _apply(self, record: Any, values: Sequence[Any], params: Any) -> Any:
        self._name, before = name_of(self._subject.trace.steps[self._step]), self._m.ties
        found = self._m.apply(record, values, params)
        if self._m.ties > before:
            self._ties.append(Tie(self._step, record.name))
        self._step += 1
        return found

    def _weights(self, values: dict[int, Any]) -> dict[int, list[float]]:
        """The cotangents of what symbols reach; several outputs may be one value."""
        weights: dict[int, list[float]] = {}
        for number, cotangent in zip(self._subject.trace.outputs, self._subject.cotangents, strict=True):
            flat = np.asarray(cotangent, np.float64).ravel()
            for at, entry in values[number].entries.items():
                if flat[at] and self._m.assignments.active[entry]:
                    weights.setdefault(entry, []).append(float(flat[at]))
        return weights


def _because(name: str, text: str) -> str:
    """One line of why, with the operation that it was about."""
    line = text.splitlines()[0] if text else "it could not be followed"
    return f"{name}: {line}" if name and name not in line else line


def _is_small(subject: Subject) -> bool:
    """Whether the whole run has few elements; known by running it, where its inputs are few."""
    point = subject.point()
    if sum(x.size for x in point) + sum(x.size for x in subject.trace.constants.values()) > DENSE:
        return False
    with np.errstate(all="ignore"):
        values = subject.trace.run(point, DOUBLES.apply, DOUBLES.lift)
    count: int = sum(x.size for x in values.values() if x.dtype.kind == "f")
    return count <= DENSE


def _derivatives(
    m: Any, weights: dict[int, list[float]], symbols: list[list[int]]
) -> list[tuple[Any, float]]:
    """Each symbol's derivative (mpf) and a bound on its error, before it is rounded."""
    from gradcli.symbolic import COPIES, FACTOR, Reverse  # sympy takes 300 ms to import

    wanted = [entry for row in symbols for entry in row]
    reverse = Reverse(m.assignments, weights)
    if not reverse.inexact():
        found, errors = _agreed(reverse, wanted)
        if reverse.misled():
            raise ArithmeticError("rounding to float64 decides a branch")
        return [(value, float(error)) for value, error in zip(found, errors, strict=True)]
    found = reverse.gradient(wanted, DIGITS[0])
    others = [reverse.gradient(wanted, DIGITS[1 - k % 2], k) for k in range(1, COPIES + 1)]
    gaps = [sum(abs(x - y) for y in row) for x, *row in zip(found, *others, strict=True)]
    return [(value, FACTOR * float(gap)) for value, gap in zip(found, gaps, strict=True)]


def _agreed(reverse: Any, wanted: list[int]) -> tuple[list[Any], list[Any]]:
    """The derivatives with as many digits as it takes for two runs to agree, and by how much they differ."""
    before: list[Any] | None = None
    errors: list[Any] = []
    for digits in DIGITS:
        found = reverse.gradient(wanted, digits)
        if before is not None:
            errors = [abs(a - b) for a, b in zip(found, before, strict=True)]
            scale = max((abs(x) for x in found if _finite(x)), default=0)
            if all(
                (digits >= ENOUGH and not _finite(x))
                or error <= max(AGREED * abs(x), AGREED**2 * scale, NEGLIGIBLE)
                for x, error in zip(found, errors, strict=True)
            ):
                break
        before = found
    return found, errors


def _conventional(
    m: Any, weights: dict[int, list[float]], symbols: list[list[int]], found: list[Any]
) -> list[bool]:
    """Which derivatives are a convention: of what moves a matrix off symmetry that has to be symmetric.

    They change with a cotangent of such a matrix that is skew.
    """
    from gradcli.symbolic import Reverse  # sympy takes 300 ms to import

    if not m.mirrored:
        return [False] * len(found)
    wanted = [entry for row in symbols for entry in row]
    random = np.random.default_rng(0)
    skew = {number: list(row) for number, row in weights.items()}
    for one, other in m.mirrored:
        weight = float(random.standard_normal())
        skew.setdefault(one, []).append(weight)
        skew.setdefault(other, []).append(-weight)
    again = Reverse(m.assignments, skew).gradient(wanted, DIGITS[1])
    return [not abs(a - b) <= CONVENTION for a, b in zip(found, again, strict=True)]


def _finite(x: Any) -> bool:
    """Whether a number of many digits is one."""
    return math.isfinite(float(x))


def _testimony(
    subject: Subject, sample: Sequence[Any], found: list[tuple[Any, float]], conventional: list[bool]
) -> Testimony:
    words = []
    rest = zip(found, conventional, strict=True)
    silent = free = 0
    for variable, places in zip(subject.variables, sample, strict=True):
        shape = np.shape(variable.value)
        values, bounds = np.full(shape, np.nan), np.full(shape, np.inf)
        for at in places.tolist():
            (value, bound), by_convention = next(rest)
            number = float(value)
            if by_convention and not mirrored(variable, at):
                free += 1
            elif math.isfinite(number) and math.isfinite(bound):
                values.flat[at] = number
                bounds.flat[at] = bound + np.spacing(abs(number)) / 2
            else:
                silent += 1
        words.append(Words(values, bounds, np.isfinite(values)))
    parts = [f"no finite derivative at {counted(silent)}"] if silent else []
    if free:
        parts.append(f"{free} elements move a symmetric matrix off symmetry")
    return Testimony("symbolic", tuple(words), "; ".join(parts))
