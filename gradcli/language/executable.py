"""A compiled program: closures that run, whole or statement by statement."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from gradcli.diagnostics import GradcliError
from gradcli.language import tree
from gradcli.language.compiling.compiler import Compiler
from gradcli.language.limits import nesting_fault
from gradcli.language.room import collection_paused, deep_enough
from gradcli.language.values.meter import Meter
from gradcli.language.values.variables import Globals

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from gradcli.diagnostics import Span
    from gradcli.language.host import Host
    from gradcli.language.program import Program

__all__ = ["NOTHING", "Executable", "Step", "compile_program"]

NOTHING: Any = type("Nothing", (), {"__repr__": lambda _: "NOTHING", "__slots__": ()})()
"""The value of a statement that has none."""


class Step:
    """A top-level statement that can be run.

    Attributes:
        node: the statement of the tree.
        span: where it stands.
        names: the variables it assigns to, in order.
        is_expression: whether it is an expression, and so has a value.
        code: what does it.
    """

    __slots__ = ("code", "is_expression", "names", "node", "span")

    def __init__(self, node: tree.Statement, span: Span, code: Callable[[Globals], Any]) -> None:
        self.node = node
        self.span = span
        self.names = assigned_names(node)
        self.is_expression = isinstance(node, tree.Evaluate)
        self.code = code


class Executable:
    """A program compiled for a host; it may run many times.

    Attributes:
        program: what was compiled.
        steps: its statements.
        meter: what is left of the budget.
        tools: what functions of the host need to treat values as the language does (`sorted`, `list`).
        formatter: what makes texts of values, for `print` and `str`.
    """

    def __init__(self, program: Program, host: Host) -> None:
        self.program = program
        self.meter = Meter(program.limits)
        self._host = host
        self._context = host.context
        with collection_paused(len(program.source.text)), deep_enough():
            compiler = Compiler(program, host, self.meter)
            self.tools = compiler.tools
            self.formatter = compiler.tools.formatter
            self.steps = [
                Step(node, compiler.span(node), self._code(compiler, node)) for node in program.statements
            ]

    def scope(self, values: Mapping[str, Any] | None = None) -> Globals:
        """Returns the variables for a run: those given, and behind them whatever the host knows."""
        return Globals(self._host.lookup, values)

    def run(self, scope: Globals) -> Any:
        """Returns the value of the last expression statement, or NOTHING if there is none.

        Raises:
            GradcliError: of the program or the host, with the span of the operation it came from.
        """
        self.meter.left = self.program.limits.steps
        return self._watched(self._in_order, scope)

    def run_step(self, step: Step, scope: Globals) -> Any:
        """Returns the value of one statement if it is an expression, else NOTHING; raises as `run`."""
        result = self._watched(step.code, scope)
        return result if step.is_expression else NOTHING

    def _in_order(self, scope: Globals) -> Any:
        value = NOTHING
        for step in self.steps:
            result = step.code(scope)
            if step.is_expression:
                value = result
        return value

    @staticmethod
    def _code(compiler: Compiler, node: tree.Statement) -> Callable[[Globals], Any]:
        return (
            compiler.expression(node.value) if isinstance(node, tree.Evaluate) else compiler.statement(node)
        )

    def _watched(self, work: Callable[[Globals], Any], scope: Globals) -> Any:
        context = self._context
        before = context.span
        try:
            with deep_enough():
                return work(scope)
        except GradcliError as error:
            error.locate(context.span)
            raise
        except (RecursionError, MemoryError):
            raise nesting_fault(self.program.limits, context.span) from None
        finally:
            context.span = before
            self.meter.depth = 0


def compile_program(program: Program, host: Host) -> Executable:
    """Returns a program as closures that run on a host.

    Raises:
        LimitFault: it is nested too deeply.
    """
    try:
        return Executable(program, host)
    except RecursionError:
        raise nesting_fault(program.limits) from None


def assigned_names(node: tree.Statement) -> tuple[str, ...]:
    """Returns the variables that a statement itself assigns to."""
    targets = (
        node.targets
        if isinstance(node, tree.Assign)
        else [node.target]
        if isinstance(node, tree.Augment)
        else []
    )
    names: dict[str, None] = {}
    rest: list[tree.Expression] = list(reversed(targets))
    while rest:
        target = rest.pop()
        if isinstance(target, tree.Name):
            names[target.name] = None
        elif isinstance(target, tree.Sequence):
            rest.extend(reversed(target.items))
        elif isinstance(target, tree.Starred):
            rest.append(target.value)
    return tuple(names)
