"""Scans: running sums and products along a dim, and the recurrences behind their derivatives."""

# PyTorch's names and signatures, and formulas that name all they are given:
# ruff: noqa: A002

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from gradcli.ops.dims import along, numpy_names, totalled
from gradcli.ops.record import general, linear

if TYPE_CHECKING:
    from gradcli.ops.shapes import Shape

__all__ = ["products_before", "recurrence"]

FAMILY = "scan"


def _cumsum(x: Any, *, dim: int | None, reverse: bool = False) -> Any:
    if dim is None:
        return np.array(x)
    if not reverse:
        return np.add.accumulate(x, axis=dim)
    return np.flip(np.add.accumulate(np.flip(x, dim), axis=dim), dim)


@numpy_names
def _cumsum_front(m: Any, input: Any, dim: Any, *, dtype: Any = None) -> Any:
    x = totalled(m, input, dtype)
    return m.apply(cumsum, (x,), {"dim": along("cumsum", dim, len(x.shape)), "reverse": False})


cumsum = linear(
    "cumsum",
    node="CumsumBackward0",
    numpy=_cumsum,
    transposes=(lambda m, g, dim, reverse: m.cumsum(g, dim=dim, reverse=not reverse),),
    front=_cumsum_front,
    promote="keep",
    inplace=True,
    infer=lambda x, *, dim, reverse=False: x,
    family=FAMILY,
    samples=lambda s: [
        ((s.normal(2, 3),), {"dim": -1, "reverse": False}),
        ((s.normal(2, 3),), {"dim": -2, "reverse": True}),
    ],
    summary="Running sum along a dim.",
    source="Blelloch, Prefix Sums and Their Applications, 1.1",
    example="cumsum(x, dim=0)",
)


def _shift(x: Any, *, by: int) -> Any:
    result = np.zeros_like(x)
    if by > 0:
        result[..., by:] = x[..., :-by]
    else:
        result[..., :by] = x[..., -by:]
    return result


shift = linear(
    "shift",
    node="SliceBackward0",
    numpy=_shift,
    transposes=(lambda m, g, by: m.shift(g, by=-by),),
    promote="keep",
    faces="",
    infer=lambda x, *, by: x,
    family=FAMILY,
    samples=lambda s: [((s.normal(2, 3),), {"by": 1}), ((s.normal(2, 3),), {"by": -2})],
    summary="The elements moved along the last dim, with zeros in the vacated places.",
    source="Hillis and Steele, Data Parallel Algorithms, CACM 29 (1986)",
)


def products_before(m: Any, x: Any, count: int, *, reverse: bool) -> Any:
    """Returns, along the last dim of size `count`, the product of the elements before (after) each one.

    By doubling: ceil(log2(count)) products of whole arrays, exact where elements are zero, and
    differentiable to any order because it is made of products and shifts (Hillis and Steele 1986).
    """
    sign = -1 if reverse else 1
    result = _shift_in_ones(m, x, count, sign) if count > 1 else m.ones_like(x)
    step = 1
    while step < count - 1:
        result = result * _shift_in_ones(m, result, count, sign * step)
        step *= 2
    return result


def _shift_in_ones(m: Any, x: Any, count: int, by: int) -> Any:
    vacated = np.zeros(count)
    vacated[:by] = by > 0
    vacated[count + by if by < 0 else count :] = 1
    return m.shift(x, by=by) + m.array(vacated, like=x)


def recurrence(m: Any, term: Any, factor: Any, count: int, *, reverse: bool) -> Any:
    """Returns r with r_j = term_j + factor_j r_(j-1) along the last dim of size `count`.

    With `reverse` it runs from the right: r_j = term_j + factor_j r_(j+1). By doubling over the pairs
    (factor, term), whose composition is associative (Blelloch, 1.4).
    """
    sign, step = -1 if reverse else 1, 1
    while step < count:
        term = term + factor * m.shift(term, by=sign * step)
        factor = factor * m.shift(factor, by=sign * step)
        step *= 2
    return term


def _cumprod_vjp(m: Any, g: Any, x: Any, x_shape: Shape, dim: int | None) -> Any:
    if dim is None:
        return g
    count, moved = x_shape[dim], m.transpose(x, dims=(dim, -1))
    if not count:
        return g
    upstream = recurrence(m, m.transpose(g, dims=(dim, -1)), m.shift(moved, by=-1), count, reverse=True)
    return m.transpose(products_before(m, moved, count, reverse=False) * upstream, dims=(dim, -1))


def _cumprod_jvp(m: Any, t: Any, x: Any, x_shape: Shape, dim: int | None) -> Any:
    if dim is None:
        return t
    count, moved = x_shape[dim], m.transpose(x, dims=(dim, -1))
    if not count:
        return t
    term = products_before(m, moved, count, reverse=False) * m.transpose(t, dims=(dim, -1))
    return m.transpose(recurrence(m, term, moved, count, reverse=False), dims=(dim, -1))


@numpy_names
def _cumprod_front(m: Any, input: Any, dim: Any, *, dtype: Any = None) -> Any:
    x = totalled(m, input, dtype)
    return m.apply(cumprod, (x,), {"dim": along("cumprod", dim, len(x.shape))})


cumprod = general(
    "cumprod",
    node="CumprodBackward0",
    numpy=lambda x, *, dim: np.array(x) if dim is None else np.multiply.accumulate(x, axis=dim),
    vjps=(_cumprod_vjp,),
    jvps=(_cumprod_jvp,),
    front=_cumprod_front,
    promote="keep",
    inplace=True,
    infer=lambda x, *, dim: x,
    family=FAMILY,
    samples=lambda s: [
        ((s.normal(2, 3),), {"dim": -1}),
        ((s.normal(4, 3),), {"dim": -2}),
        ((s.zeros_in(2, 5),), {"dim": -1}),
    ],
    summary="Running product along a dim.",
    source="Blelloch, Prefix Sums and Their Applications, 1.1 and 1.4",
    example="cumprod(x, dim=0)",
)
