"""Elementwise records as assignments: one formula for all elements that take the same branch."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import sympy

from gradcli.symbolic.element import AssignedArray, Element, simple
from gradcli.symbolic.scalar import Scalar, constant
from gradcli.symbolic.template import place

if TYPE_CHECKING:
    from collections.abc import Callable

    from gradcli.ops.record import Params, Record
    from gradcli.symbolic.assigning import AssigningAlgebra

__all__ = ["Formulas"]


class Formulas:
    """Applies elementwise records for an algebra."""

    def __init__(self, algebra: AssigningAlgebra) -> None:
        self._algebra = algebra

    def applied(
        self, record: Record, operands: list[Any], out: AssignedArray, params: Params
    ) -> AssignedArray | Scalar:
        """The output with its assigned elements."""
        algebra = self._algebra
        form = algebra.form(record)
        if all(isinstance(x, Scalar) or not (x.shape or x.entries) for x in operands) and any(
            isinstance(x, Scalar) for x in operands
        ):  # constants among themselves, such as sqrt(pi): no array yet
            row = [x if isinstance(x, Scalar) else _plain(x.number.item()) for x in operands]
            found = form(*row, **params)
            return found if isinstance(found, Scalar) else _plain(found)
        size = out.number.size
        origins = [_source(x, out.shape) for x in operands]
        if algebra.dense:
            touched = list(range(size))
        else:
            reached = [_reached(x, origin, size) for x, origin in zip(operands, origins, strict=True)]
            touched = sorted(set().union(*reached))
        algebra.check(len(touched))
        known: dict[Any, Any] = {}
        for index in touched:
            entry = self._element(record, form, operands, origins, index, params, known)
            if entry is not None:
                out.entries[index] = entry
                if np.isnan(out.number.flat[index]):
                    algebra.assignments.doubtful.add(entry)
            elif algebra.dense:
                out.entries[index] = algebra.assignments.number(float(out.number.flat[index]))
        return out

    def _element(  # noqa: PLR0913 - one call site
        self, record: Record, form: Callable[..., Any], operands: list[Any], origins: list[Any], index: int,
        params: Params, known: dict[Any, Any],
    ) -> int | None:  # fmt: skip
        """One element; None for a number that no variable reaches."""
        algebra = self._algebra
        row: list[Any] = []  # a Scalar, a discrete value, or None for what takes a place
        args: list[int] = []
        numbers: list[float] = []
        for position, (x, origin) in enumerate(zip(operands, origins, strict=True)):
            if isinstance(x, Scalar):
                row.append(x)
                continue
            at = index if origin is None else int(origin[index])
            value = x.number.flat[at].item()
            if x.dtype.kind == "b" or record.argument(position) in record.discrete:
                row.append(value)
                continue
            entry = x.entries.get(at)
            if entry is None and simple(value) and (x.copies is None or value.is_integer()):
                row.append(float(value))
                continue
            if entry is not None and (fixed := algebra.embedded(entry)) is not None:
                row.append(fixed)
                continue
            row.append(None)
            args.append(x.entry(at) if entry is None else entry)
            numbers.append(float(value))
        key = tuple(id(x) if isinstance(x, Scalar) else x for x in row)
        expr = known.get(key)
        if expr is None:
            asked: list[int] = []
            expr = self._expression(form, row, args, numbers, params, asked)
            if not asked:
                known[key] = expr
        if expr.has(sympy.erfc):
            return self._by_steps(form, row, args, numbers, params)
        if not expr.free_symbols and expr.is_Rational:  # a branch not taken, a sign, a floor
            return None
        return algebra.assignments.call(expr, args)

    def _by_steps(
        self, form: Callable[..., Any], row: list[Any], args: list[int], numbers: list[float], params: Params
    ) -> int:
        """The formula as an assignment per operation.

        SymPy makes 2 - erfc(x) of erfc(-x), in which all digits cancel where it is small.
        """
        algebra = self._algebra
        places = iter(zip(args, numbers, strict=True))
        operands = [
            Element(algebra, *next(places)) if x is None else _plain(x) if x.__class__ is float else x
            for x in row
        ]
        entry: int = form(*operands, **params).entry
        return entry

    def _expression(  # noqa: PLR0913 - one call site
        self, form: Callable[..., Any], row: list[Any], args: list[int], numbers: list[float],
        params: Params, asked: list[int],
    ) -> Any:  # fmt: skip
        """The formula in its places; `asked` grows if a number was looked at on the way."""
        algebra = self._algebra
        operands = []
        position = 0
        for x in row:
            if x is not None:
                operands.append(_plain(x) if x.__class__ is float else x)
                continue
            ties = algebra.tie if algebra.assignments.active[args[position]] else None

            def number(position: int = position) -> float:
                asked.append(position)
                if algebra.dense:
                    algebra.assignments.asked[args[position]] = numbers[position]
                return numbers[position]

            operands.append(Scalar(place(position), number, ties))
            position += 1
        found = form(*operands, **params)
        return found.expr if isinstance(found, Scalar) else constant(found)


def _plain(value: Any) -> Scalar:
    return Scalar(constant(value), float(value))


def _source(x: Any, shape: tuple[int, ...]) -> Any:
    """Per element of the broadcast shape, the flat index in x it comes from; None: the same."""
    if isinstance(x, Scalar) or x.shape == shape:
        return None
    return _Origins(x.shape, shape)


class _Origins:
    """The element of a broadcast argument that each element of the result comes from."""

    __slots__ = ("_shape", "inner")

    def __init__(self, inner: tuple[int, ...], shape: tuple[int, ...]) -> None:
        self.inner = inner
        self._shape = shape

    def __getitem__(self, index: int) -> int:
        if not self.inner:
            return 0
        at = np.unravel_index(index, self._shape)[len(self._shape) - len(self.inner) :]
        kept = [0 if size == 1 else int(i) for i, size in zip(at, self.inner, strict=True)]
        return int(np.ravel_multi_index(kept, self.inner))

    def reached(self, elements: list[int]) -> set[int]:
        """The elements of the result that come from these."""
        mask = np.zeros(self.inner, bool)
        mask.ravel()[elements] = True
        return set(np.flatnonzero(np.broadcast_to(mask, self._shape)).tolist())


def _reached(x: Any, origin: Any, size: int) -> set[int]:
    """The elements of the result that an assignment of x reaches."""
    if isinstance(x, Scalar) or not x.entries:
        return set()
    if origin is None:
        return {index for index in x.entries if index < size}
    return origin.reached(list(x.entries))  # type: ignore[no-any-return] # of _Origins
