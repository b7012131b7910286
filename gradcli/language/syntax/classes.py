"""How classes are read: their header, their body, and `super()` inside their methods."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gradcli.language import tree

if TYPE_CHECKING:
    import ast

    from gradcli.language.syntax.reader import Reader

__all__ = ["class_", "super_"]

PAIR = 2  # arguments of `super(Net, self)`


def class_(reader: Reader, node: ast.ClassDef) -> tree.Statement:
    """Returns a class, bound before its body is read as a function is, since its methods may name it."""
    if getattr(node, "type_params", None):  # from Python 3.12 on
        raise reader.refusal(node)
    place = reader.excerpt.place(node)
    decorators = [reader.expression(decorator) for decorator in node.decorator_list]
    bases = [reader.expression(base) for base in node.bases]
    if node.keywords:
        word = node.keywords[0].arg or "**"
        raise reader.fault(
            "E132",
            f"`{word}` in the first line of a class is not in the language",
            reader.excerpt.place(node.keywords[0]),
            advice=f"write `class {node.name}(nn.Module):`",
        )
    outside, loops = reader.scope, reader.loops
    target = reader.bind(node.name, reader.name_place(node.name, place, len("class")))
    reader.scope = scope = reader.enter("class", place)
    reader.loops = 0
    body = reader.block(node.body)
    scope.close()
    reader.scope, reader.loops = outside, loops
    return tree.Class(place, target, bases, body, scope, decorators)


def super_(reader: Reader, node: ast.Call) -> tree.Expression:
    """Returns `super()`: the class around and the first argument of the method, or both as they are given."""
    place = reader.excerpt.place(node)
    if len(node.args) == PAIR and not node.keywords:
        owner, instance = (reader.expression(argument) for argument in node.args)
        return tree.Super(place, owner, instance)
    method = reader.scope.binder()
    if node.args or node.keywords:
        raise reader.fault("E125", "`super` takes a class and an instance, or nothing", place)
    if method.kind != "function" or method.class_hops() is None or method.first is None:
        raise reader.fault(
            "E125", "`super()` stands in a method", place, advice="write it below `def ...(self):` in a class"
        )
    reader.scope.read(method.first, place)
    return tree.Super(place, None, tree.Name(place, method.first))
