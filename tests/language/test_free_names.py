"""A program says which names it expects to find, variables apart from functions."""

from __future__ import annotations

import pytest

from gradcli.diagnostics import Source
from gradcli.language import parse
from gradcli.language.syntax.cuts import LONGEST


@pytest.mark.parametrize(
    ("text", "names", "functions"),
    [
        ("mean(3*(x+2)**2)", "x", "mean"),
        ("b + a + b", "b a", ""),
        ("y = a; y + z", "a z", ""),
        ("y + 1; y = 2", "y", ""),
        ("torch.mean(x)", "torch x", ""),
        ("x.mean()", "x", ""),
        ("f(f)", "f", ""),
        ("f(x); f = 1", "x", "f"),
        ("f(a)(b)", "a b", "f"),
        ("[i * a for i in b if i > c]", "b c a", ""),
        ("(lambda t, s=d: t + s + u)(v)", "d u v", ""),
        ("def f(x, y=d):\n z = x + w\n return g(z) + f(x)\nw = 1\nf(q)", "d q", "g"),
        ("for i in r: s = i + t", "r t", ""),
        ("x += 1", "x", ""),
        ("x[i].y = v", "v x i", ""),
        ("a, (b, *c) = d; a + b + c", "d", ""),
        ("with m(k) as n: n", "k", "m"),
        ("try:\n x\nexcept E as e:\n e", "x E", ""),
        ("del q", "", ""),
        ("{k: v, **w}[s]", "k v w s", ""),
        ("x if y else z", "x y z", ""),
        ("f(*a, k=b, **c)", "a b c", "f"),
        ("True, None, ...", "", ""),
        ("def f(n):\n def g(): return m + n\n m = 1\n return g", "", ""),
        ("def f():\n global h\n h = 1\nh", "", ""),
        ("h()\ndef h(): pass", "", "h"),
    ],
)
def test_free_names_stand_in_order_of_appearance(text, names, functions):
    program = parse(Source("<test>", text))
    assert sorted(program.free_names()) == sorted(names.split())
    assert [name for name in program.free_names() if text.count(name) == 1] == sorted(
        (name for name in names.split() if text.count(name) == 1), key=text.index
    )
    assert program.free_functions() == tuple(functions.split())


def test_the_first_read_of_a_free_name_has_its_place():
    program = parse(Source("<test>", "a = 1\nf(b + a) + b"))
    assert program.first_read("b").start == 8
    assert program.first_read("f").text == "f"


def test_names_in_a_text_that_was_cut_keep_their_order():
    terms = [f"{name}*{name}" for name in "bca"] * LONGEST
    program = parse(Source("<test>", "z + f(" + " + ".join(terms) + ") + y"))
    assert program.free_names() == ("z", "b", "c", "a", "y")
