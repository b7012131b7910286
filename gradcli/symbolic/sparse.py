"""An array of numbers of which a few elements are expressions too."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from gradcli.ops.operand import Operand
from gradcli.symbolic.scalar import Scalar, constant

if TYPE_CHECKING:
    from gradcli.symbolic.algebra import SymbolicAlgebra

__all__ = ["SymbolicArray", "reached", "source", "without_symbols"]


class SymbolicArray(Operand):
    """Numbers everywhere, expressions where symbols reach.

    Attributes:
        number: the values, an ndarray (float64; bool or int64 where discrete).
        expressions: flat (row-major) index -> SymPy expression.
    """

    __slots__ = ("algebra", "expressions", "number")

    def __init__(
        self, algebra: SymbolicAlgebra, number: Any, expressions: dict[int, Any] | None = None
    ) -> None:
        self.algebra = algebra
        self.number = number
        self.expressions: dict[int, Any] = {} if expressions is None else expressions

    @property
    def shape(self) -> tuple[int, ...]:  # type: ignore[override] # read from the numbers
        """The sizes of the dims."""
        return self.number.shape  # type: ignore[no-any-return] # an array's

    @property
    def dtype(self) -> Any:
        """The dtype of the numbers."""
        return self.number.dtype

    def expression(self, index: int) -> Any:
        """The element at a flat index as an expression, a constant where no symbol reaches."""
        found = self.expressions.get(index)
        return constant(self.number.flat[index]) if found is None else found

    def scalar(self, index: int) -> Scalar:
        """The element at a flat index with its number."""
        return Scalar(self.expression(index), float(self.number.flat[index]))

    def scalars(self) -> Any:
        """Every element as a Scalar, in an object array."""
        dense = np.empty(self.shape, dtype=object)
        dense.ravel()[:] = [self.scalar(index) for index in range(self.number.size)]
        return dense

    def __repr__(self) -> str:
        return f"SymbolicArray(shape={self.shape}, {len(self.expressions)} symbolic)"


def source(x: Any, shape: tuple[int, ...]) -> Any:
    """Returns, per element of the broadcast shape, the flat index in x it comes from; None: the same."""
    if isinstance(x, Scalar) or x.shape == shape:
        return None
    return np.broadcast_to(np.arange(x.number.size).reshape(x.shape), shape).ravel()


def reached(x: Any, origin: Any, size: int) -> set[int]:
    """Returns the elements of the result that an expression of x reaches."""
    if isinstance(x, Scalar) or not x.expressions:
        return set()
    if origin is None:
        return {index for index in x.expressions if index < size}
    return set(np.flatnonzero(np.isin(origin, list(x.expressions))).tolist())


def without_symbols(x: SymbolicArray) -> SymbolicArray:
    """Returns x with zeros in the symbolic places."""
    if not x.expressions:
        return x
    number = x.number.copy()
    number.flat[list(x.expressions)] = 0
    return SymbolicArray(x.algebra, number)
