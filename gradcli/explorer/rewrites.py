"""Safe rewrites of an expression whose gradient is nan or infinite: offered only after they were tried."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from gradcli.diagnostics import GradcliError, Source
from gradcli.explorer.tracing import trace_job
from gradcli.language import tree
from gradcli.language.program import parse
from gradcli.language.tree.walking import walk
from gradcli.plan.trace import DOUBLES

if TYPE_CHECKING:
    from collections.abc import Iterator

    from gradcli.diagnostics import Span
    from gradcli.explorer.job import Job
    from gradcli.explorer.tracing import Traced
    from gradcli.language.program import Program

__all__ = ["Rewrite", "safe_rewrite"]

FLOOR = "1e-12"
CLOSE = 1e-5  # how far the value may move, relative to 1: sqrt of the floor is 1e-6


class Rewrite(NamedTuple):
    """An expression with a finite gradient, and the same value but for a floor.

    Attributes:
        name: what the rewrite is called.
        text: the whole expression.
    """

    name: str
    text: str


def safe_rewrite(job: Job, here: Traced, span: Span) -> Rewrite | None:
    """Returns a rewrite whose value is that of the expression and whose gradient is finite; None: none found.

    Args:
        job: what is differentiated.
        here: its run, with a gradient that is not finite.
        span: the operation to blame.
    """
    for number, program in enumerate(job.programs):
        if program.source is span.source:
            for rewrite in _rewrites(program, span):
                if _is_safe(job, number, here, rewrite):
                    return rewrite
    return None


def _is_safe(job: Job, number: int, here: Traced, rewrite: Rewrite) -> bool:
    """Whether a rewrite, run, has the same value and a finite gradient."""
    try:
        program = parse(Source("<rewrite>", rewrite.text), job.request.limits)
        programs = (*job.programs[:number], program, *job.programs[number + 1 :])
        traced = trace_job(job._replace(programs=programs))
    except GradcliError:
        return False
    finite = all(np.isfinite(variable.gradient).all() for variable in traced.subject.variables)
    return finite and all(map(_same, _values(here), _values(traced)))


def _values(traced: Traced) -> list[Any]:
    subject = traced.subject
    values = subject.trace.run(subject.point(), DOUBLES.apply, DOUBLES.lift)
    return [np.asarray(values[output]) for output in subject.trace.outputs]


def _same(before: Any, after: Any) -> bool:
    """Whether a value is as it was, and a number where it was nan."""
    if before.shape != after.shape or np.isnan(after).any():
        return False
    known = ~np.isnan(before)
    return bool(np.allclose(before[known], after[known], rtol=CLOSE, atol=CLOSE))


def _rewrites(program: Program, span: Span) -> Iterator[Rewrite]:
    text = program.source.text
    inside = [node for node in walk(program.statements) if node.start <= span.start and span.end <= node.end]
    guilty = next((node for node in reversed(inside) if isinstance(node, (tree.Call, tree.Chain))), None)
    if guilty is None:
        return
    for name, start, end, new in _edits(text, guilty, inside):
        yield Rewrite(name, text[:start] + new + text[end:])


def _edits(text: str, guilty: Any, inside: list[Any]) -> Iterator[tuple[str, int, int, str]]:
    argument = _argument(guilty)
    if argument is not None:
        yield from _double_where(text, argument, inside)
    word = _word(guilty)
    if argument is not None and word in ("sqrt", "rsqrt", "log", "log2", "log10", "pow"):
        inner = text[argument.start : argument.end]
        yield "a floor", argument.start, argument.end, f"{inner} + {FLOOR}"
        yield "a floor", argument.start, argument.end, f"clamp({inner}, min={FLOOR})"
    yield from _norms(text, guilty)
    if isinstance(guilty, tree.Chain):
        yield from _quotients(text, guilty, inside)
        yield from _powers(text, guilty, inside)
    yield from _entropies(text, inside)


def _double_where(text: str, argument: Any, inside: list[Any]) -> Iterator[tuple[str, int, int, str]]:
    """Inside where(c, f(x), z), f is kept from meeting the elements that c leaves out."""
    for node in reversed(inside):
        if isinstance(node, tree.Call) and _word(node) == "where" and len(node.arguments) == 3:  # noqa: PLR2004 - condition, then, else
            condition, then, other = node.arguments
            mask, inner = text[condition.start : condition.end], text[argument.start : argument.end]
            if then.start <= argument.start and argument.end <= then.end:
                yield "a double where", argument.start, argument.end, f"where({mask}, {inner}, 1)"
            elif other.start <= argument.start and argument.end <= other.end:
                yield "a double where", argument.start, argument.end, f"where({mask}, 1, {inner})"


def _quotients(text: str, guilty: Any, inside: list[Any]) -> Iterator[tuple[str, int, int, str]]:
    """A quotient whose divisor is kept from 0."""
    for link in guilty.links:
        if link.symbol == "/":
            divisor = link.right
            yield from _double_where(text, divisor, inside)
            yield from _norms(text, divisor)
            inner = text[divisor.start : divisor.end]
            yield "a floor", divisor.start, divisor.end, f"({inner} + {FLOOR})"


def _norms(text: str, call: Any) -> Iterator[tuple[str, int, int, str]]:
    """A norm with a floor under its root."""
    argument = _argument(call)
    if argument is not None and _word(call) in ("norm", "vector_norm", "linalg.norm"):
        inner = text[argument.start : argument.end]
        yield "a norm with a floor", call.start, call.end, f"sqrt(sum(({inner})**2) + {FLOOR})"


def _powers(text: str, guilty: Any, inside: list[Any]) -> Iterator[tuple[str, int, int, str]]:
    """A power with a floor under its base."""
    if guilty.links[-1].symbol == "**":
        link = guilty.links[-1]
        if len(guilty.links) == 1:
            yield from _double_where(text, guilty.first, inside)
        base = text[guilty.start : link.right.start].rstrip().removesuffix("**").rstrip()
        yield "a floor", guilty.start, guilty.start + len(base), f"({base} + {FLOOR})"


def _entropies(text: str, inside: list[Any]) -> Iterator[tuple[str, int, int, str]]:
    """A product with a logarithm as xlogy."""
    for node in reversed(inside):
        if isinstance(node, tree.Chain):
            left = node.first
            for link in node.links:
                if link.symbol == "*" and isinstance(link.right, tree.Call) and _word(link.right) == "log":
                    factor = text[left.start : left.end]
                    inner = _argument(link.right)
                    if inner is not None:
                        new = f"xlogy({factor}, {text[inner.start : inner.end]})"
                        yield "xlogy", left.start, link.right.end, new
                left = link.right


def _argument(node: Any) -> Any:
    """What a function or a method without further arguments is applied to."""
    if not isinstance(node, tree.Call):
        return None
    if node.arguments and (isinstance(node.function, tree.Name) or not _is_method(node)):
        return node.arguments[0]
    return node.function.value if isinstance(node.function, tree.Attribute) else None


def _is_method(node: Any) -> bool:
    return isinstance(node.function, tree.Attribute) and not node.arguments


def _word(node: Any) -> str:
    if not isinstance(node, tree.Call):
        return ""
    function = node.function
    return function.name if isinstance(function, (tree.Name, tree.Attribute)) else ""
