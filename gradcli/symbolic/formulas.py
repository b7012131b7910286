"""Derivative formulas as people read them: a record's partials run on symbols."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, NamedTuple

import sympy

from gradcli.diagnostics import GradcliError, NotImplementedFault
from gradcli.ops.algebra import Algebra
from gradcli.ops.operand import Operand
from gradcli.ops.record import NO_PARAMS, Params, Record
from gradcli.ops.rules import Select, parameters
from gradcli.symbolic.scalar import constant

if TYPE_CHECKING:
    from collections.abc import Sequence

LONG = 10**6  # denominators from here on read worse than decimals

__all__ = ["Formula", "derivative_formulas"]


class Formula(NamedTuple):
    """The partial derivative for one argument."""

    argument: str
    expression: Any
    text: str


class Expression(Operand):
    """A scalar expression of real symbols, with nothing known about its number."""

    __slots__ = ("algebra", "expr")
    shape = ()
    dtype = "expression"

    def __init__(self, algebra: ExpressionAlgebra, expr: Any) -> None:
        self.algebra = algebra
        self.expr = expr


class ExpressionAlgebra(Algebra):
    """Elementwise records on scalar expressions; masks stay conditions."""

    pi, e, inf, nan = sympy.pi, sympy.E, sympy.oo, sympy.nan

    def apply(self, record: Record, values: Sequence[Any], params: Params = NO_PARAMS) -> Any:
        """The record's `sympy=` form on expressions; a mask becomes a Piecewise."""
        if record.kind == "composite":
            assert record.front is not None  # noqa: S101 - for the type checker
            return record.front(self, *values, **params)
        exprs = [expression(value) for value in values]
        if record.name == "cast":
            return Expression(self, _number(exprs[0]))
        if record.kind != "elementwise" or record.sympy is None:
            if record.definition is not None:
                return record.definition(self, *values, **params)
            raise NotImplementedFault("E308", f"{record.name} has no form on scalar expressions")
        form = record.sympy
        found = getattr(sympy, form)(*exprs) if isinstance(form, str) else form(sympy, *exprs, **params)
        return Expression(self, found)

    def zeros_like(self, x: Any) -> Any:  # noqa: ARG002 - a scalar
        """Zero."""
        return Expression(self, sympy.Integer(0))

    def zeros(self, shape: tuple[int, ...], like: Any) -> Any:  # noqa: ARG002 - a scalar
        """Zero."""
        return Expression(self, sympy.Integer(0))

    def array(self, values: Any, like: Any) -> Any:  # noqa: ARG002 - a scalar
        """A constant."""
        return Expression(self, expression(values))

    def cast_like(self, x: Any, like: Any) -> Any:  # noqa: ARG002 - dtypes mean nothing here
        """x; 1 or 0 for a mask."""
        return Expression(self, _number(expression(x)))

    def eps(self, x: Any) -> Any:  # noqa: ARG002 - one symbol
        """The symbol eps."""
        return Expression(self, sympy.Symbol("eps", positive=True))

    def log_number(self, value: Any) -> Any:
        """The logarithm of a parameter."""
        return Expression(self, sympy.log(expression(value)))


def expression(value: Any) -> Any:
    """Returns a value, a parameter or a number as a SymPy expression."""
    if isinstance(value, Expression):
        return value.expr
    if isinstance(value, sympy.Basic):
        return value
    if isinstance(value, bool):
        return sympy.true if value else sympy.false
    if isinstance(value, int):
        return sympy.Integer(value)
    if not math.isfinite(value):
        return constant(value)
    exact = sympy.nsimplify(sympy.Float(float(value)), rational=True)
    return exact if exact.q < LONG else sympy.Float(float(value))


def _number(expr: Any) -> Any:
    """A condition as 1 or 0."""
    if isinstance(expr, (sympy.logic.boolalg.Boolean, bool)) and not isinstance(expr, sympy.Symbol):
        return sympy.Piecewise((1, expr), (0, True))
    return expr


def _partial(value: Any) -> Any:
    """What a partial formula returned, as one expression."""
    if isinstance(value, Select):
        return sympy.Piecewise((_partial(value.value), expression(value.mask)), (0, True))
    return expression(value)


def derivative_formulas(record: Record) -> list[Formula]:
    """Returns per differentiable argument of an elementwise record its partial derivative.

    The expression is in real symbols named as the record's arguments and parameters; where a formula
    cannot be run on scalars (it needs its parameters as numbers, or is no function of the elements alone)
    it is left out, and so are all of the other kinds.
    """
    if record.kind != "elementwise":
        return []
    found = []
    for position, rule in enumerate(record.rules):
        if rule is not None:
            try:
                expr = _run(record, rule) if callable(rule) else expression(rule)
            except (GradcliError, TypeError, AttributeError):
                continue
            found.append(Formula(record.args[position], expr, sympy.sstr(expr)))
    return found


def _run(record: Record, rule: Any) -> Any:
    """The formula on symbols; `y` is the record itself applied to them."""
    m = ExpressionAlgebra()
    values = [
        Expression(m, _condition(name) if name in record.discrete else sympy.Symbol(name, real=True))
        for name in record.args
    ]
    names = [name for name in parameters(rule) if name not in (*record.args, *record.outputs)]
    params: dict[str, Any] = {name: sympy.Symbol(name, positive=True) for name in names}
    known = dict(zip(record.args, values, strict=True)) | params
    if record.outputs[0] in parameters(rule):
        known[record.outputs[0]] = m.apply(record, values, params)
    return _partial(rule(m, *[known[name] for name in parameters(rule)]))


def _condition(name: str) -> Any:
    return sympy.Ne(sympy.Symbol(name, integer=True), 0)
