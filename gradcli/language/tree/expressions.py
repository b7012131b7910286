"""The checked tree, expressions: in normal form, each node knowing its place.

`start` and `end` count characters of the source. Nothing of Python's own tree survives here, so that
whoever walks this tree meets only what the language allows, on every version of Python.

A chain of left-associative operators is one flat node however long it is: neither the compiler nor the
compiled program recurses along it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from gradcli.language.scope import Scope
    from gradcli.language.tree.statements import Statement


class Node:
    """A piece of the program, from character `start` to `end` (exclusive)."""

    __slots__ = ("end", "start")

    def __init__(self, place: tuple[int, int]) -> None:
        self.start, self.end = place


class Expression(Node):
    """What has a value."""

    __slots__ = ()


class Constant(Expression):
    """A number, a string, True, False, None or `...`."""

    __slots__ = ("value",)

    def __init__(self, place: tuple[int, int], value: Any) -> None:
        self.start, self.end = place
        self.value = value


class Name(Expression):
    """A variable, read or bound."""

    __slots__ = ("name",)

    def __init__(self, place: tuple[int, int], name: str) -> None:
        self.start, self.end = place
        self.name = name


class Link:
    """One step of a chain: `symbol right`; its place begins where the chain does."""

    __slots__ = ("end", "right", "start", "symbol")

    def __init__(self, place: tuple[int, int], symbol: str, right: Expression) -> None:
        self.start, self.end = place
        self.symbol = symbol
        self.right = right


class Chain(Expression):
    """`first + a - b * ...`, as the left-associative operators apply one after the other."""

    __slots__ = ("first", "links")

    def __init__(self, place: tuple[int, int], first: Expression, links: list[Link]) -> None:
        self.start, self.end = place
        self.first = first
        self.links = links


class Unary(Expression):
    """`-x`, `+x`, `~x` or `not x`."""

    __slots__ = ("operand", "symbol")

    def __init__(self, place: tuple[int, int], symbol: str, operand: Expression) -> None:
        super().__init__(place)
        self.symbol = symbol
        self.operand = operand


class Boolean(Expression):
    """`a and b and ...` or `a or b or ...`; `symbol` is the word."""

    __slots__ = ("operands", "symbol")

    def __init__(self, place: tuple[int, int], symbol: str, operands: list[Expression]) -> None:
        super().__init__(place)
        self.symbol = symbol
        self.operands = operands


class Compare(Expression):
    """`first < a <= b ...`: each neighbour compared with the next."""

    __slots__ = ("first", "links")

    def __init__(self, place: tuple[int, int], first: Expression, links: list[Link]) -> None:
        super().__init__(place)
        self.first = first
        self.links = links


class Conditional(Expression):
    """`body if test else other`."""

    __slots__ = ("body", "other", "test")

    def __init__(self, place: tuple[int, int], test: Expression, body: Expression, other: Expression) -> None:
        super().__init__(place)
        self.test = test
        self.body = body
        self.other = other


class Call(Expression):
    """`function(arguments, name=...)`; a Starred argument spreads, a keyword named None spreads a dict."""

    __slots__ = ("arguments", "function", "keywords")

    def __init__(
        self,
        place: tuple[int, int],
        function: Expression,
        arguments: list[Expression],
        keywords: list[tuple[str | None, Expression]],
    ) -> None:
        super().__init__(place)
        self.function = function
        self.arguments = arguments
        self.keywords = keywords


class Attribute(Expression):
    """`value.name`."""

    __slots__ = ("name", "value")

    def __init__(self, place: tuple[int, int], value: Expression, name: str) -> None:
        super().__init__(place)
        self.value = value
        self.name = name


class Subscript(Expression):
    """`value[key]`."""

    __slots__ = ("key", "value")

    def __init__(self, place: tuple[int, int], value: Expression, key: Expression) -> None:
        super().__init__(place)
        self.value = value
        self.key = key


class Slice(Expression):
    """`lower:upper:step` inside a subscript."""

    __slots__ = ("lower", "step", "upper")

    def __init__(
        self,
        place: tuple[int, int],
        lower: Expression | None,
        upper: Expression | None,
        step: Expression | None,
    ) -> None:
        super().__init__(place)
        self.lower = lower
        self.upper = upper
        self.step = step


class Starred(Expression):
    """`*value`, in a call, a list, a tuple or a target."""

    __slots__ = ("value",)

    def __init__(self, place: tuple[int, int], value: Expression) -> None:
        super().__init__(place)
        self.value = value


class Bind(Expression):
    """`target := value`, which is the value."""

    __slots__ = ("target", "value")

    def __init__(self, place: tuple[int, int], target: Name, value: Expression) -> None:
        super().__init__(place)
        self.target = target
        self.value = value


class Sequence(Expression):
    """A list, a tuple or a set, as a value, the first two as a target; `kind` is the word."""

    __slots__ = ("items", "kind")

    def __init__(self, place: tuple[int, int], kind: str, items: list[Expression]) -> None:
        super().__init__(place)
        self.kind = kind
        self.items = items


class Mapping(Expression):
    """A dict; a key that is None spreads the dict beside it."""

    __slots__ = ("items",)

    def __init__(self, place: tuple[int, int], items: list[tuple[Expression | None, Expression]]) -> None:
        super().__init__(place)
        self.items = items


class Clause:
    """`for target in source if a if b` of a comprehension."""

    __slots__ = ("source", "target", "tests")

    def __init__(self, target: Expression, source: Expression, tests: list[Expression]) -> None:
        self.target = target
        self.source = source
        self.tests = tests


class Comprehension(Expression):
    """`[item for ...]`, `(item for ...)`, `{item for ...}` or `{key: item for ...}`.

    The kind is `list`, `generator`, `set` or `dict`.

    Its scope holds the targets; the first source is evaluated outside of it.
    """

    __slots__ = ("clauses", "item", "key", "kind", "scope")

    def __init__(  # noqa: PLR0913 - the parts of a comprehension
        self,
        place: tuple[int, int],
        kind: str,
        key: Expression | None,
        item: Expression,
        clauses: list[Clause],
        scope: Scope,
    ) -> None:
        super().__init__(place)
        self.kind = kind
        self.key = key
        self.item = item
        self.clauses = clauses
        self.scope = scope


class Parameters:
    """What a function takes; defaults belong to the last of `positional`, and by name to `keyword_only`."""

    __slots__ = (
        "collect",
        "collect_keywords",
        "defaults",
        "keyword_defaults",
        "keyword_only",
        "nameless",
        "positional",
    )

    def __init__(  # noqa: PLR0913 - the parts of a parameter list
        self,
        positional: tuple[str, ...],
        nameless: int,
        keyword_only: tuple[str, ...],
        collect: str | None,
        collect_keywords: str | None,
        defaults: list[Expression],
        keyword_defaults: dict[str, Expression],
    ) -> None:
        self.positional = positional
        self.nameless = nameless  # how many of `positional` cannot be given by name
        self.keyword_only = keyword_only
        self.collect = collect
        self.collect_keywords = collect_keywords
        self.defaults = defaults
        self.keyword_defaults = keyword_defaults


class Function(Expression):
    """A lambda, or what a `def` binds: `body` is an expression or statements."""

    __slots__ = ("body", "name", "parameters", "scope")

    def __init__(
        self,
        place: tuple[int, int],
        name: str,
        parameters: Parameters,
        body: Expression | list[Statement],
        scope: Scope,
    ) -> None:
        super().__init__(place)
        self.name = name
        self.parameters = parameters
        self.body = body
        self.scope = scope
