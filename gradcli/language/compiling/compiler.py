"""Compiles the checked tree, once, into closures: one Python function per node, called with the variables.

A closure writes its place to `context.span` before it does anything that may raise or make a graph node.
Whoever catches the error reads the place there, so that no closure needs to catch it: the span written
last is that of the innermost operation under way.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import TYPE_CHECKING, Any

from gradcli.diagnostics import Span
from gradcli.language import tree
from gradcli.language.compiling.calls import applied
from gradcli.language.compiling.expressions import EXPRESSIONS
from gradcli.language.compiling.operators import Operators
from gradcli.language.values.items import Items
from gradcli.language.values.tools import Tools
from gradcli.language.values.variables import Variables

if TYPE_CHECKING:
    from gradcli.language.host import Host
    from gradcli.language.program import Program
    from gradcli.language.values.faults import Caught
    from gradcli.language.values.meter import Meter

__all__ = ["Code", "Compiler", "Store"]

Code = Callable[[Variables], Any]
Store = Callable[[Variables, Any], None]


class Compiler:
    """What the closures of one program close over.

    Attributes:
        host, context, meter: who runs the operations, where the span goes, the budget.
        items, operators, tools, apply: what is done to values; `apply` calls them.
        scope: the scope that the current node stands in.
        handling: errors whose `except` blocks are running, for a bare `raise`.
        reached: the names that functions and classes read or bind outside of themselves.
        rebound: those of them that functions bind.
        substitutes: what is compiled in the place of an expression, by its id.
        wrappers: what the code of a statement is put into, by its id.
    """

    def __init__(self, program: Program, host: Host, meter: Meter) -> None:
        self.source = program.source
        self.scope = program.scope
        self.host = host
        self.context = host.context
        self.meter = meter
        self.items = Items(host, meter)
        self.handling: list[Caught] = []
        self.reached: set[str] = set()
        self.rebound: set[str] = set()
        self.substitutes: dict[int, Code] = {}
        self.wrappers: dict[int, Callable[[Code], Code]] = {}
        self.operators = Operators(host, self.items, meter)
        self.apply = applied(self)
        self.tools = Tools(host, self.items, meter, self.apply, self._less)
        self.operators.percent = self._percent

    def expression(self, node: tree.Expression) -> Code:
        """Returns the closure that computes an expression."""
        return self.substitutes.get(id(node)) or EXPRESSIONS[type(node)](self, node)

    def optional(self, node: tree.Expression | None) -> Code | None:
        """Returns the closure of an expression, or None where there is none."""
        return None if node is None else self.expression(node)

    def test(self, node: tree.Expression) -> Callable[[Variables], bool]:
        """Returns the closure that computes whether an expression counts as true."""
        code, truth = self.expression(node), self.operators.truth
        context, span = self.context, self.span(node)

        def run(variables: Variables) -> bool:
            value = code(variables)
            if value is True or value is False:
                return value
            context.span = span
            return truth(value)

        return run

    def statement(self, node: tree.Statement) -> Code:
        """Returns the closure that does a statement; its result says how control goes on (see statements)."""
        wrapper = self.wrappers.get(id(node))
        return self.bare(node) if wrapper is None else wrapper(self.bare(node))

    def bare(self, node: tree.Statement) -> Code:
        """Returns the closure that does a statement, without what it may be wrapped into."""
        return compilers_of_statements()[type(node)](self, node)

    def block(self, nodes: list[tree.Statement]) -> tuple[Code, ...]:
        """Returns the closures of a body's statements."""
        return tuple(self.statement(node) for node in nodes if type(node) is not tree.Pass)

    def is_here(self, name: str) -> bool:
        """Returns whether a name is found in the very variables that a closure is called with."""
        hops = self.scope.hops(name)
        here = hops == 0 or (hops is None and self.scope.kind == "module")
        if not here or self.scope.kind == "class":  # which looks further out for what it has not bound yet
            self.reached.add(name)
        return here

    def store(self, node: tree.Expression) -> Store:
        """Returns the closure that binds a value to a target."""
        from gradcli.language.compiling.targets import store  # as above

        return store(self, node)

    def _less(self, left: Any, right: Any) -> bool:
        return self.operators.truth(self.operators.compare("<")[type(left)](left, right))

    def _percent(self, template: str, values: Any) -> str:
        return self.tools.templates.percent(template, values)

    def span(self, node: tree.Node | tree.Link | tree.Load) -> Span:
        """Returns where a node stands."""
        return Span(self.source, node.start, node.end)


@cache
def compilers_of_statements() -> dict[type[tree.Statement], Callable[[Compiler, Any], Code]]:
    """Returns what compiles each statement; an expression does without."""
    from gradcli.language.compiling.statements import STATEMENTS

    return STATEMENTS
