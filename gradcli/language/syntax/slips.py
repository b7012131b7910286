"""What is wrong with a text that does not parse, in words that help.

Python's own message is the last resort: it speaks of Python. The words around the place are looked at
first, for the slips that people make (slip rules in `habits`), then Python's message is put plainly.
"""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING

from gradcli.diagnostics import Label, Source, Span, SyntaxFault
from gradcli.language.limits import integer_fault, nesting_fault
from gradcli.language.syntax import fields, habits
from gradcli.language.syntax.scanner import CLOSES, KEYWORDS, scan
from gradcli.language.syntax.words import Word

if TYPE_CHECKING:
    from gradcli.diagnostics import GradcliError
    from gradcli.language.limits import Limits

__all__ = ["explained", "never_closed", "run_together", "wrong_bracket"]

NEAR = 400  # words of a long line that are looked at
FEW = 10  # brackets that are still read at a glance
LONGEST = 40  # characters of a word that a message repeats

# What Python says (the beginning of it), how we say it, and what helps.
PLAINLY = (
    ("expected ':'", "E110", "a `:` is missing", "write `:` at the end of the line that opens a block"),
    ("invalid syntax. Maybe you meant '=='", "E111", "`=` does not compare", "write `==`"),
    (
        "expression cannot contain assignment",
        "E111",
        "`=` does not compare",
        "write `==`, or a plain name before `=`",
    ),
    (
        "cannot assign to",
        "E121",
        "this cannot be assigned to",
        "assign to a name, `x[...]` or `x.name`; to compare write `==`",
    ),
    ("cannot delete", "E127", "`del` takes names and subscripts", "write `del x` or `del d[key]`"),
    (
        "positional argument follows",
        "E112",
        "a value without a name stands after a named one",
        "write the named ones last",
    ),
    (
        "Generator expression must",
        "E112",
        "a generator beside other arguments needs brackets",
        "write `f((... for ...), y)`",
    ),
    (
        "expected an indented block",
        "E113",
        "an indented line is missing here",
        "indent what belongs to the line above, or write `pass`",
    ),
    (
        "unexpected indent",
        "E113",
        "this line is indented, and nothing above asks for it",
        "begin it under the line above",
    ),
    (
        "unindent does not match",
        "E113",
        "this line begins where no line above does",
        "begin it under one of the lines above",
    ),
    ("inconsistent use of tabs", "E113", "tabs and spaces mix in the indentation", "write spaces only"),
    ("leading zeros", "E114", "a whole number does not begin with 0", "leave the zeros out"),
    ("invalid", "E114", "this is no number", ""),
    ("':' expected after dictionary key", "E115", "a key of a dict lacks its value", "write `{key: value}`"),
    (
        "expression expected after dictionary key",
        "E115",
        "a key of a dict lacks its value",
        "write `{key: value}`",
    ),
    (
        "non-default argument follows",
        "E116",
        "a parameter without a default stands after one with",
        "write those with defaults last",
    ),
    (
        "parameter without a default",
        "E116",
        "a parameter without a default stands after one with",
        "write those with defaults last",
    ),
    ("(unicode error)", "E105", "an escape in this string is broken", "write `\\\\` for a backslash"),
    ("(value error)", "E105", "this string cannot be read", ""),
    ("t-string", "E132", "t-strings are not in the language", "give the values to `print` one by one"),
    ("expected 'else'", "E119", "an `else` is missing", "write `a if test else b`"),
    ("bytes can only contain", "E132", "bytes are not in the language", 'write a string: `"..."`'),
    ("'", "E121", "this cannot be assigned to", "assign to a name, `x[...]` or `x.name`"),
)
DEEP = ("too many nested", "too many levels", "too many statically")


def explained(source: Source, limits: Limits, start: int, end: int, error: SyntaxError) -> GradcliError:
    """Returns the error for a text that Python's parser refused, at the place where it did."""
    message = error.msg or ""
    if message.startswith(DEEP):
        return nesting_fault(limits, Span(source, start, max(end, start + 1)))
    if "limit" in message and "digits" in message:
        return integer_fault(limits, Span(source, start, end))
    words = _line(source, limits, max(start, end - 1))  # "forgot a comma" blames from where the value begins
    if not isinstance(error, IndentationError):
        found = habits.found(source, words) or fields.explained(source, limits, words, error)
        if found is not None:
            return found
    if not source.text[start:end].strip():
        start, end = _word_at(source, words, start)
    if message.startswith("positional argument follows"):  # Python blames the bracket after it
        blamed = [word for word in words if word.end <= start]
        start, end = (blamed[-1].start, blamed[-1].end) if blamed else (start, end)
    if message != "invalid syntax":
        for beginning, code, ours, help_ in PLAINLY:
            if message.startswith(beginning) and not message.startswith("invalid syntax. Perhaps"):
                return SyntaxFault(code, ours, span=Span(source, start, end), help=help_)
    return _cannot_stand(source, words, start, end)


def run_together(source: Source, start: int, end: int) -> SyntaxFault:
    """Returns the error for a name or number that begins where a number ends: `3x`."""
    text = source.text
    first = start
    while first > 0 and (text[first - 1].isalnum() or text[first - 1] in "._"):
        first -= 1
    number, word = text[first:start], text[start:end]
    span = Span(source, first, end)
    if word in KEYWORDS:
        return SyntaxFault(
            "E104",
            f"a space is missing between `{number}` and `{word}`",
            span=span,
            help=f"write `{number} {word}`",
        )
    if word[0] in ".0123456789":
        return SyntaxFault("E114", "this is no number", span=span, help="write one decimal point at most")
    return SyntaxFault(
        "E104",
        f"a `*` is missing between `{number}` and `{word}`",
        span=span,
        help=f"write `{number}*{word}`",
    )


def wrong_bracket(source: Source, opened: list[int], start: int) -> SyntaxFault:
    """Returns the error for a bracket that closes another than the last one opened, or none."""
    closing = source.text[start]
    span = Span(source, start, start + 1)
    if not opened:
        return SyntaxFault(
            "E108", f"`{closing}` closes nothing", span=span, help="remove it, or open a bracket before it"
        )
    opening = source.text[opened[-1]]
    return SyntaxFault(
        "E108",
        f"`{closing}` cannot close `{opening}`",
        span=span,
        help=f"write `{CLOSES[opening]}`",
        related=(Label(Span(source, opened[-1], opened[-1] + 1), "opened here"),),
    )


def never_closed(source: Source, opened: list[int]) -> SyntaxFault:
    """Returns the error for brackets still open at the end of the text."""
    last = opened[-1]
    opening = source.text[last]
    missing = "".join(CLOSES[source.text[place]] for place in reversed(opened))
    return SyntaxFault(
        "E108",
        f"`{opening}` is never closed",
        span=Span(source, last, last + 1),
        help=f"write `{missing if len(missing) <= FEW else CLOSES[opening]}` where it ends",
    )


def _line(source: Source, limits: Limits, place: int) -> list[Word]:
    """The words of the line that a place is on: up to the line end that ends its statement.

    Of a very long line, those near the place; a word of kind `more` stands for the rest on either side.
    """
    text = source.text
    line: deque[Word] = deque(maxlen=2 * NEAR)
    after = 0
    for kind, start, end in scan(source, limits):
        if kind == "newline":
            if start >= place:
                break
            line.clear()
            continue
        line.append(Word(kind, text[start:end], start, end))
        after += start > place
        if after > NEAR:
            line.append(Word("more", "", end, end))
            break
    words = list(line)
    if len(words) == line.maxlen:
        words[0] = Word("more", "", words[0].start, words[0].start)
    return words


def _word_at(source: Source, words: list[Word], place: int) -> tuple[int, int]:
    for word in words:
        if word.start <= place < word.end:
            return word.start, word.end
    if words and place >= words[-1].end:
        return words[-1].start, words[-1].end
    return place, min(place + 1, len(source.text))


def _cannot_stand(source: Source, words: list[Word], start: int, end: int) -> SyntaxFault:
    word = next((word for word in words if word.start <= start < word.end), None)
    if word is None or len(word.text) > LONGEST:
        return SyntaxFault("E100", "this is not in the language", span=Span(source, start, end))
    return SyntaxFault("E100", f"`{word.text}` cannot stand here", span=Span(source, word.start, word.end))
