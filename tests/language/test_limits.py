"""Whatever a program asks for, there is a limit, an error that names it, and never a crash."""

from __future__ import annotations

import pytest

from gradcli.diagnostics import LimitFault, Source
from gradcli.language import Limits, parse

SMALL = Limits(steps=100_000, items=1_000_000)


@pytest.mark.parametrize(
    ("text", "option"),
    [
        ("2 ** 10 ** 10", "--max-integer-bits"),
        ("10 ** 10 ** 10", "--max-integer-bits"),
        ("(-7) ** 10 ** 9", "--max-integer-bits"),
        ("True << 10 ** 9", "--max-integer-bits"),
        ("1 << 20000", "--max-integer-bits"),
        ("x = 3\nfor i in range(100): x *= x", "--max-integer-bits"),
        ("x = 2\nfor i in range(100): x = x ** 2", "--max-integer-bits"),
        ("x = 3\nfor i in range(100): x = x + x * x", "--max-integer-bits"),
        ("-" + "9" * 3499 + "*" + "9" * 3499, "--max-integer-bits"),
        ("9" * 5000, "--max-integer-bits"),
        ("'a' * 10 ** 9", "--max-items"),
        ("10 ** 9 * [0]", "--max-items"),
        ("(1, 2) * 10 ** 8", "--max-items"),
        ("x = [0] * 100\nx *= 10 ** 7", "--max-items"),
        ("x = [0]\nfor i in range(60): x = x + x", "--max-"),
        ("x = 'ab'\nfor i in range(60): x += x", "--max-"),
        ("x = [0]\nfor i in range(60): x += x", "--max-"),
        ("x = [0]\nfor i in range(60): x[:0] = x", "--max-"),
        ("x = [0] * 1000\nl = []\nwhile True: l.append(x[:])", "--max-steps"),
        (
            "x = []\nfor i in range(60): x = [x, x]\ny = []\nfor i in range(60): y = [y, y]\nx == y",
            "--max-items",
        ),
        ("x = ()\nfor i in range(60): x = (x, x)\n{x: 1}", "--max-items"),
        ("x = ()\nfor i in range(60): x = (x, x)\nx in [1]", "--max-items"),
        ("while True: pass", "--max-steps"),
        ("while 1:\n continue", "--max-steps"),
        ("for i in range(10 ** 12): pass", "--max-steps"),
        ("for i in range(200):\n x = [" + "0, " * 20_000 + "]", "--max-steps"),
        ("[[" + "0, " * 20_000 + "] for i in range(200)]", "--max-steps"),
        ("f = lambda: [" + "0, " * 20_000 + "]\nfor i in range(200): f()", "--max-steps"),
        ("[i for i in range(10 ** 12)]", "--max-steps"),
        ("sum(1 for i in range(10 ** 12))", "--max-steps"),
        ("{i: i for i in range(10 ** 12)}", "--max-steps"),
        ("[*range(10 ** 12)]", "--max-steps"),
        ("show(*range(10 ** 12))", "--max-steps"),
        ("a, *b = range(10 ** 12)", "--max-steps"),
        ("x = [1]\nfor i in x: x.append(i)", "--max-steps"),
        ("def f(): f()\nf()", "--max-calls"),
        ("def f(n): return [g(n) for i in [1]]\ng = lambda n: f(n)\nf(1)", "--max-calls"),
        ("def f(): apply(f)\nf()", "--max-calls"),
        ("f = lambda f: f(f)\nf(f)", "--max-calls"),
        ("def f(n):\n if n > 0:\n  f(n - 1)\n  f(n - 1)\nf(100)", "--max-steps"),
    ],
)
def test_a_program_that_asks_for_too_much_is_stopped(failing, text, option):
    error = failing(text, SMALL)
    assert isinstance(error, LimitFault)
    assert option in error.diagnostic.help
    assert error.diagnostic.span is not None


@pytest.mark.parametrize(
    "text",
    [
        "(" * 200 + "x" + ")" * 200,
        "[" * 100_000,
        "x" + "[0" * 100_000 + "]" * 100_000,
        "-" * 100_000 + "x",
        "not " * 100_000 + "x",
        "lambda: " * 50_000 + "x",
        "x if x else " * 50_000 + "x",
        "x" + ".a" * 100_000,
        "lambda: " * 60 + "x",
        "[" * 60 + "x" + " for i in x]" * 60,
        "f" + "()" * 100_000,
        "x" + "**x" * 100_000,
        "x" + " | x" * 100_000,
        "\n".join(" " * i + "if x:" for i in range(2000)) + "\n" + " " * 2000 + "x",
        "if x: x\n" + "elif x: x\n" * 20_000,
        "x = " * 100_000 + "1",
        "(" * 140 + "x+" * 63 + "-" * 5000 + "x" + ")" * 140,
    ],
    ids=lambda text: text[:12],
)
def test_nesting_beyond_measure_is_an_error_and_no_crash(failing, text):
    try:
        error = failing(text, x=1)
    except pytest.fail.Exception:
        return  # this Python takes it, and it ran
    assert error.diagnostic.code in ("E611", "E108", "E201", "E202", "E303", "E380", "E612")


def test_what_is_nested_within_the_limits_runs(run):
    assert run("(" * 150 + "x" + "+1)" * 150, x=1).value == 151
    assert run("-" * 500 + "x", x=1).value == 1
    horner = "1 + x*(" * 140 + "1" + ")" * 140
    assert run(horner, x=1).value == 141
    assert run("def f(n): return 0 if n == 0 else 1 + f(n - 1)\nf(490)").value == 490


def test_a_program_cannot_catch_its_limits(failing):
    error = failing("try:\n while True: pass\nexcept Exception:\n pass\nfinally:\n pass", SMALL)
    assert error.diagnostic.code == "E614"


def test_a_text_that_is_too_long_is_refused():
    with pytest.raises(LimitFault, match="the text has 11 characters; the limit is 10"):
        parse(Source("<test>", "x" * 11), Limits(text=10))


def test_limits_can_be_raised(run):
    assert run("2 ** 20000 > 0", Limits(integer_bits=30_000)).value is True
    assert run("len('ab' * 6 * 10 ** 6)", Limits(items=20_000_000)).value == 12_000_000


def test_ordinary_work_stays_within_the_limits(run):
    assert run("n = 0\nfor i in range(200000): n += i\nn").value == sum(range(200_000))
    assert run("len([i for i in range(100000)] + [0] * 100000)").value == 200_000
    assert run("s = ''\nfor i in range(5000): s += 'word '\nlen(s)").value == 25_000


def test_the_step_budget_is_fresh_for_each_run(run):
    program = "for i in range(60): pass"
    for _ in range(2):
        run(program, Limits(steps=100))
