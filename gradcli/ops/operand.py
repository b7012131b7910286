"""The operators that formulas use on values, as records of the value's algebra."""

from __future__ import annotations

from typing import Any

__all__ = ["Operand"]


class Operand:
    """Base of the values of an algebra: `a * b` is `algebra.mul(a, b)`.

    A subclass gives `algebra` and `shape`. Arguments keep their order: a text shows it.
    """

    __slots__ = ()
    __array_ufunc__ = None  # NumPy scalars on the left leave the operation to us
    algebra: Any
    shape: tuple[int, ...]

    @property
    def ndim(self) -> int:
        """The number of dims."""
        return len(self.shape)

    def __add__(self, other: Any) -> Any:
        return self.algebra.add(self, other)

    def __radd__(self, other: Any) -> Any:
        return self.algebra.add(other, self)

    def __sub__(self, other: Any) -> Any:
        return self.algebra.sub(self, other)

    def __rsub__(self, other: Any) -> Any:
        return self.algebra.sub(other, self)

    def __mul__(self, other: Any) -> Any:
        return self.algebra.mul(self, other)

    def __rmul__(self, other: Any) -> Any:
        return self.algebra.mul(other, self)

    def __truediv__(self, other: Any) -> Any:
        return self.algebra.div_true(self, other)

    def __rtruediv__(self, other: Any) -> Any:
        return self.algebra.div_true(other, self)

    def __pow__(self, exponent: Any) -> Any:
        if isinstance(exponent, (int, float)):
            return self.algebra.pow_scalar(self, exponent=exponent)
        return self.algebra.pow_both(self, exponent)

    def __rpow__(self, base: Any) -> Any:
        return self.algebra.pow_base(self, base=base)

    def __neg__(self) -> Any:
        return self.algebra.neg(self)
