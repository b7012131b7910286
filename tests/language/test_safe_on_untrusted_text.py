"""Nothing in a text reaches beyond the language."""

from __future__ import annotations

import ast

import pytest

from gradcli.diagnostics import Source, SyntaxFault
from gradcli.language import parse
from gradcli.language.syntax.expressions import EXPRESSIONS
from gradcli.language.syntax.statements import STATEMENTS

UNDERSCORED = [
    "x.__class__.__bases__", "x.__class__ = y", "f'{x.__class__.__mro__}'", "f'{x:{y.__dict__}}'",
    "f'{x.__class__.__base__.__subclasses__()}'", "__import__('os')", "__x", "__x = 1", "x.__private",
    "f(__k=1)", "f(__k__=1)", "def __f(): pass", "def f(__a): pass", "def f(*__a): pass",
    "def f(**__k): pass", "def f(*, __k=1): pass", "lambda __a: 1", "for __i in x: pass",
    "[1 for __i in x]", "with x as __y: pass", "try:\n x\nexcept E as __e:\n x", "a, __b = x",
    "a, *__b = x", "x.__dict__ = 1", "x.__class__ += 1", "del __x", "for x.__a__ in y: pass",
    "with x as y.__z__: pass", "[1 for x.__a__ in y]", "x = __y = 1", "__x += 1", "x[0].__a__",
    "f().__globals__", "(lambda: 0).__code__", "''.__getattribute__('x')", "def f():\n global __x",
    "def f(x=1):\n nonlocal __x", "x: __y = 1; __y", "__debug__", "x.__class__[0].__a__ = 1",
    "[x for x in y].__reduce__", "__x: int = 3", "{**__x}", "f(*__x)", "x if __y else z", "not __x",
    "x[__y:1]", "assert __x", "raise __x", "while __x: pass", "__init__", "__init__ = 1", "x.__init__ = 1",
    "x.__call__ += 1", "x.__name__ = 'y'", "__name__ = 'y'", "__name__ += 'y'", "for __name__ in x: pass",
    "for x.__name__ in y: pass", "def __init__(self): pass", "def __name__(): pass", "(__name__ := 1)",
    "import __main__", "import a.__b__", "import a as __b", "from __a import b", "from a import __b__",
    "from a import b as __c", "class __A: pass", "class A(__b): pass", "class A:\n __slots__ = ()",
    "class A:\n def __new__(cls): pass", "class A:\n def __getattr__(self, name): pass",
    "class A:\n def __del__(self): pass", "class A:\n def __init_subclass__(cls): pass",
    "class A:\n __class__ = 1", "class A:\n x = __class__", "class A:\n def f(self): return __class__",
    "class A:\n def f(self): return __init__", "class A:\n def f(self):\n  __init__ = 1",
    "@__f\ndef g(): pass", "class A:\n def f(self): self.__x = 1", "f'{__x}'", "f'{x!r:{__x}}'",
    "class A:\n def f(self): super().__dict__", "class A:\n def f(self): super().__getattribute__('x')",
    "(__x := 1)", "[__x := 1]",
]  # fmt: skip


@pytest.mark.parametrize("text", UNDERSCORED)
def test_names_with_two_underscores_in_front_are_refused_everywhere(text):
    with pytest.raises(SyntaxFault) as caught:
        parse(Source("<test>", text))
    assert caught.value.diagnostic.code == "E122"
    assert "__" in caught.value.diagnostic.span.text


OUTSIDE = [
    "from os import *", "from . import a", "from .a import b", "from .. import a",
    "class A(metaclass=f): pass", "class A(x, **k): pass", "super().f()", "def f(self): super().f()",
    "class A:\n x = super()", "class A:\n def f(): super()", "class A:\n def f(*a): super()", "super(x)",
    "super(x, y, z)", "super(x, y=1)", "class A:\n return 1", "class A:\n break",
    "while 1:\n class A:\n  continue", "class A:\n f = lambda: super()", "class A:\n nonlocal x",
    "class A[T]: pass", "async def f(): pass", "def f():\n yield 1", "x = yield", "await x", "x := 1",
    "f'{}'", "f'{x'", "f'{x!z}'", "f'{x:{y:{z:{w}}}}'", "f'{x for}'", "f'{x y}'", "f'{x = y}'", "f'}'",
    "(x.y := 1)", "(x[0] := 1)", "class A: [x := 1 for y in z]", "b'x'", "match x:\n case 1: pass",
    "match x:\n case A(__class__=c): pass", "x ^ y", "x ^= y", "*x", "[*x for x in y]",
    "async with x: pass", "async for x in y: pass", "[x async for x in y]", "try:\n x\nexcept* E:\n y",
    "def f():\n yield from x", "lambda: (yield)", "[(yield) for x in y]", "type X = int",
    "def f[T](): pass", "x = *y", "del x.y", "for x in *y: pass", "return 1", "break", "continue",
    "def f():\n break", "while 1:\n def f():\n  continue", "if 1: return", "x[*y]", "nonlocal x",
    "global x", "def f(a, a): pass", "lambda a, *a: 1", "f(a=1, a=2)", "def f():\n x = 1\n global x",
    "def f():\n nonlocal x", "assert (1, 'x')", "*a, *b = c", "*a = b", "**a", "f(**a, *b)", "1 = x",
    "f() = 1", "x + 1 = 2", "None = 1", "(a for a in b) = c", "x if y else z = 1", "-x = 1", "x < y = 1",
    "[a, 1] = b", "for 1 in x: pass", "with x as f(): pass", "del f()", "del 1", "f() += 1", "(a, b) += 1",
    "lambda: x = 1", "def 1(): pass", "True = 1", "x.1", "not = 1", "[x for x in y] = 1", "{} = x",
    "'a' = 1", "... = 1",
]  # fmt: skip


@pytest.mark.parametrize("text", OUTSIDE)
def test_what_is_outside_the_language_is_refused(text):
    if text == "x[*y]":
        parse(Source("<test>", text))  # a tuple of what y holds, as in `x[(*y,)]`
        return
    with pytest.raises(SyntaxFault) as caught:
        parse(Source("<test>", text))
    assert caught.value.diagnostic.message
    assert caught.value.diagnostic.span is not None


def test_every_node_of_pythons_grammar_is_either_listed_or_refused():
    listed = {kind.__name__ for kind in (*EXPRESSIONS, *STATEMENTS)} | {"Expr", "Starred"}
    known = {cls.__name__ for base in (ast.expr, ast.stmt) for cls in base.__subclasses__()}
    old = {
        "Num",
        "Str",
        "Bytes",
        "NameConstant",
        "Ellipsis",
        "Index",
        "ExtSlice",
        "AugLoad",
        "AugStore",
        "Param",
        "Suite",
    }
    refused = {
        "Await", "Yield", "YieldFrom", "FormattedValue", "TemplateStr", "Interpolation", "AsyncFunctionDef",
        "AsyncFor", "AsyncWith", "Match", "TryStar", "TypeAlias",
    }  # fmt: skip
    assert known - old - refused == listed
    assert not listed & refused


@pytest.mark.parametrize("name", ["_cut0_1", "_cut0_9", "_cut", "_cut_0_5", "_cut__0_575"])
def test_names_that_look_like_placeholders_of_cut_texts_stand_for_themselves(run, name):
    total = "+".join(["x"] * 200)
    assert run(f"{name} = 7\n{total}\ny = [{total}]\n({name}, y)", x=1).value == (7, [200])


def test_a_text_full_of_what_looks_like_placeholders_takes_no_time_to_read():
    parse(Source("<test>", f"'_cut{'_' * 10**6}'\n" + "+".join(["x"] * 200)))


@pytest.mark.parametrize(
    "text", [
        "{} = 1", "{} += 1", "for {} in x: y", "f({}=1)", "def f({}): x", "lambda {}: x", "with x as {}: y",
        "del {}", "[1 for {} in x]", "a, ({}) = x", "try:\n x\nexcept E as {}:\n y",
    ]
)  # fmt: skip
def test_a_long_expression_is_no_target_either(text):
    with pytest.raises(SyntaxFault) as caught:
        parse(Source("<test>", text.replace("{}", "+".join(["x"] * 200))))
    assert "_cut" not in str(caught.value) + caught.value.diagnostic.help
    assert caught.value.diagnostic.span.text.startswith(("x+x", "+"))


@pytest.mark.parametrize(
    ("text", "plain"),
    [
        ("ﬁ", "fi"),
        ("ｘ", "x"),
        ("𝐱", "x"),
        ("ℌ", "H"),
        ("x＿y", "_"),
        ("ſin", "sin"),
        ("＿＿import＿＿", "__import__"),
    ],
)
def test_letters_that_python_reads_as_others_are_refused(text, plain):
    with pytest.raises(SyntaxFault) as caught:
        parse(Source("<test>", text))
    assert caught.value.diagnostic.code in ("E101", "E107")
    assert plain in caught.value.diagnostic.help or plain.startswith("_")


def test_attributes_of_plain_values_are_those_of_a_table(failing):
    for text in (
        "'a'.format_map",
        "'a'.encode",
        "'a'.translate",
        "(1).to_bytes",
        "(1).__add__",
        "[].__len__",
        "{}.__getitem__",
        "(lambda: 1).f",
        "(lambda: 1).__call__",
        "(1, 2).sort",
        "ValueError.mro",
        "ValueError('a').with_traceback",
        "ValueError('a').__init__",
        "(i for i in []).gi_frame",
        "(i for i in []).send",
        "''.join.__call__",
        "None.x",
        "sin.x",
    ):
        error = failing(text)
        assert isinstance(error, AttributeError)
        assert error.diagnostic.code == "E202"


def test_a_caught_error_is_a_text(run):
    outcome = run("try:\n fail('words')\nexcept RuntimeError as e:\n f = e\nstr(f)")
    assert outcome.value == "words"
    assert repr(outcome.scope["f"]) == "RuntimeError('words')"
    assert not hasattr(outcome.scope["f"], "__dict__")


def test_values_of_the_language_show_no_addresses(run):
    outcome = run(
        "def f(): pass\ng = lambda: 1\nh = (i for i in [1])\nshow(f, g, h, ValueError, ValueError('a'))"
    )
    shown = [repr(value) for value in outcome.value[0]]
    assert shown == [
        "<function f>",
        "<function <lambda>>",
        "<generator object>",
        "<class 'ValueError'>",
        "ValueError('a')",
    ]


@pytest.mark.parametrize(
    "text", ["raise 3", "raise 'a'", "raise sin", "raise ValueError", "raise ValueError(1, box(2))", "raise"]
)
def test_only_errors_of_the_language_are_raised(failing, text):
    assert failing(text).diagnostic.code in ("E380", "E388")


def test_only_kinds_of_errors_are_caught(failing):
    assert str(failing("try:\n 1 / 0\nexcept 3:\n pass")) == "an `except` names kinds of errors"


def test_faults_of_the_host_itself_are_not_disguised(run):
    with pytest.raises(KeyError):
        run("apply(get, 1)", get={}.__getitem__)
    with pytest.raises(TypeError):
        run("sin('a')")
