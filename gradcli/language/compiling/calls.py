"""How calls become closures."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from gradcli.diagnostics import AttributeFault, GradcliError, TypeFault
from gradcli.language import tree
from gradcli.language.compiling.collections import spread
from gradcli.language.values.faults import Caught, ErrorKind, plain_fault
from gradcli.language.values.function import Function
from gradcli.language.values.methods import METHODS, OWN, Method, attribute
from gradcli.language.values.plain import FAULTS

if TYPE_CHECKING:
    from gradcli.language.compiling.compiler import Code, Compiler
    from gradcli.language.values.variables import Variables

    Collect = Callable[[Variables], tuple[Any, ...]]
    CollectKeywords = Callable[[Variables], dict[str, Any]]

__all__ = ["Apply", "applied", "call"]

ERROR = 640  # bytes of an error, about
Apply = Callable[[Any, tuple[Any, ...], dict[str, Any]], Any]


def applied(compiler: Compiler) -> Apply:
    """Returns what calls a value with arguments: the language's own directly, others by the host."""
    foreign, meter = compiler.host.call, compiler.meter

    def error(kind: ErrorKind, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Caught:
        start = kind.find("__init__")
        if kwargs and start is None:
            raise TypeFault("E380", f"{kind.name}() takes no keyword arguments")
        meter.charge(ERROR)
        made = kind.make((), [])
        compiler.tools.tell(made, args)
        if start is not None:
            apply(start, (made, *args), kwargs)
        return made

    def apply(function: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        kind = type(function)
        if kind is Function:
            return function.invoke(args, kwargs)
        if kind is Method:
            return function(*args, **kwargs)
        if kind is ErrorKind:
            return error(function, args, kwargs)
        return foreign(function, args, kwargs)

    return apply


def call(compiler: Compiler, node: tree.Call) -> Code:
    """Returns the closure of a call."""
    collect, collect_keywords = arguments(compiler, node), keywords(compiler, node)
    if isinstance(node.function, tree.Attribute):
        return method_call(compiler, node, node.function, collect, collect_keywords)
    callee, apply = compiler.expression(node.function), compiler.apply
    context, span = compiler.context, compiler.span(node)

    def run(variables: Variables) -> Any:
        function = callee(variables)
        args = () if collect is None else collect(variables)
        kwargs = {} if collect_keywords is None else collect_keywords(variables)
        context.span = span
        if type(function) is Function:
            return function.invoke(args, kwargs)
        return apply(function, args, kwargs)

    return run


def method_call(
    compiler: Compiler,
    node: tree.Call,
    callee: tree.Attribute,
    collect: Collect | None,
    collect_keywords: CollectKeywords | None,
) -> Code:
    """Returns the closure of `value.name(...)`: a method of a plain value is called without being bound.

    So is that of any other value where the host offers `call_method`.
    """
    word, tools, limits = callee.name, compiler.tools, compiler.meter.limits
    owner, context, span = compiler.expression(callee.value), compiler.context, compiler.span(node)
    entries = methods_called(word)
    bound, place = bound_call(compiler, callee, collect, collect_keywords, span), compiler.span(callee)
    call_method: Callable[..., Any] | None = getattr(compiler.host, "call_method", None)

    def run(variables: Variables) -> Any:
        value = owner(variables)
        kind = type(value)
        entry = entries.get(kind)
        if entry is None and (call_method is None or kind in OWN):
            return bound(variables, value)
        args = () if collect is None else collect(variables)
        kwargs = {} if collect_keywords is None else collect_keywords(variables)
        context.span = span
        try:
            if entry is None:
                return call_method(value, word, args, kwargs)  # type: ignore[misc] # or `bound` had served
            return entry(tools, value, *args, **kwargs)
        except GradcliError as fault:
            if entry is None and isinstance(fault, AttributeFault):
                fault.locate(place)
            raise
        except FAULTS as error:
            if entry is None:
                raise
            raise plain_fault(error, limits) from None

    return run


@lru_cache(maxsize=1024)
def methods_called(word: str) -> dict[type, Callable[..., Any]]:
    """Returns the methods of a name, by the type of plain value that has one."""
    return {kind: entry[word] for kind, entry in METHODS.items() if word in entry}


def bound_call(
    compiler: Compiler,
    callee: tree.Attribute,
    collect: Collect | None,
    collect_keywords: CollectKeywords | None,
    span: Any,
) -> Callable[[Variables, Any], Any]:
    """Returns what calls what `value.name` is, once it is known to be a value's."""
    word, tools, apply, context = callee.name, compiler.tools, compiler.apply, compiler.context
    get, place = compiler.host.attribute, compiler.span(callee)

    def run(variables: Variables, value: Any) -> Any:
        context.span = place
        function = attribute(tools, value, word) if type(value) in OWN else get(value, word)
        args = () if collect is None else collect(variables)
        kwargs = {} if collect_keywords is None else collect_keywords(variables)
        context.span = span
        return apply(function, args, kwargs)

    return run


def arguments(compiler: Compiler, node: tree.Call) -> Collect | None:
    """Returns the closure that computes the positional arguments, or None where there are none."""
    if any(type(argument) is tree.Starred for argument in node.arguments):
        collect = spread(compiler, node.arguments)
        return lambda variables: tuple(collect(variables))
    codes = [compiler.expression(argument) for argument in node.arguments]
    if not codes:
        return None
    if len(codes) == 1:
        only = codes[0]
        return lambda variables: (only(variables),)
    if len(codes) == 2:  # noqa: PLR2004 - as frequent as one, and no list is made
        first, second = codes
        return lambda variables: (first(variables), second(variables))
    return lambda variables: tuple([code(variables) for code in codes])


def keywords(compiler: Compiler, node: tree.Call) -> CollectKeywords | None:
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
