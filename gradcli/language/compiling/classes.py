"""How `def`, `class`, their decorators and `super()` become closures."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from gradcli.diagnostics import RuntimeFault, TypeFault
from gradcli.language.values.faults import ErrorKind
from gradcli.language.values.function import Function
from gradcli.language.values.meter import cost
from gradcli.language.values.variables import Members

if TYPE_CHECKING:
    from collections.abc import Callable

    from gradcli.language import tree
    from gradcli.language.compiling.compiler import Code, Compiler
    from gradcli.language.values.variables import Variables

__all__ = ["class_", "class_of", "define", "super_"]

CLASS = 2_048  # bytes of a class, about


def define(compiler: Compiler, node: tree.Define) -> Code:
    """Returns the closure of a `def`."""
    make, store = compiler.expression(node.function), compiler.store(node.target)
    if node.decorators:
        return decorated(compiler, node.decorators, make, store)

    def run(variables: Variables) -> None:
        store(variables, make(variables))

    return run


def class_(compiler: Compiler, node: tree.Class) -> Code:
    """Returns the closure of a `class`: its body binds members, of which the host makes the class."""
    bases = [compiler.expression(base) for base in node.bases]
    outside, compiler.scope = compiler.scope, node.scope
    body = compiler.block(node.body)
    compiler.scope = outside
    name, make_class, meter, steps = (
        node.target.name,
        compiler.host.make_class,
        compiler.meter,
        cost(node.start, node.end),
    )
    context, span = compiler.context, compiler.span(node)

    def make(variables: Variables) -> Any:
        parents = tuple([base(variables) for base in bases])
        inside = Members()
        inside.outer, inside.globals = variables, variables.globals
        meter.charge(CLASS * steps)
        for statement in body:
            statement(inside)
        context.span = span
        several = any(type(parent) is ErrorKind for parent in parents)
        made = error_kind(name, parents, inside) if several else make_class(name, parents, dict(inside))
        inside.made = made
        return made

    return decorated(compiler, node.decorators, make, compiler.store(node.target))


def error_kind(name: str, parents: tuple[Any, ...], members: Members) -> ErrorKind:
    """Returns the kind of errors that a program derives from another."""
    if len(parents) > 1:
        raise TypeFault(
            "E380",
            f"a kind of errors has one base here: {name}",
            help=f"write `class {name}(Exception): ...`",
        )
    parent: ErrorKind = parents[0]
    for key, member in members.items():
        if type(member) is Function and member.signature.name == key:
            member.signature.name = f"{name}.{key}"  # as Python's messages call it
    return ErrorKind(name, parent.fault, parent, dict(members))


def decorated(
    compiler: Compiler, nodes: list[tree.Expression], make: Code, store: Callable[[Variables, Any], None]
) -> Code:
    """Returns the closure that makes something, applies its decorators, the innermost first, and binds it."""
    decorators = [(compiler.expression(node), compiler.span(node)) for node in nodes]
    apply, context = compiler.apply, compiler.context

    def run(variables: Variables) -> None:
        wraps = [(decorator(variables), span) for decorator, span in decorators]
        value = make(variables)
        for wrap, span in reversed(wraps):
            context.span = span
            value = apply(wrap, (value,), {})
        store(variables, value)

    return run


def super_(compiler: Compiler, node: tree.Super) -> Code:
    """Returns the closure of `super()`."""
    instance, parent = compiler.expression(node.instance), compiler.host.parent
    owner = around(compiler) if node.owner is None else compiler.expression(node.owner)
    context, span = compiler.context, compiler.span(node)

    def run(variables: Variables) -> Any:
        kind, value = owner(variables), instance(variables)
        context.span = span
        return parent(kind, value)

    return run


def class_of(compiler: Compiler, node: tree.ClassOf) -> Code:
    """Returns the closure of `value.__class__`: what the host's `type` gives for it."""
    value, apply, lookup = compiler.expression(node.value), compiler.apply, compiler.host.lookup
    context, span = compiler.context, compiler.span(node)

    def run(variables: Variables) -> Any:
        owner = value(variables)
        context.span = span
        return apply(lookup("type"), (owner,), {})

    return run


def around(compiler: Compiler) -> Code:
    """Returns the closure that finds the class around a method: its body's members are further out."""
    hops = compiler.scope.class_hops() or 0
    context = compiler.context

    def run(variables: Variables) -> Any:
        for _ in range(hops):
            variables = variables.outer
        made = getattr(variables, "made", None)
        if made is None:
            raise RuntimeFault("E388", "super(): empty __class__ cell", span=context.span)
        return made

    return run
