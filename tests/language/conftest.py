"""A host over plain Python numbers and one value of its own, for the tests of the language alone."""

from __future__ import annotations

import contextlib
import math
import operator
from functools import partial
from typing import ClassVar

import pytest

from gradcli.diagnostics import (
    AttributeFault,
    GradcliError,
    IndexFault,
    NameFault,
    RuntimeFault,
    Source,
    TypeFault,
)
from gradcli.language import Function, ImportFault, Limits, ModuleFault, compile_program, parse


class Place:
    """Where the program is."""

    def __init__(self):
        self.span = None


class Box:
    """A value that is not plain: it holds a number and remembers the span that made it."""

    def __init__(self, value, span=None):
        self.value = value
        self.span = span
        self.grad = None
        self.items = {}

    def __repr__(self):
        return f"Box({self.value!r})"


class Space:
    """A module."""

    def __init__(self, path, held):
        self.path = path
        self.held = held


class Kind:
    """A class of the program."""

    def __init__(self, name, bases, members):
        self.name = name
        self.bases = bases
        self.members = members

    def line(self):
        """The class and those above it, nearest first."""
        return [self, *(one for base in self.bases for one in base.line())]

    def find(self, name, *, above=None):
        line = self.line()
        line = line if above is None else line[line.index(above) + 1 :]
        return next((kind.members[name] for kind in line if name in kind.members), None)

    def __call__(self, *args, **kwargs):
        thing = Thing(self)
        if self.find("__init__"):
            self.find("__init__")(thing, *args, **kwargs)
        return thing


class Thing:
    """An instance of a class of the program."""

    def __init__(self, kind):
        self.kind = kind
        self.held = {}

    def attribute(self, name, above=None):
        if above is None and name in self.held:
            return self.held[name]
        found = self.kind.find(name, above=above)
        if found is None:
            raise AttributeFault("E202", f"'{self.kind.name}' object has no attribute '{name}'")
        return partial(found, self) if isinstance(found, Function) else found

    def __call__(self, *args, **kwargs):
        return self.attribute("__call__")(*args, **kwargs)


class Parent:
    """What `super()` is."""

    def __init__(self, owner, thing):
        self.owner = owner
        self.thing = thing


class NumberHost:
    """Functions of mathematics, `Box` as the stand-in for a tensor, and a record of what happened."""

    operators: ClassVar = {
        "+": operator.add, "-": operator.sub, "*": operator.mul, "/": operator.truediv,
        "//": operator.floordiv, "%": operator.mod, "**": operator.pow,
    }  # fmt: skip
    comparisons: ClassVar = {
        "==": operator.eq, "!=": operator.ne, "<": operator.lt, "<=": operator.le, ">": operator.gt,
        ">=": operator.ge,
    }  # fmt: skip

    def __init__(self):
        self.context = Place()
        self.assignments = []
        self.printed = []
        self.entered = []
        self.names = {
            "box": lambda value: Box(value, self.context.span),
            "unbox": lambda box: box.value,
            "fail": self._fail,
            "sin": math.sin,
            "sum": sum,
            "max": max,
            "len": len,
            "list": list,
            "range": range,
            "str": str,
            "repr": repr,
            "int": lambda value=0: int(value.value if isinstance(value, Box) else value),
            "float": lambda value=0: float(value.value if isinstance(value, Box) else value),
            "set": lambda values=(): set(values),
            "dict": lambda *args, **kwargs: dict(*args, **kwargs),
            "sorted": lambda values, key=None, reverse=False: sorted(values, key=key, reverse=reverse),
            "enumerate": enumerate,
            "zip": zip,
            "tuple": tuple,
            "isinstance": lambda value, kind: isinstance(value, Thing) and kind in value.kind.line(),
            "type": lambda value: value.kind,
            "print": lambda *args: self.printed.append(args),
            "apply": lambda function, *args: function(*args),
            "show": lambda *args, **kwargs: (args, kwargs),
            "mode": lambda name: self._mode(name),
            "pi": math.pi,
        }

    def _fail(self, text="failed on purpose"):
        raise RuntimeFault("E399", text)

    @contextlib.contextmanager
    def _mode(self, name):
        self.entered.append(name)
        try:
            yield name
        finally:
            self.entered.append(f"/{name}")

    def lookup(self, name):
        if name not in self.names:
            raise NameFault("E201", f"name '{name}' is not defined")
        return self.names[name]

    def _boxed(self, symbol, function, *values):
        if not any(isinstance(value, Box) for value in values):
            names = " and ".join(f"'{type(value).__name__}'" for value in values)
            raise TypeFault("E303", f"unsupported operand type(s) for {symbol}: {names}")
        plain = [value.value if isinstance(value, Box) else value for value in values]
        return Box(function(*plain), self.context.span)

    def binary(self, symbol):
        function = self.operators.get(symbol)
        return lambda left, right: self._boxed(symbol, function, left, right)

    def inplace(self, symbol):
        function = self.operators.get(symbol)

        def change(left, right):
            result = self._boxed(symbol, function, left, right)
            if not isinstance(left, Box):
                return result
            left.value = result.value
            return left

        return change

    def unary(self, symbol):
        function = {"-": operator.neg, "+": operator.pos, "~": operator.invert}[symbol]
        return lambda value: self._boxed(symbol, function, value)

    def compare(self, symbol):
        function = self.comparisons[symbol]
        return lambda left, right: self._boxed(symbol, function, left, right)

    def contains(self, container, item):
        return item in container.items

    def truth(self, value):
        if isinstance(value, Box) and isinstance(value.value, list):
            raise RuntimeFault("E399", "Boolean value of Tensor with more than one value is ambiguous")
        return bool(value.value) if isinstance(value, Box) else True

    def iterate(self, value):
        if isinstance(value, Box) and isinstance(value.value, list):
            return iter([Box(item, self.context.span) for item in value.value])
        raise TypeFault("E303", f"'{type(value).__name__}' object is not iterable")

    def attribute(self, value, name):
        if isinstance(value, Box) and name in ("value", "grad"):
            return getattr(value, name)
        if isinstance(value, Box) and name == "double":
            return lambda: Box(value.value * 2, self.context.span)
        if isinstance(value, Space) and name in value.held:
            held = value.held[name]
            return self.module(f"{value.path}.{held}") if isinstance(held, str) else held
        if isinstance(value, Thing):
            return value.attribute(name)
        if isinstance(value, Parent):
            return value.thing.attribute(name, above=value.owner)
        if isinstance(value, Kind) and value.find(name) is not None:
            return value.find(name)
        raise AttributeFault("E202", f"'{type(value).__name__}' object has no attribute '{name}'")

    def set_attribute(self, value, name, new):
        if isinstance(value, Thing):
            value.held[name] = new
            return
        if not isinstance(value, Box) or name != "grad":
            raise AttributeFault("E202", f"'{type(value).__name__}' object has no attribute '{name}'")
        value.grad = new

    def index(self, value, key):
        if not isinstance(value, Box):
            raise TypeFault("E303", f"'{type(value).__name__}' object is not subscriptable")
        if key not in value.items if not isinstance(key, slice) else True:
            raise IndexFault("E302", "index out of range")
        return value.items[key]

    def set_index(self, value, key, new):
        value.items[key] = new

    def del_index(self, value, key):
        del value.items[key]

    def call(self, function, args, kwargs):
        if not callable(function):
            raise TypeFault("E303", f"'{type(function).__name__}' object is not callable")
        return function(*args, **kwargs)

    def manager(self, value):
        if not hasattr(value, "__enter__"):
            raise TypeFault(
                "E303", f"'{type(value).__name__}' object does not support the context manager protocol"
            )
        return value

    def assigned(self, name, value):
        self.assignments.append((name, value))

    modules: ClassVar = {"maths": {"pi": math.pi, "inner": "inner"}, "maths.inner": {"tau": math.tau}}

    def module(self, path):
        if path not in self.modules:
            raise ModuleFault("E211", f"No module named '{path}'")
        return Space(path, self.modules[path])

    def member(self, path, name):
        held = self.module(path).held
        if name not in held:
            raise ImportFault("E211", f"cannot import name '{name}' from '{path}'")
        return held[name]

    def make_class(self, name, bases, members):
        if any(type(base) is not Kind for base in bases):
            raise TypeFault("E303", f"no class derives from '{type(bases[0]).__name__}'")
        return Kind(name, bases, members)

    def parent(self, owner, instance):
        return Parent(owner, instance)

    def text(self, value, *, quoted):
        if isinstance(value, Thing):
            method = value.kind.find("__repr__" if quoted else "__str__") or value.kind.find("__repr__")
            return method(value) if method else f"<{value.kind.name} object>"
        return f"{'Q' if quoted else ''}{value!r}"

    def format(self, value, spec):
        return format(value.value, spec) if spec else self.text(value, quoted=False)


class Outcome:
    """What a run came to: the value of the last expression, the variables, the host."""

    def __init__(self, value, scope, host):
        self.value = value
        self.scope = scope
        self.host = host


@pytest.fixture
def run():
    """Runs a text and returns its outcome; keyword arguments are variables bound before."""

    def run_text(text, limits=None, **values):
        host = NumberHost()
        executable = compile_program(parse(Source("<test>", text), limits or Limits()), host)
        scope = executable.scope(values)
        return Outcome(executable.run(scope), scope, host)

    return run_text


@pytest.fixture
def failing(run):
    """Runs a text that must fail and returns the error."""

    def run_failing(text, limits=None, **values):
        with pytest.raises(GradcliError) as caught:
            run(text, limits, **values)
        return caught.value

    return run_failing
