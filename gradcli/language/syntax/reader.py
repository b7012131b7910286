"""Reads Python's tree into ours: only what is listed here is in the language.

Every node passes through `expression`, `statement` or `target`, which look it up in a table; what stands
in no table is refused; only a statement that is an expression needs none. Every name that is bound passes
through `bind`, every name at all through `identifier`, but the few of Python's own that syntax/reserved.py
lists.
"""

from __future__ import annotations

import ast
from functools import cache
from typing import TYPE_CHECKING, Any

from gradcli.diagnostics import Span, SyntaxFault
from gradcli.language import tree
from gradcli.language.limits import DEEPEST, SCOPES, nesting_fault
from gradcli.language.scope import Scope
from gradcli.language.syntax.excerpt import Excerpt, placeholder, placeholder_prefix
from gradcli.language.syntax.expressions import EXPRESSIONS
from gradcli.language.syntax.reserved import DEFINABLE, is_reserved

if TYPE_CHECKING:
    from collections.abc import Callable

    from gradcli.diagnostics import Source
    from gradcli.language.limits import Limits
    from gradcli.language.syntax.cuts import Cut

__all__ = ["Reader"]


class Reader:
    """Where reading stands.

    Attributes:
        source, limits: the text and its budget.
        excerpt: the piece that the current nodes come from.
        scope: the scope that names are read and bound in.
        loops: how many loops of the current function are around us, for `break`.
    """

    def __init__(self, source: Source, limits: Limits) -> None:
        self.source = source
        self.limits = limits
        self.scope = Scope("module")
        self.loops = 0
        self.excerpt: Excerpt
        self._prefix = placeholder_prefix(source.text)
        self._finished: dict[str, tree.Expression] = {}
        self._depth = 0

    def batch(self, cut: Cut, *, indented: bool = False) -> list[tree.Statement]:
        """Returns the statements of one piece of the program."""
        if indented:
            # A program that is indented as a whole is taken as a block, and its lines keep their places.
            self.excerpt = Excerpt(self.source, cut, self._prefix, "if 1:\n", "")
            statements = self._parsed("exec").body
            if len(statements) == 1 and not statements[0].orelse:
                return self.block(statements[0].body)
        self.excerpt = Excerpt(self.source, cut, self._prefix, "", "")
        return self.block(self._parsed("exec").body)

    def block(self, statements: list[ast.stmt]) -> list[tree.Statement]:
        """Returns the statements of a body."""
        self._deeper(statements[0] if statements else None)
        done = [self.statement(statement) for statement in statements]
        self._depth -= 1
        return done

    def statement(self, node: ast.stmt) -> tree.Statement:
        """Returns a checked statement."""
        if type(node) is ast.Expr:
            return tree.Evaluate(self.excerpt.place(node), self.expression(node.value))
        read = readers_of_statements().get(type(node))
        if read is None:
            raise self.refusal(node)
        return read(self, node)

    def expression(self, node: ast.expr) -> tree.Expression:
        """Returns a checked expression, in the place where a value is read."""
        read = EXPRESSIONS.get(type(node))
        if read is None:
            raise self.refusal(node)
        self._deeper(node)
        done = read(self, node)
        self._depth -= 1
        return done

    def enter(self, kind: str, place: tuple[int, int]) -> Scope:
        """Returns a new scope inside the current one."""
        if self.scope.depth >= SCOPES:
            raise nesting_fault(self.limits, self.span(place))
        return Scope(kind, self.scope)

    def optional(self, node: ast.expr | None) -> tree.Expression | None:
        """Returns a checked expression, or None where there is none."""
        return None if node is None else self.expression(node)

    def target(self, node: ast.expr) -> tree.Expression:
        """Returns the checked place that a value is bound to: the one door for every binding."""
        if type(node) is ast.Name:
            return self.bind(node.id, self.excerpt.place(node))
        place = self.excerpt.place(node)
        if isinstance(node, ast.Attribute):
            self.identifier(
                node.attr, (place[1] - len(node.attr), place[1])
            )  # more than may be read is refused
            return self.expression(node)
        if isinstance(node, ast.Subscript):
            return self.expression(node)
        if isinstance(node, ast.Tuple | ast.List):
            self._deeper(node)
            items = [self.target(item) for item in node.elts]
            self._depth -= 1
            stars = [item for item in items if type(item) is tree.Starred]
            if len(stars) > 1:
                raise self.fault("E120", "two starred names cannot share one assignment", stars[1])
            return tree.Sequence(place, "tuple", items)
        if type(node) is ast.Starred:
            if isinstance(node.value, ast.Starred):
                raise self.fault("E120", "a name takes one star here", place)
            return tree.Starred(place, self.target(node.value))
        raise self.refusal(node)

    def bind(self, name: str, place: tuple[int, int], scope: Scope | None = None) -> tree.Name:
        """Returns the name bound at a place, noted in the current scope or the one that is given."""
        self.variable(name, place)
        (scope or self.scope).bind(name)
        return tree.Name(place, name)

    def variable(self, name: str, place: tuple[int, int]) -> str:
        """Returns a name that programs may read or bind here; in a class, methods such as `__init__` too."""
        if self.scope.kind == "class" and name in DEFINABLE:
            return name
        return self.identifier(name, place)

    def identifier(self, name: str, place: tuple[int, int]) -> str:
        """Returns a name that programs may use for variables, attributes and keywords."""
        if name in self.excerpt.holes:
            raise self.fault("E121", "a value cannot be assigned to an expression", place)
        if is_reserved(name):
            raise self.fault(
                "E122",
                f"names that begin with two underscores are not in the language: `{name}`",
                place,
                advice=f"call it `{name.strip('_')}`",
            )
        return name

    def name_place(self, name: str, place: tuple[int, int], keyword: int) -> tuple[int, int]:
        """Returns where a name stands after a keyword of so many characters: Python's tree does not tell."""
        start = self.source.text.find(name, place[0] + keyword, place[1])
        return (start, start + len(name)) if start >= 0 else place

    def hole(self, name: str) -> tree.Expression:
        """Returns the tree behind a placeholder: innermost cut first, each the beginning of the next."""
        if name in self._finished:
            return self._finished.pop(name)
        outside = self.excerpt
        nest = [outside.holes[name]]
        while nest[-1].holes and nest[-1].holes[0].start == nest[-1].start:
            nest.append(nest[-1].holes[0])
        for cut in reversed(nest):
            self.excerpt = Excerpt(self.source, cut, self._prefix, "(", ")")
            self._finished[placeholder(self._prefix, cut)] = self.expression(self._parsed("eval").body)
        self.excerpt = outside
        return self._finished.pop(name)

    def fault(self, code: str, message: str, at: Any, *, advice: str = "") -> SyntaxFault:
        """Returns an error about a place: a pair of characters, or a node of our tree."""
        span = self.span(at if isinstance(at, tuple) else (at.start, at.end))
        return SyntaxFault(code, message, span=span, help=advice)

    def span(self, place: tuple[int, int]) -> Span:
        """Returns a place as a span: of a block, its first line."""
        text = self.source.text[place[0] : place[1]]
        return Span(
            self.source, place[0], place[0] + len(text.splitlines()[0].rstrip()) if text else place[1]
        )

    def refusal(self, node: ast.expr | ast.stmt) -> SyntaxFault:
        """Returns the error for what Python has and the language has not."""
        from gradcli.language.syntax import refusals  # the words for errors are read only for one

        return refusals.refused(self, node)

    def _parsed(self, mode: str) -> Any:
        try:
            return self.excerpt.parse(self.limits, mode=mode)
        except SyntaxError as error:
            from gradcli.language.syntax import slips  # the words for errors are read only for one

            raise slips.explained(self.source, self.limits, *self.excerpt.blamed(error), error) from None

    def _deeper(self, node: ast.expr | ast.stmt | None) -> None:
        self._depth += 1
        if self._depth > DEEPEST and node is not None:
            start, _ = self.excerpt.place(node)
            raise nesting_fault(self.limits, Span(self.source, start, start + 1))


@cache
def readers_of_statements() -> dict[type[ast.stmt], Callable[[Reader, Any], tree.Statement]]:
    """Returns what reads each statement but the expression, which does without."""
    from gradcli.language.syntax.statements import STATEMENTS

    return STATEMENTS
