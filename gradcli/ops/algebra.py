"""What a formula is written against: `m.f(...)` applies record f, in NumPy, tensors, symbols or digits.

An algebra has one method of its own, `apply(record, values, params)`, and a few facts that
differ between algebras (`count`, `eps`, `zeros_like`, ...). Everything else a formula says,
`m.cos(x)`, `m.where(...)`, is a record found by name. Formulas call records with normalised
keyword parameters; composites are called as PyTorch's function of that name is.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np

from gradcli.ops.masks import kept_where
from gradcli.ops.named import Named
from gradcli.ops.rules import Select

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from gradcli.ops.record import Params, Record

__all__ = ["NUMPY", "Algebra", "NumpyAlgebra"]


class Algebra:
    """Base of the algebras: finds records by name, and says what constants are."""

    pi: Any = math.pi
    e: Any = math.e
    inf: Any = math.inf
    nan: Any = math.nan

    def apply(self, record: Record, values: Sequence[Any], params: Params) -> Any:
        """The record's result on this algebra's values; a tuple where it has several outputs."""
        raise NotImplementedError

    def bind(self, record: Record) -> Callable[..., Any]:
        """What `m.name` is: a function of values and normalised parameters."""
        front = record.front
        if record.kind == "composite" and front is not None:
            return lambda *args, **kwargs: front(self, *args, **kwargs)
        return lambda *values, **params: self.apply(record, values, params)

    def __getattr__(self, name: str) -> Any:
        from gradcli.ops.catalog import catalog  # the catalog imports the families, which import this

        if name.startswith("_"):
            raise AttributeError(name)
        bound = self.bind(catalog()[name])
        setattr(self, name, bound)  # found once: formulas run in the hot path
        return bound

    def select(self, mask: Any, value: Any) -> Select:
        """A partial that is `value` where `mask` holds; elsewhere the cotangent is dropped."""
        return Select(mask, value)

    def masked(self, value: Any, mask: Any) -> Any:
        """`value` where `mask` holds, zero elsewhere."""
        return self.where(mask, value, 0)

    def count(self, shape: tuple[int, ...], dims: tuple[int, ...]) -> Any:
        """How many elements the (negative) dims of a shape span."""
        return math.prod(shape if len(dims) == len(shape) else [shape[dim] for dim in dims])

    def expand_to(self, x: Any, shape: tuple[int, ...]) -> Any:
        """`x` broadcast to `shape`, which it may already have."""
        return x if x.shape == shape else self.expand(x, shape=shape, rank=len(x.shape))

    def ones_like(self, x: Any) -> Any:
        """Ones of the shape and dtype of x."""
        return self.zeros_like(x) + 1

    def cast_like(self, x: Any, like: Any) -> Any:
        """X in the dtype of `like`."""
        return self.cast(x, dtype=like.dtype)

    def mT(self, x: Any) -> Any:  # noqa: N802 - PyTorch's name
        """A matrix (or a stack of them) transposed."""
        return self.transpose(x, dims=(-2, -1))

    def named(self, name: str, fields: tuple[str, ...], values: Sequence[Any]) -> Named:
        """Several results under names, as PyTorch's `torch.return_types`."""
        return Named(name, fields, values)

    def log_number(self, value: Any) -> Any:
        """The logarithm of a parameter: nan below zero, -inf at zero."""
        return math.log(value) if value > 0 else -math.inf if value == 0 else math.nan

    def zeros_like(self, x: Any) -> Any:
        """Zeros of the shape and dtype of x."""
        raise NotImplementedError

    def zeros(self, shape: tuple[int, ...], like: Any) -> Any:
        """Zeros of a shape, of the dtype of `like`."""
        raise NotImplementedError

    def array(self, values: Any, like: Any) -> Any:
        """Plain numbers (a nested list or a NumPy array) as a constant of the dtype of `like`."""
        raise NotImplementedError

    def eps(self, x: Any) -> Any:
        """The distance from 1 to the next number of x's dtype."""
        raise NotImplementedError


class NumpyAlgebra(Algebra):
    """Records computed by NumPy on plain arrays: the backward pass without create_graph."""

    def apply(self, record: Record, values: Sequence[Any], params: Params) -> Any:
        """The record's NumPy form; dtypes are the caller's business (all alike by then)."""
        return record.numpy(*values, **params)  # type: ignore[misc] # composites are bound to their front

    def bind(self, record: Record) -> Callable[..., Any]:
        """The NumPy form itself, without a call in between."""
        return record.numpy if record.numpy is not None else super().bind(record)

    def masked(self, value: Any, mask: Any) -> Any:
        """`value` where `mask` holds, zero elsewhere."""
        return kept_where(mask, value)

    def zeros_like(self, x: Any) -> Any:
        """Zeros of the shape and dtype of x."""
        return np.zeros(x.shape, x.dtype)

    def zeros(self, shape: tuple[int, ...], like: Any) -> Any:
        """Zeros of a shape, of the dtype of `like`."""
        return np.zeros(shape, like.dtype)

    def array(self, values: Any, like: Any) -> Any:
        """Plain numbers as an array of the dtype of `like`."""
        return np.asarray(values, like.dtype)

    def eps(self, x: Any) -> Any:
        """The distance from 1 to the next number of x's dtype."""
        return float(np.finfo(x.dtype).eps)


NUMPY = NumpyAlgebra()
