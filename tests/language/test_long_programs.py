"""Long texts are read, compiled and run without recursion along them."""

from __future__ import annotations

import math

import pytest

from gradcli.diagnostics import Source
from gradcli.language import parse
from gradcli.language.syntax import cuts
from gradcli.language.syntax.cuts import BATCH, LONGEST

MANY = 20_000  # the parser alone fails at 3,000


def test_a_long_sum_has_the_value_of_its_terms(run):
    terms = ["x", "x*2", "3*x", "x**2"]
    text = "".join(f"{'+-'[i % 3 == 0]}{terms[i % 4]}" for i in range(MANY))
    values = [1.5, 3.0, 4.5, 2.25]
    expected = 0.0
    for i in range(MANY):
        expected = expected - values[i % 4] if i % 3 == 0 else expected + values[i % 4]
    assert run(text, x=1.5).value == expected
    assert run(f"sin(({text}))", x=1.5).value == math.sin(expected)


def test_a_long_product_is_taken_from_the_left(run):
    text = "x" + "*2/2" * (MANY // 2) + "//3%5"
    assert run(text, x=17.0).value == 17.0 // 3 % 5


def test_long_products_inside_long_sums(run):
    product = "*".join(["x"] * 300)
    assert run("+".join([product] * 300), x=1.0).value == 300.0
    assert run("-".join([f"({product}+{product})"] * 200), x=1.0).value == 2.0 - 2.0 * 199


def shape(node):
    """A tree as nested tuples, for comparison."""
    if isinstance(node, list | tuple):
        return tuple(shape(item) for item in node)
    slots = [slot for cls in type(node).__mro__ for slot in getattr(cls, "__slots__", ()) if slot != "scope"]
    if not slots or isinstance(node, int | float | str | None):
        return repr(node)
    return (type(node).__name__, *((slot, shape(getattr(node, slot))) for slot in sorted(slots)))


@pytest.mark.parametrize("count", [LONGEST, LONGEST + 1, LONGEST + 2, 2 * LONGEST + 1, 3 * LONGEST])
@pytest.mark.parametrize(
    "text",
    [
        "{}", "[{} for x in {} if {}]", "lambda x={}, *a: {}", "({}) ** {}", "-({})", "not {}", "~{}",
        "f(*{}, **{})", "{{'k': {}, **{}}}[{}:{}, {}]", "{} < {} in {}", "{} if {} else {}",
        "{} or {} and {}", "{} << {} | {} & {}", "f(k={}, l=({})).a[{}]", "a = b = {}", "a += {}; {}",
        "if {}:\n    {}\nelif {}: {}", "def f(x={}): return {}", "assert {}, {}",
        "for i in {}: {}\nelse: {}", "x[{}] = {}", "'s' r't' + {}", "{} +\\\n {}", "[{},\n # x\n{}]",
        "with {} as a: {}", "del a[{}]", "f(x)({})({})[{}]", "{}\n{}\n\n{}",
    ],
)  # fmt: skip
@pytest.mark.parametrize("symbol", [" + ", "-", "*", " //", "@", "%", " - -", "*~", "+\\\n"])
def test_cutting_a_text_changes_nothing(monkeypatch, text, count, symbol):
    terms = [
        "x",
        "x*y",
        "-x",
        "x**-y**2",
        "(x+y)(z)",
        "~x",
        "x.a(b)[c]",
        "r'a' 'b'",
        "1.5e3",
        "f(*a, **b)",
        "(q)",
    ]
    run = symbol.join(terms[i % len(terms)] if i % 7 else f"({symbol.join(terms)})" for i in range(count))
    whole = Source(
        "<test>", text.replace("{}", run).replace("{{", "{").replace("}}", "}").replace("(x+y)(z)", "(x+y)")
    )
    pieces = shape(parse(whole).statements)
    monkeypatch.setattr(cuts, "LONGEST", 10**9)
    assert pieces == shape(parse(whole).statements)


def test_a_long_program_of_many_statements(run):
    lines = [f"y = y + {i % 9}*x" for i in range(MANY)]
    assert len("\n".join(lines)) > 5 * BATCH
    assert run("\n".join(lines) + "\ny", x=1.0, y=0.0).value == sum(float(i % 9) for i in range(MANY))
    assert run("; ".join(lines) + "; y", x=1.0, y=0.0).value == sum(float(i % 9) for i in range(MANY))


def test_blocks_are_never_torn_apart_between_batches(run):
    block = """
if x > 0:
    y = y + 1

# a remark at the margin
elif x < 0:
    y = 0
else:
    y = -1
for i in range(2):
    '''
text at the margin
'''
    y = y + (
1)
try:
    y += 1
finally:
    y -= 1
"""
    count = 3 * BATCH // len(block) + 1
    assert run(block * count + "y", x=1, y=0).value == 3 * count


def test_an_error_far_down_a_long_program_has_its_place(failing):
    text = "y = 1\n" * MANY + "z = y ^ 2"
    assert failing(text).diagnostic.span.start == text.index("^")
    text = "+".join(["x"] * MANY) + "+ 3 sin(x)" + "+x" * 1000
    assert failing(text, x=1).diagnostic.span.text == "3 sin"
    text = "+".join(["x"] * MANY) + "+ 1/0" + "+x" * 1000
    assert failing(text, x=1).diagnostic.span.text == "1/0"


def test_long_flat_lists_and_calls(run):
    assert run("len([" + ", ".join(["x"] * MANY) + "])", x=1).value == MANY
    assert run("max(" + ", ".join(map(str, range(MANY))) + ")").value == MANY - 1
    assert len(run("show(" + ", ".join(f"a{i}=x" for i in range(MANY)) + ")", x=1).value[1]) == MANY
    assert run("\n" * 50 * MANY + "x" + "\n# remark" * MANY, x=1).value == 1
    assert run(" and ".join(["x"] * MANY), x=1).value == 1
    assert run(" < ".join(map(str, range(MANY)))).value is True
    assert run("len(" + " ".join(["'ab'"] * MANY) + ")").value == 2 * MANY
