"""Characters that no program may hold, and what to write instead."""

from __future__ import annotations

import re
import unicodedata

from gradcli.diagnostics import Source, Span, SyntaxFault

__all__ = ["check_name", "stray", "unseen"]

MEANT = {
    "≤": "<=", "≥": ">=", "≠": "!=", "≡": "==", "≈": "isclose(a, b)", "×": "*", "·": "*", "⋅": "*",
    "∙": "*", "∗": "*", "⊙": "*", "÷": "/", "∕": "/", "⁄": "/", "−": "-", "–": "-", "—": "-", "‐": "-",
    "‑": "-", "±": "two expressions, one with + and one with -", "√": "sqrt(x)", "∛": "x**(1/3)",
    "∞": "inf", "…": "...", "∧": "and", "∨": "or", "¬": "not", "∈": "in", "∉": "not in", "←": "=", "≔": "=",
    "∑": "sum(x)", "∏": "prod(x)", "‖": "norm(x)", "⌊": "floor(x)", "⌋": "floor(x)", "⌈": "ceil(x)",
    "⌉": "ceil(x)", "∘": "f(g(x))", "⊗": "outer(a, b)", "°": "deg2rad(x)", "½": "0.5", "¼": "0.25",
    "¾": "0.75", "′": "x.T", "″": "x.T", "ᵀ": "x.T", "∣": "abs(x)", "“": '"', "”": '"', "„": '"', "«": '"',
    "»": '"', "‘": "'", "’": "'", "‚": "'", "´": "'", "\\": "/", "$": "a plain name",
    "?": "a if test else b", "`": "'",
}  # fmt: skip
SUPERSCRIPTS = dict(zip("⁰¹²³⁴⁵⁶⁷⁸⁹", "0123456789", strict=True))
SUBSCRIPTS = dict(zip("₀₁₂₃₄₅₆₇₈₉", "0123456789", strict=True))
NAMED = {"π": "pi", "ℯ": "e", "∂": "the gradient table", "∇": "the gradient table", "∫": "the antiderivative"}
PREFIX = re.compile(r"(?<!\w)(?:[fF][rR]?|[rR][fF]?)$")
QUOTES = "'\"’′´‘"


def stray(source: Source, start: int) -> SyntaxFault:
    """Returns the error for a character that begins no word of the language."""
    text = source.text
    character = text[start]
    follows_operand = start > 0 and (text[start - 1].isalnum() or text[start - 1] in "_)]}.'")
    # `f'` is an f-string that goes on to the end of the line, `f'(x)` somebody's derivative.
    opens = PREFIX.search(text, max(start - 3, 0), start) and not text.startswith("(", start + 1)
    if character in QUOTES and follows_operand and not opens:
        return SyntaxFault(
            "E106",
            f"`{character}` after a value is not in the language",
            span=Span(source, start, start + 1),
            help="for the transpose write `x.T`; the derivative is what gradcli works out itself",
        )
    if character in "'\"":
        return _open_string(source, start)
    return _character(source, start)


def check_name(source: Source, start: int, end: int) -> None:
    """Refuses a name with letters that Python would read as others, or that are no letters at all.

    Python compares names in the normal form NFKC: what looks like two names may be one. So a name is
    taken only if it is written in that form.

    Raises:
        SyntaxFault: the name is not taken.
    """
    name = source.text[start:end]
    for offset, character in enumerate(name):
        if character in MEANT or character in SUPERSCRIPTS or character in SUBSCRIPTS or character in NAMED:
            raise _character(source, start + offset)
    plain = unicodedata.normalize("NFKC", name)
    if plain != name:
        raise SyntaxFault(
            "E107",
            f"the name {_shown(name)} is read as `{plain}`",
            span=Span(source, start, end),
            help=f"write `{plain}`",
        )
    if not name.isidentifier():
        offset = next(offset for offset in range(1, len(name) + 1) if not name[:offset].isidentifier()) - 1
        raise _character(source, start + offset)


def _open_string(source: Source, start: int) -> SyntaxFault:
    text = source.text
    quote = text[start] * 3 if text.startswith(text[start] * 3, start) else text[start]
    end = start
    while end < len(text) and text[end] not in "\r\n":
        end += 1
    return SyntaxFault(
        "E105",
        "this string never ends",
        span=Span(source, start, end),
        label=f"the closing {quote} is missing",
        help=f"write {quote} where the string ends, on the same line"
        if len(quote) == 1
        else f"write {quote} where it ends",
    )


def _character(source: Source, start: int) -> SyntaxFault:
    character = source.text[start]
    end = start + 1
    if character in SUPERSCRIPTS:
        while end < len(source.text) and source.text[end] in SUPERSCRIPTS:
            end += 1
        power = "".join(SUPERSCRIPTS[digit] for digit in source.text[start:end])
        meant, help_ = f"**{power}", f"write `x**{power}`"
    elif character in SUBSCRIPTS:
        meant, help_ = (
            SUBSCRIPTS[character],
            f"for a name write `x{SUBSCRIPTS[character]}`, for an element `x[...]`",
        )
    elif character in NAMED:
        named = NAMED[character]
        meant, help_ = named, f"write `{named}`" if named.isidentifier() else f"gradcli shows it: see {named}"
    elif character in MEANT:
        meant = MEANT[character]
        help_ = (
            f"write {meant}"
            if " " in meant and "(" not in meant and "if" not in meant
            else f"write `{meant}`"
        )
    else:
        return unseen(source, start)
    return SyntaxFault(
        "E101", f"{_shown(character)} is not in the language", span=Span(source, start, end), help=help_
    )


def unseen(source: Source, start: int) -> SyntaxFault:
    """Returns the error for a character that is no letter, sign or plain blank."""
    character = source.text[start]
    span = Span(source, start, start + 1)
    plain = unicodedata.normalize("NFKC", character)
    category = unicodedata.category(character)
    if category == "Zs":
        return SyntaxFault(
            "E102", f"{_shown(character)} is no plain space", span=span, help="write a plain space"
        )
    if category[0] == "C" or category in ("Zl", "Zp", "Mn"):
        return SyntaxFault(
            "E102",
            f"{_shown(character)} cannot be seen, and is not in the language",
            span=span,
            help="remove it",
        )
    if len(plain) == 1 and " " < plain <= "~":
        return SyntaxFault(
            "E101", f"{_shown(character)} is not in the language", span=span, help=f"write `{plain}`"
        )
    return SyntaxFault("E101", f"{_shown(character)} is not in the language", span=span)


def _shown(text: str) -> str:
    """The text in backticks, a character beyond ASCII with its name; what cannot be seen is escaped."""
    if text == "`":
        return "a backquote"
    if len(text) > 1 or text.isascii():
        return f"`{text}`" if text.isprintable() else f"U+{ord(text):04X}"
    name = unicodedata.name(text, "").lower()
    code = f"U+{ord(text):04X}"
    shown = f"`{text}`" if text.isprintable() and unicodedata.category(text)[0] not in "MCZ" else code
    return f"{shown} ({name})" if name else shown
