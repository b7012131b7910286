"""Whether more lines belong to an input."""

from __future__ import annotations

import pytest

from gradcli.explorer.repl.continuation import needs_more


@pytest.mark.parametrize(
    "text",
    [
        "sum(", "x = [1,", "f(a)(", "def f(a):", "def f(a):\n    return a", "if x:  # why",
        "'''open", 'y = """a\nb',
        "x = 1 + \\", "for i in y:\n    for j in z:", "f({'a': [1,\n2]}",
    ],
)  # fmt: skip
def test_what_is_open_needs_more(text):
    assert needs_more(text)


@pytest.mark.parametrize(
    "text",
    [
        "", "x", "x[1:]", "if x: y", "def f(a): return a", "def f(a):\n    return a\n",
        "'a: ('", "# def f(a):",
        "x = {1: 2}", "sum(x))", "lambda a: a", '"""a\nb"""', "x[1:\n]", "3x", "'open",
    ],
)  # fmt: skip
def test_what_is_whole_or_wrong_does_not(text):
    assert not needs_more(text)
