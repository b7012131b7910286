"""Records evaluated on SymPy expressions, at a cost that follows the number of symbolic elements."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np
import sympy

from gradcli.diagnostics import GradcliError, LimitFault, NotImplementedFault
from gradcli.ops.algebra import Algebra
from gradcli.ops.record import NO_PARAMS, Params, Record
from gradcli.symbolic.arrays import rounded
from gradcli.symbolic.evaluation import evaluate
from gradcli.symbolic.scalar import DecidedNames, Scalar, constant
from gradcli.symbolic.sparse import SymbolicArray, reached, source, without_symbols

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

__all__ = ["SymbolicAlgebra"]


class SymbolicAlgebra(Algebra):
    """Records on arrays that carry numbers and expressions.

    The number of an element is what NumPy's form gives; it decides branches, order and rounding. The
    expression is built by the record's `sympy=` form, else its `definition`, else (linear records) as
    L(numbers) + sum of expression * L(unit vector), else by the NumPy form on object arrays.

    Args:
        limit: past so many symbolic elements in one array the algebra gives up.
    """

    def __init__(self, limit: int = 10_000) -> None:
        self.limit = limit
        self.names = DecidedNames()
        self.pi, self.e = self.names.pi, self.names.E
        self.points: dict[Any, float] = {}

    def variable(self, values: Any, name: str, positions: Iterable[int] | None = None) -> SymbolicArray:
        """An array whose elements at flat `positions` (None: all) are real symbols `name0`, `name1`, ....

        Raises:
            LimitFault: more symbols than the limit.
        """
        number = np.array(values, dtype=np.float64)
        where = range(number.size) if positions is None else list(positions)
        self._check(len(where))
        found = {}
        for index in where:
            symbol = sympy.Symbol(f"{name}{index}", real=True)
            self.points[symbol] = float(number.flat[index])
            found[index] = symbol
        return SymbolicArray(self, number, found)

    def evaluate(self, expr: Any, digits: int = 40) -> Any:
        """The value of an expression in the symbols of `variable` at their numbers, to so many digits."""
        if not isinstance(expr, sympy.Basic):  # an element that no symbol reached is a plain number
            expr = sympy.Float(expr)
        return evaluate(expr, self.points, digits)

    def array(self, values: Any, like: Any = None) -> SymbolicArray:  # noqa: ARG002 - numbers are float64
        """Plain numbers as an array."""
        plain = np.asarray(values)
        return SymbolicArray(self, plain if plain.dtype.kind in "biu" else plain.astype(np.float64))

    def zeros_like(self, x: SymbolicArray) -> SymbolicArray:
        """Zeros of the shape of x."""
        return SymbolicArray(self, np.zeros(x.shape))

    def zeros(self, shape: tuple[int, ...], like: Any = None) -> SymbolicArray:  # noqa: ARG002 - as in array
        """Zeros of a shape."""
        return SymbolicArray(self, np.zeros(shape))

    def eps(self, x: Any) -> float:  # noqa: ARG002 - numbers are float64
        """That of float64."""
        return float(np.finfo(np.float64).eps)

    def log_number(self, value: Any) -> Any:
        """The logarithm of a parameter, exact above zero."""
        return self.names.log(self.names.nsimplify(value)) if value > 0 else super().log_number(value)

    def apply(self, record: Record, values: Sequence[Any], params: Params = NO_PARAMS) -> Any:
        """The record on symbolic arrays, scalars (such as `m.pi`) and Python numbers.

        Raises:
            LimitFault: more symbolic elements than the limit.
            NotImplementedFault: the record has no symbolic form.
        """
        if record.kind == "composite":
            assert record.front is not None  # noqa: S101 - for the type checker
            return record.front(self, *values, **params)
        operands = [self._operand(value) for value in values]
        with np.errstate(all="ignore"):
            numbers = self._numbers(record, operands, params)
        if not any(isinstance(x, Scalar) or x.expressions for x in operands) or record.name == "cast":
            return self._plain(record, operands, numbers)
        if record.sympy is None and record.definition is not None:
            return self._by_definition(record, operands, numbers, params)
        if record.kind == "elementwise":
            return self._elementwise(record, operands, numbers, params)
        if record.kind == "linear" and record.sympy is None:
            return self._linear(record, operands, numbers, params)
        return self._general(record, operands, numbers, params)

    def _operand(self, value: Any) -> Any:
        if isinstance(value, (SymbolicArray, Scalar)):
            return value
        return self.array(value)

    def _numbers(self, record: Record, operands: Sequence[Any], params: Params) -> tuple[Any, ...]:
        """The outputs as plain arrays, by the NumPy form."""
        assert record.numpy is not None  # noqa: S101 - for the type checker
        plain = [np.float64(x.number) if isinstance(x, Scalar) else x.number for x in operands]
        found = record.numpy(*plain, **params)
        return tuple(map(np.asarray, found)) if isinstance(found, (tuple, list)) else (np.asarray(found),)

    def _plain(self, record: Record, operands: Sequence[Any], numbers: tuple[Any, ...]) -> Any:
        """Outputs that no symbol reaches, and casts, which keep the expressions of floats."""
        kept = operands[0].expressions if record.name == "cast" and numbers[0].dtype.kind == "f" else {}
        outs = tuple(SymbolicArray(self, number, dict(kept)) for number in numbers)
        return outs if len(outs) > 1 else outs[0]

    def _check(self, count: int) -> None:
        if count > self.limit:
            raise LimitFault(
                "E605",
                f"{count} elements are symbolic, more than the limit of {self.limit}",
                help="give symbols to a sample of the elements, or leave these to the other witnesses",
            )

    def _by_definition(
        self, record: Record, operands: list[Any], numbers: tuple[Any, ...], params: Params
    ) -> Any:
        """The plain formula, whose numbers may overflow where the stable form's do not.

        Then every element takes part as an exact expression, at the cost of the whole array.
        """
        assert record.definition is not None  # noqa: S101 - for the type checker
        outs = as_tuple(record.definition(self, *operands, **params))
        if not all(agree(out, number) for out, number in zip(outs, numbers, strict=True)):
            dense = [self._dense(x) for x in operands]
            outs = as_tuple(record.definition(self, *dense, **params))
        outs = tuple(
            SymbolicArray(self, number, out.expressions) for out, number in zip(outs, numbers, strict=True)
        )
        return outs if len(outs) > 1 else outs[0]

    def _dense(self, x: Any) -> Any:
        """An array all of whose elements are expressions."""
        if isinstance(x, Scalar) or x.dtype.kind != "f":
            return x
        self._check(x.number.size)
        return SymbolicArray(self, x.number, {i: x.expression(i) for i in range(x.number.size)})

    def _elementwise(
        self, record: Record, operands: list[Any], numbers: tuple[Any, ...], params: Params
    ) -> Any:
        (number,) = numbers
        if all(isinstance(x, Scalar) or not x.shape for x in operands) and not any(
            isinstance(x, SymbolicArray) and x.expressions for x in operands
        ):  # constants among themselves, such as sqrt(pi): no array yet
            return self._element(record, operands, 0, [None] * len(operands), params)
        if number.dtype.kind != "f":  # comparisons and masks: the numbers decide
            return SymbolicArray(self, number)
        sources = [source(x, number.shape) for x in operands]
        touched = sorted(
            set().union(*(reached(x, at, number.size) for x, at in zip(operands, sources, strict=True)))
        )
        self._check(len(touched))
        found = {}
        for index in touched:
            expr = self._element(record, operands, index, sources, params).expr
            if not expr.is_Rational:  # 0 from a branch not taken, a sign, a floor: the number says it
                found[index] = expr
        return SymbolicArray(self, number, found)

    def _element(
        self, record: Record, operands: Sequence[Any], index: int, sources: Sequence[Any], params: Params
    ) -> Scalar:
        row = []
        for position, (x, origin) in enumerate(zip(operands, sources, strict=True)):
            if isinstance(x, Scalar):
                row.append(x)
                continue
            at = index if origin is None else int(origin[index])
            discrete = x.dtype.kind == "b" or record.argument(position) in record.discrete
            row.append(x.number.flat[at].item() if discrete else x.scalar(at if x.shape else 0))
        found = self._form(record)(*row, **params)
        return found if isinstance(found, Scalar) else Scalar(constant(found), float(found))

    def _form(self, record: Record) -> Callable[..., Any]:
        if record.sympy is None:
            raise missing(record)
        return (
            getattr(self.names, record.sympy)
            if isinstance(record.sympy, str)
            else partial(record.sympy, self.names)
        )

    def _linear(self, record: Record, operands: list[Any], numbers: tuple[Any, ...], params: Params) -> Any:
        """L(numbers) + sum of expression * L(unit vector), argument by argument where it is multilinear."""
        if any(isinstance(x, Scalar) for x in operands):
            operands = [self.array(x.number) if isinstance(x, Scalar) else x for x in operands]
        terms: list[dict[int, list[Any]]] = [{} for _ in numbers]
        rest = [without_symbols(x) for x in operands]
        for position, x in enumerate(operands):
            if not x.expressions:
                continue
            others = [
                y
                if record.multilinear and k > position
                else rest[k]
                if record.multilinear
                else zeros(record, k, y)
                for k, y in enumerate(operands)
            ]
            self._add_terms(record, position, x, others, terms, params)
        base = self._numbers(record, rest, params)
        outs = tuple(self._summed(*parts) for parts in zip(numbers, base, terms, strict=True))
        return outs if len(outs) > 1 else outs[0]

    def _add_terms(  # noqa: PLR0913 - one call site
        self, record: Record, position: int, x: SymbolicArray, others: list[Any],
        terms: list[dict[int, list[Any]]], params: Params,
    ) -> None:  # fmt: skip
        unit = np.zeros(x.shape)
        for index, expr in x.expressions.items():
            unit.flat[index] = 1
            probe = [SymbolicArray(self, unit) if k == position else y for k, y in enumerate(others)]
            images = self.apply(record, probe, params)
            for collected, image in zip(
                terms, images if isinstance(images, tuple) else (images,), strict=True
            ):
                for at in image.expressions.keys() | set(np.flatnonzero(image.number).tolist()):
                    collected.setdefault(at, []).append(expr * image.expression(at))
            unit.flat[index] = 0  # only now: the image may be a view of it
        self._check(max(map(len, terms)))

    def _summed(self, number: Any, base: Any, terms: dict[int, list[Any]]) -> SymbolicArray:
        found = {at: sympy.Add(constant(base.flat[at]), *parts) for at, parts in terms.items()}
        return SymbolicArray(self, number, found)

    def _general(self, record: Record, operands: list[Any], numbers: tuple[Any, ...], params: Params) -> Any:
        """The `sympy=` or NumPy form on object arrays, every element an expression that knows its number."""
        for x in operands:
            self._check(0 if isinstance(x, Scalar) else x.number.size)
        dense = [
            x if isinstance(x, Scalar) else x.number if x.dtype.kind != "f" else x.scalars() for x in operands
        ]
        function = record.numpy if record.sympy is None else self._form(record)
        images = imaged(record, function, dense, params)
        outs = tuple(self._collected(*pair) for pair in zip(numbers, images, strict=True))
        return outs if len(outs) > 1 else outs[0]

    def _collected(self, number: Any, image: Any) -> SymbolicArray:
        """An output of object elements beside its numbers."""
        if number.dtype.kind != "f":
            return SymbolicArray(self, number)
        found = {}
        for at, element in enumerate(np.asarray(image, dtype=object).ravel().tolist()):
            if isinstance(element, Scalar) and not element.expr.is_Number:
                found[at] = element.expr
        self._check(len(found))
        return SymbolicArray(self, number, found)


def as_tuple(found: Any) -> tuple[Any, ...]:
    return found if isinstance(found, tuple) else (found,)


def agree(out: SymbolicArray, number: Any) -> bool:
    """Whether the numbers of a plain formula are those of the stable form, but for rounding."""
    return bool(np.allclose(out.number, number, rtol=1e-6, atol=1e-9, equal_nan=True))


def zeros(record: Record, position: int, x: SymbolicArray) -> SymbolicArray:
    """What stands in another argument's place while one is probed: zeros, but indices stay."""
    return x if record.rule(position) is None else x.algebra.zeros_like(x)


def imaged(
    record: Record, function: Callable[..., Any] | None, dense: Sequence[Any], params: Params
) -> Sequence[Any]:
    """Returns the results of a record's form on object arrays.

    Raises:
        NotImplementedFault: the form takes numbers alone, or has made floats of them.
    """
    assert function is not None  # noqa: S101 - for the type checker
    try:
        found = function(*dense, **params)
    except GradcliError:
        raise
    except (TypeError, AttributeError, ValueError) as error:
        raise missing(record) from error
    images: Sequence[Any] = found if isinstance(found, (tuple, list)) else (found,)
    if any(map(rounded, images)):
        raise missing(record)
    return images


def missing(record: Record) -> NotImplementedFault:
    return NotImplementedFault(
        "E308",
        f"{record.name} has no symbolic form",
        help="the other witnesses (finite differences, complex step, forward mode) still judge it",
    )
