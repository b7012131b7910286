"""The precise witness: central differences of the program evaluated to many digits by mpmath.

With d digits a step of 10^-e has a truncation error of 10^-2e and loses e digits of d: at 60 digits and
steps of 1e-15 the difference quotient is good to 30. No structure is used and no rule; it is slow, and so
looks at few elements.
"""

from __future__ import annotations

import contextlib
import math
import time
from typing import TYPE_CHECKING, Any

import numpy as np

from gradcli.checks.naming import name_of
from gradcli.checks.testimony import Testimony, Words, counted
from gradcli.checks.witnesses.decisions import decided_otherwise
from gradcli.checks.witnesses.interruption import TimeIsUpError, at_most
from gradcli.checks.witnesses.precise_cost import mirrored, seconds
from gradcli.diagnostics import GradcliError, NotImplementedFault

if TYPE_CHECKING:
    from collections.abc import Sequence

    from gradcli.checks.subject import Subject

__all__ = ["testify"]

MAX_TIME = 10.0
DIGITS = (60, 150, 400, 1000)
STEP = 15  # the step is 10^-STEP of the element at the first number of digits, and in proportion
AROUND_ZERO = 1e-8  # the size that an element of zero is taken to have
AGREED = 1e-13  # a relative bound that calls for no more digits
NEGLIGIBLE = 1e-30  # an absolute one
POINTS = 4  # evaluations per element
GUARD = 4  # digits that the evaluation may have lost beyond those that its largest number says
KINK = 1e-6  # relative difference of one-sided slopes below which no kink is seen
SHRINKS = 1.2  # halving the step halves that difference where the function is smooth
DIVERGES = 1.1  # and one-sided slopes that grow by so much have no limit


def testify(
    subject: Subject,
    sample: Sequence[Any],
    *,
    max_time: float = MAX_TIME,  # noqa: PT028 - not a test
) -> Testimony:
    """Returns the derivative at the sampled elements, or silence where it would take too long.

    Args:
        subject: what is judged.
        sample: per variable the flat indices that are looked at.
        max_time: seconds after which it gives up, and says what it has found until then.
    """
    deadline = time.monotonic() + max_time
    try:
        cost = seconds(subject) * POINTS
        if cost > max_time:
            return Testimony("precise", (), f"one element would take about {cost:.0f} s")
        stencils = _Stencils(subject, sample, deadline)
        with contextlib.suppress(_OutOfTimeError, TimeIsUpError), at_most(max_time):
            stencils.look()
        return stencils.testimony()
    except (GradcliError, _OtherProgramError) as error:
        return Testimony("precise", (), str(error).splitlines()[0])
    except Exception as error:  # noqa: BLE001 - mpmath has exceptions of its own
        return Testimony("precise", (), f"an operation cannot be evaluated to many digits ({error})")


class _OutOfTimeError(Exception):
    """There is no time left."""


class _OtherProgramError(Exception):
    """With more digits the program takes another way."""


class _ConventionError(Exception):
    """The element moves a matrix off symmetry, where its derivative is a convention."""


class _Stencils:
    """Difference quotients of one subject."""

    def __init__(self, subject: Subject, sample: Sequence[Any], deadline: float) -> None:
        self._subject = subject
        self._sample = sample
        self._deadline = deadline
        self._kinks = 0
        self._edges = 0
        self._conventions = 0
        self._waiting = sum(map(len, sample))
        shapes = [np.shape(variable.value) for variable in subject.variables]
        self._values = [np.full(shape, np.nan) for shape in shapes]
        self._bounds = [np.full(shape, np.inf) for shape in shapes]

    def look(self) -> None:
        """Looks at one element after another."""
        machines: dict[int, _Machine] = {}
        for position, (places, values, bounds) in enumerate(
            zip(self._sample, self._values, self._bounds, strict=True)
        ):
            for at in places.tolist():
                value, bound = self._element(machines, position, at)
                self._waiting -= 1
                if math.isfinite(value) and math.isfinite(bound):
                    values.flat[at], bounds.flat[at] = value, bound + np.spacing(abs(value)) / 2

    def testimony(self) -> Testimony:
        """What there is to say."""
        pairs = zip(self._values, self._bounds, strict=True)
        words = tuple(Words(values, bounds, np.isfinite(values)) for values, bounds in pairs)
        return Testimony("precise", words, self._silence())

    def _silence(self) -> str:
        parts = []
        if self._kinks:
            parts.append(f"left and right derivatives differ at {counted(self._kinks)}")
        if self._edges:
            parts.append(f"no finite difference quotient at {counted(self._edges)}")
        if self._conventions:
            parts.append(f"{self._conventions} elements move a symmetric matrix off symmetry")
        if self._waiting:
            parts.append(f"the time was up before {self._waiting} elements")
        return "; ".join(parts)

    def _element(self, machines: dict[int, _Machine], position: int, at: int) -> tuple[float, float]:
        """One derivative with a bound, by as many digits as it takes."""
        value, bound = math.nan, math.inf
        for digits in DIGITS:
            try:
                if digits not in machines:
                    machines[digits] = _Machine(self._subject, digits, self._deadline)
                if not machines[digits].defined():
                    break
                value, bound, kink = machines[digits].slope(position, at, STEP * digits // DIGITS[0])
            except _ConventionError:
                self._conventions += 1
                return math.nan, math.inf
            except _OutOfTimeError:
                if digits == DIGITS[0]:
                    raise
                break
            if kink:
                self._kinks += 1
                return math.nan, math.inf
            if bound <= max(AGREED * abs(value), NEGLIGIBLE):
                break
        if not math.isfinite(value):
            self._edges += 1
        return value, bound


class _Machine:
    """The scalar function in so many digits."""

    def __init__(self, subject: Subject, digits: int, deadline: float) -> None:
        from gradcli.symbolic import PreciseAlgebra  # mpmath comes with sympy, which takes 300 ms

        self._subject = subject
        self._deadline = deadline
        self._algebra = PreciseAlgebra(digits)
        self._largest: Any = 1  # of all numbers in the last evaluation
        self._inputs = [self._algebra.array(x) for x in subject.point()]
        self._middle = self._value()
        other = decided_otherwise(subject, self._discrete)
        if other:
            raise _OtherProgramError(f"rounding to float64 decides {other}: with more digits it is another")

    def defined(self) -> bool:
        """Whether the program has a finite value at the point; elsewhere nothing can be said."""
        return bool(self._algebra.context.isfinite(self._middle))

    def _value(self) -> Any:
        trace = self._subject.trace
        steps = iter(trace.steps)

        def apply(record: Any, values: Sequence[Any], params: Any) -> Any:
            step = next(steps)
            if time.monotonic() > self._deadline:
                raise _OutOfTimeError
            try:
                return self._algebra.apply(record, values, params)
            except NotImplementedFault as error:  # it knows the record's name alone
                said = error.diagnostic.message.replace(record.name, name_of(step), 1)
                raise NotImplementedFault("E308", said) from None

        with np.errstate(all="ignore"):
            values = trace.run(self._inputs, apply, self._algebra.array)
        P = self._algebra.context  # noqa: N806 - as records call it
        self._largest = max((abs(x) for y in values.values() for x in _finite(P, y)), default=P.one)
        self._discrete = {number: getattr(y, "data", y) for number, y in values.items()}
        total = P.zero
        for number, cotangent in zip(trace.outputs, self._subject.cotangents, strict=True):
            data = values[number].data
            for weight, x in zip(np.ravel(cotangent).tolist(), data.ravel().tolist(), strict=True):
                if weight:
                    total += P.mpf(weight) * x
        return total

    def _at(self, position: int, at: int, offset: Any) -> Any:
        data = self._inputs[position].data.ravel()
        before = data[at]
        moved = np.array(self._inputs[position].data)
        moved.ravel()[at] = before + offset
        kept, self._inputs[position] = self._inputs[position], self._algebra.array(moved)
        try:
            return self._value()
        finally:
            self._inputs[position] = kept

    def slope(self, position: int, at: int, order: int) -> tuple[float, float, bool]:
        """The derivative, a bound on its error, and whether it is another on the left than on the right."""
        P = self._algebra.context  # noqa: N806 - as records call it
        names = self._algebra.names
        names.skewed = False
        size = abs(float(self._inputs[position].data.ravel()[at])) or AROUND_ZERO
        h = P.mpf(size) * P.mpf(10) ** -order
        up, down, far_up, far_down = (self._at(position, at, h * k) for k in (1, -1, 2, -2))
        if names.skewed and not mirrored(self._subject.variables[position], at):
            raise _ConventionError
        lost = self._largest * P.mpf(10) ** (GUARD - P.dps) / h
        near, far = (up - down) / (2 * h), (far_up - far_down) / (4 * h)
        if not P.isfinite(near + far):
            return self._one_sided(h, (up, far_up), (down, far_down), lost)
        bend = abs(up - 2 * self._middle + down) / h
        wide = abs(far_up - 2 * self._middle + far_down) / (2 * h)
        slope = max(abs(up - self._middle), abs(down - self._middle)) / h
        if bend > KINK * slope + lost and wide < SHRINKS * bend:
            return math.nan, math.inf, True
        return float(near), float(abs(near - far) + lost), False

    def _one_sided(
        self, h: Any, ups: tuple[Any, Any], downs: tuple[Any, Any], lost: Any
    ) -> tuple[float, float, bool]:
        """At the edge of the domain: from the side where the function is."""
        P = self._algebra.context  # noqa: N806 - as records call it
        for sign, (near, far) in ((1, ups), (-1, downs)):
            if P.isfinite(near) and P.isfinite(far) and P.isfinite(self._middle):
                first = sign * (near - self._middle) / h
                second = sign * (far - self._middle) / (2 * h)
                if abs(first) > DIVERGES * abs(second) + lost:
                    break
                return float(2 * first - second), float(abs(first - second) + lost), False
        return math.nan, math.inf, False


def _finite(P: Any, y: Any) -> list[Any]:  # noqa: N803 - as records call it
    """The finite numbers of an array of many digits."""
    return [x for x in y.data.ravel().tolist() if P.isfinite(x)] if y.data.dtype == object else []
