"""How calls become closures."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from gradcli.diagnostics import TypeFault
from gradcli.language import tree
from gradcli.language.compiling.collections import spread
from gradcli.language.values.faults import ErrorKind
from gradcli.language.values.function import Function

if TYPE_CHECKING:
    from collections.abc import Callable

    from gradcli.language.compiling.compiler import Code, Compiler
    from gradcli.language.values.variables import Variables

__all__ = ["call"]


def call(compiler: Compiler, node: tree.Call) -> Code:
    """Returns the closure of a call: the program's own functions directly, others by the host."""
    callee, foreign = compiler.expression(node.function), compiler.host.call
    context, span = compiler.context, compiler.span(node)
    collect, collect_keywords = arguments(compiler, node), keywords(compiler, node)

    def run(variables: Variables) -> Any:
        function = callee(variables)
        args = collect(variables)
        kwargs = collect_keywords(variables) if collect_keywords is not None else {}
        context.span = span
        if type(function) is Function:
            return function.invoke(args, kwargs)
        if type(function) is ErrorKind:
            return function(*args, **kwargs)
        return foreign(function, args, kwargs)

    return run


def arguments(compiler: Compiler, node: tree.Call) -> Callable[[Variables], tuple[Any, ...]]:
    """Returns the closure that computes the positional arguments."""
    if any(type(argument) is tree.Starred for argument in node.arguments):
        collect = spread(compiler, node.arguments)
        return lambda variables: tuple(collect(variables))
    codes = [compiler.expression(argument) for argument in node.arguments]
    if not codes:
        return lambda _: ()
    if len(codes) == 1:
        only = codes[0]
        return lambda variables: (only(variables),)
    return lambda variables: tuple([code(variables) for code in codes])


def keywords(compiler: Compiler, node: tree.Call) -> Callable[[Variables], dict[str, Any]] | None:
    """Returns the closure that computes the named arguments, or None where there are none."""
    if not node.keywords:
        return None
    codes = [(name, compiler.expression(value)) for name, value in node.keywords]

    def run(variables: Variables) -> dict[str, Any]:
        collected: dict[str, Any] = {}
        for name, code in codes:
            value = code(variables)
            if name is not None:
                value = {name: value}
            elif type(value) is not dict or not all(type(key) is str for key in value):
                raise TypeFault("E387", "what stands after ** must be a dict of names")
            for key, item in value.items():
                if key in collected:
                    raise TypeFault("E387", f"got multiple values for keyword argument '{key}'")
                collected[key] = item
        return collected

    def run_named(variables: Variables) -> dict[str, Any]:
        return {name: code(variables) for name, code in codes}  # type: ignore[misc] # all have names here

    return run if any(name is None for name, _ in codes) else run_named
