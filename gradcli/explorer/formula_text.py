"""Backward rules as text: a node's rule is run on values that know how they were made.

`y*(g - sum_dims(y*g, dims=(-1,)))` is what softmax's rule says when g, x and y are names. Each value also
carries the numbers of the example, so that rules which look at shapes take the way they would take.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from gradcli.autograd.node import kept
from gradcli.checks.naming import is_plain
from gradcli.explorer.terms import ATOM, POWER, PRODUCT, RELATION, SIGN, SIGNS, SUM, Factor
from gradcli.ops.algebra import NUMPY, Algebra
from gradcli.ops.operand import Operand

if TYPE_CHECKING:
    from collections.abc import Sequence

    from gradcli.autograd.node import RecordNode
    from gradcli.ops.record import Params, Record

__all__ = ["rule_texts"]

INFIX = {
    "add": (" + ", SUM),
    "sub": (" - ", SUM),
    "mul": ("*", PRODUCT),
    "div_true": ("/", PRODUCT),
    **{name: (f" {sign} ", RELATION) for name, sign in SIGNS.items()},
}


def rule_texts(node: RecordNode) -> list[tuple[str, str]]:
    """Returns the name and the rule of each argument that a gradient flows to; g is that of the result."""
    m = _Texts()
    shape, dtype = node.outputs[0]
    cotangent: Any = _Text(m, "g", np.ones(shape, dtype))
    if len(node.outputs) > 1:
        cotangent = [cotangent, *[None] * (len(node.outputs) - 1)]
    found = node.pull(m, cotangent)
    arguments = [node.record.argument(position) for position in node.rule.positions]
    return [
        (argument, rule.text)
        for argument, rule in dict(zip(arguments, found, strict=True)).items()
        if isinstance(rule, _Text)
    ]


class _Text(Operand):
    """A value of which the text and the numbers are known."""

    __slots__ = ("array", "m", "strength", "text")

    def __init__(self, m: _Texts, text: str, array: Any, strength: int = ATOM) -> None:
        self.m = m
        self.text = text
        self.array = np.asarray(array)
        self.strength = strength

    @property
    def shape(self) -> tuple[int, ...]:  # type: ignore[override] # read only
        """The shape of the numbers."""
        return self.array.shape

    @property
    def dtype(self) -> Any:
        """The dtype of the numbers."""
        return self.array.dtype

    def within(self, strength: int) -> str:
        """Its text, in brackets where what surrounds it holds more tightly."""
        return Factor(self.text, self.strength).within(strength)

    @property
    def algebra(self) -> Any:
        """What made it, for the operators."""
        return self.m


class _Texts(Algebra):
    """Records applied to texts: the text of the call, and its numbers."""

    def apply(self, record: Record, values: Sequence[Any], params: Params) -> Any:
        """The call as text, with the numbers it has."""
        arrays = [value.array if isinstance(value, _Text) else value for value in values]
        result = NUMPY.apply(record, arrays, params)
        text, strength = _call(record.name, values, params)
        if isinstance(result, (tuple, list)):
            return tuple(_Text(self, f"{text}[{i}]", part) for i, part in enumerate(result))
        return _Text(self, text, result, strength)

    def saved_values(self, node: RecordNode, saved: Sequence[Any]) -> list[Any]:
        """What the node saved, under the names that its record gives."""
        record = node.record
        names = [record.argument(slot) if slot >= 0 else record.outputs[~slot] for slot in node.rule.save]
        return [_Text(self, name, kept(value)[0]) for name, value in zip(names, saved, strict=True)]

    def conform(self, g: Any, shape: tuple[int, ...], dtype: Any) -> Any:  # noqa: ARG002 - the engine's own business
        """The cotangent as it is: summing to a shape is no part of a rule."""
        return g

    def zeros_like(self, x: Any) -> Any:
        """Zeros."""
        return _Text(self, "0", np.zeros_like(x.array))

    def zeros(self, shape: tuple[int, ...], like: Any) -> Any:
        """Zeros."""
        return _Text(self, "0", np.zeros(shape, like.array.dtype))

    def array(self, values: Any, like: Any) -> Any:
        """A constant."""
        array = np.asarray(values, like.array.dtype)
        return _Text(self, str(array.tolist()) if array.size <= 1 else "constant", array)

    def eps(self, x: Any) -> Any:
        """The distance from 1 to the next number."""
        return _Text(self, "eps", np.finfo(x.array.dtype).eps)


def _call(name: str, values: Sequence[Any], params: Params) -> tuple[str, int]:
    """The text of a record's call, and how tightly it holds together."""
    if name in INFIX and len(values) == 2 and not params:  # noqa: PLR2004 - both sides of the sign
        sign, strength = INFIX[name]
        left, right = values
        tighter = strength + (name not in {"add", "mul"})
        return f"{_within(left, strength)}{sign}{_within(right, tighter)}", strength
    if name == "neg":
        return f"-{_within(values[0], SIGN)}", SUM
    if name == "pow_scalar":
        return f"{_within(values[0], ATOM)}**{params['exponent']}", POWER
    parts = [_within(value, RELATION) for value in values]
    parts += [f"{key}={_plain(value)}" for key, value in params.items() if is_plain(value)]
    return f"{name}({', '.join(parts)})", ATOM


def _within(value: Any, strength: int) -> str:
    if isinstance(value, _Text):
        return value.within(strength)
    return str(int(value)) if isinstance(value, float) and value.is_integer() else _plain(value)


def _plain(value: Any) -> str:
    return f"[{', '.join(map(_plain, value))}]" if isinstance(value, list) else str(value)
