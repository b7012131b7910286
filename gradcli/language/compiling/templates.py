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
    value, conversion, formatter = compiler.expression(node.value), node.conversion, compiler.tools.formatter
    context, span, converted = compiler.context, compiler.span(node), compiler.tools.templates.converted
    spec = None if node.spec is None else template(compiler, node.spec)

    def run_plain(variables: Variables) -> str:
        result = value(variables)
        context.span = span
        return formatter.text(result)

    def run(variables: Variables) -> str:
        result = value(variables)
        form = "" if spec is None else spec(variables)
        context.span = span
        if conversion:
            result = converted(result, conversion)
        return formatter.format(result, form)

    return run if conversion or spec is not None else run_plain
