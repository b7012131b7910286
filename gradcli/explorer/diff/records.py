"""What records mean in the kinds of terms there are: arithmetic, matrix products, sums, shapes."""

# Meanings take what their records are given, used or not:
# ruff: noqa: ARG001, ARG005, PLR0913

from __future__ import annotations

import math
from fractions import Fraction
from typing import TYPE_CHECKING, Any

import numpy as np

from gradcli.explorer.diff.arithmetic import added, bare, multiplied, power
from gradcli.explorer.diff.arrangement import expand, permute, reshape, squeeze, transpose, unsqueeze
from gradcli.explorer.diff.losses import LOSSES
from gradcli.explorer.diff.matrices import eye, matmul, outer
from gradcli.explorer.diff.reduction import mean, spread, sum_to, total
from gradcli.explorer.diff.terms import BOOL, FLOAT, Term
from gradcli.explorer.terms import exact
from gradcli.ops.shapes import broadcast_all

if TYPE_CHECKING:
    from collections.abc import Callable

    from gradcli.explorer.diff.formulas import Formulas

__all__ = ["MEANINGS"]


OPPOSITE = {"lt": "ge", "le": "gt", "gt": "le", "ge": "lt", "eq": "ne", "ne": "eq"}


def _mul(m: Formulas, a: Term, b: Term) -> Term:
    return multiplied(m, [(a, 1), (b, 1)])


def _power(m: Formulas, x: Term, *, exponent: Any) -> Term | None:
    value = exponent if exponent.__class__ is Fraction else exact(exponent)
    return power(x, value) if isinstance(value, Fraction) else None


def _power_of(m: Formulas, a: Term, b: Term) -> Term | None:
    return power(a, b.number) if b.number is not None else None


def _cast(m: Formulas, x: Term, *, dtype: Any) -> Term | None:
    if dtype.kind == "f" and x.dtype.kind == "b":
        return where(m, x, m.number(1), m.number(0))
    return x if dtype.kind == "f" and x.dtype.kind in "fiu" else None


def where(m: Formulas, mask: Term, taken: Term, other: Term) -> Term:
    """Returns one term where a mask holds, and another elsewhere."""
    shape = broadcast_all([mask.shape, taken.shape, other.shape])
    dtype = next((term.dtype for term in (taken, other) if term.dtype.kind == "f"), taken.dtype)
    parts = tuple(map(bare, (mask, taken, other)))
    own = broadcast_all([part.shape for part in parts])
    return expand(m, m.make("where", parts, None, own, dtype), shape)


def _norm(
    m: Formulas, x: Term, *, dims: tuple[int, ...], keepdim: bool, order: float, form: str
) -> Term | None:
    del form
    if order == 1:
        return total(m, m.abs(x), dims, keepdim=keepdim)
    return None


def _diagonal_put(m: Formulas, x: Term, *, shape: Any, offset: int, dim1: int, dim2: int) -> Term | None:
    if len(shape) == 2 and shape[0] == shape[1] and not offset:  # noqa: PLR2004 - a square matrix
        turned = expand(m, unsqueeze(m, x, (-2,)), shape)
        return multiplied(m, [(turned, 1), (eye(m, shape[0]), 1)])
    del dim1, dim2
    return None


def _index_axes(m: Formulas, x: Term, dim: int) -> tuple[Any, ...]:
    return tuple(origin for i, origin in enumerate(x.axes) if i != x.ndim + dim)


def _select(m: Formulas, x: Term, *, dim: int, index: int) -> Term:
    shape = tuple(size for i, size in enumerate(x.shape) if i != x.ndim + dim)
    index = index % x.shape[dim]
    if x.op == "expand":
        inner = x.args[0]
        if -dim > inner.ndim or inner.shape[dim] == 1:
            return expand(m, squeeze(m, inner, (dim,)) if -dim <= inner.ndim else inner, shape)
    return m.make("select", (x,), (dim, index), shape, x.dtype, _index_axes(m, x, dim))


def _select_put(m: Formulas, x: Term, *, shape: Any, dim: int, index: int) -> Term:
    axes = list(x.axes)
    axes.insert(len(shape) + dim, None)
    return m.make("put", (x,), (dim, index % shape[dim], tuple(shape)), tuple(shape), x.dtype, tuple(axes))


def _stack(m: Formulas, *terms: Term, dim: int) -> Term:
    shape = list(terms[0].shape)
    shape.insert(len(shape) + 1 + dim, len(terms))
    axes = list(terms[0].axes)
    axes.insert(len(axes) + 1 + dim, None)
    return m.make("stack", terms, dim, tuple(shape), terms[0].dtype, tuple(axes))


def _slice(m: Formulas, x: Term, *, dim: int, start: int, stop: int, step: int) -> Term:
    if (start, step) == (0, 1) and stop == x.shape[dim]:
        return x
    shape = list(x.shape)
    shape[dim] = len(range(start, stop, step))
    if x.op == "expand" and (-dim > x.args[0].ndim or x.args[0].shape[dim] == 1):
        return expand(m, x.args[0], tuple(shape))
    axes = list(x.axes)
    axes[dim] = None if shape[dim] != 1 else ()
    return m.make("slice", (x,), (dim, start, stop, step), tuple(shape), x.dtype, tuple(axes))


def _compared(name: str) -> Callable[..., Term | None]:
    def meaning(m: Formulas, a: Term, b: Term) -> Term:
        shape = broadcast_all([a.shape, b.shape])
        parts = (bare(a), bare(b))
        own = broadcast_all([part.shape for part in parts])
        made = m.make("compare", parts, name, own, BOOL)
        known = all(part.op == "number" for part in parts)  # `1 == 0` would be Python's, and no tensor
        return expand(m, m.constant(m.value(made)) if known else made, shape)

    return meaning


def _not(m: Formulas, x: Term) -> Term | None:
    if x.op == "compare":
        return m.make("compare", x.args, OPPOSITE[x.data], x.shape, x.dtype)
    known = _truth(x)
    return None if known is None else expand(m, m.constant(np.asarray(not known)), x.shape)


def _and(m: Formulas, a: Term, b: Term) -> Term | None:
    for one, other in ((a, b), (b, a)):
        known = _truth(one)
        if known is not None and other.dtype == BOOL:
            return expand(m, other if known else bare(one), broadcast_all([a.shape, b.shape]))
    return None


def _truth(term: Term) -> bool | None:
    """What a condition is everywhere, where it is a constant without a name."""
    inner = bare(term)
    return bool(inner.data.values) if inner.op == "array" and inner.dtype == BOOL and not inner.ndim else None


def _put_along(m: Formulas, x: Term, index: Term, *, shape: Any, dim: Any, keepdim: bool) -> Term | None:
    if keepdim or dim != -1 or index.ndim != len(shape) - 1:
        return None
    hot = m.make("one_hot", (index,), shape[-1], tuple(shape), FLOAT)
    return multiplied(m, [(hot, 1), (unsqueeze(m, x, (-1,)), 1)])


def _sizes(x: Term, shape: Any) -> tuple[int, ...]:
    """A shape with its -1 found."""
    if -1 not in shape:
        return tuple(shape)
    known = -math.prod(shape)
    return tuple(math.prod(x.shape) // known if size == -1 else size for size in shape)


def _swapped(m: Formulas, x: Term, dims: tuple[int, int]) -> Term:
    order = list(range(x.ndim))
    a, b = dims
    order[a], order[b] = order[b], order[a]
    return permute(m, x, tuple(order))


MEANINGS: dict[str, Callable[..., Term | None]] = {
    **LOSSES,
    "add": lambda m, a, b: added(m, [(1, a), (1, b)]),
    "sub": lambda m, a, b: added(m, [(1, a), (-1, b)]),
    "rsub": lambda m, a, b: added(m, [(-1, a), (1, b)]),
    "rsub_number": lambda m, a, b: added(m, [(-1, a), (1, b)]),
    "add_scaled": lambda m, a, b, alpha, sign: added(m, [(1, a), (exact(sign * alpha), b)]),
    "rsub_scaled": lambda m, a, b, alpha: added(m, [(-exact(alpha), a), (1, b)]),
    "neg": lambda m, x: multiplied(m, [(x, 1)], Fraction(-1)),
    "mul": _mul,
    "mul_grown": _mul,
    "div_true": lambda m, a, b: multiplied(m, [(a, 1), (b, -1)]),
    "reciprocal": lambda m, x: power(x, -1),
    "sqrt": lambda m, x: power(x, Fraction(1, 2)),
    "rsqrt": lambda m, x: power(x, Fraction(-1, 2)),
    "square": lambda m, x: power(x, 2),
    "pow_scalar": _power,
    "pow_both": _power_of,
    "one_less_square": lambda m, x: added(m, [(1, m.number(1)), (-1, power(x, 2))]),
    "hypot": lambda m, a, b: power(added(m, [(1, power(a, 2)), (1, power(b, 2))]), Fraction(1, 2)),
    "addcmul": lambda m, x, a, b, value=1: added(m, [(1, x), (exact(value), _mul(m, a, b))]),
    "cast": _cast,
    "clone": lambda m, x: x,
    "compact": lambda m, x: x,
    "view_as_self": lambda m, x: x,
    "lerp": lambda m, a, b, weight: added(m, [(1 - exact(weight), a), (exact(weight), b)]),
    "where": where,
    "logical_not": _not,
    "logical_and": _and,
    **{name: _compared(name) for name in OPPOSITE},
    "mm_matrix": matmul,
    "matmul_batched": matmul,
    "bmm": matmul,
    "mv": matmul,
    "dot": matmul,
    "vdot": matmul,
    "outer": outer,
    "transpose": _swapped,
    "t": lambda m, x, rank: transpose(m, x),
    "permute": permute,
    "unsqueeze": lambda m, x, dim: unsqueeze(m, x, (dim,)),
    "squeeze": lambda m, x, dims, form: squeeze(m, x, tuple(dims)),
    "addmm": lambda m, x, a, b, beta, alpha: added(m, [(exact(beta), x), (exact(alpha), matmul(m, a, b))]),
    "addmv": lambda m, x, a, b, beta, alpha: added(m, [(exact(beta), x), (exact(alpha), matmul(m, a, b))]),
    "addr": lambda m, x, a, b, beta, alpha: added(m, [(exact(beta), x), (exact(alpha), outer(m, a, b))]),
    "as_row": lambda m, x: unsqueeze(m, x, (-2,)),
    "from_row": lambda m, x: squeeze(m, x, (-2,)),
    "unsqueeze_last": lambda m, x: unsqueeze(m, x, (-1,)),
    "squeeze_last": lambda m, x: squeeze(m, x, (-1,)),
    "reshape": lambda m, x, shape, rank=None: reshape(m, x, _sizes(x, shape)),
    "unsafe_view": lambda m, x, shape, rank=None: reshape(m, x, _sizes(x, shape)),
    "expand": lambda m, x, shape, rank=None: expand(m, x, tuple(shape)),
    "spread": spread,
    "sum_dims": lambda m, x, dims, keepdim=False, full=False: total(m, x, dims, keepdim=keepdim),
    "mean_dims": lambda m, x, dims, keepdim=False, full=False: mean(m, x, dims, keepdim=keepdim),
    "sum_to": lambda m, x, shape, rank=None: sum_to(m, x, tuple(shape)),
    "norm_dims": _norm,
    "softmax_dims": lambda m, x, dims: None if dims else m.filled(1, x.shape),  # of a single number
    "log_softmax_dims": lambda m, x, dims: None if dims else m.filled(0, x.shape),
    "diagonal_put": _diagonal_put,
    "select_at": _select,
    "select_put": _select_put,
    "slice": _slice,
    "put_along": _put_along,
    "erf_slope": lambda m, x: multiplied(
        m, [(m.exp(multiplied(m, [(x, 2)], Fraction(-1))), 1), (m.pi, Fraction(-1, 2))], Fraction(2)
    ),
    "normal_pdf": lambda m, x: multiplied(
        m,
        [
            (m.exp(multiplied(m, [(x, 2)], Fraction(-1, 2))), 1),
            (multiplied(m, [(m.pi, 1)], Fraction(2)), Fraction(-1, 2)),
        ],
    ),
    "stack": _stack,
    "inv": lambda m, x: m.make("inv", (x,), None, x.shape, x.dtype, x.axes),
    "inv_lenient": lambda m, x: m.make("inv", (x,), None, x.shape, x.dtype, x.axes),
}
