"""How calls become closures."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from gradcli.diagnostics import AttributeFault, TypeFault
from gradcli.language import tree
from gradcli.language.compiling.collections import spread
from gradcli.language.values.faults import ErrorKind
from gradcli.language.values.function import Function
from gradcli.language.values.methods import METHODS, OWN, Method, attribute, invoke

if TYPE_CHECKING:
    from gradcli.language.compiling.compiler import Code, Compiler
    from gradcli.language.host import Host
    from gradcli.language.values.variables import Variables

__all__ = ["applied", "call"]

Apply = Callable[[Any, tuple[Any, ...], dict[str, Any]], Any]


def applied(host: Host) -> Apply:
    """Returns what calls a value with arguments: the language's own directly, others by the host."""
    foreign = host.call

    def apply(function: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        kind = type(function)
        if kind is Function:
            return function.invoke(args, kwargs)
        if kind is Method or kind is ErrorKind:
            return function(*args, **kwargs)
        return foreign(function, args, kwargs)

    return apply


def call(compiler: Compiler, node: tree.Call) -> Code:
    """Returns the closure of a call."""
    if isinstance(node.function, tree.Attribute):
        return method_call(compiler, node, node.function)
    callee, foreign = compiler.expression(node.function), compiler.apply
    context, span = compiler.context, compiler.span(node)
    collect, collect_keywords = arguments(compiler, node), keywords(compiler, node)

    def run(variables: Variables) -> Any:
        function = callee(variables)
        args = collect(variables)
        kwargs = collect_keywords(variables) if collect_keywords is not None else {}
        context.span = span
        if type(function) is Function:
            return function.invoke(args, kwargs)
        return foreign(function, args, kwargs)

    return run


def method_call(compiler: Compiler, node: tree.Call, callee: tree.Attribute) -> Code:
    """Returns the closure of `value.name(...)`.

    No bound method is made of a plain value, and of others only where the host does not offer
    `call_method(value, name, args, kwargs)`.
    """
    owner, word = compiler.expression(callee.value), callee.name
    context, span, place = compiler.context, compiler.span(node), compiler.span(callee)
    collect, collect_keywords = arguments(compiler, node), keywords(compiler, node)
    tools, get, apply = compiler.tools, compiler.host.attribute, compiler.apply
    call_method = getattr(compiler.host, "call_method", None)

    def run(variables: Variables) -> Any:
        value = owner(variables)
        own = entry = function = None
        kind = type(value)
        if kind in METHODS:
            entry = METHODS[kind].get(word)
        if entry is None and (call_method is None or kind in OWN):
            context.span = place
            own = kind in OWN
            function = attribute(tools, value, word) if own else get(value, word)
        args = collect(variables)
        kwargs = collect_keywords(variables) if collect_keywords is not None else {}
        context.span = span
        if entry is not None:
            return invoke(entry, tools, value, args, kwargs)
        if call_method is None or own:
            return apply(function, args, kwargs)
        try:
            return call_method(value, word, args, kwargs)
        except AttributeFault as fault:
            fault.locate(place)
            raise

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
