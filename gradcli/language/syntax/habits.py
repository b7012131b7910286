"""The slips that people make: mathematics as on paper, and the spelling of other languages.

Each rule looks at one place in a line that did not parse, and returns an error or None; the leftmost
place that a rule knows is the one reported. Nothing a rule matches is ever right, so it cannot blame
what is well.
"""

from __future__ import annotations

from collections.abc import Callable

from gradcli.diagnostics import Source, Span, SyntaxFault
from gradcli.language.syntax.words import Word

__all__ = ["found"]

PAIRS = {
    ("=", "="): "==", ("==", "="): "==", ("=", "=="): "==", ("!=", "="): "!=", ("=", ">"): ">=", ("=", "<"): "<=",
    ("<", ">"): "!=", (">", "="): ">=", ("<", "="): "<=", ("!", "="): "!=", ("=", "!"): "!=", ("*", "*"): "**",
    ("/", "/"): "//", (":", "="): "=", ("&", "&"): "and", ("|", "|"): "or",
}  # fmt: skip
MEANT = {"~=": "!=", ":=": "="}
FUNCTIONS = frozenset(
    "abs sqrt exp log log2 log10 sin cos tan asin acos atan sinh cosh tanh sigmoid relu softmax sum mean prod max min "
    "norm det inv floor ceil round sign erf print len".split()
)
BLOCKS = frozenset({"for", "while", "if", "def", "with", "try", "class"})
NAMELIKE = frozenset(
    {"lambda", "in", "is", "class", "def", "for", "from", "global", "import", "with", "as", "del", "pass"}
)
BINARY = frozenset({"+", "-", "*", "/", "//", "%", "**", "@", "&", "<", ">", "<=", ">=", "==", "!=", "and", "or", "=", "+=", "-=",
                    "*=", "/=", "**=", "<<", ">>", "in", "is", "not"})  # fmt: skip
UNSIGNED = BINARY - {"+", "-", "not"}  # these three may begin a value as well
LONGEST = 30  # characters of the user's text that a message repeats


class Line:
    """The words of the line, where one stands, and the brackets around it."""

    def __init__(self, source: Source, words: list[Word]) -> None:
        self.source = source
        self.words = words
        self.at = 0
        self.around: list[str] = []

    def word(self, ahead: int = 0) -> Word | None:
        """Returns the word so many places ahead, or None beyond the ends."""
        place = self.at + ahead
        return self.words[place] if 0 <= place < len(self.words) else None

    def operand(self, ahead: int) -> str:
        """Returns the text of the value that begins so many places ahead, with its brackets if that is short."""
        first = last = self.at + ahead
        depth = 0
        for place in range(first + 1, len(self.words)):
            kind = self.words[place].kind
            if depth == 0 and kind not in ("open", "dot") and self.words[place - 1].kind != "dot":
                break
            depth += (kind == "open") - (kind == "close")
            if depth < 0:
                break
            if depth == 0:
                last = place
        text = self.source.text[self.words[first].start : self.words[last].end]
        return text if len(text) <= LONGEST and "\n" not in text else _short(self.words[first].text)

    def fault(
        self, code: str, message: str, first: Word, last: Word | None = None, help: str = ""
    ) -> SyntaxFault:  # noqa: A002, PLR0913 - the parts of a diagnostic
        """Returns an error about the text from one word to another."""
        return SyntaxFault(code, message, span=Span(self.source, first.start, (last or first).end), help=help)


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
        return line.fault("E117", "`!` is no factorial here", word, help="write `exp(lgamma(x + 1))`")
    return line.fault("E117", "`!` is not in the language", word, help="write `not x`, or `~x` for a mask")


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
    return line.fault("E117", "bars are no brackets", word, help=f"write `{function}({text})`")


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
            "E118", f"`{word.text}` is not in the language", word, help=f"write `{MEANT[word.text]}`"
        )
    if word.text == "^":
        return line.fault("E103", "`^` is not in the language", word, help="for a power write `x**2`")
    if word.text == "else" and following is not None and following.text == "if":
        return line.fault("E118", "`else if` is not in the language", word, following, "write `elif`")
    if word.text == "catch" and line.at == 0 and line.words[-1].text == ":":
        return line.fault("E118", "`catch` is not in the language", word, help="write `except`")
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
        help=f"call it `{word.text}_`",
    )


def block_in_line(line: Line, word: Word, following: Word | None) -> SyntaxFault | None:
    if word.text not in (";", ":") or following is None or following.text not in BLOCKS or line.around:
        return None
    return line.fault(
        "E134", f"`{following.text}` begins a line of its own", following, help="write it on a new line"
    )


def juxtaposed(line: Line, word: Word, following: Word | None) -> SyntaxFault | None:
    if (
        following is None
        or not word.ends_operand
        or following.kind not in ("name", "number", "string", "dots")
    ):
        return None
    if word.kind == following.kind == "string":
        return None
    left, right = _short(word.text), line.operand(1)
    if following.kind == "string" and following.text[0] == "'" and word.end == following.start:
        return line.fault(
            "E106",
            "`'` after a value is not in the language",
            Word("op", "'", word.end, word.end + 1),
            help="for the transpose write `x.T`",
        )
    if word.kind == "name" and word.text in FUNCTIONS:
        argument = right if following.kind != "string" else "..."
        return line.fault(
            "E104",
            f"the argument of `{word.text}` needs brackets",
            word,
            following,
            f"write `{word.text}({argument})`",
        )
    in_list = bool(line.around) and (line.around[-1] != "(" or "string" in (word.kind, following.kind))
    if in_list or word.kind == following.kind == "number":
        return line.fault(
            "E109",
            f"a comma is missing between `{left}` and `{right}`",
            word,
            following,
            f"write `{left}, {right}`",
        )
    if "string" in (word.kind, following.kind):
        return line.fault("E109", f"`{left}` and `{right}` stand side by side", word, following)
    if word.kind == "close":
        return line.fault("E104", f"a `*` is missing between `{left}` and `{_short(following.text)}`", word, following,
                          "write `*` between them")  # fmt: skip
    help_ = f"write `{left}*{right}`" + (f", or `{left}, {right}` for two arguments" if line.around else "")
    right = _short(following.text)
    return line.fault("E104", f"a `*` is missing between `{left}` and `{right}`", word, following, help_)


def lonely(line: Line, word: Word, following: Word | None) -> SyntaxFault | None:
    before = line.word(-1)
    stops = following is None or following.kind == "close" or following.text in (",", ";", ":", "else")
    if word.text == "," and following is not None and following.text == ",":
        return line.fault("E119", "nothing stands between two commas", word, following)
    if word.text == ";" and (before is None or before.text == ";"):
        return line.fault("E119", "nothing stands before `;`", word, help="leave it out")
    if word.text not in BINARY:
        return None
    if before is not None and before.text in ("(", ",", "lambda"):
        if word.text in ("*", "**"):  # `f(*x)`
            return None
        if word.text == "/" and following is not None and following.text in (",", ")"):  # `def f(a, /)`
            return None
    if stops or (following is not None and following.text in UNSIGNED and (word.text, following.text) not in
                 (("is", "not"), ("not", "in"))):  # fmt: skip
        return line.fault("E119", f"nothing stands after `{word.text}`", word)
    if word.text in UNSIGNED and (
        before is None or before.kind == "open" or before.text in (",", ";", "return")
    ):
        return line.fault("E119", f"nothing stands before `{word.text}`", word)
    return None


def _short(text: str) -> str:
    return text if len(text) <= LONGEST else text[: LONGEST - 3] + "..."


RULES: tuple[Callable[[Line, Word, Word | None], SyntaxFault | None], ...] = (
    exclamation,
    pair,
    bars,
    increment,
    unlike,
    dotted,
    named_by_keyword,
    block_in_line,
    juxtaposed,
    lonely,
)
