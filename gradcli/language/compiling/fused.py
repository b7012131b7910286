"""One closure instead of three where an operator stands between names and numbers.

A name that is not bound here makes the whole operation start anew in its general form: reading a name
changes nothing, and that form gives the error the name's own place.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from gradcli.diagnostics import GradcliError
from gradcli.language import tree

if TYPE_CHECKING:
    from gradcli.diagnostics import Span
    from gradcli.language.compiling.compiler import Code, Compiler
    from gradcli.language.compiling.operators import ByClass
    from gradcli.language.values.variables import Variables

__all__ = ["here", "operation"]


def here(compiler: Compiler, node: tree.Expression) -> str:
    """Returns the name that a node reads from the very variables its closure is called with, or nothing."""
    return node.name if isinstance(node, tree.Name) and compiler.is_here(node.name) else ""


def operation(
    compiler: Compiler,
    first: tree.Expression,
    second: tree.Expression,
    span: Span,
    operate: ByClass,
) -> Code:
    """Returns the closure of an operator between two expressions."""
    left, right = compiler.expression(first), compiler.expression(second)
    name, other, context = here(compiler, first), here(compiler, second), compiler.context

    def run(variables: Variables) -> Any:
        value, operand = left(variables), right(variables)
        context.span = span
        return operate[type(value)](value, operand)

    def run_names(variables: Variables) -> Any:
        try:
            value, operand = variables[name], variables[other]
        except GradcliError:
            return run(variables)
        context.span = span
        return operate[type(value)](value, operand)

    if isinstance(second, tree.Constant):
        return with_constant(left, name, second.value, span, operate, compiler, run)
    if name and other:
        return run_names
    if name or other:
        return with_name(left, right, name, other, span, operate, compiler, run)
    return run


def with_constant(  # noqa: PLR0913 - what the closure closes over
    left: Code, name: str, constant: Any, span: Span, operate: ByClass,
    compiler: Compiler, general: Code,
) -> Code:  # fmt: skip
    """Returns the closure of an operator before a number."""
    context = compiler.context

    def run(variables: Variables) -> Any:
        value = left(variables)
        context.span = span
        return operate[type(value)](value, constant)

    def run_name(variables: Variables) -> Any:
        try:
            value = variables[name]
        except GradcliError:
            return general(variables)
        context.span = span
        return operate[type(value)](value, constant)

    return run_name if name else run


def with_name(  # noqa: PLR0913 - what the closure closes over
    left: Code, right: Code, name: str, other: str, span: Span, operate: ByClass,
    compiler: Compiler, general: Code,
) -> Code:  # fmt: skip
    """Returns the closure of an operator with a name on one side."""
    context = compiler.context

    def run_left(variables: Variables) -> Any:
        try:
            value = variables[name]
        except GradcliError:
            return general(variables)
        operand = right(variables)
        context.span = span
        return operate[type(value)](value, operand)

    def run_right(variables: Variables) -> Any:
        value = left(variables)
        try:
            operand = variables[other]
        except GradcliError:
            operand = right(variables)
        context.span = span
        return operate[type(value)](value, operand)

    return run_left if name else run_right
