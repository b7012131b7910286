"""The operators of elements that carry the number they stand for, and the places where a number decides."""

from __future__ import annotations

import operator
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

__all__ = ["Real"]


class Real:
    """Base of elements: arithmetic is the subclass's, comparison goes by the number.

    A subclass gives `number` (a float), `combined` (an operation on two operands, of which it is one),
    `called` (a function of SymPy on some) and `tie` (told of a comparison that could as well
    have gone the other way).
    """

    __slots__ = ()
    assigned = False  # whether each operation is written down by itself, and no expression grows

    if TYPE_CHECKING:

        @property
        def number(self) -> float:
            """The float that decides."""

    def combined(self, operation: Callable[[Any, Any], Any], left: Any, right: Any) -> Any:
        """The operation on two operands; NotImplemented where one is no number."""
        raise NotImplementedError

    def called(self, function: Callable[..., Any], args: Sequence[Any]) -> Any:
        """A function of SymPy on operands, of which it is one."""
        raise NotImplementedError

    def mirrored(self, other: Any) -> None:
        """Told of another element that can move only together with it."""

    def same(self, other: Any) -> bool:
        """Whether it is the same element, which no change of a variable parts from itself."""
        return self is other

    def tie(self) -> None:
        """Told of a comparison with an equal number."""

    def _compared(self, other: Any, relation: Callable[[float, float], bool]) -> bool:
        value = float(other)
        if value == self.number and not self.same(other):
            self.tie()
        return relation(self.number, value)

    def __bool__(self) -> bool:
        return self._compared(0.0, operator.ne)

    def __float__(self) -> float:
        return self.number

    def __add__(self, other: Any) -> Any:
        return self.combined(operator.add, self, other)

    def __radd__(self, other: Any) -> Any:
        return self.combined(operator.add, other, self)

    def __sub__(self, other: Any) -> Any:
        return self.combined(operator.sub, self, other)

    def __rsub__(self, other: Any) -> Any:
        return self.combined(operator.sub, other, self)

    def __mul__(self, other: Any) -> Any:
        return self.combined(operator.mul, self, other)

    def __rmul__(self, other: Any) -> Any:
        return self.combined(operator.mul, other, self)

    def __truediv__(self, other: Any) -> Any:
        return self.combined(operator.truediv, self, other)

    def __rtruediv__(self, other: Any) -> Any:
        return self.combined(operator.truediv, other, self)

    def __pow__(self, other: Any) -> Any:
        return self.combined(operator.pow, self, other)

    def __rpow__(self, other: Any) -> Any:
        return self.combined(operator.pow, other, self)

    def __neg__(self) -> Any:
        return self.combined(operator.mul, -1, self)

    def __lt__(self, other: Any) -> bool:
        return self._compared(other, operator.lt)

    def __le__(self, other: Any) -> bool:
        return self._compared(other, operator.le)

    def __gt__(self, other: Any) -> bool:
        return self._compared(other, operator.gt)

    def __ge__(self, other: Any) -> bool:
        return self._compared(other, operator.ge)

    def __eq__(self, other: object) -> bool:
        return self._compared(other, operator.eq)

    def __ne__(self, other: object) -> bool:
        return self._compared(other, operator.ne)

    __hash__ = None  # type: ignore[assignment] # equal by number, so no key

    def conjugate(self) -> Any:
        """Itself: elements are real."""
        return self
