"""How `for` and `while` become closures. Their own cost per turn is what a training loop pays for nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from gradcli.language import tree
from gradcli.language.compiling.long_loops import LongLoop
from gradcli.language.compiling.signals import BREAK, CONTINUE
from gradcli.language.limits import steps_fault
from gradcli.language.values.meter import cost

if TYPE_CHECKING:
    from collections.abc import Callable

    from gradcli.language.compiling.compiler import Code, Compiler
    from gradcli.language.values.variables import Variables

__all__ = ["for_", "while_"]


def for_(compiler: Compiler, node: tree.For) -> Code:
    """Returns the closure of a `for` loop."""
    source, context, span = compiler.expression(node.source), compiler.context, compiler.span(node.source)
    body, other = compiler.block(node.body), compiler.block(node.other)
    run_all = every_turn(compiler, node, body, other)
    long = LongLoop(compiler, node) if hasattr(compiler.host, "hot_loop") else None

    def run(variables: Variables) -> Any:
        values = source(variables)
        context.span = span
        if long is None or not long.takes(values):
            return run_all(variables, values)
        signal = long.run(variables, values)
        return finish(other, variables) if signal is None else None if signal is BREAK else signal

    return run


def every_turn(
    compiler: Compiler, node: tree.For, body: tuple[Code, ...], other: tuple[Code, ...]
) -> Callable[[Variables, Any], Any]:
    """Returns the closure that runs a loop over some values."""
    bind = compiler.store(node.target)
    target = node.target
    word = target.name if isinstance(target, tree.Name) and compiler.is_here(target.name) else ""
    iterate, meter, steps = compiler.items.iterate, compiler.meter, cost(node.start, node.end)
    context, span = compiler.context, compiler.span(node.source)

    def run(variables: Variables, values: Any) -> Any:
        for value in iterate(values):
            meter.left -= steps
            if meter.left < 0:
                raise steps_fault(meter.limits)
            if word:
                variables[word] = value
            else:
                bind(variables, value)
            for statement in body:
                signal = statement(variables)
                if signal is not None:
                    if signal is CONTINUE:
                        break
                    return None if signal is BREAK else signal
            context.span = span  # the next value may be an operation of its own
        return finish(other, variables)

    return run


def while_(compiler: Compiler, node: tree.While) -> Code:
    """Returns the closure of a `while` loop."""
    test = compiler.test(node.test)
    body, other = compiler.block(node.body), compiler.block(node.other)
    meter, context, span = compiler.meter, compiler.context, compiler.span(node.test)
    steps = cost(node.start, node.end)

    def run(variables: Variables) -> Any:
        while test(variables):
            meter.left -= steps
            if meter.left < 0:
                context.span = span
                raise steps_fault(meter.limits)
            for statement in body:
                signal = statement(variables)
                if signal is not None:
                    if signal is CONTINUE:
                        break
                    return None if signal is BREAK else signal
        return finish(other, variables)

    return run


def finish(other: tuple[Code, ...], variables: Variables) -> Any:
    """Runs the `else` of a loop that no `break` ended."""
    for statement in other:
        signal = statement(variables)
        if signal is not None:
            return signal
    return None
