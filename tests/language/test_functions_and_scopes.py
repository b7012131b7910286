"""Functions bind their arguments, and names are found where Python finds them."""

from __future__ import annotations

import pytest

PROGRAMS = {
    "defaults": """
def f(a, b=2, *, c=3, d): return (a, b, c, d)
result = [f(1, d=4), f(1, 5, d=6, c=7), f(b=1, a=2, d=3)]
""",
    "star": """
def f(a, *b, c=0, **d): return (a, b, c, d)
result = [f(1), f(1, 2, 3, c=4, x=5), f(*[1, 2], **{'y': 3})]
""",
    "nameless": """
def f(a, /, b): return (a, b)
result = [f(1, 2), f(1, b=3)]
""",
    "nameless twice": """
def f(a, /, **k): return (a, k)
result = f(1, a=2)
""",
    "default once": """
n = 1
def f(a=n): return a
n = 2
result = f()
""",
    "shared default": """
def f(a, l=[]):
    l.append(a)
    return l
f(1)
result = f(2)
""",
    "closure": """
def outer():
    n = 0
    def inner():
        return n
    n = 5
    return inner
result = outer()()
""",
    "nonlocal": """
def counter():
    n = 0
    def up():
        nonlocal n
        n += 1
        return n
    return up
c = counter()
c()
result = (c(), counter()())
""",
    "global": """
n = 0
def up():
    global n
    n += 1
up()
up()
result = n
""",
    "global past nonlocal": """
n = 'g'
def f():
    n = 'f'
    def g():
        global n
        return n
    return g()
result = f()
""",
    "late binding": """
fs = [lambda: i for i in range(3)]
result = [f() for f in fs]
""",
    "recursion": """
def fact(n): return 1 if n == 0 else n * fact(n - 1)
result = fact(20)
""",
    "mutual": """
def even(n): return True if n == 0 else odd(n - 1)
def odd(n): return False if n == 0 else even(n - 1)
result = even(10)
""",
    "no return": """
def f(): pass
result = f()
""",
    "comprehension scope": """
x = 'kept'
y = [x for x in range(3)]
result = (x, y)
""",
    "comprehension in function": """
def f(n):
    k = 10
    return [k * i + j for i in range(n) for j in range(i)]
result = f(3)
""",
    "lazy source": """
n = [1, 2]
g = (a for a in n)
n = [3]
result = list(g)
""",
    "lazy twice": """
g = (a for a in [1, 2])
result = list(g) + list(g)
""",
    "shadowing": """
def f(sum): return sum
result = f(3)
""",
    "builtin shadowed": """
sin = 4
result = sin
""",
    "nested comprehension": """
result = [[(a, b) for a in range(b)] for b in range(3)]
""",
    "lambda default": """
result = [(lambda i=i: i)() for i in range(3)]
""",
    "deep hops": """
def a():
    x = 1
    def b():
        def c():
            nonlocal x
            x += 1
            return [x + i for i in range(2)]
        return c
    return b()()
result = a()
""",
    "annotations": """
def f(a: int, b: 'x' = 2) -> int:
    return a + b
result = f(1)
""",
}


@pytest.mark.parametrize("name", PROGRAMS)
def test_a_program_leaves_what_python_leaves(run, name):
    text = PROGRAMS[name]
    expected = {}
    exec(text, expected)  # noqa: S102 - a text of this file, as the reference
    assert run(text).scope["result"] == expected["result"]


WRONG_CALLS = [
    ("def f(a, b): pass", "f(1)"),
    ("def f(a, b, c): pass", "f()"),
    ("def f(a): pass", "f(1, 2)"),
    ("def f(): pass", "f(1)"),
    ("def f(a, b=1): pass", "f(1, 2, 3)"),
    ("def f(a): pass", "f(1, a=2)"),
    ("def f(a): pass", "f(b=2, a=1)"),
    ("def f(*, k): pass", "f()"),
    ("def f(a, /): pass", "f(a=1)"),
    ("f = lambda x: x", "f()"),
]


@pytest.mark.parametrize(("definition", "call"), WRONG_CALLS)
def test_arguments_that_do_not_fit_are_refused_in_pythons_words(failing, definition, call):
    names = {}
    exec(definition, names)  # noqa: S102 - a text of this file, as the reference
    with pytest.raises(TypeError) as python:
        eval(call, names)  # noqa: S307 - a text of this file, as the reference
    error = failing(f"{definition}\n{call}")
    words = str(python.value)
    if "positional-only" in words:
        words = "f() got an unexpected keyword argument 'a'"
    assert isinstance(error, TypeError)
    assert str(error) == words
    assert error.diagnostic.span.text == call


def test_functions_are_callable_from_outside(run):
    outcome = run("def f(a, b=1):\n return a - b\napply(f, 5), apply(lambda *n: len(n), 1, 2)")
    assert outcome.value == (4, 2)
    assert outcome.scope["f"](3, b=2) == 1


def test_a_local_read_before_it_is_bound_is_an_error_at_its_place(failing):
    error = failing("x = 1\ndef f():\n y = x\n x = 2\nf()")
    assert str(error) == "cannot access local variable 'x' where it is not associated with a value"
    assert (error.diagnostic.span.start, error.diagnostic.span.text) == (20, "x")


def test_an_unknown_name_is_an_error_at_its_place(failing):
    error = failing("a = 1\ndef f(): return [a + zzz for i in [1]]\nf()")
    assert str(error) == "name 'zzz' is not defined"
    assert error.diagnostic.span.text == "zzz"
