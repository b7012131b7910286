"""Random texts never draw anything but an error of ours, and random arithmetic has Python's value."""

from __future__ import annotations

import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gradcli.diagnostics import GradcliError, Source
from gradcli.language import Limits, compile_program, parse

LIMITS = Limits(steps=2_000, items=1_000, calls=20)

WORDS = [
    "x", "y", "f", "_", "__a", "1", "2.5", "0x1F", "3j", "'a'", '"b"', "'''c'''", "+", "-", "*", "/", "//",
    "%", "**", "@", "&", "|", "^", "~", "<<", ">>", "<", ">", "<=", ">=", "==", "!=", "=", "+=", "-=", "*=",
    ":=", "->", "(", ")", "[", "]", "{", "}", ",", ":", ";", ".", "...", "!", "?", "$", "`", "\\", "#", "'",
    '"', "and", "or", "not", "in", "is", "if", "else", "elif", "for", "while", "def", "return", "lambda",
    "None", "True", "False", "try", "except", "finally", "raise", "assert", "with", "as", "del", "pass",
    "break", "continue", "global", "nonlocal", "import", "class", "yield", "async", "await", "match",
    "case", "print", "sin", "é", "ｘ", "≤", "²", "π", "\xa0", "\u200b", "\n", "\r\n", "\t", "1_0", "1e5",
    "0b1", "007", "1.2.3", "f'{x}'", "r'\\d'", "b'q'", "true", "null", "&&", "||", "++", "~=", "<>", "=>",
    "x'", "|x|", "range(3)", "list", "len", "box(2)", "ValueError",
]  # fmt: skip
SPACES = ("", " ", "\n", "\n ", "\n    ", "; ", "  ")

texts = st.one_of(
    st.text(max_size=60),
    st.text(alphabet="x1+-*/().,:=[]{}'\"\\ \n\tif#^!|&~<>@%", max_size=60),
    st.binary(max_size=60).map(lambda data: data.decode("utf-8", "replace")),
    st.binary(max_size=60).map(lambda data: data.decode("utf-8", "surrogateescape")),
    st.lists(st.tuples(st.sampled_from(WORDS), st.sampled_from(SPACES)), max_size=25).map(
        lambda pairs: "".join(word + space for word, space in pairs)
    ),
)


@settings(max_examples=400, deadline=None)
@given(text=texts, copies=st.sampled_from([1, 1, 1, 1, 100]))
def test_any_text_is_a_program_or_draws_an_error_with_a_place(text, copies):
    text = (text * copies)[:4_000]
    try:
        parse(Source("<test>", text))
    except GradcliError as error:
        found = error.diagnostic
        assert found.code[:2] in ("E1", "E6")
        assert 0 <= found.span.start <= found.span.end <= len(text)
        assert found.message
        assert "_cut" not in found.message + found.help or "_cut" in text


class ClosedHost:
    """Every operation refuses in words of ours, but for calls of a few harmless functions."""

    def __init__(self):
        self.context = type("Place", (), {"span": None})()
        self.names = {
            "x": 2.0,
            "y": 3,
            "f": lambda *args, **kwargs: args,
            "range": range,
            "list": None,
            "box": None,
        }

    def lookup(self, name):
        return self.names[name] if name in self.names else self.refuse()

    def refuse(self, *_):
        raise GradcliError("E999", "refused")

    def binary(self, _symbol):
        return self.refuse

    inplace = unary = compare = binary
    contains = iterate = attribute = set_attribute = index = set_index = del_index = manager = refuse

    def truth(self, _value):
        return True

    def call(self, function, args, kwargs):
        if (
            function is range
            and all(isinstance(arg, int) for arg in args)
            and 1 <= len(args) <= 2
            and not kwargs
        ):
            return range(*args)
        return function(*args, **kwargs) if function is self.names["f"] else self.refuse()

    def assigned(self, name, value):
        pass


LINES = [
    "x = x * 2 + y",
    "for i in range(3): x += i",
    "def f(a, *b, **c): return (a, b, c)",
    "f(1, x=2)",
    "y = [f, x][y]",
    "while x: x = x - 1",
    "if x > y:\n    y = x\nelif y:\n    pass\nelse:\n    x",
    "try:\n    x / 0\nexcept Exception as e:\n    y = e",
    "z = [a * b for a in range(3) for b in [1, 'q'] if a]",
    "x, *y = y, x",
    "d = {x: y, **d}",
    "d = {}",
    "del x",
    "x = y = 'text'",
    "x = x ** y",
    "x = x << 5",
    "assert x",
    "raise ValueError(x)",
    "x = (lambda q, w=2: q + w)(y)",
    "x = x[1:2]",
    "x = y == x",
    "y = sum",
    "x = f(*y)",
    "x = f(**d)",
    "with x as y: pass",
    "y = {k: v for k, v in d}",
    "x = x % y",
    "x.a = 1",
    "def f(a): return f(a)",
    "x = [x, x]",
    "x = -x + ~y",
    "x = not x",
    "x = x in y",
    "x = (i for i in x)",
    "x = [*x, *x]",
    "break",
    "return x",
    "global x",
    "def g():\n    global x\n    x = 1\ng()",
    "x = 1 if x else 2",
    "x[0] = y",
    "x += y",
    "y = x(y)",
    "raise",
    "try:\n    raise x\nfinally:\n    y = 2",
    "x = x is y",
    "x = x < y < 3",
    "x = x and y or x",
    "del y[0]",
    "x = 5 // y",
]
programs = st.lists(st.sampled_from(LINES), max_size=12)


@settings(max_examples=400, deadline=None)
@given(lines=programs)
def test_any_program_runs_or_draws_an_error_of_ours(lines):
    try:
        executable = compile_program(parse(Source("<test>", "\n".join(lines)), LIMITS), ClosedHost())
        executable.run(executable.scope())
    except GradcliError as error:
        assert error.diagnostic.span is not None  # noqa: PT017 - it may also run


numbers = st.one_of(
    st.integers(0, 12).map(str),
    st.floats(0, 100, allow_nan=False).map(repr),
    st.sampled_from(["x", "y", "True", "1e-3", "0.5", "1_0"]),
)


def deeper(inner):
    binary = st.tuples(inner, st.sampled_from(["+", "-", "*", "/", "//", "%"]), inner).map(" ".join)
    return st.one_of(
        binary,
        binary.map("({})".format),
        st.tuples(inner, st.sampled_from(["<", "<=", ">", ">=", "==", "!=", "and", "or"]), inner).map(
            lambda t: "(" + " ".join(t) + ")"
        ),
        inner.map("-({})".format),
        inner.map("+{}".format),
        inner.map("(not {})".format),
        st.tuples(inner, st.sampled_from(["2", "0.5", "3"])).map(lambda t: f"({t[0]})**{t[1]}"),
        st.tuples(inner, inner, inner).map(lambda t: f"({t[0]} if {t[1]} else {t[2]})"),
        st.tuples(inner, inner).map(lambda t: f"[{t[0]}, {t[1]}][1]"),
        st.lists(inner, min_size=2, max_size=6).map(lambda terms: " - ".join(terms)),
        st.tuples(inner, st.integers(60, 140)).map(lambda t: " + ".join([t[0]] * t[1])),
        st.tuples(inner, st.integers(60, 140)).map(lambda t: " / ".join([t[0]] * t[1])),
    )


@settings(max_examples=300, deadline=None)
@given(text=st.recursive(numbers, deeper, max_leaves=12), x=st.floats(-10, 10), y=st.integers(-5, 5))
def test_random_arithmetic_has_pythons_value(text, x, y):
    if len(text) > 20_000:
        return
    names = {"x": x, "y": y}
    try:
        expected = eval(text, {"__builtins__": {}}, names)  # noqa: S307 - a text of this file, as the reference
    except RecursionError:
        return  # Python's own compiler recurses along the chain
    except (ArithmeticError, TypeError) as error:
        expected = error
    executable = compile_program(parse(Source("<test>", text)), ClosedHost())
    if isinstance(expected, Exception):
        with pytest.raises(type(expected)) as caught:
            executable.run(executable.scope(names))
        assert isinstance(caught.value, GradcliError)
        return
    if isinstance(expected, int) and expected.bit_length() > 14_000:
        return
    try:
        value = executable.run(executable.scope(names))
    except GradcliError as error:
        assert error.diagnostic.code == "E612"  # noqa: PT017 - only where an integer on the way was too big
        return
    assert type(value) is type(expected)
    assert value == expected or (math.isnan(value.real) and math.isnan(expected.real))
