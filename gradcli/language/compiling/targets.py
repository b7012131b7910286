"""How the places that values are bound to become closures: the one door for every binding."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from gradcli.diagnostics import TypeFault, ValueFault
from gradcli.language import tree

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from gradcli.language.compiling.compiler import Compiler, Store
    from gradcli.language.values.variables import Variables

__all__ = ["delete", "store"]

NOT_ITERABLE = "' object is not iterable"


def store(compiler: Compiler, node: tree.Expression) -> Store:
    """Returns the closure that binds a value to a target."""
    if isinstance(node, tree.Name):
        return name(compiler, node)
    if isinstance(node, tree.Attribute):
        return attribute(compiler, node)
    if isinstance(node, tree.Subscript):
        return subscript(compiler, node)
    if isinstance(node, tree.Sequence):
        return unpacking(compiler, node)
    raise TypeError(type(node).__name__)  # the reader lets no other pass


def name(compiler: Compiler, node: tree.Name) -> Store:
    word = node.name
    hops = compiler.scope.hops(word)
    if not compiler.is_here(word):
        compiler.rebound.add(word)
    if compiler.is_here(word):

        def bind(variables: Variables, value: Any) -> None:
            variables[word] = value

    elif hops is None:

        def bind(variables: Variables, value: Any) -> None:
            variables.globals[word] = value

    else:
        outward = hops

        def bind(variables: Variables, value: Any) -> None:
            for _ in range(outward):
                variables = variables.outer
            variables[word] = value

    return bind


def attribute(compiler: Compiler, node: tree.Attribute) -> Store:
    owner, word, put = compiler.expression(node.value), node.name, compiler.host.set_attribute
    context, span = compiler.context, compiler.span(node)

    def bind(variables: Variables, value: Any) -> None:
        target = owner(variables)
        context.span = span
        put(target, word, value)

    return bind


def subscript(compiler: Compiler, node: tree.Subscript) -> Store:
    owner, key, put = compiler.expression(node.value), compiler.expression(node.key), compiler.items.set
    context, span = compiler.context, compiler.span(node)

    def bind(variables: Variables, value: Any) -> None:
        target, item = owner(variables), key(variables)
        context.span = span
        put(target, item, value)

    return bind


def unpacking(compiler: Compiler, node: tree.Sequence) -> Store:
    """`a, b = values`, `a, *b, c = values`: as many values as names, and no more are asked for."""
    star = next((place for place, item in enumerate(node.items) if type(item) is tree.Starred), None)
    binds = [store(compiler, item.value if isinstance(item, tree.Starred) else item) for item in node.items]
    iterate, meter = compiler.items.iterate, compiler.meter
    context, span = compiler.context, compiler.span(node)
    count = len(binds)

    def bind_exactly(variables: Variables, value: Any) -> None:
        context.span = span
        values: list[Any] = []
        for item in unpacked(iterate, value):
            if len(values) == count:
                raise ValueFault("E385", f"too many values to unpack (expected {count})")
            values.append(item)
        if len(values) < count:
            raise ValueFault("E385", f"not enough values to unpack (expected {count}, got {len(values)})")
        for bind, item in zip(binds, values, strict=True):
            bind(variables, item)

    def bind_around_star(variables: Variables, value: Any) -> None:
        context.span = span
        values: list[Any] = []
        for item in unpacked(iterate, value):
            meter.step()
            values.append(item)
        before, after = star or 0, count - 1 - (star or 0)
        if len(values) < count - 1:
            text = f"not enough values to unpack (expected at least {count - 1}, got {len(values)})"
            raise ValueFault("E385", text)
        end = len(values) - after
        for bind, item in zip(binds, [*values[:before], values[before:end], *values[end:]], strict=True):
            bind(variables, item)

    return bind_exactly if star is None else bind_around_star


def unpacked(iterate: Callable[[Any], Iterator[Any]], value: Any) -> Iterator[Any]:
    """Returns an iterator over a value; where it has none, Python has words of its own for an unpacking."""
    try:
        return iterate(value)
    except TypeFault as fault:
        name, refused, _ = str(fault).removeprefix("'").partition(NOT_ITERABLE)
        if not refused:
            raise
        raise TypeFault(fault.diagnostic.code, f"cannot unpack non-iterable {name} object") from None


def delete(compiler: Compiler, node: tree.Expression) -> Store:
    """Returns the closure that unbinds a target; the value it is called with is not looked at."""
    context, span = compiler.context, compiler.span(node)
    if isinstance(node, tree.Subscript):
        owner, key, remove = (
            compiler.expression(node.value),
            compiler.expression(node.key),
            compiler.items.delete,
        )

        def unbind(variables: Variables, _: Any) -> None:
            target, item = owner(variables), key(variables)
            context.span = span
            remove(target, item)

        return unbind
    read = compiler.expression(node)  # it must be there, or the read says what is missing
    assert isinstance(node, tree.Name)  # noqa: S101 - the reader lets no other pass
    word, hops = node.name, compiler.scope.hops(node.name)
    if not compiler.is_here(word):
        compiler.rebound.add(word)

    def unbind_name(variables: Variables, _: Any) -> None:
        read(variables)
        if hops is None:
            variables = variables.globals
        for _hop in range(hops or 0):
            variables = variables.outer
        variables.pop(word, None)

    return unbind_name
