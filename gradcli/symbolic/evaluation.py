"""The value of an expression to many digits, by mpmath, node by node.

SymPy's own evalf tracks the accuracy of each node and takes seconds on an expression of some thousand
terms. Here a whole evaluation is repeated with more digits until two of them agree.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import sympy
from mpmath.ctx_mp import MPContext

from gradcli.symbolic.digits import DigitNames

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["evaluate"]

GUARD = 15  # digits beyond those asked for, at the first try
MOST = 2000


def evaluate(expr: Any, points: Mapping[Any, float], digits: int) -> Any:
    """Returns a SymPy Float of `digits` digits: the expression with symbols at `points`, taken exactly.

    What has a pole there is nan, as is what leaves the real line.
    """
    work = digits + GUARD
    before = _run(expr, points, work)
    while True:
        work *= 2
        after = _run(expr, points, work)
        if work > MOST or not _differ(before, after, digits):
            return after if after is sympy.nan else after.n(digits)
        before = after


def _differ(a: Any, b: Any, digits: int) -> bool:
    """Whether two numbers differ in the digits asked for; nan and infinities agree with themselves."""
    if sympy.nan in (a, b) or a.is_infinite or b.is_infinite:
        return bool(a is not b)
    return bool(abs(a - b) > abs(b) * sympy.Float(10, GUARD) ** -digits)


def _run(expr: Any, points: Mapping[Any, float], digits: int) -> Any:
    """One evaluation, without recursion; a subexpression that occurs twice is computed once."""
    P = MPContext()  # noqa: N806 - as records call it
    P.dps = digits
    names = DigitNames(P)
    known: dict[Any, Any] = {}
    pending = [expr]
    while pending:
        node = pending[-1]
        if node in known:
            pending.pop()
            continue
        missing = [arg for arg in node.args if arg not in known] if not node.is_Number else []
        if missing:
            pending += missing
            continue
        known[node] = _value(P, names, node, [known.get(arg) for arg in node.args], points)
        pending.pop()
    found = known[expr]
    if isinstance(found, P.mpc):
        found = found.real if found.imag == 0 else P.nan
    return sympy.Float(found, digits)


def _value(P: Any, names: Any, node: Any, args: list[Any], points: Mapping[Any, float]) -> Any:  # noqa: N803
    """One node, its arguments known."""
    if node.is_Symbol:
        return P.mpf(points[node])
    if not args or node.is_Number:
        return _constant(P, node)
    try:
        return _function(P, names, node)(*args)
    except (ZeroDivisionError, ValueError):
        return P.nan
    except AttributeError:  # a function that mpmath has no name for
        numbers = [sympy.Float(arg, P.dps) for arg in args]
        return P.mpf(node.func(*numbers).evalf(P.dps)._mpf_)  # how the two libraries exchange numbers


def _function(P: Any, names: Any, node: Any) -> Any:  # noqa: N803 - as records call it
    """What mpmath does with the arguments of a node."""
    if node.is_Add:
        return lambda *args: P.fsum(args)
    if node.is_Mul:
        return lambda *args: P.fprod(args)
    if node.is_Pow:
        return P.power if node.exp != sympy.S.Half else lambda base, _: P.sqrt(base)
    return getattr(names, type(node).__name__)


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
