"""Numbers in order: ranges, grids, the unit matrix, the places of triangles."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np

from gradcli.autograd.context import context
from gradcli.autograd.tensor import Tensor
from gradcli.diagnostics import RuntimeFault, TypeFault
from gradcli.ops.dtypes import INT64
from gradcli.torch.data import finish
from gradcli.torch.dtypes import unwrap
from gradcli.torch.makers import FACTORY, maker

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["arange", "eye", "linspace", "logspace", "tril_indices", "triu_indices"]

BLOCK = 2**14
EXACT = 2**29  # whole numbers below have 29 bits, and float64 has 53


def _plain(name: str, argument: str, value: Any) -> Any:
    if isinstance(value, Tensor):
        value = value.item()
    if not isinstance(value, (int, float)):
        raise TypeFault("E303", f"{name}(): argument '{argument}' must be Number, not {type(value).__name__}")
    return value


@maker(*FACTORY, "out")
def arange(
    *bounds: Any,
    start: Any = None,
    end: Any = None,
    step: Any = None,
    dtype: Any = None,
    requires_grad: bool = False,
) -> Tensor:
    """Returns start, start + step, ... up to but without end: `arange(end)`, `arange(start, end, step)`.

    Integers give int64, a float anywhere the default dtype.

    Raises:
        RuntimeFault: the step is zero, leads away from end, or the range is endless.
    """
    given = list(bounds)
    if len(given) == 1 and start is None and end is None:
        given = [0, *given]
    elif end is not None and start is None and not given:
        given = [0]
    named = [value for value in (start, end, step) if value is not None]
    given += named
    if not 2 <= len(given) <= 3:  # noqa: PLR2004 - a number of dims
        from gradcli.autograd.wording import invalid_combination  # only when something went wrong

        raise invalid_combination("arange", bounds, {})
    names = ("start", "end", "step")
    first, last, by = [
        _plain("arange", name, value) for name, value in zip(names, [*given, 1][:3], strict=True)
    ]
    if by == 0:
        raise RuntimeFault("E303", "step must be nonzero")
    if not (math.isfinite(first) and math.isfinite(last)):
        raise RuntimeFault("E303", f"unsupported range: {_text(first)} -> {_text(last)}")
    if (by > 0 and first > last) or (by < 0 and first < last):
        raise RuntimeFault("E303", "upper bound and lower bound inconsistent with step sign")
    whole = all(isinstance(value, int) for value in (first, last, by))
    wanted = unwrap(dtype) or (INT64 if whole else context.default_dtype)
    if wanted.kind in "iu":
        first, last, by = int(first), int(last), int(by)
        count = max(-((last - first) // -by), 0) if by else 0
    else:
        count = math.ceil((last - first) / by)
    context.budget.ask((count,))
    if wanted.kind in "iu":
        return finish((first + by * np.arange(count)).astype(wanted), requires_grad)
    return finish(_steps(float(first), float(by), count, wanted), requires_grad)


def _steps(start: float, step: float, count: int, dtype: Any) -> Any:
    """The numbers start + i * step, rounded as PyTorch's vectors are: each from the first of its vector."""
    width = 32 // dtype.itemsize

    def numbers(place: Any) -> Any:
        block = np.where(place < count // (2 * width) * 2 * width, place // width * width, place)
        first = _fused(block.astype(float), step, start).astype(dtype).astype(float)
        return _fused((place - block).astype(float), step, first)

    return _by_blocks(numbers, count, dtype)


def _by_blocks(numbers: Callable[[Any], Any], count: int, dtype: Any) -> Any:
    """What a function gives for the places 0, 1, ... count - 1, with intermediates that fit a cache."""
    found = np.empty(count, dtype)
    for start in range(0, count, BLOCK):
        places = np.arange(start, min(start + BLOCK, count))
        found[start : start + BLOCK] = numbers(places)
    return found


def _fused(a: Any, b: Any, c: Any) -> Any:
    """Returns a * b + c in double precision, rounded once (Dekker, Numerische Mathematik 18, 1971)."""
    product = a * b
    (a_high, a_low), (b_high, b_low) = _halves(a), _halves(b)
    error = ((a_high * b_high - product) + a_high * b_low + a_low * b_high) + a_low * b_low
    total = product + c
    part = total - product
    fused = total + (error + ((product - (total - part)) + (c - part)))
    return np.where(np.isfinite(fused), fused, a * b + c)


def _halves(a: Any) -> tuple[Any, Any]:
    """A number as a sum of two with half the digits."""
    scaled = 134217729.0 * a  # 2**27 + 1
    high = scaled - (scaled - a)
    return high, a - high


def _text(value: Any) -> str:
    return f"{value:g}" if isinstance(value, float) else str(value)


def _grid(start: Any, end: Any, steps: Any, dtype: Any, *, fused: bool) -> Any:
    """The points of a grid, from both ends to the middle; `fused`: rounded as PyTorch's linspace rounds."""
    if steps is None:
        from gradcli.autograd.wording import invalid_combination  # only when something went wrong

        raise invalid_combination("linspace" if fused else "logspace", (start, end), {})
    count = int(_plain("linspace", "steps", steps))
    if count < 0:
        raise RuntimeFault("E303", "number of steps must be non-negative")
    context.budget.ask((count,))
    if count == 1:
        return np.array([start], dtype)
    of = np.float64 if dtype.kind in "iu" else dtype.type
    first, last = of(start), of(end)
    step = (last - first) / of(max(count - 1, 1))
    # The product of a place and a number of at most 24 bits is exact in float64.
    add = _fused if fused and (of is np.float64 or count > EXACT) else _plain_sum

    def numbers(place: Any) -> Any:
        below = add(place.astype(float), float(step), float(first))
        above = add((count - 1 - place).astype(float), -float(step), float(last))
        return np.where(place < count // 2, below, above)

    return _by_blocks(numbers, count, float)


def _plain_sum(a: Any, b: Any, c: Any) -> Any:
    return a * b + c


@maker(*FACTORY, "out")
def linspace(
    start: Any,
    end: Any,
    steps: Any = None,
    *,
    dtype: Any = None,
    requires_grad: bool = False,
) -> Tensor:
    """Returns `steps` evenly spaced numbers from start to end, both included.

    Raises:
        RuntimeFault: `steps` is negative.
    """
    wanted = unwrap(dtype) or context.default_dtype
    first, last = _plain("linspace", "start", start), _plain("linspace", "end", end)
    grid = _grid(first, last, steps, wanted, fused=True)
    return finish(grid.astype(wanted), requires_grad)


@maker(*FACTORY, "out")
def logspace(  # noqa: PLR0913 - PyTorch's signature
    start: Any,
    end: Any,
    steps: Any = None,
    base: float = 10.0,
    *,
    dtype: Any = None,
    requires_grad: bool = False,
) -> Tensor:
    """Returns `steps` numbers from base**start to base**end whose logarithms are evenly spaced.

    Raises:
        RuntimeFault: `steps` is negative.
    """
    wanted = unwrap(dtype) or context.default_dtype
    first, last = _plain("logspace", "start", start), _plain("logspace", "end", end)
    grid = _grid(first, last, steps, wanted, fused=False)
    return finish(np.power(float(base), grid).astype(wanted), requires_grad)


@maker(*FACTORY, "out")
def eye(
    n: int,
    m: int | None = None,
    *,
    dtype: Any = None,
    requires_grad: bool = False,
) -> Tensor:
    """Returns the (n, m) matrix with ones on the diagonal and zeros elsewhere; m defaults to n.

    Raises:
        RuntimeFault: a size is negative.
    """
    for name, size in (("n", n), ("m", m)):
        if size is not None and size < 0:
            raise RuntimeFault("E301", f"{name} must be greater or equal to 0, got {size}")
    columns = n if m is None else m
    context.budget.ask((n, columns))
    return finish(np.eye(n, columns, dtype=unwrap(dtype) or context.default_dtype), requires_grad)


@maker(*FACTORY)
def tril_indices(row: int, col: int, offset: int = 0, *, dtype: Any = None) -> Tensor:
    """Returns the (2, count) row and column numbers of the lower triangle of a (row, col) matrix."""
    context.budget.ask((2, row, col))
    return finish(
        np.stack(np.tril_indices(row, offset, col)).astype(unwrap(dtype) or INT64), requires_grad=False
    )


@maker(*FACTORY)
def triu_indices(row: int, col: int, offset: int = 0, *, dtype: Any = None) -> Tensor:
    """Returns the (2, count) row and column numbers of the upper triangle of a (row, col) matrix."""
    context.budget.ask((2, row, col))
    return finish(
        np.stack(np.triu_indices(row, offset, col)).astype(unwrap(dtype) or INT64), requires_grad=False
    )
