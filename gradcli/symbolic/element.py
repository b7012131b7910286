"""An element of an array whose arithmetic is written down as assignments."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import sympy

from gradcli.ops.operand import Operand
from gradcli.symbolic.real import Real
from gradcli.symbolic.scalar import Scalar, constant, float_of

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from gradcli.symbolic.assigning import AssigningAlgebra
    from gradcli.symbolic.assignments import Assignments
    from gradcli.symbolic.noise import Copies

__all__ = ["AssignedArray", "Element", "simple"]

SIMPLE = 16  # numbers up to here, in halves, become part of a formula; others take a place in it


def simple(value: float) -> bool:
    """Whether a number is one that a formula may hold: few different ones, and powers and zeros matter."""
    return -SIMPLE <= value <= SIMPLE and float(2 * value).is_integer()


class Element(Real):
    """A value among the assignments, and the float it is about.

    Args:
        algebra: whose assignments.
        entry: its number among them.
        number: its value in float64, which decides branches and order.
    """

    __slots__ = ("_number", "algebra", "entry")
    assigned = True

    def __init__(self, algebra: AssigningAlgebra, entry: int, number: float | Callable[[], float]) -> None:
        self.algebra = algebra
        self.entry = entry
        self._number = number

    @property
    def number(self) -> float:
        """Its value in float64."""
        if callable(self._number):
            self._number = self._number()
        return self._number

    def __repr__(self) -> str:
        return f"Element({self.entry}, {self.number})"

    def _compared(self, other: Any, relation: Callable[[float, float], bool]) -> bool:
        if self.algebra.dense:
            self.algebra.assignments.asked[self.entry] = self.number
        return super()._compared(other, relation)

    def same(self, other: Any) -> bool:
        """Whether it is the same value."""
        return isinstance(other, Element) and other.entry == self.entry

    def tie(self) -> None:
        """Noted if a variable reaches the element."""
        if self.algebra.assignments.active[self.entry]:
            self.algebra.tie()

    def mirrored(self, other: Any) -> None:
        """Noted, if a variable reaches one of the two."""
        active = self.algebra.assignments.active
        if not isinstance(other, Element) or other.entry <= self.entry:
            return
        if active[self.entry] or active[other.entry]:
            self.algebra.mirrored.append((self.entry, other.entry))

    def combined(self, operation: Callable[[Any, Any], Any], left: Any, right: Any) -> Any:
        """The operation as an assignment."""
        if any(getattr(x, "shape", ()) for x in (left, right)):
            return NotImplemented
        return self.called(operation, (left, right))

    def called(self, function: Callable[..., Any], args: Sequence[Any]) -> Any:
        """A function of SymPy as an assignment."""
        row = [self._operand(arg) for arg in args]
        entry = self.algebra.assignments.operation(function, row)
        return Element(self.algebra, entry, lambda: float_of(function, [float(arg) for arg in args]))

    def _operand(self, value: Any) -> Any:
        """A number among the assignments, or an expression that becomes part of the formula."""
        if isinstance(value, Element):
            leaf = self.algebra.leaf(value.entry)
            return value.entry if leaf is None or not simple(leaf) else constant(leaf)
        if isinstance(value, Scalar):
            return value.expr
        if isinstance(value, sympy.Basic):
            return value
        return constant(value) if simple(float(value)) else self.algebra.assignments.number(float(value))

    def __abs__(self) -> Any:
        if self.number == 0:
            self.tie()
            return self.called(sympy.Abs, (self,))
        return -self if self < 0 else self


class AssignedArray(Operand):
    """Numbers everywhere; where variables reach (everywhere, in a dense algebra) also assignments.

    Attributes:
        number: the values, an ndarray (float64; bool or int64 where discrete).
        copies: what rounding might have made of them as well; None where they are exact.
        entries: flat (row-major) index -> number among the assignments.
    """

    __slots__ = ("algebra", "copies", "entries", "number")

    def __init__(
        self,
        algebra: AssigningAlgebra,
        number: Any,
        entries: dict[int, int] | None = None,
        copies: Copies | None = None,
    ) -> None:
        self.algebra = algebra
        self.number = number
        self.copies = copies
        self.entries: dict[int, int] = {} if entries is None else entries

    @property
    def shape(self) -> tuple[int, ...]:  # type: ignore[override] # read from the numbers
        """The sizes of the dims."""
        return self.number.shape  # type: ignore[no-any-return] # an array's

    @property
    def dtype(self) -> Any:
        """The dtype of the numbers."""
        return self.number.dtype

    def entry(self, index: int) -> int:
        """The element at a flat index among the assignments."""
        found = self.entries.get(index)
        if found is not None:
            return found
        value = float(self.number.flat[index])
        assignments: Assignments = self.algebra.assignments
        if self.copies is None:
            return assignments.number(value)
        copies = tuple(float(copy.flat[index]) for copy in self.copies.arrays())
        if all(copy == value for copy in copies):
            return assignments.number(value)
        return assignments.rounded((value, *copies))

    def elements(self) -> Any:
        """Every element as an Element, in an object array."""
        dense = np.empty(self.shape, dtype=object)
        dense.ravel()[:] = [
            Element(self.algebra, self.entry(index), float(value))
            for index, value in enumerate(self.number.ravel().tolist())
        ]
        return dense

    def __repr__(self) -> str:
        return f"AssignedArray(shape={self.shape}, {len(self.entries)} assigned)"
