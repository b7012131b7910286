"""Expressions have the values that Python gives them."""

from __future__ import annotations

import pytest

from gradcli.diagnostics import Source
from gradcli.language import Globals, compile_program, parse

PLAIN = [
    "1 + 2 * 3 - 4 / 5",
    "7 // 2 + 7 % 3 - -7 // 2",
    "2 ** 3 ** 2 - (2 ** 3) ** 2",
    "-2 ** 2 + +3 - ~5",
    "10 - 3 - 2 - 1",
    "100 / 10 / 2",
    "1 < 2 < 3",
    "1 < 3 < 2",
    "3 > 2 >= 2 != 1 == 1",
    "1 < 2 > 1 <= 1",
    "not 0 and 3 or 4",
    "0 or '' or []",
    "1 and 2 and 3",
    "1 if 0 else 2 if 1 else 3",
    "(1, 2, (3,), ())",
    "[1, [2, 3], []][1][0]",
    "[0, 1, 2, 3, 4][1:4:2]",
    "[0, 1, 2, 3, 4][::-1][-2:]",
    "(0, 1, 2, 3)[:2] + (9,)",
    "{'a': 1, 2: 'b', **{'c': 3}}",
    "{'a': 1}['a']",
    "'abc' + \"def\" * 2",
    "'a' 'b'",
    "'tab\\t' r'raw\\t'",
    "2 in [1, 2] and 3 not in (1, 2)",
    "'b' in 'abc'",
    "'k' in {'k': 1}",
    "None is None and [] is not None",
    "[x * y for x in [1, 2, 3] if x != 2 for y in (10, 20)]",
    "[[i + j for j in range(i)] for i in range(4)]",
    "{k: v * 2 for k, v in [('a', 1), ('b', 2)]}",
    "sum(x * x for x in range(5))",
    "[a for a, *b in [(1, 2, 3)]] + [b for a, *b in [(1, 2, 3)]]",
    "[*range(3), 4, *[5, 6]]",
    "(*[1, 2], 3)",
    "(lambda x, y=2, *z: x + y + len(z))(1, 3, 4, 5)",
    "(lambda: (lambda a: lambda b: a - b)(10)(3))()",
    "1_000 + 0x1F + 0o17 + 0b11 + 1e3 + .5 + 2.",
    "(1 + 2j) * 3j",
    "1 + 2; 3 + 4",
    "8 >> 1 | 1 << 3 & 15",
    "True + True",
    "-0.0",
    "1e308 * 10 - 1e308 * 10",
]


@pytest.mark.parametrize("text", PLAIN)
def test_an_expression_has_the_value_that_python_gives_it(run, text):
    expected = eval(text.rpartition(";")[2].strip())  # noqa: S307 - a text of this file, as the reference
    value = run(text).value
    assert repr(value) == repr(expected)
    assert type(value) is type(expected)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("1 +\\\n2", 3),
        ("(1 +\n 2  # a remark\n )", 3),
        ("# nothing\n1; 2\n\n3 # three", 3),
        ("1\r\n2\r\n", 2),
        ("1\r2", 2),
        ("  1 +  1  ", 2),
        ("\n  a = 2\n  a * 3\n", 6),
        ("\t4", 4),
        ("α = 2; α * 3", 6),
        ("_ = 4; _", 4),
        ("x: int = 3; x", 3),
        ("'\\d'", "\\d"),
    ],
)
def test_lines_remarks_and_blanks_stand_where_they_may(run, text, value):
    assert run(text).value == value


def test_a_program_without_an_expression_has_no_value(run):
    assert repr(run("a = 1").value) == "NOTHING"
    assert repr(run("").value) == "NOTHING"


def test_and_or_and_chained_comparisons_stop_early(run):
    assert run("0 and fail(); 1 or fail(); 1 > 2 > fail()").value is False


def test_each_operand_is_evaluated_once_and_in_order(run):
    program = (
        "log = []\ndef note(v):\n log.append(v)\n return v\nnote(1) + note(2) * note(3) < note(9) < note(0)"
    )
    program += "\nlog"
    assert run(program).value == [1, 2, 3, 9, 0]


def test_calls_take_keywords_stars_and_double_stars(run):
    program = "show(1, *[2, 3], 4, a=5, **{'b': 6})"
    assert run(program).value == ((1, 2, 3, 4), {"a": 5, "b": 6})


def test_subscripts_reach_the_host_as_slices_tuples_dots_and_none(run):
    box = run("b = box(1); b[..., None, 2] = 7; b[0] = 8; b").value
    assert box.items == {(..., None, 2): 7, 0: 8}
    assert run("show(*[[0, 1, 2, 3][k] for k in [0, -1]])").value == ((0, 3), {})
    seen = []
    outcome = run("read = apply")
    outcome.host.index = lambda value, key: seen.append(key)
    program = parse(Source("<test>", "b[1:2, ..., ::3]; b[:]"))
    compile_program(program, outcome.host).run(Globals(outcome.host.lookup, {"b": object()}))
    assert seen == [(slice(1, 2, None), ..., slice(None, None, 3)), slice(None, None, None)]
