"""Classes, decorators and `super()` find what Python finds; the host makes the classes."""

from __future__ import annotations

import pytest

PROGRAMS = {
    "methods": """
class A:
    '''A class.'''
    n = 3
    def __init__(self, x=1):
        self.x = x
        self._hidden = [x]
    def total(self):
        return self.x + A.n + self.n + len(self._hidden)
    def __call__(self, y):
        return self.total() + y
a = A(5)
a.y = 7
a.y += 1
a._hidden.append(1)
result = (a.total(), a(1), a.y, A().x, A.n)
""",
    "super": """
class A:
    def __init__(self, x): self.x = x
    def f(self): return 'A' + str(self.x)
class B(A):
    def __init__(self, x):
        super().__init__(x + 1)
        self.y = super(B, self).f()
    def f(self): return 'B' + super().f()
    def g(self): return [super(B, self).f() for _ in range(2)]
class C(B):
    def f(self):
        def inner(self): return super().f()
        return 'C' + inner(self) + super().f()
result = (B(1).y, B(1).f(), B(1).g(), C(1).f())
""",
    "class scope is not seen by methods": """
n = 'outer'
class A:
    n = 'inner'
    m = n + '!'
    def f(self): return n
    g = lambda self: n
    l = [n for _ in range(1)]
    d = {k: n for k in [n]}
result = (A.m, A().f(), A().g(), A.l, A.d)
""",
    "class scope falls back": """
n = 1
def f():
    n = 2
    class A:
        m = n
        k = [n for i in range(2)]
    class B:
        n = n + 10 if False else 5
    return A.m, A.k, B.n
class C:
    n = n + 1
    n = n + 1
result = (f(), C.n, n)
""",
    "body runs in order": """
seen = []
class A:
    for i in range(3):
        if i == 1: continue
        seen.append(i)
    try:
        1 / 0
    except ZeroDivisionError as e:
        message = str(e)
    (a, *b), c = (1, 2, 3), 4
    c += 1
    x: int = 5
    y: str
result = (seen, A.message, A.a, A.b, A.c, A.i, A.x)
""",
    "nested": """
class A:
    class B:
        n = 1
        def f(self): return 'B'
    def f(self):
        class C(A.B):
            def f(self): return 'C' + super().f()
        return C().f() + A.B().f()
result = (A().f(), A.B.n)
""",
    "decorators": """
seen = []
def note(word):
    seen.append('made ' + word)
    def wrap(f):
        seen.append('wraps ' + word)
        return lambda *args, **kwargs: [word, f(*args, **kwargs)]
    return wrap
@note('a')
@note('b')
def f(x, y=2): return x + y
class A:
    @note('m')
    def m(x): return x
result = (f(1), f(1, y=5), seen, A.m(3))
""",
    "decorated class": """
def shown(cls): return [cls, 'decorated']
@shown
class A:
    def f(self): return 'A'
class B(A[0]):
    def f(self): return 'B' + super().f()
result = (A[1], B().f())
""",
    "decorator sees the function before the name is bound": """
f = 'before'
def keep(g):
    seen.append(f)
    return g
seen = []
@keep
def f(): return 1
result = (seen, f())
""",
    "binding of dunder names in a class": """
class A:
    def __add__(self, other): return 'add'
    __radd__ = __add__
    __call__ = lambda self: 'called'
result = (A()(), A.__radd__(1, 2), A().__add__(1))
""",
    "class of an instance": """
class A:
    def make(self): return self.__class__()
    def f(self): return 'made'
result = A().make().f()
""",
    "recursion in a method": """
class A:
    def f(self, n): return 1 if n == 0 else n * self.f(n - 1)
result = A().f(10)
""",
    "closure over a loop in a method": """
class A:
    def fs(self): return [lambda: (self, i) for i in range(3)]
result = [f()[1] for f in A().fs()]
""",
    "walrus": """
result = []
if (n := 10) > 5: result.append(n)
while (n := n - 4) > 0: result.append(n)
result.append([m := i * 2 for i in range(3)])
def f():
    [last := i for i in range(4)]
    return last
result += [m, f(), (lambda: (k := 3) + k)()]
result.append([y for x in range(4) if (y := x % 2)])
""",
    "private names": """
_x = 1
def _f(_a, *, _k=2): return _a + _k
for _i in range(2): _x += _i
result = (_f(1), _f(1, _k=5), _x, [_j for _j in range(2)])
""",
    "main": """
result = []
if __name__ == '__main__':
    result.append(__name__)
def f(): return __name__
result.append(f())
""",
    "parameters and annotations": """
from __future__ import annotations
def f(a: int, /, b: 'x' = 2, *c: float, d: list[int] = (), **e: Unknown) -> None:
    x: dict[str, int] = {}
    return (a, b, c, d, e, x)
result = f(1, 3, 4, d=5, g=6)
""",
}


@pytest.mark.parametrize("name", PROGRAMS)
def test_a_program_leaves_what_python_leaves(run, name):
    text = PROGRAMS[name]
    expected = {"__name__": "__main__"}
    exec(text, expected)  # noqa: S102 - a text of this file, as the reference
    assert run(text).scope["result"] == expected["result"]


def test_the_host_makes_the_class_of_what_the_body_bound(run):
    outcome = run("class A: pass\nclass B(A):\n n = 1\n def f(self): pass\n m = n + 1")
    assert outcome.scope["B"].name == "B"
    assert outcome.scope["B"].bases == (outcome.scope["A"],)
    assert list(outcome.scope["B"].members) == ["n", "f", "m"]
    assert outcome.scope["B"].members["f"].name == "f"


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("class A(5): pass", "class A(5): pass"),
        ("class A(zzz): pass", "zzz"),
        ("class A:\n x = 1 / 0", "1 / 0"),
        ("class A:\n def f(self): return x\n x = 1\nA().f()", "x"),
        ("@zzz\ndef f(): pass", "zzz"),
        ("@box\ndef f(): pass\nf()", "f()"),
        ("@3\nclass A: pass", "3"),
        ("@(lambda f: 1 / 0)\ndef g(): pass", "1 / 0"),
        ("class A:\n def f(self): return 1 / 0\nA().f()", "1 / 0"),
        ("class A:\n def f(self): return super().g()\nA().f()", "super().g"),
        ("class A:\n x = [y for i in [1]]\n y = 1", "y"),
        ("class A:\n print(B)", "B"),
    ],
)
def test_an_error_in_a_class_has_its_place(failing, text, place):
    assert failing(text).diagnostic.span.text == place


def test_super_before_the_class_is_made_is_an_error(failing):
    error = failing("class A:\n def f(self): return super()\n f(3)")
    assert str(error) == "super(): empty __class__ cell"


def test_a_class_that_another_scope_names_is_found_through_a_function(run):
    assert run("def f():\n class A: n = 4\n def g(): return A.n\n return g()\nf()").value == 4
