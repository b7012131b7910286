"""An algebra that counts the operations of a formula, and gets one of them wrong."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from gradcli.ops.algebra import Algebra
from gradcli.ops.record import NO_PARAMS, Params, Record

FLIPPED = {"lt": "le", "le": "lt", "gt": "ge", "ge": "gt", "eq": "ne", "ne": "eq"}
NEGATED = {"lt": "ge", "le": "gt", "gt": "le", "ge": "lt", "eq": "ne", "ne": "eq"}


def is_float(x: Any) -> bool:
    return hasattr(x, "shape") and x.dtype.kind == "f"


def rolled(m: Any, x: Any) -> Any:
    rank = len(x.shape)
    return m.roll(x, shifts=(1,), dims=(-1,), rank=rank) if rank else x


def each(found: Any, change: Callable[[Any], Any]) -> Any:
    """Whatever floats there are among one or several results, changed."""
    if isinstance(found, (tuple, list)):
        return tuple(each(one, change) for one in found)
    return change(found) if is_float(found) else found


class Value:
    """A value of the algebra beneath, whose operators go through the algebra that counts."""

    __slots__ = ("m", "plain")
    __array_ufunc__ = None

    def __init__(self, m: Counted, plain: Any) -> None:
        self.m, self.plain = m, plain

    def __getattr__(self, name: str) -> Any:
        return getattr(self.plain, name)

    def __getitem__(self, key: Any) -> Any:
        return self.m.lifted(self.plain[key])

    def __add__(self, other: Any) -> Any:
        return self.m.operator("add", self, other)

    def __radd__(self, other: Any) -> Any:
        return self.m.operator("add", other, self)

    def __sub__(self, other: Any) -> Any:
        return self.m.operator("sub", self, other)

    def __rsub__(self, other: Any) -> Any:
        return self.m.operator("sub", other, self)

    def __mul__(self, other: Any) -> Any:
        return self.m.operator("mul", self, other)

    def __rmul__(self, other: Any) -> Any:
        return self.m.operator("mul", other, self)

    def __truediv__(self, other: Any) -> Any:
        return self.m.operator("div_true", self, other)

    def __rtruediv__(self, other: Any) -> Any:
        return self.m.operator("div_true", other, self)

    def __pow__(self, exponent: float) -> Any:
        return self.m.pow_scalar(self, exponent=exponent)

    def __neg__(self) -> Any:
        return self.m.operator("neg", self)


OPERATORS: dict[str, Callable[..., Any]] = {
    "add": lambda a, b: a + b,
    "sub": lambda a, b: a - b,
    "mul": lambda a, b: a * b,
    "div_true": lambda a, b: a / b,
    "neg": lambda a: -a,
}


class Counted(Algebra):
    """An algebra over another that counts the operations, and gets one of them wrong.

    Args:
        base: the algebra that computes.
        at: the operation that goes wrong; None: all are right.
        event: what that operation has to be; another formula's is left alone.
        slip: how.
        mark: told what it gives, right and wrong.
    """

    def __init__(
        self, base: Any, at: int | None, event: str, slip: str, mark: Callable[[Any, Any], None]
    ) -> None:
        self.base, self.at, self.event, self.slip, self.mark = base, at, event, slip, mark
        self.heard: list[tuple[str, str]] = []
        self.pi, self.e, self.inf, self.nan = base.pi, base.e, base.inf, base.nan

    def lifted(self, x: Any) -> Any:
        if isinstance(x, (tuple, list)):
            return type(x)(map(self.lifted, x))
        return Value(self, x) if hasattr(x, "shape") else x

    def bare(self, x: Any) -> Any:
        if isinstance(x, (tuple, list)):
            return type(x)(map(self.bare, x))
        return x.plain if isinstance(x, Value) else x

    def operator(self, name: str, *values: Any) -> Any:
        return self._counted(name, lambda *v: OPERATORS[name](*v), values)

    def apply(self, record: Record, values: Sequence[Any], params: Params = NO_PARAMS) -> Any:
        def compute(*plain: Any, **changed: Any) -> Any:
            return self.base.apply(record, plain, {**params, **changed})

        return self._counted(record.name, compute, tuple(values))

    def masked(self, value: Any, mask: Any) -> Any:
        return self._counted("masked", self.base.masked, (value, mask))

    def _counted(self, name: str, compute: Callable[..., Any], values: tuple[Any, ...]) -> Any:
        number, plain = len(self.heard), [self.bare(x) for x in values]
        self.heard.append((name, "f"))  # before: what it asks for in turn comes after
        found = compute(*plain)
        if (number, name) == (self.at, self.event):
            right, found = found, self._slipped(name, compute, plain)
            self.mark(right, found)
        first = found[0] if isinstance(found, (tuple, list)) else found
        self.heard[number] = (name, getattr(getattr(first, "dtype", None), "kind", "f"))
        return self.lifted(tuple(found) if isinstance(found, list) else found)

    def _slipped(  # noqa: C901, PLR0911 - one case and one return a slip
        self, name: str, compute: Callable[..., Any], v: list[Any]
    ) -> Any:
        match self.slip:
            case "left term dropped" | "left factor dropped":
                return compute(v[0] * 0 + (0 if "term" in self.slip else 1), v[1])
            case "right term dropped" | "right factor dropped":
                return compute(v[0], v[1] * 0 + (0 if "term" in self.slip else 1))
            case "sign of the right term":
                return compute(v[0], -v[1])
            case "at equality the other way":
                return getattr(self.base, FLIPPED[name])(*v)
            case "negated" if name in NEGATED:
                return getattr(self.base, NEGATED[name])(*v)
            case "negated":
                return self.base.logical_not(compute(*v))
            case "the neighbour's":
                return rolled(self.base, compute(*v))
            case "branches swapped":
                return compute(v[0], v[2], v[1])
            case "mask dropped":
                return (
                    compute(v[0], self.base.eq(v[1], v[1]))
                    if name == "masked"
                    else compute(self.base.eq(v[0], v[0]), *v[1:])
                )
            case "mask negated":
                return compute(v[0], self.base.logical_not(v[1]))
            case "sign dropped":
                return v[0]
            case "exponent + 1":
                return compute(*v) * v[0]
        return each(compute(*v), lambda x: x * 1.01)

    def zeros_like(self, x: Any) -> Any:
        return self.lifted(self.base.zeros_like(self.bare(x)))

    def zeros(self, shape: tuple[int, ...], like: Any) -> Any:
        return self.lifted(self.base.zeros(shape, self.bare(like)))

    def array(self, values: Any, like: Any) -> Any:
        return self.lifted(self.base.array(values, self.bare(like)))

    def eps(self, x: Any) -> Any:
        return self.base.eps(self.bare(x))

    def log_number(self, value: Any) -> Any:
        return self.base.log_number(value)
