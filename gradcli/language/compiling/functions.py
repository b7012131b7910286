"""How `def` and `lambda` become closures that make functions."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from gradcli.language import tree
from gradcli.language.values.function import Function, Signature
from gradcli.language.values.meter import cost

if TYPE_CHECKING:
    from gradcli.language.compiling.compiler import Code, Compiler
    from gradcli.language.values.variables import Variables

__all__ = ["function"]


def function(compiler: Compiler, node: tree.Function) -> Code:
    """Returns the closure that makes a function, with its defaults as of now."""
    taken = node.parameters
    named = [
        *zip(taken.positional[len(taken.positional) - len(taken.defaults) :], taken.defaults, strict=True),
        *taken.keyword_defaults.items(),
    ]
    defaults = [(name, compiler.expression(default)) for name, default in named]
    signature = Signature(
        node.name, taken.positional, taken.nameless, taken.keyword_only, taken.collect, taken.collect_keywords
    )
    outside, compiler.scope = compiler.scope, node.scope
    body = statements(compiler, node.body) if isinstance(node.body, list) else compiler.expression(node.body)
    compiler.scope = outside
    meter, context, steps = compiler.meter, compiler.context, cost(node.start, node.end)

    def run(variables: Variables) -> Function:
        values: dict[str, Any] = {name: default(variables) for name, default in defaults}
        return Function(signature, values, body, steps, variables, meter, context)

    return run


def statements(compiler: Compiler, nodes: list[tree.Statement]) -> Code:
    """Returns the closure of a function's body: what it returns, or None."""
    if len(nodes) == 1 and isinstance(nodes[0], tree.Return) and nodes[0].value is not None:
        return compiler.expression(nodes[0].value)
    body = compiler.block(nodes)

    def run(variables: Variables) -> Any:
        for statement in body:
            if statement(variables) is not None:
                return variables.returned
        return None

    return run
