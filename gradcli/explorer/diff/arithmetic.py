"""Sums and products of elements, kept collected: like terms as multiples, equal factors as powers."""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING

from gradcli.explorer.diff.terms import FLOAT, Term
from gradcli.ops.shapes import broadcast_all

if TYPE_CHECKING:
    from collections.abc import Iterable

    from gradcli.explorer.diff.formulas import Formulas

__all__ = ["added", "bare", "multiplied", "power", "scaled", "scaled_sum", "split"]

ONE = Fraction(1)
HIGHEST = 64  # power of an exact number that is computed
LONGEST = 4096  # bits of such a power: four times what a float64 reaches; powers of powers would go on
TERMS, FACTORS = 24, 6  # of a sum or product that another takes in: so long ones cost no squares


def bare(term: Term) -> Term:
    """Returns the least term that broadcasts to what this one is."""
    while (term.op == "expand" and term.data) or (term.op == "unsqueeze" and _leading(term)):
        term = term.args[0]
    return term


def _leading(term: Term) -> bool:
    """Whether the dims of size 1 that it adds all stand before the others."""
    return bool(term.data == tuple(range(-term.ndim, -term.args[0].ndim)))


def split(term: Term) -> tuple[Fraction, Term]:
    """Returns a term as an exact number times a term."""
    m = term.m
    if term.op == "mul" and term.data[0] != 1:
        coefficient, exponents = term.data
        if len(term.args) == 1 and exponents == (1,):
            return coefficient, term.args[0]
        return coefficient, m.make("mul", term.args, (ONE, exponents), term.shape, term.dtype)
    if term.op == "number" and term.number is not None:
        return term.number, m.number(1)
    return ONE, term


def added(m: Formulas, parts: Iterable[tuple[Fraction | int, Term]]) -> Term:
    """Returns the sum of multiples."""
    given = [(Fraction(c), term) for c, term in parts]
    shape = broadcast_all([term.shape for _, term in given])
    like = next((term for _, term in given if term.shape == shape), None)
    found: dict[Term, Fraction] = {}
    for c, term in given:
        for coefficient, one in _parts_of_sum(c, bare(term)):
            found[one] = found.get(one, Fraction(0)) + coefficient
    for one in [term for term in found if term.op == "add" and any(arg in found for arg in term.args)]:
        c = found.pop(one)  # multiplied out where that collects: 2*(a - b) + b
        for inner, arg in zip(one.data, one.args, strict=True):
            found[arg] = found.get(arg, Fraction(0)) + c * inner
    unit = m.number(1)
    constant = found.pop(unit, Fraction(0))
    kept = [(c, term) for term, c in found.items() if c]
    if not kept:
        return m.filled(constant, shape)
    if constant:
        kept.append((constant, unit))
    if len(kept) == 1:
        return m.broadcast(scaled(kept[0][1], kept[0][0]), shape, like)
    own = broadcast_all([term.shape for _, term in kept])
    args = tuple(term for _, term in kept)
    total = m.make("add", args, tuple(c for c, _ in kept), own, _dtype(args))
    return m.broadcast(total, shape, like)


def _parts_of_sum(c: Fraction, term: Term) -> Iterable[tuple[Fraction, Term]]:
    coefficient, rest = split(term)
    if rest.op == "add" and c * coefficient in {1, -1} and len(rest.args) <= TERMS:
        for inner, one in zip(rest.data, rest.args, strict=True):
            yield c * coefficient * inner, one
    else:
        yield c * coefficient, rest


def scaled(term: Term, number: Fraction | int) -> Term:
    """Returns a multiple."""
    return multiplied(term.m, [(term, 1)], Fraction(number))


def multiplied(m: Formulas, factors: Iterable[tuple[Term, Fraction | int]], number: Fraction = ONE) -> Term:
    """Returns a number times powers."""
    given = [(term, Fraction(e)) for term, e in factors]
    shape = broadcast_all([term.shape for term, _ in given])
    like = next((term for term, _ in given if term.shape == shape), None)
    found: dict[Term, Fraction] = {}
    for term, exponent in given:
        for coefficient, one, e in _parts_of_product(bare(term), exponent):
            number *= coefficient
            if one is not None:
                found[one] = found.get(one, Fraction(0)) + e
    if not number:
        return m.filled(0, shape)
    kept = [(term, e) for term, e in found.items() if e]
    if not kept:
        return m.broadcast(m.number(number), shape, like)
    if number == 1 and len(kept) == 1 and kept[0][1] == 1:
        return m.broadcast(kept[0][0], shape, like)
    args = tuple(term for term, _ in kept)
    own = broadcast_all([term.shape for term in args])
    product = m.make("mul", args, (number, tuple(e for _, e in kept)), own, _dtype(args))
    return m.broadcast(product, shape, like)


def _parts_of_product(term: Term, exponent: Fraction) -> Iterable[tuple[Fraction, Term | None, Fraction]]:
    whole = exponent.denominator == 1 and abs(exponent) <= HIGHEST
    value = term.number
    if value is not None:
        if whole and (value or exponent > 0) and _is_short(value, exponent):
            yield value ** int(exponent), None, ONE
        elif value == 1:
            yield ONE, None, ONE
        else:
            yield ONE, term, exponent
    elif term.op == "mul" and len(term.args) <= FACTORS and (whole or _one_power(term)):
        coefficient, exponents = term.data
        if coefficient != 1 and not (whole and _is_short(coefficient, exponent)):
            yield ONE, term, exponent
            return
        yield coefficient ** int(exponent) if whole else ONE, None, ONE
        for one, e in zip(term.args, exponents, strict=True):
            yield ONE, one, e * exponent
    elif term.op == "add" and whole and (sign := _content(term)) != 1:
        yield sign ** int(exponent), scaled_sum(term, 1 / sign), exponent
    else:
        yield ONE, term, exponent


def _is_short(number: Fraction, exponent: Fraction) -> bool:
    """Whether a power of an exact number has few digits."""
    bits = max(number.numerator.bit_length(), number.denominator.bit_length())
    return bits * abs(exponent) <= LONGEST


def _one_power(term: Term) -> bool:
    """Whether it is one power whose root is no absolute value: (x**(1/2))**(1/2), not (x**2)**(1/2)."""
    return len(term.args) == 1 and term.data[1][0].denominator != 1


def _content(term: Term) -> Fraction:
    """What all coefficients of a sum have in common: -1 where all are negative."""
    return Fraction(-1) if all(c < 0 for c in term.data) else ONE


def scaled_sum(term: Term, number: Fraction) -> Term:
    """Returns a sum with every coefficient multiplied."""
    return term.m.make("add", term.args, tuple(c * number for c in term.data), term.shape, term.dtype)


def power(term: Term, exponent: Fraction | int) -> Term:
    """Returns a power."""
    return multiplied(term.m, [(term, exponent)])


def _dtype(args: tuple[Term, ...]) -> object:
    return next((arg.dtype for arg in args if arg.dtype.kind == "f"), FLOAT)
