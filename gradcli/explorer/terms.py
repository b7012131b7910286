"""Formulas as people write them: a number times factors over factors, with the numbers of the example beside.

A record's rule run on terms says what it does in the names of the values at hand: `2*x` where the rule says
`exponent*x**(exponent - 1)`. Numbers are folded exactly, equal factors become powers, and sums of equal terms
become multiples; nothing is reordered that is not a product of elements.
"""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from gradcli.ops.operand import Operand

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = [
    "ATOM", "OPPOSITE", "POWER", "PRODUCT", "RELATION", "SIGN", "SIGNS", "SUM", "Factor", "Term", "exact",
    "number_term", "total",
]  # fmt: skip

RELATION, SUM, PRODUCT, SIGN, POWER, ATOM = range(6)  # how tightly a text holds together
SIGNS = {"lt": "<", "le": "<=", "gt": ">", "ge": ">=", "eq": "==", "ne": "!="}  # of comparisons, by record
OPPOSITE = {"<": ">=", "<=": ">", ">": "<=", ">=": "<", "==": "!=", "!=": "=="}
SMALL = 12  # up to here a decimal is written as a fraction too: 1/4, 3/8, 1/10
LARGEST = 1000  # denominators up to here are what a float was meant as; from here on they read worse


class Factor(NamedTuple):
    """A text that is multiplied with others."""

    text: str
    strength: int = ATOM

    def within(self, strength: int) -> str:
        """Its text, in brackets where what surrounds it holds more tightly."""
        return self.text if self.strength >= strength else f"({self.text})"


class Term(Operand):
    """A product of factors over factors, times an exact number.

    Attributes:
        m: the algebra whose operations it takes part in.
        array: the numbers at this point.
        number: what it is multiplied with.
        above, below: the factors.
        parts: where it is a sum, what is added.
        fixed: no variable takes part in it, so that its numbers may stand for it.
    """

    __slots__ = ("above", "array", "below", "fixed", "m", "number", "parts")

    def __init__(  # noqa: PLR0913 - the parts of a product
        self,
        m: Any,
        array: Any,
        above: tuple[Factor, ...] = (),
        below: tuple[Factor, ...] = (),
        number: Fraction = Fraction(1),
        *,
        fixed: bool = False,
    ) -> None:
        self.m = m
        self.array = np.asarray(array)
        self.above = above
        self.below = below
        self.number = number
        self.fixed = fixed
        self.parts: tuple[Term, ...] = ()

    @property
    def shape(self) -> tuple[int, ...]:  # type: ignore[override] # read only
        """The shape of the numbers."""
        return self.array.shape

    @property
    def dtype(self) -> Any:
        """The dtype of the numbers."""
        return self.array.dtype

    @property
    def plain(self) -> bool:
        """Whether it is a number and nothing else."""
        return not self.above and not self.below

    def with_array(self, array: Any, number: Fraction | None = None) -> Term:
        """The same text, of other numbers; `number` in place of its own."""
        number = self.number if number is None else number
        return Term(self.m, array, self.above, self.below, number, fixed=self.fixed)

    def factor(self) -> Factor:
        """Its whole text as one factor."""
        above, below = _powers(self.above), _powers(self.below)
        top, bottom = abs(self.number.numerator), self.number.denominator
        sign = "-" if self.number < 0 else ""
        if bottom > LARGEST or top > LARGEST**2 or (bottom > SMALL and LARGEST**2 % bottom == 0):
            above, bottom = (Factor(f"{abs(float(self.number)):.6g}"), *above), 1
        elif bottom != 1 and above:
            above, bottom = (Factor(f"{top}/{bottom}", PRODUCT), *above), 1
        elif top != 1 or not above:
            above = (Factor(str(top)), *above)
        below = (Factor(str(bottom)), *below) if bottom != 1 else below
        if len(above) == 1 and not below:
            inner = above[0]
            return Factor(f"-{inner.within(SIGN)}", SUM) if sign else inner
        text = "*".join(one.within(PRODUCT) for one in above)
        if below:
            product = "*".join(one.within(PRODUCT) for one in below)
            text += f"/{below[0].within(POWER)}" if len(below) == 1 else f"/({product})"
        return Factor(sign + text, SUM if sign else PRODUCT)

    @property
    def text(self) -> str:
        """The formula."""
        return self.factor().text

    def times(self, other: Term, array: Any) -> Term:
        """The product of elements."""
        number = self.number * other.number
        if not number:
            return number_term(self.m, 0, array)
        return Term(self.m, array, self.above + other.above, self.below + other.below, number)

    def over(self, other: Term, array: Any) -> Term:
        """The quotient of elements; a zero below stays visible."""
        if not other.number:
            return Term(self.m, array, self.above, (*self.below, Factor("0")), self.number)
        return Term(
            self.m, array, self.above + other.below, self.below + other.above, self.number / other.number
        )

    def plus(self, other: Term, array: Any) -> Term:
        """The sum; of equal products a multiple."""
        return total((self, other), array)

    @property
    def algebra(self) -> Any:
        """What made it, for the operators."""
        return self.m


def total(terms: Sequence[Term], array: Any) -> Term:
    """Returns the sum of terms, one at least; of equal products a multiple."""
    adding = [one for one in terms if one.number]
    if len(adding) < 2:  # noqa: PLR2004 - a sum
        return (adding or terms)[-1].with_array(array)
    collected: dict[Any, Term] = {}
    for one in (part for term in adding for part in term.parts or (term,)):
        product = tuple(sorted(one.above)), tuple(sorted(one.below))
        known = collected.get(product)
        collected[product] = one if known is None else known.with_array(array, known.number + one.number)
    parts = [part for part in collected.values() if part.number]
    if len(parts) < 2:  # noqa: PLR2004 - as above
        return parts[0].with_array(array) if parts else number_term(adding[0].m, 0, array)
    texts = [parts[0].factor().within(SUM)]
    for part in parts[1:]:
        if part.number < 0:
            texts.append(f" - {part.with_array(array, -part.number).factor().within(PRODUCT)}")
        else:
            texts.append(f" + {part.factor().within(SUM)}")
    found = Term(adding[0].m, array, (Factor("".join(texts), SUM),))
    found.parts = tuple(parts)
    return found


def exact(value: Any) -> Any:
    """Returns a plain number as the fraction that it was meant as; nan and inf as they are, floats."""
    value = value.item() if hasattr(value, "item") else value
    if not isinstance(value, float):
        return Fraction(value)
    if not np.isfinite(value):
        return value
    near = Fraction(value).limit_denominator(LARGEST)  # 0.3333333333333333 is what a third rounds to
    return near if float(near) == value else Fraction(repr(value))


def number_term(m: Any, number: Any, array: Any = None) -> Term:
    """Returns a number as a term; one that is no fraction (nan, inf) as a text."""
    value = exact(number)
    if array is None:
        array = np.asarray(number.item() if hasattr(number, "item") else number)
    if not isinstance(value, Fraction):
        return Term(m, array, (Factor(str(value)),), fixed=True)
    return Term(m, array, number=value, fixed=True)


def _powers(factors: tuple[Factor, ...]) -> tuple[Factor, ...]:
    """Equal factors as powers, each where it first stands."""
    counts: dict[Factor, int] = {}
    for factor in factors:
        counts[factor] = counts.get(factor, 0) + 1
    return tuple(
        factor if count == 1 else Factor(f"{factor.within(ATOM)}**{count}", POWER)
        for factor, count in counts.items()
    )
