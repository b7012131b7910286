"""Which expressions are in the language, and how each is read."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING, Any, cast

from gradcli.language import tree
from gradcli.language.limits import integer_fault
from gradcli.language.syntax.reserved import READABLE

if TYPE_CHECKING:
    from collections.abc import Callable

    from gradcli.language.scope import Scope
    from gradcli.language.syntax.reader import Reader

__all__ = ["BINARY", "EXPRESSIONS", "parameters"]

BINARY = {
    ast.Add: "+", ast.Sub: "-", ast.Mult: "*", ast.Div: "/", ast.FloorDiv: "//", ast.Mod: "%", ast.Pow: "**",
    ast.MatMult: "@", ast.BitAnd: "&", ast.BitOr: "|", ast.LShift: "<<", ast.RShift: ">>",
}  # fmt: skip
UNARY = {ast.USub: "-", ast.UAdd: "+", ast.Invert: "~", ast.Not: "not"}
COMPARE = {
    ast.Eq: "==", ast.NotEq: "!=", ast.Lt: "<", ast.LtE: "<=", ast.Gt: ">", ast.GtE: ">=", ast.In: "in",
    ast.NotIn: "not in", ast.Is: "is", ast.IsNot: "is not",
}  # fmt: skip
FOREIGN = {"true": "True", "false": "False", "null": "None", "nil": "None"}  # other languages' words
UNCALLABLE = (tree.Constant, tree.Chain, tree.Unary, tree.Compare, tree.Boolean, tree.Mapping, tree.Sequence)


def constant(reader: Reader, node: ast.Constant) -> tree.Expression:
    place = reader.excerpt.place(node)
    if isinstance(node.value, bytes):
        raise reader.refusal(node)
    if type(node.value) is int and node.value.bit_length() > reader.limits.integer_bits:
        raise integer_fault(reader.limits, reader.span(place))
    return tree.Constant(place, node.value)


def name(reader: Reader, node: ast.Name) -> tree.Expression:
    word = node.id
    if word in reader.excerpt.holes:
        return reader.hole(word)
    return read_name(reader, word, reader.excerpt.place(node), called=False)


def read_name(reader: Reader, word: str, place: tuple[int, int], *, called: bool) -> tree.Expression:
    if word == "__name__":
        return tree.Constant(place, "__main__")  # a program is always run, never imported
    reader.variable(word, place)
    if word in FOREIGN and not reader.scope.binds(word):
        raise reader.fault(
            "E130", f"`{word}` is spelled `{FOREIGN[word]}`", place, advice=f"write `{FOREIGN[word]}`"
        )
    reader.scope.read(word, place, called=called)
    return tree.Name(place, word)


def chain(reader: Reader, node: ast.BinOp) -> tree.Expression:
    place = reader.excerpt.place(node)
    steps: list[ast.BinOp] = []
    left: ast.expr = node
    while type(left) is ast.BinOp:
        steps.append(left)
        left = left.left
    first = reader.expression(left)
    if type(first) is tree.Chain:
        whole = first
        whole.start, whole.end = place
    else:
        whole = tree.Chain(place, first, [])
    for step in reversed(steps):
        symbol = BINARY.get(type(step.op))
        if symbol is None:
            raise reader.refusal(step)
        whole.links.append(tree.Link(reader.excerpt.place(step), symbol, reader.expression(step.right)))
    return whole


def unary(reader: Reader, node: ast.UnaryOp) -> tree.Expression:
    return tree.Unary(reader.excerpt.place(node), UNARY[type(node.op)], reader.expression(node.operand))


def boolean(reader: Reader, node: ast.BoolOp) -> tree.Expression:
    word = "and" if isinstance(node.op, ast.And) else "or"
    return tree.Boolean(reader.excerpt.place(node), word, [reader.expression(value) for value in node.values])


def compare(reader: Reader, node: ast.Compare) -> tree.Expression:
    place = reader.excerpt.place(node)
    first = reader.expression(node.left)
    links: list[tree.Link] = []
    left = first
    for operator, comparator in zip(node.ops, node.comparators, strict=True):
        right = reader.expression(comparator)
        links.append(tree.Link((left.start, right.end), COMPARE[type(operator)], right))
        left = right
    return tree.Compare(place, first, links)


def conditional(reader: Reader, node: ast.IfExp) -> tree.Expression:
    place = reader.excerpt.place(node)
    body = reader.expression(node.body)
    test = reader.expression(node.test)
    return tree.Conditional(place, test, body, reader.expression(node.orelse))


def call(reader: Reader, node: ast.Call) -> tree.Expression:
    place = reader.excerpt.place(node)
    callee = node.func
    if type(callee) is ast.Name and callee.id == "super" and not reader.scope.binds("super"):
        from gradcli.language.syntax.classes import super_  # a word of classes, where it is read

        return super_(reader, node)
    if type(callee) is ast.Name and callee.id not in reader.excerpt.holes:
        function = read_name(reader, callee.id, reader.excerpt.place(callee), called=True)
    else:
        function = reader.expression(callee)
    if isinstance(function, UNCALLABLE):
        from gradcli.language.syntax import refusals  # the words for errors are read only for one

        raise refusals.called(reader.source, place, function)
    arguments = spread(reader, node.args)
    keywords: list[tuple[str | None, tree.Expression]] = []
    given: set[str] = set()
    for keyword in node.keywords:
        where = reader.excerpt.place(keyword)
        if keyword.arg is not None:
            reader.identifier(keyword.arg, where)
            if keyword.arg in given:
                raise reader.fault("E123", f"the keyword `{keyword.arg}` is given twice", where)
            given.add(keyword.arg)
        keywords.append((keyword.arg, reader.expression(keyword.value)))
    return tree.Call(place, function, arguments, keywords)


def spread(reader: Reader, nodes: list[ast.expr]) -> list[tree.Expression]:
    """Returns what stands between commas, where `*values` may stand too."""
    done: list[tree.Expression] = []
    for node in nodes:
        if type(node) is ast.Starred:
            done.append(tree.Starred(reader.excerpt.place(node), reader.expression(node.value)))
        else:
            done.append(reader.expression(node))
    return done


def attribute(reader: Reader, node: ast.Attribute) -> tree.Expression:
    place = reader.excerpt.place(node)
    value = reader.expression(node.value)
    if node.attr == "__class__":
        return tree.ClassOf(place, value)
    if node.attr not in READABLE:
        reader.identifier(node.attr, (place[1] - len(node.attr), place[1]))
    return tree.Attribute(place, value, node.attr)


def bind(reader: Reader, node: ast.NamedExpr) -> tree.Expression:
    value, binder = reader.expression(node.value), reader.scope.binder()
    if binder is not reader.scope and binder.kind == "class":
        place = reader.excerpt.place(node)
        raise reader.fault("E120", "`:=` in a comprehension cannot bind what a class holds", place)
    target = reader.bind(node.target.id, reader.excerpt.place(node.target), binder)
    return tree.Bind(reader.excerpt.place(node), target, value)


def template(reader: Reader, node: ast.JoinedStr) -> tree.Template:
    """Returns an f-string, or the format of one of its fields."""
    parts: list[str | tree.Field] = []
    for part in node.values:
        if isinstance(part, ast.FormattedValue):
            value = reader.expression(part.value)
            spec = (
                None
                if part.format_spec is None
                else template(reader, cast("ast.JoinedStr", part.format_spec))
            )
            conversion = "" if part.conversion < 0 else chr(part.conversion)
            parts.append(tree.Field((value.start, value.end), value, conversion, spec))
        else:
            parts.append(cast("str", cast("ast.Constant", part).value))
    return tree.Template(reader.excerpt.place(node), parts)


def subscript(reader: Reader, node: ast.Subscript) -> tree.Expression:
    place = reader.excerpt.place(node)
    value = reader.expression(node.value)
    if type(value) is tree.Sequence and value.kind == "list" and isinstance(node.slice, ast.Tuple):
        gap = (value.end, reader.excerpt.place(node.slice)[0])
        raise reader.fault(
            "E109", "a comma is missing between two lists", gap, advice="write `[[1, 2], [3, 4]]`"
        )
    return tree.Subscript(place, value, reader.expression(node.slice))


def slice_(reader: Reader, node: ast.Slice) -> tree.Expression:
    parts = (node.lower, node.upper, node.step)
    return tree.Slice(reader.excerpt.place(node), *(reader.optional(part) for part in parts))


def sequence(reader: Reader, node: ast.Tuple | ast.List | ast.Set) -> tree.Expression:
    kind = type(node).__name__.lower()
    return tree.Sequence(reader.excerpt.place(node), kind, spread(reader, node.elts))


def mapping(reader: Reader, node: ast.Dict) -> tree.Expression:
    items = [
        (reader.optional(key), reader.expression(value))
        for key, value in zip(node.keys, node.values, strict=True)
    ]
    return tree.Mapping(reader.excerpt.place(node), items)


def comprehension(
    reader: Reader, node: ast.ListComp | ast.SetComp | ast.GeneratorExp | ast.DictComp
) -> tree.Expression:
    kinds = {ast.ListComp: "list", ast.SetComp: "set", ast.GeneratorExp: "generator", ast.DictComp: "dict"}
    outside = reader.scope
    source = reader.expression(node.generators[0].iter)
    reader.scope = scope = reader.enter("comprehension", reader.excerpt.place(node))
    clauses = []
    for position, generator in enumerate(node.generators):
        if generator.is_async:
            raise reader.refusal(generator.iter)
        if position:
            source = reader.expression(generator.iter)
        target = reader.target(generator.target)
        clauses.append(tree.Clause(target, source, [reader.expression(test) for test in generator.ifs]))
    key = reader.expression(node.key) if isinstance(node, ast.DictComp) else None
    item = reader.expression(node.value if isinstance(node, ast.DictComp) else node.elt)
    scope.close()
    reader.scope = outside
    return tree.Comprehension(reader.excerpt.place(node), kinds[type(node)], key, item, clauses, scope)


def lambda_(reader: Reader, node: ast.Lambda) -> tree.Expression:
    place = reader.excerpt.place(node)
    outside = reader.scope
    scope = reader.enter("function", place)
    taken = parameters(reader, node.args, scope)
    reader.scope = scope
    body = reader.expression(node.body)
    scope.close()
    reader.scope = outside
    return tree.Function(place, "<lambda>", taken, body, scope)


def parameters(reader: Reader, node: ast.arguments, scope: Scope) -> tree.Parameters:
    """Returns a parameter list: defaults read in the current scope, names bound in the function's own."""
    defaults = [reader.expression(default) for default in node.defaults]
    keyword_defaults = {
        argument.arg: reader.expression(default)
        for argument, default in zip(node.kwonlyargs, node.kw_defaults, strict=True)
        if default is not None
    }
    outside, reader.scope = reader.scope, scope

    def take(argument: ast.arg | None) -> str | None:
        if argument is None:
            return None
        start, _ = reader.excerpt.place(argument)
        place = (start, start + len(argument.arg))  # without an annotation, which is not read
        if argument.arg in scope.bound:
            raise reader.fault("E124", f"the parameter `{argument.arg}` stands twice in one list", place)
        return reader.bind(argument.arg, place).name

    def take_all(arguments: list[ast.arg]) -> tuple[str, ...]:
        return tuple(str(take(argument)) for argument in arguments)

    positional = take_all([*node.posonlyargs, *node.args])
    keyword_only = take_all(node.kwonlyargs)
    taken = tree.Parameters(
        positional,
        len(node.posonlyargs),
        keyword_only,
        take(node.vararg),
        take(node.kwarg),
        defaults,
        keyword_defaults,
    )
    reader.scope = outside
    scope.first = positional[0] if positional else None
    return taken


EXPRESSIONS: dict[type[ast.expr], Callable[[Reader, Any], tree.Expression]] = {
    ast.Constant: constant,
    ast.Name: name,
    ast.BinOp: chain,
    ast.UnaryOp: unary,
    ast.BoolOp: boolean,
    ast.Compare: compare,
    ast.IfExp: conditional,
    ast.Call: call,
    ast.Attribute: attribute,
    ast.Subscript: subscript,
    ast.Slice: slice_,
    ast.Tuple: sequence,
    ast.List: sequence,
    ast.Set: sequence,
    ast.Dict: mapping,
    ast.ListComp: comprehension,
    ast.SetComp: comprehension,
    ast.GeneratorExp: comprehension,
    ast.DictComp: comprehension,
    ast.Lambda: lambda_,
    ast.NamedExpr: bind,
    ast.JoinedStr: template,
}
