"""How each expression of the tree becomes a closure."""

from __future__ import annotations

from functools import cache
from importlib import import_module
from typing import TYPE_CHECKING, Any

from gradcli.diagnostics import GradcliError, NameFault
from gradcli.language import tree
from gradcli.language.compiling.calls import call
from gradcli.language.compiling.collections import comprehension, mapping, sequence
from gradcli.language.compiling.fused import here, operation
from gradcli.language.values.faults import UnboundFault
from gradcli.language.values.methods import OWN
from gradcli.language.values.methods import attribute as own_attribute

if TYPE_CHECKING:
    from collections.abc import Callable

    from gradcli.language.compiling.compiler import Code, Compiler
    from gradcli.language.values.variables import Variables

__all__ = ["EXPRESSIONS"]

UNBOUND = "associated with a value in enclosing scope"


def constant(_compiler: Compiler, node: tree.Constant) -> Code:
    value = node.value
    return lambda _: value


def name(compiler: Compiler, node: tree.Name) -> Code:
    word = node.name
    hops = compiler.scope.hops(word)
    if compiler.is_here(word):

        def run(variables: Variables) -> Any:
            try:
                return variables[word]
            except GradcliError as fault:
                fault.locate(compiler.span(node))
                raise

    elif hops is None:

        def run(variables: Variables) -> Any:
            try:
                return variables.globals[word]
            except GradcliError as fault:
                fault.locate(compiler.span(node))
                raise

    else:
        outward = hops

        def run(variables: Variables) -> Any:
            for _ in range(outward):
                variables = variables.outer
            try:
                return variables[word]
            except UnboundFault:
                text = f"cannot access free variable '{word}' where it is not {UNBOUND}"
                raise NameFault("E210", text, span=compiler.span(node)) from None

    return run


def chain(compiler: Compiler, node: tree.Chain) -> Code:
    if len(node.links) == 1:
        (link,) = node.links
        operate = compiler.operators.binary(link.symbol)
        return operation(compiler, node.first, link.right, compiler.span(link), operate)
    first, context = compiler.expression(node.first), compiler.context
    links = [
        (compiler.expression(link.right), compiler.span(link), compiler.operators.binary(link.symbol))
        for link in node.links
    ]

    def run(variables: Variables) -> Any:
        value = first(variables)
        for right, span, operate in links:
            other = right(variables)
            context.span = span
            value = operate[type(value)](value, other)
        return value

    return run


def unary(compiler: Compiler, node: tree.Unary) -> Code:
    if node.symbol == "not":
        test = compiler.test(node.operand)
        return lambda variables: not test(variables)
    operand, operate = compiler.expression(node.operand), compiler.operators.unary(node.symbol)
    context, span = compiler.context, compiler.span(node)

    def run(variables: Variables) -> Any:
        value = operand(variables)
        context.span = span
        return operate[type(value)](value)

    return run


def boolean(compiler: Compiler, node: tree.Boolean) -> Code:
    stops = node.symbol == "or"
    truth, context = compiler.operators.truth, compiler.context
    first = [(compiler.expression(operand), compiler.span(operand)) for operand in node.operands[:-1]]
    last = compiler.expression(node.operands[-1])

    def run(variables: Variables) -> Any:
        for operand, span in first:
            value = operand(variables)
            context.span = span
            if truth(value) is stops:
                return value
        return last(variables)

    return run


def compare(compiler: Compiler, node: tree.Compare) -> Code:
    if len(node.links) == 1:
        (link,) = node.links
        operate = compiler.operators.compare(link.symbol)
        return operation(compiler, node.first, link.right, compiler.span(link), operate)
    first, truth, context = compiler.expression(node.first), compiler.operators.truth, compiler.context
    links = [
        (compiler.expression(link.right), compiler.span(link), compiler.operators.compare(link.symbol))
        for link in node.links
    ]
    *earlier, (last_right, last_span, last_operate) = links

    def run(variables: Variables) -> Any:
        value = first(variables)
        for right, span, operate in earlier:
            other = right(variables)
            context.span = span
            result = operate[type(value)](value, other)
            if not truth(result):
                return result
            value = other
        other = last_right(variables)
        context.span = last_span
        return last_operate[type(value)](value, other)

    return run


def conditional(compiler: Compiler, node: tree.Conditional) -> Code:
    test, body, other = (
        compiler.test(node.test),
        compiler.expression(node.body),
        compiler.expression(node.other),
    )
    return lambda variables: body(variables) if test(variables) else other(variables)


def attribute(compiler: Compiler, node: tree.Attribute) -> Code:
    value, word, get, tools = (
        compiler.expression(node.value),
        node.name,
        compiler.host.attribute,
        compiler.tools,
    )
    context, span, name = compiler.context, compiler.span(node), here(compiler, node.value)

    def run(variables: Variables) -> Any:
        owner = value(variables)
        context.span = span
        return own_attribute(tools, owner, word) if type(owner) in OWN else get(owner, word)

    def run_name(variables: Variables) -> Any:
        try:
            owner = variables[name]
        except GradcliError:
            owner = value(variables)
        context.span = span
        return own_attribute(tools, owner, word) if type(owner) in OWN else get(owner, word)

    return run_name if name else run


def bind(compiler: Compiler, node: tree.Bind) -> Code:
    value, store = compiler.expression(node.value), compiler.store(node.target)

    def run(variables: Variables) -> Any:
        result = value(variables)
        store(variables, result)
        return result

    return run


def subscript(compiler: Compiler, node: tree.Subscript) -> Code:
    value, key, get = compiler.expression(node.value), compiler.expression(node.key), compiler.items.get
    context, span = compiler.context, compiler.span(node)

    def run(variables: Variables) -> Any:
        owner, item = value(variables), key(variables)
        if type(owner) is list and type(item) is int and 0 <= item < len(owner):
            return owner[item]
        context.span = span
        return get(owner, item)

    return run


def slice_(compiler: Compiler, node: tree.Slice) -> Code:
    nothing: Code = lambda _: None  # noqa: E731 - one expression, as its siblings are
    lower, upper, step = (compiler.optional(part) or nothing for part in (node.lower, node.upper, node.step))
    return lambda variables: slice(lower(variables), upper(variables), step(variables))


def deferred(module: str, word: str) -> Callable[[Compiler, Any], Code]:
    """Returns a function of a module that most programs do without: the first call loads it."""

    @cache
    def found() -> Callable[[Compiler, Any], Code]:
        return vars(import_module(f"{__package__}.{module}"))[word]  # type: ignore[no-any-return] # a compiler

    def compiled(compiler: Compiler, node: Any) -> Code:
        return found()(compiler, node)

    return compiled


EXPRESSIONS: dict[type[tree.Expression], Callable[[Compiler, Any], Code]] = {
    tree.Constant: constant,
    tree.Name: name,
    tree.Chain: chain,
    tree.Unary: unary,
    tree.Boolean: boolean,
    tree.Compare: compare,
    tree.Conditional: conditional,
    tree.Call: call,
    tree.Attribute: attribute,
    tree.Subscript: subscript,
    tree.Slice: slice_,
    tree.Sequence: sequence,
    tree.Mapping: mapping,
    tree.Comprehension: comprehension,
    tree.Function: deferred("functions", "function"),
    tree.Bind: bind,
    tree.Super: deferred("classes", "super_"),
    tree.ClassOf: deferred("classes", "class_of"),
    tree.Template: deferred("templates", "template"),
}
