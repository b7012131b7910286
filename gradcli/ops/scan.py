"""Scans: running sums and products along a dim."""

from __future__ import annotations

from typing import Any

import numpy as np

from gradcli.ops.record import general, linear
from gradcli.ops.shapes import Shape, dim_from_right

__all__: list[str] = []

FAMILY = "scan"


def _cumsum(x: Any, *, dim: int, reverse: bool = False) -> Any:
    if not x.ndim:
        return np.array(x)
    if not reverse:
        return np.add.accumulate(x, axis=dim)
    return np.flip(np.add.accumulate(np.flip(x, dim), axis=dim), dim)


cumsum = linear(
    "cumsum",
    node="CumsumBackward0",
    numpy=_cumsum,
    transposes=(lambda m, g, dim, reverse: m.cumsum(g, dim=dim, reverse=not reverse),),
    front=lambda m, input, dim, *, dtype=None: m.apply(  # noqa: A006 - PyTorch's name
        cumsum,
        (input if dtype is None else m.cast(input, dtype=dtype),),
        {"dim": dim_from_right(dim, len(input.shape)), "reverse": False},
    ),
    promote="keep",
    inplace=True,
    infer=lambda x, *, dim, reverse=False: x,
    family=FAMILY,
    samples=lambda s: [((s.normal(2, 3),), {"dim": -1, "reverse": False}), ((s.normal(2, 3),), {"dim": -2, "reverse": True})],
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


def recurrence_after(m: Any, g: Any, x: Any, count: int) -> Any:
    """Returns r with r_j = g_j + x_(j+1) r_(j+1) along the last dim: a linear recurrence from the right.

    By doubling over the pairs (factor, term), whose composition is associative (Blelloch, 1.4).
    """
    if count < 2:  # noqa: PLR2004 - nothing to the right
        return g
    factor, term = m.shift(x, by=-1), g
    step = 1
    while step < count:
        term = term + factor * m.shift(term, by=-step)
        factor = factor * m.shift(factor, by=-step)
        step *= 2
    return term


def _cumprod_vjp(m: Any, g: Any, x: Any, x_shape: Shape, dim: int) -> Any:
    if not x_shape:
        return g
    count, moved = x_shape[dim], m.transpose(x, dims=(dim, -1))
    upstream = recurrence_after(m, m.transpose(g, dims=(dim, -1)), moved, count)
    return m.transpose(products_before(m, moved, count, reverse=False) * upstream, dims=(dim, -1))


def _cumprod_jvp(m: Any, t: Any, x: Any, x_shape: Shape, dim: int) -> Any:
    if not x_shape:
        return t
    # The transpose of the vjp: s_k = x_k s_(k-1) + before_k t_k, run from the left.
    count, moved = x_shape[dim], m.transpose(x, dims=(dim, -1))
    term = products_before(m, moved, count, reverse=False) * m.transpose(t, dims=(dim, -1))
    factor, step = moved, 1
    while step < count:
        term = term + factor * m.shift(term, by=step)
        factor = factor * m.shift(factor, by=step)
        step *= 2
    return m.transpose(term, dims=(dim, -1))


cumprod = general(
    "cumprod",
    node="CumprodBackward0",
    numpy=lambda x, *, dim: np.multiply.accumulate(x, axis=dim) if x.ndim else np.array(x),
    vjps=(_cumprod_vjp,),
    jvps=(_cumprod_jvp,),
    front=lambda m, input, dim, *, dtype=None: m.apply(  # noqa: A006 - PyTorch's name
        cumprod,
        (input if dtype is None else m.cast(input, dtype=dtype),),
        {"dim": dim_from_right(dim, len(input.shape))},
    ),
    promote="keep",
    inplace=True,
    infer=lambda x, *, dim: x,
    family=FAMILY,
    samples=lambda s: [((s.normal(2, 3),), {"dim": -1}), ((s.normal(4, 3),), {"dim": -2}), ((s.zeros_in(2, 5),), {"dim": -1})],
    summary="Running product along a dim.",
    source="Blelloch, Prefix Sums and Their Applications, 1.1 and 1.4",
    example="cumprod(x, dim=0)",
)
