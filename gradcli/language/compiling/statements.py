"""How each statement of the tree becomes a closure.

A statement's closure returns None when control goes on to the next one, and otherwise why it does not:
BREAK, CONTINUE or RETURN (whose value waits in `variables.returned`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from gradcli.language import tree
from gradcli.language.compiling.classes import class_, define
from gradcli.language.compiling.errors import assert_, raise_, try_
from gradcli.language.compiling.fused import operation
from gradcli.language.compiling.imports import import_
from gradcli.language.compiling.loops import for_, while_
from gradcli.language.compiling.signals import BREAK, CONTINUE, RETURN
from gradcli.language.compiling.targets import delete
from gradcli.language.host import unheard
from gradcli.language.values.methods import OWN, attribute
from gradcli.language.values.plain import PLAIN

if TYPE_CHECKING:
    from collections.abc import Callable

    from gradcli.language.compiling.compiler import Code, Compiler, Store
    from gradcli.language.values.variables import Variables

__all__ = ["STATEMENTS"]


def evaluate(compiler: Compiler, node: tree.Evaluate) -> Code:
    value = compiler.expression(node.value)

    def run(variables: Variables) -> None:
        value(variables)

    return run


def pass_(_compiler: Compiler, _node: tree.Pass) -> Code:
    return lambda _: None


def assign(compiler: Compiler, node: tree.Assign) -> Code:
    value = compiler.expression(node.value)
    target = node.targets[0]
    if len(node.targets) == 1 and isinstance(target, tree.Name) and compiler.is_here(target.name):
        return assign_here(compiler, target.name, value)
    stores = [named(compiler, target) for target in node.targets]
    if len(stores) == 1:
        store = stores[0]

        def run_one(variables: Variables) -> None:
            store(variables, value(variables))

        return run_one

    def run(variables: Variables) -> None:
        result = value(variables)
        for store in stores:
            store(variables, result)

    return run


def assign_here(compiler: Compiler, word: str, value: Code) -> Code:
    """`word = value`, the most frequent statement of all: no further closure stands between."""
    assigned = compiler.host.assigned

    def run(variables: Variables) -> None:
        variables[word] = value(variables)

    def run_and_tell(variables: Variables) -> None:
        variables[word] = result = value(variables)
        if type(result) not in PLAIN:
            assigned(word, result)

    return run if assigned is unheard else run_and_tell


def named(compiler: Compiler, target: tree.Expression) -> Store:
    """Returns the closure that binds a value and tells the host under which name."""
    store = compiler.store(target)
    if not isinstance(target, tree.Name) or compiler.host.assigned is unheard:
        return store
    word, assigned = target.name, compiler.host.assigned

    def bind(variables: Variables, value: Any) -> None:
        store(variables, value)
        if type(value) not in PLAIN:
            assigned(word, value)

    return bind


def augment(compiler: Compiler, node: tree.Augment) -> Code:
    value, operate = compiler.expression(node.value), compiler.operators.inplace(node.symbol)
    context, span = compiler.context, compiler.span(node)
    target = node.target
    if isinstance(target, tree.Name):
        if compiler.is_here(target.name):
            result = operation(compiler, target, node.value, span, operate)
            return assign_here(compiler, target.name, result)
        read, store = compiler.expression(target), named(compiler, target)

        def run(variables: Variables) -> None:
            old, other = read(variables), value(variables)
            context.span = span
            store(variables, operate[type(old)](old, other))

        return run
    owner = compiler.expression(target.value)
    key: Callable[[Variables], Any]
    get: Callable[[Any, Any], Any]
    put: Callable[[Any, Any, Any], None]
    if isinstance(target, tree.Attribute):
        word = target.name
        key, get, put = (lambda _: word), reading(compiler), compiler.host.set_attribute
    else:
        key, get, put = compiler.expression(target.key), compiler.items.get, compiler.items.set
    place = compiler.span(target)

    def run_inside(variables: Variables) -> None:
        within, item = owner(variables), key(variables)
        context.span = place
        old = get(within, item)
        other = value(variables)
        context.span = span
        put(within, item, operate[type(old)](old, other))

    return run_inside


def reading(compiler: Compiler) -> Callable[[Any, str], Any]:
    """Returns what reads attributes: of the language's own values here, of others by the host."""
    tools, get = compiler.tools, compiler.host.attribute
    return lambda owner, word: attribute(tools, owner, word) if type(owner) in OWN else get(owner, word)


def if_(compiler: Compiler, node: tree.If) -> Code:
    branches = [(compiler.test(test), compiler.block(body)) for test, body in node.branches]
    other = compiler.block(node.other)

    def run(variables: Variables) -> Any:
        chosen = other
        for test, body in branches:
            if test(variables):
                chosen = body
                break
        for statement in chosen:
            signal = statement(variables)
            if signal is not None:
                return signal
        return None

    return run


def jump(_compiler: Compiler, node: tree.Break | tree.Continue) -> Code:
    signal = BREAK if isinstance(node, tree.Break) else CONTINUE
    return lambda _: signal


def return_(compiler: Compiler, node: tree.Return) -> Code:
    value = compiler.optional(node.value)

    def run(variables: Variables) -> Any:
        variables.returned = None if value is None else value(variables)
        return RETURN

    return run


def with_(compiler: Compiler, node: tree.With) -> Code:
    inner = block(compiler, node.body)
    for expression, target in reversed(node.items):
        inner = entered(compiler, expression, target, inner)
    return inner


def entered(
    compiler: Compiler, expression: tree.Expression, target: tree.Expression | None, body: Code
) -> Code:
    """Returns the closure that runs a body inside one manager."""
    value, manager = compiler.expression(expression), compiler.host.manager
    store = None if target is None else compiler.store(target)
    context, span = compiler.context, compiler.span(expression)

    def run(variables: Variables) -> Any:
        given = value(variables)
        context.span = span
        with manager(given) as inside:
            if store is not None:
                store(variables, inside)
            return body(variables)

    return run


def block(compiler: Compiler, nodes: list[tree.Statement]) -> Code:
    """Returns the closure of several statements, one after the other."""
    body = compiler.block(nodes)

    def run(variables: Variables) -> Any:
        for statement in body:
            signal = statement(variables)
            if signal is not None:
                return signal
        return None

    return run


def delete_(compiler: Compiler, node: tree.Delete) -> Code:
    unbinds = [delete(compiler, target) for target in node.targets]

    def run(variables: Variables) -> None:
        for unbind in unbinds:
            unbind(variables, None)

    return run


STATEMENTS: dict[type[tree.Statement], Callable[[Compiler, Any], Code]] = {
    tree.Evaluate: evaluate,
    tree.Pass: pass_,
    tree.Assign: assign,
    tree.Augment: augment,
    tree.If: if_,
    tree.While: while_,
    tree.For: for_,
    tree.Break: jump,
    tree.Continue: jump,
    tree.Define: define,
    tree.Class: class_,
    tree.Import: import_,
    tree.Return: return_,
    tree.With: with_,
    tree.Assert: assert_,
    tree.Delete: delete_,
    tree.Try: try_,
    tree.Raise: raise_,
}
