"""A host over plain Python numbers and one value of its own, for the tests of the language alone."""

from __future__ import annotations

import contextlib
import math
import operator
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
from gradcli.language import Limits, compile_program, parse


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
        if isinstance(value, list) and name == "append":
            return value.append
        raise AttributeFault("E202", f"'{type(value).__name__}' object has no attribute '{name}'")

    def set_attribute(self, value, name, new):
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
