"""How f-strings become closures."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from gradcli.language import tree
    from gradcli.language.compiling.compiler import Code, Compiler
    from gradcli.language.values.variables import Variables

__all__ = ["template"]


def template(compiler: Compiler, node: tree.Template) -> Code:
    """Returns the closure of an f-string."""
    parts = [part if isinstance(part, str) else field(compiler, part) for part in node.parts]
    charge = compiler.tools.formatter.charge

    def run(variables: Variables) -> str:
        texts = [part if part.__class__ is str else part(variables) for part in parts]  # type: ignore[operator]
        charge(sum(map(len, texts)))
        return "".join(texts)

    return run


def field(compiler: Compiler, node: tree.Field) -> Callable[[Variables], str]:
    """Returns the closure of a field: its value as text."""
    formatter = compiler.tools.formatter
    if node.conversion or node.spec is None:
        return converted(compiler, node)
    value, context, span = compiler.expression(node.value), compiler.context, compiler.span(node)
    if all(isinstance(part, str) for part in node.spec.parts):
        fixed = formatter.prepared("".join(str(part) for part in node.spec.parts))

        def run_fixed(variables: Variables) -> str:
            result = value(variables)
            context.span = span
            return fixed(result)

        return run_fixed
    spec = template(compiler, node.spec)

    def run(variables: Variables) -> str:
        result, form = value(variables), spec(variables)
        context.span = span
        return formatter.format(result, form)

    return run


def converted(compiler: Compiler, node: tree.Field) -> Callable[[Variables], str]:
    """Returns the closure of a field without a format, or with `!r`, `!s`, `!a` before it."""
    value, conversion, formatter = compiler.expression(node.value), node.conversion, compiler.tools.formatter
    context, span, convert = compiler.context, compiler.span(node), compiler.tools.templates.converted
    spec = None if node.spec is None else template(compiler, node.spec)

    def run_text(variables: Variables) -> str:
        result = value(variables)
        context.span = span
        return formatter.format(result, "")

    def run(variables: Variables) -> str:
        result = value(variables)
        form = "" if spec is None else spec(variables)
        context.span = span
        return formatter.format(convert(result, conversion), form)

    return run if conversion else run_text
