"""Every node and every error knows its place in the text, in characters."""

from __future__ import annotations

import pytest

from gradcli.diagnostics import Source
from gradcli.language import compile_program, parse, parse_value
from gradcli.language.syntax.cuts import LONGEST


def places(text):
    """The text of every node of a program, by walking whatever has `start` and `end`."""
    program = parse(Source("<test>", text))
    found, rest = [], list(program.statements)
    while rest:
        node = rest.pop(0)
        if isinstance(node, list | tuple):
            rest.extend(node)
            continue
        if not hasattr(node, "start"):
            continue
        found.append(text[node.start : node.end])
        for cls in type(node).__mro__:
            rest.extend(
                getattr(node, slot)
                for slot in getattr(cls, "__slots__", ())
                if isinstance(getattr(node, slot), list | tuple) or hasattr(getattr(node, slot), "start")
            )
    return found


def test_nodes_stand_where_their_text_is():
    whole = "f(a + b * 2, *c)[d].e"
    assert set(places(f"y = {whole}")) == {
        f"y = {whole}", "y", whole, "f(a + b * 2, *c)[d]", "f(a + b * 2, *c)", "f", "a + b * 2", "a",
        "b * 2", "b", "2", "*c", "c", "d",
    }  # fmt: skip


@pytest.mark.parametrize("newline", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("before", ["", "'é𝒳 \\\\' ; ", "ä = 1 # ß", "'''é\nü''';"])
def test_places_count_characters_beyond_ascii_and_over_line_ends(before, newline):
    text = f"{before}{newline}β = γ * (δ{newline} + 'ö'){newline}if β:{newline}    ε.ζ(β)"
    found = places(text)
    for expected in ("β", "γ", f"γ * (δ{newline} + 'ö')", f"δ{newline} + 'ö'", "'ö'", "ε.ζ(β)", "ε.ζ", "ε"):
        assert expected in found


def test_places_hold_in_an_indented_program():
    assert "ab*2" in places("  \n  x = ab*2\n  y")


@pytest.mark.parametrize("count", [LONGEST - 1, LONGEST, LONGEST + 1, 3 * LONGEST + 1])
@pytest.mark.parametrize("term", ["ab", "é*2", "f(x+1)", "-(q)", "'s'[0]"])
@pytest.mark.parametrize("symbol", [" + ", "*", "  -\\\n "])
def test_places_hold_in_a_text_that_was_cut(count, term, symbol):
    text = "[0, (" + symbol.join([term] * count) + "), last]"
    program = parse(Source("<test>", text))
    chain = program.statements[0].value.items[1]
    assert len(chain.links) >= count - 1
    assert text[chain.start : chain.end] == symbol.join([term] * count)
    for link in chain.links:
        assert link.start == chain.start
        assert text[link.right.start : link.right.end] in (term, "2", "q", "é", "s")
    assert text[program.statements[0].value.items[2].start :] == "last]"


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("a = 1\nb = a + fail()", "fail()"),
        ("def f(x):\n    return fail(x)\ny = f('m')", "fail(x)"),
        ("y = [fail('m') for i in [1]]", "fail('m')"),
        ("sum(fail() for i in [1])", "fail()"),
        ("apply(lambda: fail())", "fail()"),
        ("x = 1 / 0 + 2", "1 / 0"),
        ("x = 2 * (3 + (1 // 0))", "1 // 0"),
        ("[1, 2][5]", "[1, 2][5]"),
        ("{'a': 1}['b']", "{'a': 1}['b']"),
        ("a, b = 1, 2, 3", "a, b"),
        ("for a in 3: pass", "3"),
        ("'a' + 1", "'a' + 1"),
        ("1 < 2 < 'a'", "2 < 'a'"),
        ("-'a'", "-'a'"),
        ("x = box([1, 2])\nif x: pass", "x"),
        ("box(1).nothing", "box(1).nothing"),
        ("b = box(1)\nb.value = 3", "b.value"),
        ("x = 3\nx(4)", "x(4)"),
        ("with 3: pass", "3"),
        ("assert 1 == 2", "1 == 2"),
        ("raise ValueError('a')", "raise ValueError('a')"),
        ("l = []\nl[0] += 1", "l[0]"),
        ("d = {}\nd[[]] = 1", "d[[]]"),
        ("a = 5\na += 'x'", "a += 'x'"),
        ("f = lambda: 1\nf(2)", "f(2)"),
        ("def f():\n    g()\ndef g():\n    h = unknown\nf()", "unknown"),
        ("x = 10.0 ** 400", "10.0 ** 400"),
        ("x = [] < {}", "[] < {}"),
        ("del [1][2]", "[1][2]"),
        ("not (1 / 0)", "1 / 0"),
        ("while 1 % 0: pass", "1 % 0"),
    ],
)
def test_an_error_while_running_stands_at_the_innermost_operation(failing, text, place):
    error = failing(text)
    assert error.diagnostic.span.text == place
    assert error.diagnostic.code[0] == "E"


def test_an_error_in_a_later_line_has_its_own_place(failing):
    text = "x = 1 / 2\n" * 50 + "y = 1 / 0"
    assert failing(text).diagnostic.span.start == text.rindex("1 / 0")


def test_the_span_of_the_host_follows_and_is_given_back(run):
    outcome = run("a = box(2)\nb = a * 3\nc = -b + 1\nc.double()")
    assert outcome.scope["a"].span.text == "box(2)"
    assert outcome.scope["b"].span.text == "a * 3"
    assert outcome.scope["c"].span.text == "-b + 1"
    assert outcome.value.span.text == "c.double()"
    assert outcome.host.context.span is None


def test_each_link_of_a_chain_has_its_own_span(run):
    spans = []
    outcome = run("0")
    outcome.host.binary = lambda symbol: (
        lambda left, right: spans.append(outcome.host.context.span.text) or left
    )
    executable = compile_program(parse(Source("<test>", "b + 1 - 2 * b")), outcome.host)
    executable.run(executable.scope({"b": object()}))
    assert spans == ["b + 1", "2 * b", "b + 1 - 2 * b"]


def test_a_value_is_a_single_expression():
    assert len(parse_value(Source("<test>", "[1, 2]")).statements) == 1
    for text, place in [("1; 2", "2"), ("a = 1", "a = 1"), ("", ""), ("1\nif x: y", "if x: y")]:
        with pytest.raises(SyntaxError) as caught:
            parse_value(Source("<test>", text))
        assert caught.value.diagnostic.span.text == place
