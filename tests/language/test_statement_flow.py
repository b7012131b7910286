"""Statements do what Python's do."""

from __future__ import annotations

import pytest

from gradcli.diagnostics import Source
from gradcli.language import NOTHING, compile_program, parse

PROGRAMS = {
    "names": "a = b = 3\nc, (d, e) = 1, [4, 5]\nresult = (a, b, c, d, e)",
    "star": "a, *b, c = range(5)\n*d, e = 'xy'\nresult = (a, b, c, d, e)",
    "swap": "a, b = 1, 2\na, b = b, a\nresult = (a, b)",
    "augmented": "a = 5\na += 2; a -= 1; a *= 3; a //= 2; a **= 2; a %= 7; a <<= 2; a |= 1; a &= 13; a >>= 1\nresult = a",
    "augmented list": "a = b = [1]\na += [2]\na *= 2\nresult = b",
    "augmented item": "d = {'k': [1]}\nd['k'] += [2]\nd['k'][0] -= 5\nresult = d",
    "items": "d = {}\nd['a'] = 1\nd[1, 2] = 3\nl = [0, 1, 2, 3]\nl[1:3] = [9]\ndel l[0]\ndel d['a']\nresult = (d, l)",
    "if": "result = []\nfor i in range(4):\n if i == 0:\n  result.append('zero')\n elif i == 2:\n  result.append('two')\n"
    " else:\n  result.append(i)",
    "for else": "result = []\nfor i in [1, 2]:\n result.append(i)\nelse:\n result.append('else')\n"
    "for i in [1, 2]:\n break\nelse:\n result.append('not here')",
    "while": "n = 0\nwhile n < 10:\n n += 1\n if n % 2:\n  continue\n if n == 6:\n  break\nelse:\n n = -1\nresult = n",
    "while else": "n = 3\nwhile n:\n n -= 1\nelse:\n n = 'done'\nresult = n",
    "nested loops": "result = []\nfor i in range(3):\n for j in range(3):\n  if j > i:\n   break\n  result.append((i, j))",
    "for targets": "result = []\nfor a, (b, *c) in [(1, (2, 3, 4))]:\n result.append((a, b, c))",
    "del": "a = 1\ndel a\na = 2\nresult = a",
    "pass": "if 1:\n pass\nresult = 1",
    "return in loop": "def f():\n for i in range(9):\n  while True:\n   return i\nresult = f()",
    "try": "result = []\ntry:\n 1 / 0\nexcept ZeroDivisionError as e:\n result.append(str(e))\nelse:\n result.append('no')\n"
    "finally:\n result.append('last')",
    "try order": "result = []\nfor kind in [KeyError, IndexError, ValueError]:\n try:\n  raise kind('x')\n except LookupError:\n"
    "  result.append('lookup')\n except (TypeError, ValueError):\n  result.append('value')",
    "try else": "result = []\ntry:\n pass\nexcept Exception:\n result.append(1)\nelse:\n result.append(2)\nfinally:\n result.append(3)",
    "try return": "def f():\n try:\n  return 1\n finally:\n  result.append('last')\nresult = []\nresult.append(f())",
    "finally return": "def f():\n try:\n  return 1\n finally:\n  return 2\nresult = f()",
    "finally return over error": "def f():\n try:\n  1 / 0\n finally:\n  return 2\nresult = f()",
    "finally break": "result = 0\nfor i in range(5):\n try:\n  continue\n finally:\n  result = i\n  if i == 2:\n   break",
    "reraise": "result = []\ntry:\n try:\n  [][0]\n except IndexError:\n  raise\nexcept Exception as e:\n result.append(str(e))",
    "nested try": "result = []\ntry:\n try:\n  {}['k']\n except ValueError:\n  result.append('no')\n finally:\n  result.append('inner')\n"
    "except KeyError as e:\n result.append(str(e))",
    "raise in handler": "result = []\ntry:\n try:\n  1 / 0\n except ZeroDivisionError:\n  raise ValueError('second')\n"
    "except ValueError as e:\n result.append(str(e))",
    "raise from": "result = ''\ntry:\n raise ValueError('a') from None\nexcept ValueError as e:\n result = str(e)",
    "assert": "result = []\ntry:\n assert 1 > 2, 'no'\nexcept AssertionError as e:\n result.append(str(e))\nassert True",
}


@pytest.mark.parametrize("name", PROGRAMS)
def test_a_program_leaves_what_python_leaves(run, name):
    text = PROGRAMS[name]
    expected = {}
    exec(text, expected)  # noqa: S102 - the texts above, as the reference
    assert run(text).scope["result"] == expected["result"]


def test_a_handled_error_is_forgotten_after_its_block(failing):
    error = failing("try:\n 1 / 0\nexcept ZeroDivisionError as e:\n pass\ne")
    assert isinstance(error, NameError)


def test_with_enters_and_leaves_in_order_also_on_errors_and_returns(run):
    program = """
def f():
    with mode('a') as first, mode('b'):
        return first
f()
try:
    with mode('c'):
        1 / 0
except ZeroDivisionError:
    pass
for i in range(2):
    with mode('d'):
        break
"""
    outcome = run(program)
    assert outcome.host.entered == ["a", "b", "/b", "/a", "c", "/c", "d", "/d"]


def test_the_host_hears_of_assigned_names(run):
    outcome = run("a = 1\nb, c = 2, 3\na += 4\nfor d in [5]: pass\ne = f = 6")
    assert outcome.host.assignments == [("a", 1), ("a", 5), ("e", 6), ("f", 6)]


def test_the_host_changes_its_values_in_place(run):
    outcome = run(
        "a = box(1)\nb = a\na += 2\na.grad = 5\na.grad += 1\na[0] = 1\na[0] += 2\ndel a[0]\n(b.value, b.grad)"
    )
    assert outcome.value == (3, 6)
    assert outcome.scope["b"].items == {}


def test_statements_run_one_by_one(run):

    executable = compile_program(
        parse(Source("<test>", "a = 2\n(b, [c, *d]) = 1, (2, 3)\na * 3")), run("").host
    )
    scope = executable.scope()
    assert [executable.run_step(step, scope) for step in executable.steps] == [NOTHING, NOTHING, 6]
    assert [step.names for step in executable.steps] == [("a",), ("b", "c", "d"), ()]
    assert [step.span.text for step in executable.steps] == ["a = 2", "(b, [c, *d]) = 1, (2, 3)", "a * 3"]


def test_a_program_runs_again_with_other_values(run):

    executable = compile_program(parse(Source("<test>", "y = x * x; y + 1")), run("").host)
    assert [executable.run(executable.scope({"x": x})) for x in (1, 2, 3)] == [2, 5, 10]
