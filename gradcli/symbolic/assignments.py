"""A program written out as assignments to scalars, of which each is a small function of earlier ones.

One expression for a whole program explodes: x = sin(x) cos(x) + x, fifty times over, has more terms than
there are atoms. As assignments it has a hundred and fifty. Nothing is rounded while writing down: an
evaluation (`gradcli.symbolic.reverse`) chooses its digits.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any, NamedTuple

from gradcli.diagnostics import LimitFault
from gradcli.symbolic.template import Template, place

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

__all__ = ["OFTEN", "Assignments", "Call", "Combination", "Leaf", "Rounded"]

OFTEN = 63  # how many assignments pass between two looks at the clock, less one; a mask


class Leaf(NamedTuple):
    """A number, exact: a variable's or a constant's."""

    value: float


class Rounded(NamedTuple):
    """A number that float64 arithmetic found, and what it might as well have found."""

    values: tuple[float, ...]


class Call(NamedTuple):
    """A function of earlier values."""

    template: Template
    args: tuple[int, ...]


class Combination(NamedTuple):
    """(base + sum of factor * value) / divisor; a factor of None is 1."""

    terms: tuple[tuple[int | None, int], ...]
    base: int | None
    divisor: int


class Assignments:
    """Scalars in the order of their computation; each is known by its number in it.

    Args:
        deadline: on the clock of `time.monotonic`; whoever works on past it gets a LimitFault.
    """

    def __init__(self, deadline: float = float("inf")) -> None:
        self.deadline = deadline
        self.entries: list[Any] = []
        self.active: list[bool] = []  # whether a variable reaches it
        self.doubtful: set[int] = set()  # nan in float64: no derivative, if many digits say so too
        self.asked: dict[int, float] = {}  # values whose number in float64 decided a branch or an order
        self._numbers: dict[float, int] = {}
        self._templates: dict[Any, Template] = {}
        self._operations: dict[Any, Template] = {}

    def __len__(self) -> int:
        return len(self.entries)

    def variable(self, value: float) -> int:
        """A number that is differentiated for."""
        return self._add(Leaf(value), active=True)

    def number(self, value: float) -> int:
        """An exact number."""
        found = self._numbers.get(value)
        if found is None:
            found = self._numbers[value] = self._add(Leaf(value), active=False)
        return found

    def rounded(self, values: tuple[float, ...]) -> int:
        """A number and its alternatives."""
        return self._add(Rounded(values), active=False)

    def call(self, expr: Any, args: Sequence[int]) -> int:
        """A function, an expression in `place(0)`, ..., of these values."""
        for position, arg in enumerate(args):
            if expr is place(position):
                return arg
        template = self._templates.get((expr, len(args)))
        if template is None:
            template = self._templates[expr, len(args)] = Template(expr, len(args))
        active = self.active
        return self._add(Call(template, tuple(args)), active=any(active[arg] for arg in args))

    def operation(self, function: Callable[..., Any], operands: Sequence[Any]) -> int:
        """A function of SymPy or of `operator` on values (int) and constants (expressions)."""
        key = (function, *(None if isinstance(x, int) else x for x in operands))
        expr = self._operations.get(key)
        if expr is None:
            count = -1
            row = [place(count := count + 1) if isinstance(x, int) else x for x in operands]
            expr = self._operations[key] = function(*row)
        return self.call(expr, [x for x in operands if isinstance(x, int)])

    def combine(
        self, terms: Iterable[tuple[int | None, int]], base: int | None = None, divisor: int = 1
    ) -> int:
        """A linear combination, whose factors may be values too."""
        terms = tuple(terms)
        if base is None and divisor == 1 and len(terms) == 1 and terms[0][0] is None:
            return terms[0][1]
        active = self.active
        moving = any(active[arg] or (factor is not None and active[factor]) for factor, arg in terms)
        return self._add(Combination(terms, base, divisor), active=moving)

    def _add(self, entry: Any, *, active: bool) -> int:
        self.entries.append(entry)
        self.active.append(active)
        if not len(self.entries) & OFTEN:
            self.look_at_the_clock()
        return len(self.entries) - 1

    def look_at_the_clock(self) -> None:
        """Returns while there is time.

        Raises:
            LimitFault: there is none.
        """
        if time.monotonic() > self.deadline:
            raise LimitFault(
                "E605",
                "the program's derivative takes longer than the time given",
                help="give it more with --max-time, or look at fewer elements with --sample",
            )
