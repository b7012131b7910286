"""The slips that people make: mathematics as on paper, and the spelling of other languages.

Each rule looks at one place in a line that did not parse, and returns an error or None; the leftmost
place that a rule knows is the one reported. Nothing a rule matches is ever right, so it cannot blame
what is well.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from gradcli.language.syntax.words import LONGEST, Line, Word, short

if TYPE_CHECKING:
    from collections.abc import Callable

    from gradcli.diagnostics import Source, SyntaxFault

__all__ = ["found"]

PAIRS = {
    ("=", "="): "==", ("==", "="): "==", ("=", "=="): "==", ("!=", "="): "!=", ("=", ">"): ">=",
    ("=", "<"): "<=", ("<", ">"): "!=", (">", "="): ">=", ("<", "="): "<=", ("!", "="): "!=",
    ("=", "!"): "!=", ("*", "*"): "**", ("/", "/"): "//", (":", "="): "=", ("&", "&"): "and",
    ("|", "|"): "or",
}  # fmt: skip
MEANT = {"~=": "!="}
FUNCTIONS = frozenset({
    "abs", "sqrt", "exp", "log", "log2", "log10", "sin", "cos", "tan", "asin", "acos", "atan", "sinh",
    "cosh", "tanh", "sigmoid", "relu", "softmax", "sum", "mean", "prod", "max", "min", "norm", "det", "inv",
    "floor", "ceil", "round", "sign", "erf", "print", "len",
})  # fmt: skip
BLOCKS = frozenset({"for", "while", "if", "def", "with", "try", "class"})
NAMELIKE = frozenset(
    {"lambda", "in", "is", "class", "def", "for", "from", "global", "import", "with", "as", "del", "pass"}
)
BINARY = frozenset({
    "+", "-", "*", "/", "//", "%", "**", "@", "&", "<", ">", "<=", ">=", "==", "!=", "and", "or", "=", "+=",
    "-=", "*=", "/=", "**=", "<<", ">>", "in", "is", "not",
})  # fmt: skip
BESIDE = frozenset({"name", "number", "string", "dots"})
STOPS = frozenset({",", ";", ":", "else"})
TWO_WORDS = frozenset({("is", "not"), ("not", "in")})
TRANSPOSE = "for the transpose write `x.T`"
UNSIGNED = BINARY - {"+", "-", "not"}  # these three may begin a value as well


def found(source: Source, words: list[Word]) -> SyntaxFault | None:
    """Returns the error for the leftmost slip in a line that did not parse, or None."""
    line = Line(source, words)
    for line.at, word in enumerate(words):
        if word.kind == "close" and line.around:
            line.around.pop()
        for rule in RULES:
            fault = rule(line, word, line.word(1))
            if fault is not None:
                return fault
        if word.kind == "open":
            line.around.append(word.text)
    return None


def exclamation(line: Line, word: Word, following: Word | None) -> SyntaxFault | None:
    if word.text != "!" or (following is not None and following.text == "="):
        return None
    before = line.word(-1)
    if before is not None and before.ends_operand:
        return line.fault("E117", "`!` is no factorial here", word, advice="write `exp(lgamma(x + 1))`")
    return line.fault("E117", "`!` is not in the language", word, advice="write `not x`, or `~x` for a mask")


def bars(line: Line, word: Word, following: Word | None) -> SyntaxFault | None:
    before = line.word(-1)
    if word.text != "|" or (before is not None and before.ends_operand):
        return None
    double = following is not None and following.text == "|"
    inside = 2 if double else 1
    rest = line.words[line.at + inside :]
    last = next((other for other in rest if other.text == "|"), None)
    text = (
        line.source.text[rest[0].start : last.start].strip() if rest and last and last is not rest[0] else "x"
    )
    text = text if len(text) <= LONGEST else "x"
    function = "norm" if double else "abs"
    return line.fault("E117", "bars are no brackets", word, advice=f"write `{function}({text})`")


def pair(line: Line, word: Word, following: Word | None) -> SyntaxFault | None:
    if following is None or (word.text, following.text) not in PAIRS:
        return None
    before = line.word(-1)
    if word.text in ("*", "|") and (before is None or not before.ends_operand):
        return None  # `f(* *x)` and `||x||` are other matters
    meant = PAIRS[word.text, following.text]
    text = line.source.text[word.start : following.end]
    if meant in ("and", "or"):
        help_ = f"write `{meant}`, or a single `{word.text}` for masks"
    elif text == "= =":
        help_ = "to compare write `==`, to assign `=`"
    else:
        help_ = f"write `{meant}`"
    return line.fault("E118", f"`{text}` is not in the language", word, following, help_)


def increment(line: Line, word: Word, following: Word | None) -> SyntaxFault | None:
    before, after = line.word(-1), line.word(2)
    if word.text not in ("+", "-") or following is None or following.text != word.text:
        return None
    if before is None or not before.ends_operand or (after is not None and after.begins_operand):
        return None
    help_ = f"write `{before.text} {word.text}= 1`" if before.kind == "name" else ""
    return line.fault("E118", f"`{word.text * 2}` is not in the language", word, following, help_)


def unlike(line: Line, word: Word, following: Word | None) -> SyntaxFault | None:
    if word.text in MEANT:
        return line.fault(
            "E118", f"`{word.text}` is not in the language", word, advice=f"write `{MEANT[word.text]}`"
        )
    if word.text == "^":
        return line.fault("E103", "`^` is not in the language", word, advice="for a power write `x**2`")
    if word.text == "else" and following is not None and following.text == "if":
        return line.fault("E118", "`else if` is not in the language", word, following, "write `elif`")
    if word.text == "catch" and line.at == 0 and line.words[-1].text == ":":
        return line.fault("E118", "`catch` is not in the language", word, advice="write `except`")
    if word.text == "/" and following is not None and following.text == "*" and word.end == following.start:
        return line.fault("E118", "`/*` is not in the language", word, following, "a remark begins with `#`")
    return None


def dotted(line: Line, word: Word, following: Word | None) -> SyntaxFault | None:
    before = line.word(-1)
    if word.kind != "dot":
        return None
    if following is None or following.kind not in ("name", "word"):
        if following is not None and following.text in ("*", "/", "**", "^", "@") and before is not None:
            meant = "**" if following.text == "^" else following.text
            return line.fault(
                "E118",
                f"`.{following.text}` is not in the language",
                word,
                following,
                f"write `{meant}`: it is elementwise",
            )
        return line.fault("E119", "a name must follow `.`", word)
    if following.kind == "word":
        return line.fault(
            "E133", f"`{following.text}` is a word of the language, and names nothing", following
        )
    return None


def named_by_keyword(line: Line, word: Word, following: Word | None) -> SyntaxFault | None:
    if word.kind != "word" or word.text not in NAMELIKE:
        return None
    before = line.word(-1)
    if word.text == "lambda":
        taken = not any(other.text == ":" for other in line.words[line.at :])
    else:
        assigned = following is not None and following.text in ("=", "+=", "-=", "*=", "/=")
        value = (following is None or following.kind == "close" or following.text in BINARY - {"not"}) and (
            before is not None and before.text in BINARY | {"(", "[", ","}
        )
        taken = assigned or value
    if not taken:
        return None
    return line.fault(
        "E133",
        f"`{word.text}` is a word of the language, and names nothing",
        word,
        advice=f"call it `{word.text}_`",
    )


def block_in_line(line: Line, word: Word, following: Word | None) -> SyntaxFault | None:
    if word.text not in (";", ":") or following is None or following.text not in BLOCKS or line.around:
        return None
    return line.fault(
        "E134", f"`{following.text}` begins a line of its own", following, advice="write it on a new line"
    )


def juxtaposed(line: Line, word: Word, following: Word | None) -> SyntaxFault | None:
    if following is None or not word.ends_operand or following.kind not in BESIDE:
        return None
    kinds = {word.kind, following.kind}
    if kinds == {"string"}:
        return None
    if following.text[0] == "'" and word.end == following.start:
        quote = Word("op", "'", word.end, word.end + 1)
        return line.fault("E106", "`'` after a value is not in the language", quote, advice=TRANSPOSE)
    code, message, advice = _missing_between(line, word, following, kinds)
    return line.fault(code, message, word, following, advice)


def _missing_between(line: Line, word: Word, following: Word, kinds: set[str]) -> tuple[str, str, str]:
    """What is missing between two values side by side: code, message, advice."""
    left, right, value = short(word.text), short(following.text), line.operand(1)
    bracket = line.around[-1] if line.around else ""
    if word.kind == "name" and word.text in FUNCTIONS:
        argument = "..." if following.kind == "string" else value
        return "E104", f"the argument of `{left}` needs brackets", f"write `{left}({argument})`"
    if bracket in ("[", "{") or (bracket and "string" in kinds) or kinds == {"number"}:
        return "E109", f"a comma is missing between `{left}` and `{right}`", f"write `{left}, {value}`"
    if "string" in kinds:
        return "E109", f"`{left}` and `{right}` stand side by side", ""
    message = f"a `*` is missing between `{left}` and `{right}`"
    if word.kind == "close":
        return "E104", message, "write `*` between them"
    return (
        "E104",
        message,
        f"write `{left}*{value}`" + (f", or `{left}, {value}` for two arguments" if bracket else ""),
    )


def separators(line: Line, word: Word, following: Word | None) -> SyntaxFault | None:
    before = line.word(-1)
    if word.text == "," and following is not None and following.text == ",":
        return line.fault("E119", "nothing stands between two commas", word, following)
    if word.text == ";" and (before is None or before.text == ";"):
        return line.fault("E119", "nothing stands before `;`", word, advice="leave it out")
    return None


def bound(line: Line, word: Word, _following: Word | None) -> SyntaxFault | None:
    if word.text != ":=" or line.at != 1:
        return None
    return line.fault("E118", "`:=` stands in brackets only", word, advice="write `=`")


def quoted_inside(line: Line, word: Word, following: Word | None) -> SyntaxFault | None:
    if word.kind != "string" or following is None or word.end != following.start:
        return None
    if "f" not in word.text[:2].lower() or word.text.count("{") <= word.text.count("}"):
        return None
    return line.fault(
        "E109",
        "this string ends inside a field",
        word,
        advice="use the other kind of quotes inside: `f\"{d['key']}\"`",
    )


def unfinished(line: Line, word: Word, following: Word | None) -> SyntaxFault | None:
    if word.text not in ("import", "from", "class", "def") or following is not None:
        return None
    return line.fault("E119", f"a name is missing after `{word.text}`", word)


def lonely(line: Line, word: Word, following: Word | None) -> SyntaxFault | None:
    if word.text not in BINARY or _spreads(line, word, following):
        return None
    before = line.word(-1)
    if (
        following is None
        or following.kind == "close"
        or following.text in STOPS
        or (following.text in UNSIGNED and (word.text, following.text) not in TWO_WORDS)
    ):
        if following is not None and following.text == "@":
            return line.fault(
                "E119",
                f"nothing stands between `{word.text}` and `@`",
                word,
                advice="a file is a whole value: bind it (-c g=@g.npy), and write the name here",
            )
        return line.fault("E119", f"nothing stands after `{word.text}`", word)
    starts = before is None or before.kind == "open" or before.text in (",", ";", "return")
    if starts and word.text in UNSIGNED:
        return line.fault("E119", f"nothing stands before `{word.text}`", word)
    return None


def _spreads(line: Line, word: Word, following: Word | None) -> bool:
    """Whether a sign is no operator here: `f(*x)`, `def f(a, /)`."""
    before = line.word(-1)
    if before is None or before.text not in ("(", ",", "lambda"):
        return False
    return word.text in ("*", "**") or (
        word.text == "/" and following is not None and following.text in (",", ")")
    )


RULES: tuple[Callable[[Line, Word, Word | None], SyntaxFault | None], ...] = (
    exclamation,
    pair,
    bars,
    increment,
    unlike,
    dotted,
    named_by_keyword,
    block_in_line,
    bound,
    quoted_inside,
    juxtaposed,
    separators,
    unfinished,
    lonely,
)
