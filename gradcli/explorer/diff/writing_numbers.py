"""Numbers, sums and products as text: what stands before and below, and where brackets are needed."""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING

from gradcli.explorer.diff.terms import rounded
from gradcli.explorer.terms import ATOM, POWER, PRODUCT, SUM, Factor

if TYPE_CHECKING:
    from gradcli.explorer.diff.terms import Term
    from gradcli.explorer.diff.writing import Writer

__all__ = ["number_text", "write_matmul", "write_multiple", "write_number", "write_product", "write_sum"]

LARGEST = 10**15  # from here on numbers are written with an exponent
SHORT = 5  # a decimal of so many characters reads better than a fraction of tenths
LAST = {"transpose": 1, "number": 2}  # of terms
ORDER = {"leaf": 0, "number": 0, "count": 0, "add": 2}  # of factors: names, functions, sums


def number_text(value: Fraction | float) -> str:
    """Returns a number: whole, a short decimal, or a fraction."""
    if not isinstance(value, Fraction):
        return str(value)
    if value.denominator == 1 and abs(value) < LARGEST:
        return str(value.numerator)
    decimal = repr(rounded(value))
    if decimal in {"inf", "-inf"}:
        return f'float("{decimal}")'
    if len(decimal) <= SHORT and Fraction(decimal) == value:
        return decimal
    return f"{value.numerator}/{value.denominator}" if 1 < value.denominator <= 1000 else decimal  # noqa: PLR2004


def write_number(_writer: Writer, term: Term) -> Factor:
    """Returns a number."""
    value = term.data
    text = number_text(value)
    if not isinstance(value, Fraction):
        return Factor(f'float("{text}")' if text in {"nan", "inf", "-inf"} else text)
    return Factor(text, PRODUCT if "/" in text else SUM if value < 0 else ATOM)


def write_sum(writer: Writer, term: Term) -> Factor:
    """Returns a sum, a positive term first and a number last."""
    parts = sorted(zip(term.data, term.args, strict=True), key=lambda part: LAST.get(part[1].op, 0))
    first = next((i for i, (c, _) in enumerate(parts) if c > 0), 0)
    parts.insert(0, parts.pop(first))
    text = ""
    for c, one in parts:
        shown = _product(writer, abs(c), [(one, Fraction(1))])
        if not text:
            text = f"-{shown.within(PRODUCT)}" if c < 0 else shown.within(SUM)
        else:
            text += f"{' - ' if c < 0 else ' + '}{shown.within(PRODUCT)}"
    return Factor(text, SUM)


def write_product(writer: Writer, term: Term) -> Factor:
    """Returns a product."""
    number, exponents = term.data
    shown = _product(writer, abs(number), list(zip(term.args, exponents, strict=True)))
    return Factor(f"-{shown.within(PRODUCT)}", SUM) if number < 0 else shown


def write_multiple(writer: Writer, term: Term, tensor: Factor) -> Factor:
    """Returns a number times a tensor that is written already."""
    number, powers = Fraction(1), [(term, Fraction(1))]
    if term.op == "mul":
        number, powers = term.data[0], list(zip(term.args, term.data[1], strict=True))
    elif term.number is not None:
        number, powers = term.number, []
    shown = _product(writer, abs(number), powers, tensor)
    return Factor(f"-{shown.within(PRODUCT)}", SUM) if number < 0 else shown


def _product(
    writer: Writer, number: Fraction, powers: list[tuple[Term, Fraction]], more: Factor | None = None
) -> Factor:
    """A positive number times powers: what is below the line behind it, numbers before tensors."""
    ordered = sorted(powers, key=lambda power: (power[0].ndim > 0, ORDER.get(power[0].op, 1)))
    above = [_power(writer, one, e) for one, e in ordered if e > 0 and one.number != 1]
    above += [] if more is None else [more]
    below = [_power(writer, one, -e) for one, e in ordered if e < 0]
    text = number_text(number)
    over = number.denominator if "/" in text else 1
    whole = str(number.numerator) if "/" in text else text
    if whole != "1" or not above:
        above.insert(0, Factor(whole))
    if over != 1:
        below.insert(0, Factor(str(over)))
    if len(above) == 1 and not below:
        return above[0]
    if sum(one.ndim > 0 for one, _ in powers) > 1:
        # Python reads a*B @ c as (a*B) @ c: right where a is a number and B @ c is the only tensor.
        above = [Factor(one.within(POWER)) if " @ " in one.text else one for one in above]
    product = "*".join(one.within(PRODUCT) for one in above)
    if not below:
        return Factor(product, PRODUCT)
    under = "*".join(one.within(PRODUCT) for one in below)
    under = f"({under})" if len(below) > 1 else below[0].within(POWER)
    return Factor(f"{product}/{under}", PRODUCT)


def _power(writer: Writer, base: Term, exponent: Fraction) -> Factor:
    inner = writer.factor(base)
    if writer.language.relations and base.dtype.kind == "b":  # which multiplies nothing there
        inner = writer.call("where", inner.text, "1", "0")
    if exponent == 1:
        return inner
    if exponent == Fraction(1, 2) and (writer.language.numbers or base.op != "number"):
        return writer.call("sqrt", inner.text)
    shown = number_text(exponent)
    return Factor(f"{inner.within(ATOM)}**{f'({shown})' if '/' in shown else shown}", POWER)


def write_matmul(writer: Writer, term: Term) -> Factor:
    """Returns a product of matrices."""
    parts = [writer.factor(one) for one in term.args]
    return Factor(" @ ".join(one.within(POWER) for one in parts), PRODUCT)
