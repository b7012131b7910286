"""Whole programs print what PyTorch prints, as it stands beside them."""

from __future__ import annotations

import re
import sys
from pathlib import Path

import pytest

from gradcli.diagnostics import GradcliError, Source
from gradcli.explorer.scripts.run import run_script

PROGRAMS = Path(__file__).with_name("programs")
TITLE = re.compile(r"^### (.*)\n", re.MULTILINE)
ORDERED = re.compile(r"OrderedDict\(\[(.*?\))\]\)")
PAIR = re.compile(r"\('(\w+)', (.*?)\)(?=, \('|$)")


def in_words_of_today(text: str) -> str:
    """What stands beside a program has Python 3.11's words; some changed in 3.12."""
    if sys.version_info < (3, 12):
        return text
    text = text.replace("max() arg is an empty sequence", "max() iterable argument is empty")
    return ORDERED.sub(lambda found: "OrderedDict({" + PAIR.sub(r"'\1': \2", found[1]) + "})", text)


def parts(path: Path) -> dict[str, str]:
    _, *found = TITLE.split(path.read_text(encoding="utf-8"))
    return dict(zip(found[::2], found[1::2], strict=True))


def pairs() -> list:
    found = []
    for path in sorted(PROGRAMS.glob("*.txt")):
        expected = parts(path.with_suffix(".out"))
        found += [
            pytest.param(text, expected[title], id=f"{path.stem}: {title}")
            for title, text in parts(path).items()
        ]
    return found


@pytest.mark.parametrize(("text", "expected"), pairs())
def test_a_program_prints_what_stands_beside_it(text: str, expected: str):
    printed: list[str] = []
    try:
        run_script(Source("program", text), printed.append)
    except GradcliError as error:
        printed.append(f"{error}\n")
    assert "".join(printed) == in_words_of_today(expected)
