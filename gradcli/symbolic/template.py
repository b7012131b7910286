"""A scalar function as SymPy has it, in numbered places: differentiated once, used for many elements."""

from __future__ import annotations

from functools import cache
from typing import Any

import sympy

from gradcli.diagnostics import NotImplementedFault

__all__ = ["Template", "place"]


@cache
def place(position: int) -> Any:
    """Returns the symbol that stands for an argument."""
    return sympy.Symbol(f"p{position}", real=True)


class Template:
    """A function of `count` places.

    Attributes:
        expr: the expression in `place(0)`, `place(1)`, ....
        places: those symbols.
        used: the positions that occur in the expression.
    """

    __slots__ = ("_partials", "expr", "places", "used")

    def __init__(self, expr: Any, count: int) -> None:
        self.expr = expr
        self.places = tuple(place(position) for position in range(count))
        occurring = expr.free_symbols
        self.used = tuple(k for k, symbol in enumerate(self.places) if symbol in occurring)
        self._partials: dict[int, Template] = {}

    def partial(self, position: int) -> Template:
        """The derivative for an argument, by `sympy.diff`.

        Raises:
            NotImplementedFault: SymPy has no closed form for it.
        """
        found = self._partials.get(position)
        if found is None:
            slope = sympy.diff(self.expr, self.places[position])
            if slope.has(sympy.Derivative, sympy.Subs, sympy.Integral, sympy.meijerg):
                raise NotImplementedFault(
                    "E308", f"{self.expr.func.__name__} has no derivative in closed form for this argument"
                )
            found = self._partials[position] = Template(slope, len(self.places))
        return found

    def fixed(self, values: dict[int, Any]) -> Template:
        """The function with expressions in places: x**p has a derivative at 0 once p is known to be 2."""
        return Template(
            self.expr.xreplace({self.places[position]: value for position, value in values.items()}),
            len(self.places),
        )
