"""Random programs of plain Python print what Python prints, and fail where it fails, and how."""

from __future__ import annotations

import warnings

from hypothesis import given, settings
from hypothesis import strategies as st

from gradcli.diagnostics import (
    AttributeFault,
    GradcliError,
    LimitFault,
    NameFault,
    Source,
    SyntaxFault,
    TypeFault,
)
from gradcli.language import Limits, compile_program, parse

NAMES = ("a", "b", "c", "d")
FUNCTIONS = {
    "len": len, "range": range, "sum": sum, "min": min, "max": max, "abs": abs, "list": list,
    "sorted": sorted, "zip": zip, "enumerate": enumerate, "tuple": tuple, "any": any, "all": all,
    "isinstance": isinstance, "int": int, "float": float,
}  # fmt: skip


class PlainHost:
    """Python's own functions, and nothing that is not plain."""

    def __init__(self):
        self.context = type("Place", (), {"span": None})()
        self.printed = []

    def lookup(self, name):
        if name == "print":
            return self.print
        if name not in FUNCTIONS:
            raise NameFault("E201", f"name '{name}' is not defined")
        return FUNCTIONS[name]

    def print(self, *values):
        self.printed.append(" ".join(map(self.formatter.text, values)))

    def call(self, function, args, kwargs):
        if not callable(function):
            raise TypeFault("E303", f"'{type(function).__name__}' object is not callable")
        try:
            return function(*args, **kwargs)
        except GradcliError:
            raise
        except (TypeError, ValueError, ArithmeticError) as error:
            kinds = {"TypeError": TypeFault}
            fault = kinds.get(type(error).__name__)
            raise (fault or self.other(error))("E303", str(error)) from None

    def other(self, error):
        return type("Other", (GradcliError, type(error)), {})

    def refuse(self, *_):
        raise TypeFault("E303", "refused")

    def binary(self, _symbol):
        return self.refuse

    def compare(self, symbol):
        return lambda a, b: (a is b) == (symbol == "==") if symbol in ("==", "!=") else self.refuse()

    inplace = unary = binary
    contains = set_attribute = index = set_index = del_index = manager = refuse
    module = member = make_class = parent = refuse

    def attribute(self, _value, name):
        raise AttributeFault("E202", f"no attribute '{name}'")

    def iterate(self, value):
        if isinstance(value, (zip, enumerate)):
            return iter(value)
        raise TypeFault("E303", f"'{type(value).__name__}' object is not iterable")

    def truth(self, _value):
        return True

    def assigned(self, name, value):
        pass


names = st.sampled_from(NAMES)
atoms = st.one_of(
    names, names, st.integers(-3, 12).map(str), st.sampled_from(["1.5", "'x'", "'ab'", "[]", "[1, 2]", "{}"]),
    st.sampled_from(["{'k': 1}", "(1, 'y')", "True", "None", "{1, 2}"]),
    st.sampled_from(["range(3)", "0.0", "f(2)", "f(a, b=c)"]),
)  # fmt: skip


def larger(inner):
    def pair(*words):
        return st.tuples(inner, st.sampled_from(words), inner).map("({0[0]} {0[1]} {0[2]})".format)

    return st.one_of(
        pair("+", "-", "*", "+", "/", "//", "%"),
        pair("<", "<=", "==", "!=", "in", "not in", "is"),
        pair("and", "or"),
        inner.map("-{}".format),
        inner.map("(not {})".format),
        inner.map("len({})".format),
        inner.map("[v for v in {}]".format),
        st.tuples(inner, inner).map("[{0[0]}, {0[1]}]".format),
        st.tuples(inner, inner).map("{0[0]}[{0[1]}]".format),
        st.tuples(inner, inner).map("{0[0]}[{0[1]}:]".format),
        st.tuples(inner, inner).map("{{{0[0]}: {0[1]}}}".format),
        st.tuples(inner, inner, inner).map("({0[0]} if {0[1]} else {0[2]})".format),
        st.tuples(inner, inner).map("sum(v for v in {0[0]} if {0[1]})".format),
        st.tuples(inner, inner).map('f"{{{0[0]}}}|{{{0[1]}!r:>6}}"'.format).filter(quotable),
        st.tuples(inner, inner).map("'%s,%r' % ({0[0]}, {0[1]})".format),
        st.tuples(inner, inner).map("'{{}}-{{!r}}'.format({0[0]}, {0[1]})".format),
        st.tuples(inner, inner).map("(lambda v, w={0[0]}: (v, w))({0[1]})".format),
        st.tuples(names, inner).map("({0[0]} := {0[1]})".format),
        st.tuples(inner, st.sampled_from(METHODS)).map("{0[0]}{0[1]}".format),
        st.tuples(inner, inner).map("','.join([{0[0]}, {0[1]}])".format),
    )


def quotable(text):
    return text.count('"') == 2 and "{{" not in text and "f'" not in text


METHODS = [
    ".upper()", ".split('x')", ".copy()", ".items()", ".keys()", ".get('k', 0)", ".count(1)", ".index(2)",
    ".append(1)", ".pop()", ".update({'z': 1})", ".add(4)", ".replace('x', 'yy')", ".strip()", ".sort()",
    ".extend([3])", ".union({5})", ".zfill(4)", ".startswith('x')", ".reverse()", ".values()", ".title()",
]  # fmt: skip
EXPRESSIONS = st.recursive(atoms, larger, max_leaves=5)


@st.composite
def expression(draw):  # a name of its own keeps what hypothesis shows of a strategy short
    return draw(EXPRESSIONS)


expressions = expression()
plain = st.one_of(
    st.tuples(names, expressions).map("{0[0]} = {0[1]}".format),
    st.tuples(names, st.sampled_from("+-*%|"), expressions).map("{0[0]} {0[1]}= {0[2]}".format),
    expressions.map("print({})".format),
    expressions.map("print({}, a)".format),
    st.tuples(names, names, expressions).map("{0[0]}, {0[1]} = {0[2]}".format),
    st.tuples(names, expressions, expressions).map("{0[0]}[{0[1]}] = {0[2]}".format),
    st.tuples(names, expressions).map("del {0[0]}[{0[1]}]".format),
    expressions.map("assert not ({}), 'words'".format),
    expressions.map("raise ValueError({})".format),
    st.sampled_from(["pass", "del a", "print(a, b, c)", "print(d)"]),
)


CAUGHT = "try:\n    {}\nexcept Exception as d:\n    print('caught')\nfinally:\n    d = 1"
SIMPLE = st.one_of(plain, plain.map(CAUGHT.format), plain.map(CAUGHT.format), plain.map(CAUGHT.format))


@st.composite
def statement(draw):
    return draw(SIMPLE)


def indented(body):
    return "\n".join("    " + line for statement in body for line in statement.split("\n"))


def blocks(inner):
    body = st.lists(inner, min_size=1, max_size=3).map(indented)
    jumps = st.sampled_from(["", "", "\n    break", "\n    if b: continue"])
    return st.one_of(
        st.tuples(expressions, body).map("if {0[0]}:\n{0[1]}".format),
        st.tuples(expressions, body, body).map("if {0[0]}:\n{0[1]}\nelse:\n{0[2]}".format),
        st.tuples(names, expressions, body, jumps).map("for {0[0]} in {0[1]}:\n{0[2]}{0[3]}".format),
        st.tuples(body, body).map("for d in range(2):\n{0[0]}\nelse:\n{0[1]}".format),
        st.tuples(body, body).map("try:\n{0[0]}\nexcept (TypeError, ValueError) as d:\n{0[1]}".format),
        st.tuples(body, body).map(
            "try:\n{0[0]}\nexcept LookupError:\n    pass\nelse:\n{0[1]}\nfinally:\n    print('last')".format
        ),
        st.tuples(body, expressions).map("def f(a, b=1, *c, **d):\n{0[0]}\n    return {0[1]}".format),
        st.tuples(body, expressions).map("def f(x, b=2):\n    global a\n{0[0]}\n    return {0[1]}".format),
    )


programs = st.lists(st.recursive(statement(), blocks, max_leaves=4), min_size=1, max_size=6).map("\n".join)
START = "a = 1\nb = 2.5\nc = [1, 2]\nd = {'k': 'v'}\ndef f(x, b=0): return x\n"


def of_python(text):
    printed = []
    scope = {"print": lambda *values: printed.append(" ".join(map(str, values))), "__name__": "__main__"}
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            code = compile(text, "<test>", "exec")
        exec(code, scope)  # noqa: S102 - a text of this file, as the reference
    except (Exception, RecursionError) as error:  # noqa: BLE001 - whatever Python raises
        return printed, error
    return printed, None


def of_ours(text):
    host = PlainHost()
    executable = compile_program(parse(Source("<test>", text), Limits(steps=200_000, calls=50)), host)
    host.formatter = executable.formatter
    try:
        executable.run(executable.scope())
    except GradcliError as error:
        return host.printed, error
    return host.printed, None


def compiles(text):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            compile(text, "<test>", "exec")
        except SyntaxError:
            return False
    try:
        parse(Source("<test>", text))
    except SyntaxFault:  # a slip in other eyes: `[][1, 2]`
        return False
    return True


@settings(max_examples=400, deadline=None)
@given(text=programs.map(START.__add__).filter(compiles))
def test_a_random_program_prints_what_python_prints(text):
    printed, error = of_ours(text)
    if isinstance(error, LimitFault):
        return
    expected, wanted = of_python(text)
    shown = "\n".join(printed)
    if " at 0x" in "\n".join(expected) or "<generator" in shown or isinstance(wanted, RecursionError):
        return  # addresses, which we do not show
    assert printed == expected
    if wanted is None:
        assert error is None
    else:
        assert isinstance(error, type(wanted))
        assert error.diagnostic.span is not None
