"""Each text of tests/rejected/syntax draws the error beside it.

A text is `<mistake>.txt`, its error `<mistake>.out`. With GRADCLI_ACCEPT=1 the errors are written anew.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from gradcli.diagnostics import GradcliError, Source
from gradcli.language import parse

REJECTED = Path(__file__).parents[1] / "rejected" / "syntax"
MISTAKES = sorted(path.stem for path in REJECTED.glob("*.txt"))
UNTIL_3_11 = {"f_string_backslash", "f_string_same_quotes"}


def told(text):
    """The error for a text, without the frame that a view draws around it."""
    with pytest.raises(GradcliError) as caught:
        parse(Source("<expr>", text))
    found = caught.value.diagnostic
    line, column = found.span.source.line_column(found.span.start)
    lines = [f"{found.code}: {found.message}", f"at {line}:{column}: {found.span.text!r}"]
    lines += [f"label: {found.label}"] if found.label else []
    for label in found.related:
        line, column = label.span.source.line_column(label.span.start)
        lines.append(f"also at {line}:{column}: {label.span.text!r}: {label.text}")
    lines += [f"help: {found.help}"] if found.help else []
    return "\n".join(lines) + "\n"


@pytest.mark.parametrize("mistake", MISTAKES)
def test_a_mistake_draws_the_error_beside_it(mistake):
    if mistake in UNTIL_3_11 and sys.version_info >= (3, 12):
        pytest.skip("no mistake in the Python that reads it")
    text = (REJECTED / f"{mistake}.txt").read_bytes().decode().removesuffix("\n")
    expected = REJECTED / f"{mistake}.out"
    if os.environ.get("GRADCLI_ACCEPT"):
        expected.write_text(told(text), encoding="utf-8")
    assert told(text) == expected.read_text(encoding="utf-8")


def test_there_are_mistakes_to_look_at():
    assert len(MISTAKES) > 100


@pytest.mark.parametrize("character", ["\x00", "\udd52"])
@pytest.mark.parametrize("text", ["'{}'", "x # {}", "x{}", '"""\n{}"""', "\\{}"])
def test_what_no_file_can_hold_is_refused_even_in_strings(text, character):
    assert "E102" in told(text.replace("{}", character))
