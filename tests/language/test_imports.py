"""Imports ask the host for modules and members, and bind what Python binds."""

from __future__ import annotations

import math

import pytest

from gradcli.diagnostics import Source
from gradcli.language import parse


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("import maths; maths.pi", math.pi),
        ("import maths as m; m.pi", math.pi),
        ("import maths.inner; maths.inner.tau", math.tau),
        ("import maths.inner as i; i.tau", math.tau),
        ("import maths, maths.inner as i; (maths.pi, i.tau)", (math.pi, math.tau)),
        ("from maths import pi; pi", math.pi),
        ("from maths import pi as p, inner; (p, inner)", (math.pi, "inner")),
        ("from maths import (\n    pi,  # a remark\n    inner,\n)\npi", math.pi),
        ("from maths.inner import tau as _t; _t", math.tau),
        ("def f():\n import maths as m\n return m.pi\nf()", math.pi),
        ("class A:\n from maths import pi\nA.pi", math.pi),
        ("from __future__ import annotations, division; 1", 1),
        ("try:\n import nothing\nexcept ImportError:\n x = 1\nx", 1),
        (
            "try:\n import nothing\nexcept ModuleNotFoundError as e:\n x = str(e)\nx",
            "No module named 'nothing'",
        ),
        (
            "try:\n from maths import no\nexcept ModuleNotFoundError: pass\nexcept ImportError:\n x = 2\nx",
            2,
        ),
        ("if 0: import nothing\n5", 5),
    ],
)  # fmt: skip
def test_an_import_binds_what_python_binds(run, text, value):
    assert run(text).value == value


@pytest.mark.parametrize(
    ("text", "kind", "place"),
    [
        ("import nothing", ModuleNotFoundError, "nothing"),
        ("import maths, nothing", ModuleNotFoundError, "nothing"),
        ("import maths.nothing as n", ModuleNotFoundError, "maths.nothing as n"),
        ("from nothing import a", ModuleNotFoundError, "a"),
        ("from maths import pi, no", ImportError, "no"),
        ("import maths.inner as i; maths", NameError, "maths"),
    ],
)
def test_an_import_that_fails_has_its_place(failing, text, kind, place):
    error = failing(text)
    assert isinstance(error, kind)
    assert error.diagnostic.span.text == place


def test_imported_names_are_bound_and_not_free():
    program = parse(Source("<test>", "import a.b, c as d\nfrom e import f as g\na + d + g(x)"))
    assert program.free_names() == ("x",)
    assert program.free_functions() == ()


def test_the_names_of_classes_are_bound_and_those_they_read_are_free():
    program = parse(Source("<test>", "class A(B):\n x = y\n z = x\n def f(self): return x + w + A\nA()"))
    assert sorted(program.free_names()) == ["B", "w", "x", "y"]
