"""How `assert`, `raise` and `try` become closures."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from gradcli.diagnostics import GradcliError, RuntimeFault, TypeFault
from gradcli.language.values.faults import AssertionFault, Caught, ErrorKind, catchable

if TYPE_CHECKING:
    from gradcli.language import tree
    from gradcli.language.compiling.compiler import Code, Compiler, Store
    from gradcli.language.values.variables import Variables

__all__ = ["assert_", "raise_", "try_"]


def assert_(compiler: Compiler, node: tree.Assert) -> Code:
    """Returns the closure of an assert; its message is a text of the program's."""
    test, message = compiler.test(node.test), compiler.optional(node.message)
    context, span, source = compiler.context, compiler.span(node.test), compiler.source
    formatter = compiler.tools.formatter

    def run(variables: Variables) -> None:
        if test(variables):
            return
        text = source.text[span.start : span.end]
        if message is not None:
            given = message(variables)
            context.span = span
            text = formatter.text(given)
        context.span = span
        raise AssertionFault("E389", text, label="this does not hold")

    return run


def raise_(compiler: Compiler, node: tree.Raise) -> Code:
    """Returns the closure of a raise."""
    value, handling = compiler.optional(node.value), compiler.handling
    context, span = compiler.context, compiler.span(node)
    apply, formatter = compiler.apply, compiler.tools.formatter

    def run(variables: Variables) -> None:
        if value is None:
            context.span = span
            if not handling:
                raise RuntimeFault("E388", "No active exception to reraise")
            raise handling[-1].fault
        error = value(variables)
        context.span = span
        if type(error) is ErrorKind:
            error = apply(error, (), {})
        if type(error) is not Caught:
            raise TypeFault(
                "E380", "exceptions must derive from BaseException", help='write `raise ValueError("...")`'
            )
        if error.kind.find("__str__") is not None:
            error.say(formatter.text(error))  # for whoever reads it when nothing catches it
        error.fault.locate(span)
        raise error.fault

    return run


def try_(compiler: Compiler, node: tree.Try) -> Code:
    """Returns the closure of a try; limits and Python's own errors pass it by."""
    body, other, last = compiler.block(node.body), compiler.block(node.other), compiler.block(node.last)
    handlers = [handler(compiler, one) for one in node.handlers]
    context = compiler.context

    def attempt(variables: Variables) -> Any:
        try:
            signal = in_order(body, variables)
        except GradcliError as fault:
            if not catchable(fault):
                raise
            fault.locate(context.span)
            for handle in handlers:
                caught, signal = handle(variables, fault)
                if caught:
                    return signal
            raise
        return signal if signal is not None else in_order(other, variables)

    return finally_(compiler, attempt, last) if last else attempt


def finally_(compiler: Compiler, attempt: Code, last: tuple[Code, ...]) -> Code:
    """Returns the closure that does something last. If that returns, it replaces an error under way."""
    context = compiler.context

    def run(variables: Variables) -> Any:
        try:
            signal = attempt(variables)
        except GradcliError as fault:
            if not catchable(fault):
                raise
            place = context.span
            fault.locate(place)
            instead = in_order(last, variables)
            if instead is not None:
                return instead
            context.span = place
            raise
        kept = getattr(variables, "returned", None)
        instead = in_order(last, variables)
        if instead is not None:
            return instead
        variables.returned = kept
        return signal

    return run


def handler(compiler: Compiler, node: tree.Handler) -> Any:
    """Returns what runs an `except` block if it is for an error: whether it was, and how control goes on."""
    kind, body, handling = compiler.optional(node.kind), compiler.block(node.body), compiler.handling
    store: Store | None = None if node.name is None else compiler.store(node.name)
    unbind = None if node.name is None else unbinding(compiler, node.name)

    def handle(variables: Variables, fault: GradcliError) -> tuple[bool, Any]:
        if kind is not None and not matches(kind(variables), fault):
            return False, None
        caught = Caught(fault)
        if store is not None:
            store(variables, caught)
        handling.append(caught)
        try:
            return True, in_order(body, variables)
        finally:
            handling.pop()
            if unbind is not None:
                unbind(variables)

    return handle


def unbinding(compiler: Compiler, node: tree.Name) -> Any:
    """Returns what takes the name of a handled error away again, as Python does."""
    word, hops = node.name, compiler.scope.hops(node.name)

    def unbind(variables: Variables) -> None:
        home = variables.globals if hops is None else variables
        for _ in range(hops or 0):
            home = home.outer
        home.pop(word, None)

    return unbind


def matches(kinds: Any, fault: GradcliError) -> bool:
    """Returns whether an `except` clause is for an error."""
    several = kinds if type(kinds) is tuple else (kinds,)
    for kind in several:
        if type(kind) is not ErrorKind:
            raise TypeFault("E380", "an `except` names kinds of errors", help="write `except RuntimeError`")
    return any(kind.covers(fault) for kind in several)


def in_order(body: tuple[Code, ...], variables: Variables) -> Any:
    """Runs statements one after the other."""
    for statement in body:
        signal = statement(variables)
        if signal is not None:
            return signal
    return None
