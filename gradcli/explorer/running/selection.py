"""`-k EXPR`: which samples run: words joined by `and`, `or`, `not` and brackets, sought in their names."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from gradcli.diagnostics import InputFault, Source, Span

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["selector"]

TOKEN = re.compile(r"""\s*(?:([()])|"([^"]*)"|'([^']*)'|([^\s()"']+))""")
LONGEST = 4_000  # characters
DEEPEST = 50  # brackets and `not`s inside one another
QUOTES = "or put words that belong together in quotes: -k \"'second pass'\""
EXAMPLE = 'write for example -k "tutorial and not (eye or sine)"'


def selector(text: str) -> Callable[[str], bool]:
    """Returns the test of a name: whether the words that must be in it are, in capitals or not.

    Raises:
        InputFault: the expression is none.
    """
    return _Parser(Source("-k", text)).whole()


class _Parser:
    """Recursive descent over `or`, `and`, `not`, in this order of binding."""

    def __init__(self, source: Source) -> None:
        self._source = source
        if len(source.text) > LONGEST:
            raise self._fault(f"this is longer than {LONGEST} characters", 0, 0)
        self._tokens = list(self._split(source.text))
        self._at = 0

    def whole(self) -> Callable[[str], bool]:
        test = self._or(0)
        if self._at < len(self._tokens):
            word, start, end = self._tokens[self._at]
            if word == ")":
                raise self._fault("`)` does not follow", start, end)
            raise self._fault("`and` or `or` is missing before this", start, end, QUOTES)
        return lambda name: test(name.lower())

    def _split(self, text: str) -> list[tuple[str, int, int]]:
        """Words with their places; a quoted one keeps its quotes, so that it is no keyword."""
        found, at = [], 0
        while text[at:].strip():
            token = TOKEN.match(text, at)
            if token is None:
                at += len(text[at:]) - len(text[at:].lstrip())
                raise self._fault("a quote is not closed", at, at + 1)
            found.append((token.group().strip(), token.start(token.lastindex or 0), token.end()))
            at = token.end()
        return found

    def _or(self, depth: int) -> Callable[[str], bool]:
        tests = [self._and(depth)]
        while self._took("or"):
            tests.append(self._and(depth))
        return tests[0] if len(tests) == 1 else lambda name: any(test(name) for test in tests)

    def _and(self, depth: int) -> Callable[[str], bool]:
        tests = [self._not(depth)]
        while self._took("and"):
            tests.append(self._not(depth))
        return tests[0] if len(tests) == 1 else lambda name: all(test(name) for test in tests)

    def _not(self, depth: int) -> Callable[[str], bool]:
        if depth > DEEPEST:
            raise self._fault("this is nested too deeply", 0, len(self._source.text))
        if self._took("not"):
            test = self._not(depth + 1)
            return lambda name: not test(name)
        if self._took("("):
            test = self._or(depth + 1)
            if not self._took(")"):
                raise self._fault("`)` is missing", len(self._source.text), len(self._source.text))
            return test
        return self._word()

    def _word(self) -> Callable[[str], bool]:
        if self._at == len(self._tokens):
            raise self._fault("a word is missing", len(self._source.text), len(self._source.text))
        word, start, end = self._tokens[self._at]
        if word in {"and", "or", ")"}:
            raise self._fault(f"a word is missing before `{word}`", start, end)
        self._at += 1
        sought = (word[1:-1] if word[0] in "\"'" else word).lower()
        return lambda name: sought in name

    def _took(self, word: str) -> bool:
        if self._at < len(self._tokens) and self._tokens[self._at][0] == word:
            self._at += 1
            return True
        return False

    def _fault(self, message: str, start: int, end: int, way: str = EXAMPLE) -> InputFault:
        return InputFault("E532", message, span=Span(self._source, start, end), help=way)
