"""Records evaluated to many digits by mpmath: the witness that says which digits of a float are right."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np

from gradcli.diagnostics import GradcliError, NotImplementedFault
from gradcli.ops.algebra import Algebra
from gradcli.ops.dtypes import BOOL, FLOAT64, INT64
from gradcli.ops.operand import Operand
from gradcli.ops.record import NO_PARAMS, Params, Record
from gradcli.symbolic.arrays import rounded
from gradcli.symbolic.context import in_context
from gradcli.symbolic.digits import DigitNames

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

__all__ = ["PreciseAlgebra", "PreciseArray"]


class PreciseArray(Operand):
    """An array of mpmath numbers (dtype object), or of bools or integers where it is discrete."""

    __slots__ = ("algebra", "data")

    def __init__(self, algebra: PreciseAlgebra, data: Any) -> None:
        self.algebra = algebra
        self.data = data

    @property
    def shape(self) -> tuple[int, ...]:  # type: ignore[override] # read from the data
        """The sizes of the dims."""
        return self.data.shape  # type: ignore[no-any-return] # an array's

    @property
    def dtype(self) -> Any:
        """The dtype it stands for: float64, int64 or bool."""
        return FLOAT64 if self.data.dtype == object else self.data.dtype

    def floats(self) -> Any:
        """The elements rounded to float64."""
        return self.data.astype(self.dtype)

    def __repr__(self) -> str:
        return f"PreciseArray({self.data!r})"


class PreciseAlgebra(Algebra):
    """Records on mpmath numbers, by `mpmath=`, else `definition`, else `sympy=`'s names, else the NumPy map.

    An element at which the mathematics has a pole takes the float that NumPy gives there (inf or nan).

    Args:
        digits: decimal digits carried; an mpmath context of its own keeps them, nothing global changes.
    """

    def __init__(self, digits: int = 40) -> None:
        self.context = in_context(digits)
        self.names = DigitNames(self.context)
        self.pi, self.e = +self.context.pi, +self.context.e
        self.inf, self.nan = self.context.inf, self.context.nan

    def array(self, values: Any, like: Any = None) -> PreciseArray:  # noqa: ARG002 - one precision for all
        """Plain numbers (nested lists, an array, mpmath numbers) as an array; floats are taken exactly."""
        plain = np.asarray(values)
        if plain.dtype.kind in "biu":
            return PreciseArray(self, plain.astype(BOOL if plain.dtype.kind == "b" else INT64))
        return PreciseArray(self, self._numbers(plain))

    def apply(self, record: Record, values: Sequence[Any], params: Params = NO_PARAMS) -> Any:
        """The record on precise arrays and Python numbers.

        Raises:
            NotImplementedFault: the record has no form that mpmath numbers can go through.
        """
        if record.kind == "composite":
            assert record.front is not None  # noqa: S101 - for the type checker
            return record.front(self, *values, **params)
        lifted = [x if isinstance(x, PreciseArray) else self.array(x) for x in values]
        if record.name == "cast":
            return self._cast(lifted[0], params["dtype"])
        if all(x.data.dtype != object for x in lifted) and record.promote != "float":
            assert record.numpy is not None  # noqa: S101 - for the type checker
            return self._wrapped(record.numpy(*(x.data for x in lifted), **params))  # indices stay integers
        if record.mpmath is None and record.definition is not None:
            return record.definition(self, *lifted, **params)
        operands = [self._operand(record, i, x.data) for i, x in enumerate(lifted)]
        if record.kind == "elementwise":
            return self._elementwise(record, operands, params)
        return self._on_arrays(record, operands, params)

    def _on_arrays(self, record: Record, operands: list[Any], params: Params) -> Any:
        """A linear or general record by its form on object arrays."""
        function = self._function(record) or record.numpy
        assert function is not None  # noqa: S101 - for the type checker
        try:
            found = function(*operands, **params)
        except GradcliError:
            raise
        except (TypeError, AttributeError, ValueError) as error:
            raise self._missing(record) from error
        except ZeroDivisionError:
            found = self._as_floats(record, operands, params)
        if any(map(rounded, found if isinstance(found, (tuple, list)) else (found,))):
            raise self._missing(record)
        return self._wrapped(found)

    def _wrapped(self, found: Any) -> Any:
        return tuple(map(self._result, found)) if isinstance(found, (tuple, list)) else self._result(found)

    def zeros_like(self, x: PreciseArray) -> PreciseArray:
        """Zeros of the shape of x."""
        return self.array(np.zeros(x.shape))

    def zeros(self, shape: tuple[int, ...], like: Any = None) -> PreciseArray:  # noqa: ARG002 - as in array
        """Zeros of a shape."""
        return self.array(np.zeros(shape))

    def eps(self, x: Any) -> float:  # noqa: ARG002 - one precision for all
        """That of float64: where a formula names it, it is part of what the operation does."""
        return float(np.finfo(np.float64).eps)

    def log_number(self, value: Any) -> Any:
        """The logarithm of a parameter: nan below zero, -inf at zero."""
        P = self.context  # noqa: N806 - as records call it
        return P.log(value) if value > 0 else -P.inf if value == 0 else P.nan

    def _cast(self, value: PreciseArray, dtype: Any) -> PreciseArray:
        """Rounding to another float dtype is left out: the digits are what this algebra is for."""
        if dtype.kind in "biu":
            if dtype.kind == "b":
                return PreciseArray(self, np.asarray(value.data != 0, dtype=bool))
            return PreciseArray(self, value.floats().astype(dtype).astype(INT64))  # short ones wrap around
        return PreciseArray(self, self._numbers(value.data))

    def _operand(self, record: Record, position: int, data: Any) -> Any:
        if data.dtype.kind == "b" or record.argument(position) in record.discrete:
            return data
        return self._numbers(data)

    def _numbers(self, data: Any) -> Any:
        """An object array of mpmath numbers."""
        result = np.empty(data.shape, dtype=object)
        result.ravel()[:] = [self._real(x) for x in data.ravel().tolist()]
        return result

    def _real(self, x: Any) -> Any:
        """A number of the context; what left the real line is nan, as in floating point."""
        if x.__class__ is self.context.mpf:
            return x
        if isinstance(x, self.context.mpc):
            return x.real if x.imag == 0 else self.context.nan
        return self.context.mpf(x)

    def _function(self, record: Record) -> Callable[..., Any] | None:
        """The record's form on mpmath numbers, with the namespace it wants filled in."""
        if record.mpmath is not None:
            form, names = record.mpmath, self.context
        else:
            form, names = record.sympy, self.names  # type: ignore[assignment] # None is seen below
        if form is None:
            return None
        try:
            return getattr(names, form) if isinstance(form, str) else partial(form, names)
        except AttributeError as error:
            raise self._missing(record) from error

    def _elementwise(self, record: Record, operands: list[Any], params: Params) -> PreciseArray:
        function = self._function(record)
        if function is None:
            assert record.numpy is not None  # noqa: S101 - for the type checker
            function = record.numpy
            try:
                return self._result(function(*operands, **params))
            except (TypeError, AttributeError) as error:
                raise self._missing(record) from error
        shape = np.broadcast_shapes(*(x.shape for x in operands))
        rows = zip(*(np.broadcast_to(x, shape).ravel().tolist() for x in operands), strict=True)
        found = [self._element(record, function, row, params) for row in rows]
        if not found:
            return self._result(self._as_floats(record, operands, params))
        result = np.empty(len(found), dtype=object)
        result[:] = found
        return self._result(result.reshape(shape))

    def _element(
        self, record: Record, function: Callable[..., Any], row: Sequence[Any], params: Params
    ) -> Any:
        try:
            return function(*row, **params)
        except AttributeError as error:  # a name of sympy's that mpmath does not know
            raise self._missing(record) from error
        except (ZeroDivisionError, OverflowError, ValueError):  # a pole, in mpmath's words
            return self._as_floats(record, [np.asarray(x) for x in row], params).item()

    def _as_floats(self, record: Record, operands: Sequence[Any], params: Params) -> Any:
        assert record.numpy is not None  # noqa: S101 - for the type checker
        plain = [x.astype(np.float64) if x.dtype == object else x for x in operands]
        with np.errstate(all="ignore"):
            return np.asarray(record.numpy(*plain, **params))

    def _result(self, data: Any) -> PreciseArray:
        data = np.asarray(data)
        if data.dtype != object:
            return self.array(data)
        flat = data.ravel().tolist()
        if flat and all(isinstance(x, (bool, np.bool_)) for x in flat):
            return PreciseArray(self, data.astype(bool))
        return PreciseArray(self, self._numbers(data))

    def _missing(self, record: Record) -> NotImplementedFault:
        return NotImplementedFault(
            "E308",
            f"{record.name} cannot be evaluated to many digits",
            help="the other witnesses (finite differences, complex step, forward mode) still judge it",
        )
