"""What Python has and the language has not: the words for it."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from gradcli.diagnostics import Source, Span, SyntaxFault
from gradcli.language import tree

if TYPE_CHECKING:
    from gradcli.language.syntax.reader import Reader

__all__ = ["called", "refused"]

SHORT = 40  # characters of the user's text that a help line repeats

WORDS: dict[str, tuple[str, str]] = {
    "TemplateStr": ("t-strings are not in the language", "write an f-string"),
    "Await": ("`await` is not in the language", ""),
    "Yield": ("`yield` is not in the language", "return a list"),
    "YieldFrom": ("`yield` is not in the language", "return a list"),
    "Starred": ("`*` before a value spreads it, in a call, a list or a tuple", "write `f(*x)` or `[*x, *y]`"),
    "AsyncFunctionDef": ("`async` is not in the language", ""),
    "AsyncFor": ("`async` is not in the language", ""),
    "AsyncWith": ("`async` is not in the language", ""),
    "Match": ("`match` is not in the language", "write `if` and `elif`"),
    "TryStar": ("`except*` is not in the language", "write `except`"),
    "TypeAlias": ("`type` is not in the language", ""),
    "bytes": ("bytes are not in the language", 'write a string: `"..."`'),
}


def refused(reader: Reader, node: ast.expr | ast.stmt) -> SyntaxFault:
    """Returns the error for a node of Python's tree that has no place in ours."""
    source, place = reader.source, reader.excerpt.place(node)
    span = reader.span(place)
    if isinstance(node, ast.BinOp):
        return _caret(source, place, reader.excerpt.place(node.left)[1])
    if isinstance(node, ast.AugAssign):
        return SyntaxFault(
            "E103", "`^=` is not in the language", span=span, help="for a power write `x = x**2`"
        )
    if isinstance(node, ast.FunctionDef | ast.ClassDef):
        return SyntaxFault("E132", "type parameters are not in the language", span=span)
    name = type(node).__name__
    if isinstance(node, ast.Constant):
        name = type(node.value).__name__
    message, help_ = WORDS.get(name, ("this is not in the language", ""))
    return SyntaxFault("E132", message, span=span, help=help_)


def called(source: Source, place: tuple[int, int], function: tree.Expression) -> SyntaxFault:
    """Returns the error for `2(x + 1)`: what stands before the bracket can be no function."""
    text = source.text
    bracket = text.find("(", function.end, place[1])
    whole, left, right = (
        text[place[0] : place[1]],
        text[place[0] : bracket].rstrip(),
        text[bracket : place[1]],
    )
    span = Span(source, place[0], place[1])
    if isinstance(function, tree.Sequence | tree.Mapping):
        return SyntaxFault(
            "E109", "a comma is missing before `(`", span=span, help=_write(f"{left}, {right}", whole)
        )
    if isinstance(function, tree.Constant) and not isinstance(function.value, int | float | complex):
        return SyntaxFault("E104", f"`{_short(left)}` is not a function", span=span)
    return SyntaxFault(
        "E104",
        f"a `*` is missing between `{_short(left)}` and `(`",
        span=span,
        help=_write(f"{left}*{right}", whole) or "write `*` between them",
    )


def _caret(source: Source, place: tuple[int, int], left_end: int) -> SyntaxFault:
    caret = source.text.find("^", left_end, place[1])
    left, right = source.text[place[0] : caret].rstrip(), source.text[caret + 1 : place[1]].lstrip()
    power = _short(f"{left}**{right}")
    return SyntaxFault(
        "E103",
        "`^` is not in the language",
        span=Span(source, caret, caret + 1),
        label="write `**`",
        help=f"for a power write `{'x**2' if power == 'this' else power}`; for masks `logical_xor(a, b)`",
    )


def _short(text: str) -> str:
    return text if len(text) <= SHORT and "\n" not in text else "this"


def _write(text: str, whole: str) -> str:
    return f"write `{text}`" if len(whole) <= SHORT and "\n" not in whole else ""
