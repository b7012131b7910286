"""Terms over whole tensors: sums, products, matrix products, and calls of records; each made once.

Sums and products are kept collected: a sum is a list of coefficients and terms, a product an exact number
times powers. Both broadcast as arrays do, so that nothing says how often a number is repeated.
"""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING, Any

import numpy as np

from gradcli.ops.operand import Operand

if TYPE_CHECKING:
    from gradcli.explorer.diff.formulas import Formulas

__all__ = ["BOOL", "FLOAT", "Array", "Term", "rounded"]

FLOAT = np.dtype(np.float64)
BOOL = np.dtype(bool)


class Array:
    """A constant array as the data of a term: equal to itself alone."""

    __slots__ = ("values",)

    def __init__(self, values: Any) -> None:
        self.values = values


class Term(Operand):
    """A node of the formula.

    Attributes:
        m: the algebra that made it.
        op: its kind: leaf, number, count, add, mul, matmul, transpose, sum, expand, unsqueeze, ... or `call`,
            of a record.
        args: what it is made of.
        data: what else it is made of: a name, coefficients, exponents, parameters.
        shape: of its values.
        dtype: of its values.
        axes: per dim the axes of leaves that it runs along; None where that is not known.
        index: rises with the time when it was made: arguments come before what is made of them.
        size: what simplification makes smaller.
        moving: whether a variable takes part in it.
        directed: whether a direction of second derivatives does.
    """

    __slots__ = ("args", "axes", "data", "directed", "dtype", "index", "m", "moving", "op", "shape", "size")

    def __init__(  # noqa: PLR0913 - the parts of a node
        self, m: Formulas, op: str, args: tuple[Term, ...], data: Any, shape: tuple[int, ...], dtype: Any
    ) -> None:
        self.m = m
        self.op = op
        self.args = args
        self.data = data
        self.shape = shape
        self.dtype = dtype
        self.axes: tuple[Any, ...] = ()
        self.index = 0
        self.size = 0.0
        self.moving: bool = any(arg.moving for arg in args)
        self.directed: bool = any(arg.directed for arg in args)

    def __repr__(self) -> str:
        return f"<{self.op} {self.data} {list(self.args)}>"

    @property
    def number(self) -> Fraction | None:
        """The exact number that it is, or None."""
        return self.data if self.op == "number" and self.data.__class__ is Fraction else None

    @property
    def algebra(self) -> Any:
        """What made it, for the operators."""
        return self.m


def rounded(value: Fraction | float) -> float:
    """Returns the float next to a number; inf where there is none."""
    try:
        return float(value)
    except OverflowError:
        return float("inf") if value > 0 else -float("inf")
