"""The checked tree, statements: in normal form, each node knowing its place."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gradcli.language.tree.expressions import Node

if TYPE_CHECKING:
    from gradcli.language.scope import Scope
    from gradcli.language.tree.expressions import Attribute, Expression, Function, Name, Subscript


class Statement(Node):
    """What is done."""

    __slots__ = ()


class Pass(Statement):
    """`pass`, and whatever else does nothing when it runs."""

    __slots__ = ()


class Break(Statement):
    """`break`."""

    __slots__ = ()


class Continue(Statement):
    """`continue`."""

    __slots__ = ()


class Evaluate(Statement):
    """An expression on its own."""

    __slots__ = ("value",)

    def __init__(self, place: tuple[int, int], value: Expression) -> None:
        super().__init__(place)
        self.value = value


class Assign(Statement):
    """`target = target = value`."""

    __slots__ = ("targets", "value")

    def __init__(self, place: tuple[int, int], targets: list[Expression], value: Expression) -> None:
        super().__init__(place)
        self.targets = targets
        self.value = value


class Augment(Statement):
    """`target += value`; `symbol` is `+`."""

    __slots__ = ("symbol", "target", "value")

    def __init__(
        self, place: tuple[int, int], target: Name | Attribute | Subscript, symbol: str, value: Expression
    ) -> None:
        super().__init__(place)
        self.target = target
        self.symbol = symbol
        self.value = value


class If(Statement):
    """`if test: body`, an `elif` for each further branch, `else`."""

    __slots__ = ("branches", "other")

    def __init__(
        self,
        place: tuple[int, int],
        branches: list[tuple[Expression, list[Statement]]],
        other: list[Statement],
    ) -> None:
        super().__init__(place)
        self.branches = branches
        self.other = other


class While(Statement):
    """`while test: body`, `else: other`."""

    __slots__ = ("body", "other", "test")

    def __init__(
        self, place: tuple[int, int], test: Expression, body: list[Statement], other: list[Statement]
    ) -> None:
        super().__init__(place)
        self.test = test
        self.body = body
        self.other = other


class For(Statement):
    """`for target in source: body`, `else: other`."""

    __slots__ = ("body", "other", "source", "target")

    def __init__(
        self,
        place: tuple[int, int],
        target: Expression,
        source: Expression,
        body: list[Statement],
        other: list[Statement],
    ) -> None:
        super().__init__(place)
        self.target = target
        self.source = source
        self.body = body
        self.other = other


class Define(Statement):
    """`def name(...): ...`, below its decorators."""

    __slots__ = ("decorators", "function", "target")

    def __init__(
        self, place: tuple[int, int], target: Name, function: Function, decorators: list[Expression]
    ) -> None:
        super().__init__(place)
        self.target = target
        self.function = function
        self.decorators = decorators


class Class(Statement):
    """`class name(bases): body`, below its decorators; the body has a scope of its own."""

    __slots__ = ("bases", "body", "decorators", "scope", "target")

    def __init__(  # noqa: PLR0913 - the parts of a class
        self,
        place: tuple[int, int],
        target: Name,
        bases: list[Expression],
        body: list[Statement],
        scope: Scope,
        decorators: list[Expression],
    ) -> None:
        super().__init__(place)
        self.target = target
        self.bases = bases
        self.body = body
        self.scope = scope
        self.decorators = decorators


class Load:
    """A module, or what it holds, under a name: `path` or `path as target`, `member` of `path`."""

    __slots__ = ("end", "member", "path", "start", "target", "whole")

    def __init__(
        self, place: tuple[int, int], path: str, member: str | None, target: Name, *, whole: bool
    ) -> None:
        self.start, self.end = place
        self.path = path
        self.member = member
        self.target = target
        self.whole = whole  # of `import a.b` only `a` is bound; of `import a.b as c`, the whole


class Import(Statement):
    """`import path, ...` or `from path import member, ...`."""

    __slots__ = ("loads",)

    def __init__(self, place: tuple[int, int], loads: list[Load]) -> None:
        super().__init__(place)
        self.loads = loads


class Return(Statement):
    """`return value`."""

    __slots__ = ("value",)

    def __init__(self, place: tuple[int, int], value: Expression | None) -> None:
        super().__init__(place)
        self.value = value


class With(Statement):
    """`with manager as target, ...: body`."""

    __slots__ = ("body", "items")

    def __init__(
        self,
        place: tuple[int, int],
        items: list[tuple[Expression, Expression | None]],
        body: list[Statement],
    ) -> None:
        super().__init__(place)
        self.items = items
        self.body = body


class Assert(Statement):
    """`assert test, message`."""

    __slots__ = ("message", "test")

    def __init__(self, place: tuple[int, int], test: Expression, message: Expression | None) -> None:
        super().__init__(place)
        self.test = test
        self.message = message


class Delete(Statement):
    """`del x, y[0]`."""

    __slots__ = ("targets",)

    def __init__(self, place: tuple[int, int], targets: list[Expression]) -> None:
        super().__init__(place)
        self.targets = targets


class Handler(Node):
    """`except kind as name: body`; without a kind it takes every error."""

    __slots__ = ("body", "kind", "name")

    def __init__(
        self, place: tuple[int, int], kind: Expression | None, name: Name | None, body: list[Statement]
    ) -> None:
        super().__init__(place)
        self.kind = kind
        self.name = name
        self.body = body


class Try(Statement):
    """`try: body`, handlers, `else: other`, `finally: last`."""

    __slots__ = ("body", "handlers", "last", "other")

    def __init__(
        self,
        place: tuple[int, int],
        body: list[Statement],
        handlers: list[Handler],
        other: list[Statement],
        last: list[Statement],
    ) -> None:
        super().__init__(place)
        self.body = body
        self.handlers = handlers
        self.other = other
        self.last = last


class Raise(Statement):
    """`raise error`; without one, the error being handled goes on."""

    __slots__ = ("value",)

    def __init__(self, place: tuple[int, int], value: Expression | None) -> None:
        super().__init__(place)
        self.value = value
