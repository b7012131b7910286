"""What is wrong in a field of an f-string. Python blames a text of its own there, `(a b)` for `{a b}`."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from gradcli.diagnostics import LimitFault, Source, Span, SyntaxFault
from gradcli.language.syntax import habits
from gradcli.language.syntax.scanner import scan
from gradcli.language.syntax.words import Word

if TYPE_CHECKING:
    from gradcli.language.limits import Limits

__all__ = ["explained"]

FIELD = re.compile(r"\{([^{}!:]+)[!:}]")
TEMPLATE = re.compile(r"[rR]?[fF][rR]?['\"]")

# What Python says (the beginning of it, after "f-string: "), how we say it, and what helps.
PLAINLY = (
    ("empty expression", "E119", "nothing stands in this field", "write `{x}`; for brackets `{{}}`"),
    ("valid expression required", "E119", "nothing stands in this field", "write `{x}`; for brackets `{{}}`"),
    ("invalid conversion", "E118", "after `!` stands `r`, `s` or `a`", "write `{x!r}`"),
    ("expecting", "E108", "a field of this f-string is never closed", "write `}`; for a bracket, `{{`"),
    ("single '}'", "E108", "`}` closes no field of this f-string", "for a bracket write `}}`"),
    ("expressions nested", "E132", "a format in a format holds no further field", ""),
    ("expression part cannot include a backslash", "E132", "a field holds no backslash",
     "give the value a name on a line before"),
    ("expression part cannot include '#'", "E132", "a field holds no remark", ""),
    ("unmatched", "E109", "this string ends inside a field",
     "use the other kind of quotes inside: `f\"{d['key']}\"`"),
    ("unterminated", "E109", "this string ends inside a field",
     "use the other kind of quotes inside: `f\"{d['key']}\"`"),
)  # fmt: skip


def explained(source: Source, limits: Limits, words: list[Word], error: SyntaxError) -> SyntaxFault | None:
    """Returns the error for an f-string on a line that did not parse; None if it was something else."""
    message, text = error.msg or "", (error.text or "").strip()
    inner = text[1:-1].strip() if text.startswith("(") and text.endswith(")") else ""
    template = blamed(words, inner)
    if template is None or not (message.startswith("f-string") or inner in template.text):
        return None
    message = message.removeprefix("f-string").lstrip(": ")
    start, end = template.start, template.end
    for field in FIELD.finditer("" if inner else template.text):  # from 3.12 on Python does not say which
        slip = slipped(source, limits, start + field.start(1), start + field.end(1))
        if slip is not None:
            return slip
    for beginning, code, ours, help_ in PLAINLY:
        if message.startswith(beginning):
            return SyntaxFault(code, ours, span=Span(source, start, end), help=help_)
    if inner and inner in template.text:
        start += template.text.index(inner)
        end = start + len(inner)
        slip = slipped(source, limits, start, end)
        if slip is not None:
            return slip
    return SyntaxFault("E100", "this field of an f-string cannot be read", span=Span(source, start, end))


def blamed(words: list[Word], inner: str) -> Word | None:
    """Returns the f-string with a field of that text, or the last one on the line."""
    templates = [word for word in words if word.kind == "string" and TEMPLATE.match(word.text)]
    holding = [word for word in templates if inner and inner in word.text]
    return next(iter(holding or templates[-1:]), None)


def slipped(source: Source, limits: Limits, start: int, end: int) -> SyntaxFault | None:
    """Returns the error for a slip within a field, or None."""
    try:
        found = list(scan(Source(source.name, source.text[start:end]), limits))
    except SyntaxFault as fault:
        told = fault.diagnostic
        span = None if told.span is None else Span(source, start + told.span.start, start + told.span.end)
        return SyntaxFault(told.code, told.message, span=span, help=told.help)
    except LimitFault:
        return None
    words = [Word(kind, source.text[start + a : start + b], start + a, start + b) for kind, a, b in found]
    return habits.found(source, words)
