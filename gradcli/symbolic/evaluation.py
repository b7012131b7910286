"""The value of an expression to many digits, by mpmath, node by node.

SymPy's own evalf tracks the accuracy of each node and takes seconds on an expression of some thousand
terms. Here a whole evaluation is repeated with more digits until two of them agree.
"""

from __future__ import annotations

import operator
from functools import reduce
from typing import TYPE_CHECKING, Any

import sympy

from gradcli.symbolic.context import in_context
from gradcli.symbolic.digits import DigitNames

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

__all__ = ["Program", "evaluate"]

GUARD = 15  # digits beyond those asked for, at the first try
MOST = 2000
TWO = 2  # terms or factors, the usual number: an operator does it


class Program:
    """An expression made ready for evaluation in one mpmath context; without recursion.

    A subexpression that occurs twice is computed once. What leaves the real line is nan.

    Args:
        expr: a SymPy expression.
        symbols: in the order in which `run` takes their values.
        P: the context.
    """

    __slots__ = ("_constants", "_context", "_steps", "_where")

    def __init__(self, expr: Any, symbols: Sequence[Any], P: Any) -> None:  # noqa: N803 - as records call it
        self._context = P
        self._constants: list[Any] = []
        self._steps: list[tuple[Callable[..., Any], tuple[int, ...]]] = []
        nodes = _in_order(expr, symbols)
        leaves = [node for node in nodes if not _operands(node)]
        rest = [node for node in nodes if _operands(node)]
        where = {node: k for k, node in enumerate((*symbols, *leaves, *rest))}
        self._constants = [_constant(P, node) for node in leaves]
        names = DigitNames(P)
        self._steps = [(_step(P, names, node), tuple(where[x] for x in _operands(node))) for node in rest]
        self._where = where[expr]

    def run(self, values: Sequence[Any]) -> Any:
        """The value, an mpf, where the symbols have these."""
        registers = [*values, *self._constants]
        P = self._context  # noqa: N806 - as records call it
        for function, places in self._steps:
            try:
                registers.append(function(*[registers[place] for place in places]))
            except (ZeroDivisionError, ValueError, OverflowError):
                registers.append(P.nan)
        found = registers[self._where]
        if isinstance(found, P.mpc):
            return found.real if found.imag == 0 else P.nan
        return found


def _operands(node: Any) -> Sequence[Any]:
    """The subexpressions that are evaluated first."""
    if node.is_Number:
        return ()
    if node.is_Pow and node.exp.is_Integer:
        return node.args[:1]  # type: ignore[no-any-return] # a tuple
    return node.args  # type: ignore[no-any-return] # a tuple


def _in_order(expr: Any, symbols: Sequence[Any]) -> list[Any]:
    """The distinct subexpressions but symbols, each after its own."""
    known = dict.fromkeys(symbols)
    pending = [expr]
    while pending:
        node = pending[-1]
        missing = [arg for arg in _operands(node) if arg not in known] if node not in known else []
        if missing:
            pending += missing
            continue
        known.setdefault(pending.pop())
    return list(known)[len(symbols) :]


def evaluate(expr: Any, points: Mapping[Any, float], digits: int) -> Any:
    """Returns a SymPy Float of `digits` digits: the expression with symbols at `points`, taken exactly.

    What has a pole there is nan, as is what leaves the real line.
    """
    symbols = list(points)
    work = digits + GUARD
    before = _run(expr, symbols, points, work)
    while True:
        work *= 2
        after = _run(expr, symbols, points, work)
        if work > MOST or not _differ(before, after, digits):
            return after if after is sympy.nan else after.n(digits)
        before = after


def _run(expr: Any, symbols: Sequence[Any], points: Mapping[Any, float], digits: int) -> Any:
    P = in_context(digits)  # noqa: N806 - as records call it
    found = Program(expr, symbols, P).run([P.mpf(points[symbol]) for symbol in symbols])
    return sympy.Float(found, digits)


def _differ(a: Any, b: Any, digits: int) -> bool:
    """Whether two numbers differ in the digits asked for; nan and infinities agree with themselves."""
    if sympy.nan in (a, b) or a.is_infinite or b.is_infinite:
        return bool(a is not b)
    return bool(abs(a - b) > abs(b) * sympy.Float(10, GUARD) ** -digits)


def _step(P: Any, names: Any, node: Any) -> Callable[..., Any]:  # noqa: N803 - as records call it
    """What is done with the arguments of a node."""
    if node.is_Pow:
        return _power(P, node)
    if node.is_Add:
        return operator.add if len(node.args) == TWO else lambda *args: P.fsum(args)
    if node.is_Mul:
        return operator.mul if len(node.args) == TWO else lambda *args: reduce(operator.mul, args)
    try:
        found: Callable[..., Any] = getattr(names, type(node).__name__)
    except AttributeError:  # mpmath has no name for it
        return lambda *args: _by_sympy(P, node, args)
    return found


def _power(P: Any, node: Any) -> Callable[..., Any]:  # noqa: N803 - as records call it
    if node.exp.is_Integer:
        exponent = int(node.exp)
        return lambda base: base**exponent
    if node.exp is sympy.S.Half:
        return lambda base, _: P.sqrt(base)
    found: Callable[..., Any] = P.power
    return found


def _by_sympy(P: Any, node: Any, args: Sequence[Any]) -> Any:  # noqa: N803 - as records call it
    numbers = [sympy.Float(arg, P.dps) for arg in args]
    return P.mpf(node.func(*numbers).evalf(P.dps)._mpf_)  # how the two libraries exchange numbers


def _constant(P: Any, node: Any) -> Any:  # noqa: N803 - as records call it
    """A number, pi, e, or an infinity."""
    if node is sympy.S.ComplexInfinity or node is sympy.nan:
        return P.nan
    if node.is_Rational:
        return P.mpf(node.p) / node.q
    if node.is_Float:
        return P.make_mpf(node._mpf_)
    if node.is_infinite:
        return P.inf if node is sympy.oo else -P.inf
    return P.mpf(node.evalf(P.dps)._mpf_)
