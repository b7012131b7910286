"""A program: text that has been read and checked, not yet run."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from gradcli.diagnostics import Source, Span, SyntaxFault
from gradcli.language import tree
from gradcli.language.limits import Limits, text_fault
from gradcli.language.room import collection_paused, deep_enough
from gradcli.language.syntax.cuts import cut_up
from gradcli.language.syntax.reader import Reader

if TYPE_CHECKING:
    from gradcli.language.scope import Scope

__all__ = ["Program", "parse", "parse_value"]

DEFAULT = Limits()
BLANKS = " \t\f"
BLANK_LINE = r"[ \t\f]*(?:#[^\r\n]*)?(?:\r\n|\r|\n)"  # compiled where a text begins with one


class Program:
    """A checked program.

    Attributes:
        source: its text.
        limits: what it may ask for when it runs.
        statements: the checked tree, in order.
        scope: the names that the program binds and those it expects to find.
    """

    __slots__ = ("limits", "scope", "source", "statements")

    def __init__(
        self, source: Source, limits: Limits, statements: list[tree.Statement], scope: Scope
    ) -> None:
        self.source = source
        self.limits = limits
        self.statements = statements
        self.scope = scope

    def free_names(self) -> tuple[str, ...]:
        """Returns the variables that are read before the program binds them, in order of appearance.

        A name that is only ever called is not among them (see `free_functions`); one that the host knows
        may be (`torch` in `torch.mean(x)`, `pi`).
        """
        return self._free(called=False)

    def free_functions(self) -> tuple[str, ...]:
        """Returns the names that are called, never otherwise read, and bound nowhere before."""
        return self._free(called=True)

    def first_read(self, name: str) -> Span:
        """Returns where a free name is first read."""
        return Span(self.source, *self.scope.free[name][0])

    def span(self, node: tree.Node) -> Span:
        """Returns where a node of the tree stands."""
        return Span(self.source, node.start, node.end)

    def text(self, node: tree.Node) -> str:
        """Returns the text of a node of the tree."""
        return self.source.text[node.start : node.end]

    def _free(self, *, called: bool) -> tuple[str, ...]:
        free = self.scope.free
        return tuple(
            sorted((name for name in free if free[name][1] is called), key=lambda name: free[name][0])
        )


def parse(source: Source, limits: Limits = DEFAULT) -> Program:
    """Returns the checked program behind a text.

    Lines and `;` separate statements; a text that is indented as a whole is taken as it stands.

    Raises:
        SyntaxFault: the text is not a program of the language; the error says where and what to write.
        LimitFault: it is too long, nested too deeply, or holds too long a number.
    """
    if len(source.text) > limits.text:
        raise text_fault(len(source.text), limits)
    reader = Reader(source, limits)
    statements: list[tree.Statement] = []
    indented = begins_indented(source.text)
    with collection_paused(len(source.text)), deep_enough():
        for cut in cut_up(source, limits):
            statements += reader.batch(cut, indented=indented)
    reader.scope.close()
    return Program(source, limits, statements, reader.scope)


def parse_value(source: Source, limits: Limits = DEFAULT) -> Program:
    """Returns the program behind a text that must be a single expression, such as the value of an option.

    Raises:
        SyntaxFault, LimitFault: as `parse` does; the former also if the text is no single expression.
    """
    program = parse(source, limits)
    if len(program.statements) == 1 and isinstance(program.statements[0], tree.Evaluate):
        return program
    extra = next((s for s in program.statements if not isinstance(s, tree.Evaluate)), None)
    if extra is None and len(program.statements) > 1:
        extra = program.statements[1]
    span = Span(source, 0, len(source.text)) if extra is None else program.span(extra)
    message = "a value stands here, one expression" if program.statements else "a value is missing"
    raise SyntaxFault("E131", message, span=span, help="write for example `[1, 2, 3]` or `randn(3, 3)`")


def begins_indented(text: str) -> bool:
    """Returns whether the first line that says something begins with blanks."""
    if text[:1] not in f"{BLANKS}\r\n#":
        return False
    start, blank_line = 0, re.compile(BLANK_LINE)
    while blank := blank_line.match(text, start):
        start = blank.end()
    return start < len(text) and text[start] in BLANKS and bool(text[start:].strip(BLANKS))
