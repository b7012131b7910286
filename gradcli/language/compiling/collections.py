"""How lists, tuples, dicts and comprehensions become closures."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from gradcli.diagnostics import TypeFault
from gradcli.language import tree
from gradcli.language.limits import items_fault, steps_fault
from gradcli.language.values.items import Lazy
from gradcli.language.values.meter import cost
from gradcli.language.values.plain import hashed
from gradcli.language.values.variables import Variables

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from gradcli.language.compiling.compiler import Code, Compiler

__all__ = ["comprehension", "mapping", "sequence", "spread"]


def sequence(compiler: Compiler, node: tree.Sequence) -> Code:
    """Returns the closure of a list or a tuple."""
    if node.kind == "tuple" and all(type(item) is tree.Constant for item in node.items):
        constants = tuple([item.value for item in node.items if isinstance(item, tree.Constant)])
        return lambda _: constants  # nobody can change it
    if any(type(item) is tree.Starred for item in node.items):
        collect = spread(compiler, node.items)
    else:
        codes = [compiler.expression(item) for item in node.items]

        def collect(variables: Variables) -> list[Any]:
            return [code(variables) for code in codes]

    if node.kind == "set":
        return set_of(compiler, node, collect)
    return collect if node.kind == "list" else lambda variables: tuple(collect(variables))


def set_of(compiler: Compiler, node: tree.Sequence, collect: Callable[[Variables], list[Any]]) -> Code:
    """Returns the closure of a set."""
    meter, context, span = compiler.meter, compiler.context, compiler.span(node)

    def run(variables: Variables) -> set[Any]:
        items = collect(variables)
        context.span = span
        return {hashed(item, meter) for item in items}

    return run


def spread(compiler: Compiler, nodes: list[tree.Expression]) -> Callable[[Variables], list[Any]]:
    """Returns the closure that lists values, those behind a star one by one."""
    iterate, meter, context = compiler.items.iterate, compiler.meter, compiler.context
    parts = [
        (compiler.expression(node.value), compiler.span(node))
        if isinstance(node, tree.Starred)
        else (compiler.expression(node), None)
        for node in nodes
    ]

    def run(variables: Variables) -> list[Any]:
        collected: list[Any] = []
        for code, span in parts:
            value = code(variables)
            if span is None:
                collected.append(value)
                continue
            context.span = span
            for item in iterate(value):
                meter.step()
                collected.append(item)
                if len(collected) > meter.limits.items:
                    raise items_fault(meter.limits)
        return collected

    return run


def mapping(compiler: Compiler, node: tree.Mapping) -> Code:
    """Returns the closure of a dict."""
    meter, context = compiler.meter, compiler.context
    pairs = [
        (compiler.optional(key), compiler.expression(value), compiler.span(key or value))
        for key, value in node.items
    ]

    def run(variables: Variables) -> dict[Any, Any]:
        collected: dict[Any, Any] = {}
        for key_code, value_code, span in pairs:
            if key_code is not None:
                key = key_code(variables)
                value = value_code(variables)
                context.span = span
                collected[hashed(key, meter)] = value
                continue
            value = value_code(variables)
            context.span = span
            if type(value) is not dict:
                raise TypeFault("E380", f"'{type(value).__name__}' object is not a mapping")
            meter.charge(64 * len(value))
            collected.update(value)
        return collected

    return run


def comprehension(compiler: Compiler, node: tree.Comprehension) -> Code:
    """Returns the closure of a comprehension: its targets live in variables of its own."""
    outermost = compiler.expression(node.clauses[0].source)
    outside, compiler.scope = compiler.scope, node.scope
    key = compiler.optional(node.key)
    item = compiler.expression(node.item)
    steps = cost(node.start, node.end)
    turns = [clause(compiler, part, steps, first=position == 0) for position, part in enumerate(node.clauses)]
    compiler.scope = outside
    meter, context, span = compiler.meter, compiler.context, compiler.span(node)

    only = turns[0] if len(turns) == 1 else None

    def inner(variables: Variables, source: Any, level: int) -> Iterator[None]:
        if level + 1 == len(turns):
            yield from turns[level](variables, source)
            return
        for _ in turns[level](variables, source):
            yield from inner(variables, None, level + 1)

    def begin(outer: Variables) -> tuple[Variables, Iterator[None]]:
        variables = Variables()
        variables.outer, variables.globals = outer, outer.globals
        source = outermost(outer)
        return variables, inner(variables, source, 0) if only is None else only(variables, source)

    if node.kind in ("list", "generator"):
        return listing(compiler, node, begin, item)

    def run_dict(outer: Variables) -> dict[Any, Any]:
        variables, ticks = begin(outer)
        assert key is not None  # noqa: S101 - a dict comprehension has one
        collected: dict[Any, Any] = {}
        for _ in ticks:
            word = key(variables)
            value = item(variables)
            context.span = span
            collected[hashed(word, meter)] = value
        return collected

    def run_set(outer: Variables) -> set[Any]:
        variables, ticks = begin(outer)
        collected: set[Any] = set()
        for _ in ticks:
            value = item(variables)
            context.span = span
            collected.add(hashed(value, meter))
        return collected

    return run_set if key is None else run_dict


def listing(
    compiler: Compiler,
    node: tree.Comprehension,
    begin: Callable[[Variables], tuple[Variables, Iterator[None]]],
    item: Code,
) -> Code:
    """Returns the closure that gathers the items of a comprehension, at once or one by one when asked."""
    meter = compiler.meter

    def run_list(outer: Variables) -> list[Any]:
        variables, ticks = begin(outer)
        collected = [item(variables) for _ in ticks]
        if len(collected) > meter.limits.items:
            raise items_fault(meter.limits)
        return collected

    def run_lazily(outer: Variables) -> Lazy:
        variables, ticks = begin(outer)
        return Lazy(item(variables) for _ in ticks)

    return run_list if node.kind == "list" else run_lazily


def clause(
    compiler: Compiler, node: tree.Clause, steps: int, *, first: bool
) -> Callable[[Variables, Any], Iterator[None]]:
    """Returns what binds the targets of one `for`, turn by turn, where its tests hold."""
    source = None if first else compiler.expression(node.source)
    bind = compiler.store(node.target)
    tests = [compiler.test(test) for test in node.tests]
    iterate, meter = compiler.items.iterate, compiler.meter
    context, span = compiler.context, compiler.span(node.source)

    def turn(variables: Variables, values: Any) -> Iterator[None]:
        if source is not None:
            values = source(variables)
        context.span = span
        for value in iterate(values):
            meter.left -= steps
            if meter.left < 0:
                raise steps_fault(meter.limits)
            bind(variables, value)
            for test in tests:
                if not test(variables):
                    break
            else:
                yield
            context.span = span

    return turn
