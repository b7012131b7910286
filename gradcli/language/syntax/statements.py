"""Which statements are in the language beside expressions, and how each is read."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING, Any

from gradcli.language import tree
from gradcli.language.syntax.classes import class_
from gradcli.language.syntax.expressions import BINARY, parameters
from gradcli.language.syntax.imports import import_, import_from

if TYPE_CHECKING:
    from collections.abc import Callable

    from gradcli.language.syntax.reader import Reader

__all__ = ["STATEMENTS"]


def assign(reader: Reader, node: ast.Assign) -> tree.Statement:
    value = reader.expression(node.value)
    targets = []
    for target in node.targets:
        done = reader.target(target)
        if type(done) is tree.Starred:
            raise reader.fault("E120", "a starred name stands in a list of targets: `*a, b = ...`", done)
        targets.append(done)
    return tree.Assign(reader.excerpt.place(node), targets, value)


def annotated(reader: Reader, node: ast.AnnAssign) -> tree.Statement:
    """`x: int = 3` is `x = 3`: annotations are not read."""
    place = reader.excerpt.place(node)
    if node.value is None:
        return tree.Pass(place)
    value = reader.expression(node.value)
    return tree.Assign(place, [reader.target(node.target)], value)


def augment(reader: Reader, node: ast.AugAssign) -> tree.Statement:
    place = reader.excerpt.place(node)
    symbol = BINARY.get(type(node.op))
    if symbol is None:
        raise reader.refusal(node)
    if isinstance(node.target, ast.Name):  # it is read as well as bound
        reader.scope.read(node.target.id, reader.excerpt.place(node.target))
    value = reader.expression(node.value)
    target = reader.target(node.target)
    assert isinstance(target, tree.Name | tree.Attribute | tree.Subscript)  # noqa: S101 - Python's grammar
    return tree.Augment(place, target, symbol, value)


def if_(reader: Reader, node: ast.If) -> tree.Statement:
    place = reader.excerpt.place(node)
    branches = [(reader.expression(node.test), reader.block(node.body))]
    while len(node.orelse) == 1 and isinstance(
        node.orelse[0], ast.If
    ):  # an elif; a long line of them is flat
        node = node.orelse[0]
        branches.append((reader.expression(node.test), reader.block(node.body)))
    return tree.If(place, branches, reader.block(node.orelse))


def while_(reader: Reader, node: ast.While) -> tree.Statement:
    place = reader.excerpt.place(node)
    test = reader.expression(node.test)
    return tree.While(place, test, loop_body(reader, node.body), reader.block(node.orelse))


def for_(reader: Reader, node: ast.For) -> tree.Statement:
    place = reader.excerpt.place(node)
    source = reader.expression(node.iter)
    target = reader.target(node.target)
    return tree.For(place, target, source, loop_body(reader, node.body), reader.block(node.orelse))


def loop_body(reader: Reader, statements: list[ast.stmt]) -> list[tree.Statement]:
    reader.loops += 1
    body = reader.block(statements)
    reader.loops -= 1
    return body


def jump(reader: Reader, node: ast.Break | ast.Continue) -> tree.Statement:
    place = reader.excerpt.place(node)
    word, kind = ("break", tree.Break) if isinstance(node, ast.Break) else ("continue", tree.Continue)
    if not reader.loops:
        raise reader.fault("E125", f"`{word}` stands outside of a loop", place)
    return kind(place)


def pass_(reader: Reader, node: ast.Pass) -> tree.Statement:
    return tree.Pass(reader.excerpt.place(node))


def define(reader: Reader, node: ast.FunctionDef) -> tree.Statement:
    if getattr(node, "type_params", None):  # from Python 3.12 on
        raise reader.refusal(node)
    place = reader.excerpt.place(node)
    decorators = [reader.expression(decorator) for decorator in node.decorator_list]
    outside, loops = reader.scope, reader.loops
    scope = reader.enter("function", place)
    taken = parameters(reader, node.args, scope)
    # Bound before the body is read, which may call it.
    target = reader.bind(node.name, reader.name_place(node.name, place, len("def")))
    reader.scope, reader.loops = scope, 0
    body = reader.block(node.body)
    scope.close()
    reader.scope, reader.loops = outside, loops
    return tree.Define(place, target, tree.Function(place, node.name, taken, body, scope), decorators)


def return_(reader: Reader, node: ast.Return) -> tree.Statement:
    place = reader.excerpt.place(node)
    if reader.scope.kind != "function":
        raise reader.fault("E125", "`return` stands outside of a function", place)
    return tree.Return(place, reader.optional(node.value))


def with_(reader: Reader, node: ast.With) -> tree.Statement:
    items = []
    for item in node.items:
        manager = reader.expression(item.context_expr)
        items.append((manager, None if item.optional_vars is None else reader.target(item.optional_vars)))
    return tree.With(reader.excerpt.place(node), items, reader.block(node.body))


def assert_(reader: Reader, node: ast.Assert) -> tree.Statement:
    place = reader.excerpt.place(node)
    if isinstance(node.test, ast.Tuple) and node.test.elts:
        raise reader.fault(
            "E126",
            "this always holds, as does every tuple",
            place,
            advice="write `assert test, message` without brackets",
        )
    return tree.Assert(place, reader.expression(node.test), reader.optional(node.msg))


def delete(reader: Reader, node: ast.Delete) -> tree.Statement:
    targets = [reader.target(target) for target in node.targets]
    for target in targets:
        if not isinstance(target, tree.Name | tree.Subscript):
            raise reader.fault(
                "E127", "`del` takes names and subscripts", target, advice="write `del x` or `del d[key]`"
            )
    return tree.Delete(reader.excerpt.place(node), targets)


def try_(reader: Reader, node: ast.Try) -> tree.Statement:
    body = reader.block(node.body)
    handlers = []
    for handler in node.handlers:
        place = reader.excerpt.place(handler)
        kind = reader.optional(handler.type)
        if kind is None and handler is not node.handlers[-1]:
            raise reader.fault(
                "E128", "an `except` without a kind takes all errors, so it stands last", place
            )
        name = None
        if handler.name is not None:
            after = reader.source.text.index("as", kind.end if kind else place[0]) + len("as")
            name = reader.bind(handler.name, reader.name_place(handler.name, (after, place[1]), 0))
        handlers.append(tree.Handler(place, kind, name, reader.block(handler.body)))
    return tree.Try(
        reader.excerpt.place(node), body, handlers, reader.block(node.orelse), reader.block(node.finalbody)
    )


def raise_(reader: Reader, node: ast.Raise) -> tree.Statement:
    if node.cause is not None:  # `raise a from b` shows only a
        reader.expression(node.cause)
    return tree.Raise(reader.excerpt.place(node), reader.optional(node.exc))


def declare(reader: Reader, node: ast.Global | ast.Nonlocal) -> tree.Statement:
    place = reader.excerpt.place(node)
    word = "global" if isinstance(node, ast.Global) else "nonlocal"
    scope = reader.scope
    if scope.kind != "function":
        raise reader.fault("E125", f"`{word}` stands outside of a function", place)
    for name in node.names:
        reader.identifier(name, reader.name_place(name, place, len(word)))
        if name in scope.bound:
            raise reader.fault("E129", f"`{name}` is bound before `{word}` declares it", place)
        if word == "nonlocal" and not scope.encloses(name):
            raise reader.fault("E129", f"no function around this one binds `{name}`", place)
        scope.declare(name, word)
    return tree.Pass(place)


STATEMENTS: dict[type[ast.stmt], Callable[[Reader, Any], tree.Statement]] = {
    ast.Assign: assign,
    ast.AnnAssign: annotated,
    ast.AugAssign: augment,
    ast.If: if_,
    ast.While: while_,
    ast.For: for_,
    ast.Break: jump,
    ast.Continue: jump,
    ast.Pass: pass_,
    ast.FunctionDef: define,
    ast.ClassDef: class_,
    ast.Import: import_,
    ast.ImportFrom: import_from,
    ast.Return: return_,
    ast.With: with_,
    ast.Assert: assert_,
    ast.Delete: delete,
    ast.Try: try_,
    ast.Raise: raise_,
    ast.Global: declare,
    ast.Nonlocal: declare,
}
