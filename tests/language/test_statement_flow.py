"""Statements do what Python's do."""

from __future__ import annotations

import pytest

from gradcli.diagnostics import Source
from gradcli.language import NOTHING, compile_program, parse
from gradcli.language.host import unheard

PROGRAMS = {
    "names": """
a = b = 3
c, (d, e) = 1, [4, 5]
result = (a, b, c, d, e)
""",
    "star": """
a, *b, c = range(5)
*d, e = 'xy'
result = (a, b, c, d, e)
""",
    "swap": """
a, b = 1, 2
a, b = b, a
result = (a, b)
""",
    "augmented": """
a = 5
a += 2; a -= 1; a *= 3; a //= 2; a **= 2; a %= 7; a <<= 2; a |= 1; a &= 13; a >>= 1
result = a
""",
    "augmented list": """
a = b = [1]
a += [2]
a *= 2
result = b
""",
    "augmented item": """
d = {'k': [1]}
d['k'] += [2]
d['k'][0] -= 5
result = d
""",
    "items": """
d = {}
d['a'] = 1
d[1, 2] = 3
l = [0, 1, 2, 3]
l[1:3] = [9]
del l[0]
del d['a']
result = (d, l)
""",
    "if": """
result = []
for i in range(4):
    if i == 0:
        result.append('zero')
    elif i == 2:
        result.append('two')
    else:
        result.append(i)
""",
    "for else": """
result = []
for i in [1, 2]:
    result.append(i)
else:
    result.append('else')
for i in [1, 2]:
    break
else:
    result.append('not here')
""",
    "while": """
n = 0
while n < 10:
    n += 1
    if n % 2:
        continue
    if n == 6:
        break
else:
    n = -1
result = n
""",
    "while else": """
n = 3
while n:
    n -= 1
else:
    n = 'done'
result = n
""",
    "nested loops": """
result = []
for i in range(3):
    for j in range(3):
        if j > i:
            break
        result.append((i, j))
""",
    "for targets": """
result = []
for a, (b, *c) in [(1, (2, 3, 4))]:
    result.append((a, b, c))
""",
    "del": """
a = 1
del a
a = 2
result = a
""",
    "pass": """
if 1:
    pass
result = 1
""",
    "return in loop": """
def f():
    for i in range(9):
        while True:
            return i
result = f()
""",
    "try": """
result = []
try:
    1 / 0
except ZeroDivisionError as e:
    result.append(str(e))
else:
    result.append('no')
finally:
    result.append('last')
""",
    "try order": """
result = []
for kind in [KeyError, IndexError, ValueError]:
    try:
        raise kind('x')
    except LookupError:
        result.append('lookup')
    except (TypeError, ValueError):
        result.append('value')
""",
    "try else": """
result = []
try:
    pass
except Exception:
    result.append(1)
else:
    result.append(2)
finally:
    result.append(3)
""",
    "try return": """
def f():
    try:
        return 1
    finally:
        result.append('last')
result = []
result.append(f())
""",
    "finally return": """
def f():
    try:
        return 1
    finally:
        return 2
result = f()
""",
    "finally return over error": """
def f():
    try:
        1 / 0
    finally:
        return 2
result = f()
""",
    "finally break": """
result = 0
for i in range(5):
    try:
        continue
    finally:
        result = i
        if i == 2:
            break
""",
    "reraise": """
result = []
try:
    try:
        [][0]
    except IndexError:
        raise
except Exception as e:
    result.append(str(e))
""",
    "nested try": """
result = []
try:
    try:
        {}['k']
    except ValueError:
        result.append('no')
    finally:
        result.append('inner')
except KeyError as e:
    result.append(str(e))
""",
    "raise in handler": """
result = []
try:
    try:
        1 / 0
    except ZeroDivisionError:
        raise ValueError('second')
except ValueError as e:
    result.append(str(e))
""",
    "raise from": """
result = ''
try:
    raise ValueError('a') from None
except ValueError as e:
    result = str(e)
""",
    "operands of many classes at one place": """
result = []
def note(operate):
    try:
        result.append(operate())
    except (TypeError, ZeroDivisionError, OverflowError) as error:
        result.append(type(error).__name__)
for a in (7, -2.5, True, 'a', [1], (2,), 10**400, {'k': 1}):
    for b in (3, 0.5, False, 'b', [4], (5,), 0, 10**400, None):
        note(lambda: a + b)
        note(lambda: a - b)
        note(lambda: a / b)
        note(lambda: a // b)
        note(lambda: a < b)
        note(lambda: a == b)
        note(lambda: -a)
""",
    "assert": """
result = []
try:
    assert 1 > 2, 'no'
except AssertionError as e:
    result.append(str(e))
assert True
""",
}


@pytest.mark.parametrize("name", PROGRAMS)
def test_a_program_leaves_what_python_leaves(run, name):
    text = PROGRAMS[name]
    expected = {}
    exec(text, expected)  # noqa: S102 - a text of this file, as the reference
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
    outcome = run("a = box(1)\nb, c = a, a\na += 4\nfor d in [a]: pass\ne = f = a\ng = 6")
    a = outcome.scope["a"]
    assert outcome.host.assignments == [("a", a), ("a", a), ("e", a), ("f", a)]


def test_names_are_bound_where_the_host_does_not_listen(run):
    class Deaf(type(run("").host)):
        assigned = staticmethod(unheard)

    executable = compile_program(parse(Source("<test>", "a = box(1)\nb, c = a, a\na += 4")), Deaf())
    scope = executable.scope()
    executable.run(scope)
    assert (scope["a"].value, scope["b"] is scope["c"]) == (5, True)


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
