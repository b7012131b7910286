"""Terms of shape: repeated, with dims added and taken away, turned, laid out anew."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gradcli.explorer.diff.arithmetic import bare, multiplied, split
from gradcli.explorer.diff.patterns import apart, powers

if TYPE_CHECKING:
    from collections.abc import Container

    from gradcli.explorer.diff.formulas import Formulas
    from gradcli.explorer.diff.patterns import Powers
    from gradcli.explorer.diff.terms import Term

__all__ = ["expand", "others", "permute", "reshape", "scalars", "squeeze", "transpose", "unsqueeze"]

Shape = tuple[int, ...]
MATRIX = 2  # dims


def others(ndim: int, dims: Container[int]) -> list[int]:
    """Returns the dims, counted from the right, that are not among some."""
    return [dim for dim in range(-ndim, 0) if dim not in dims]


def expand(m: Formulas, term: Term, shape: Shape, like: Term | None = None) -> Term:
    """Returns a term repeated to a shape, along the axes of `like`; repeated twice is repeated once."""
    if term.shape == shape:
        return term
    inner = bare(term) if term.op in {"expand", "unsqueeze"} else term
    if inner.shape == shape:
        return inner
    found = m.make("expand", (inner,), shape, shape, term.dtype, m.axes.together([inner], shape))
    if like is not None and found.op == "expand":
        found.axes = m.axes.together([found, like], shape)
    return found


def unsqueeze(m: Formulas, term: Term, dims: Shape) -> Term:
    """Returns a term with dims of size 1 added; `dims` count from the right in the result."""
    if not dims:
        return term
    rank = term.ndim + len(dims)
    dims = tuple(sorted(dims))
    if term.op == "unsqueeze":
        kept = others(rank, dims)
        inner = tuple(kept[i] for i in term.data)
        return unsqueeze(m, term.args[0], (*dims, *inner))
    if term.op == "mul" and (term.data[0] != 1 or any(not factor.ndim for factor in term.args)):
        flat, rest = scalars(term)
        return multiplied(m, [*flat, (unsqueeze(m, rest, dims), 1)], term.data[0])
    sizes = iter(term.shape)
    origins = iter(term.axes)
    shape = tuple(1 if i in dims else next(sizes) for i in range(-rank, 0))
    if not term.ndim:
        return expand(m, term, shape)
    if term.op == "expand":
        return expand(m, unsqueeze(m, term.args[0], _within(dims, term.args[0].ndim)), shape)
    axes = tuple(() if i in dims else next(origins) for i in range(-rank, 0))
    return m.make("unsqueeze", (term,), dims, shape, term.dtype, axes)


def _within(dims: Shape, rank: int) -> Shape:
    """Those of the dims added to a repeated term that stand among its own; the others are repetition."""
    found = []
    i = -1
    while rank:
        if i in dims:
            found.append(i)
        else:
            rank -= 1
        i -= 1
    return tuple(found)


def scalars(term: Term) -> tuple[Powers, Term]:
    """Returns a product's powers of numbers, without its own number, and the rest in its shape."""
    flat, rest = apart(term)
    return flat, expand(term.m, multiplied(term.m, rest), term.shape)


def squeeze(m: Formulas, term: Term, dims: Shape) -> Term:
    """Returns a term without some dims of size 1; `dims` count from the right."""
    if not dims:
        return term
    kept = others(term.ndim, dims)
    shape = tuple(term.shape[i] for i in kept)
    if term.op == "expand":
        inner = term.args[0]
        there = tuple(i for i in dims if -i <= inner.ndim)
        return expand(m, squeeze(m, inner, there), shape)
    if term.op == "unsqueeze":
        both = set(dims) & set(term.data)
        if both:
            outer = tuple(i for i in term.data if i not in both)
            left = others(term.ndim, both)
            back = {i: k - len(left) for k, i in enumerate(left)}
            again = unsqueeze(m, term.args[0], tuple(back[i] for i in outer))
            return squeeze(m, again, tuple(back[i] for i in dims if i not in both))
    if term.op == "mul" and term.data[0] != 1:
        number, rest = split(term)
        return multiplied(m, [(squeeze(m, rest, dims), 1)], number)
    if term.op == "mul" and all(_plain(factor) for factor in term.args):
        return multiplied(m, [(squeeze(m, one, _those(one, dims)), e) for one, e in powers(term)])
    axes = tuple(term.axes[i] for i in kept)
    return m.make("squeeze", (term,), tuple(sorted(dims)), shape, term.dtype, axes)


def _plain(factor: Term) -> bool:
    """Whether dims of size 1 can be taken from a factor by itself."""
    return factor.op in {"unsqueeze", "leaf", "sum"} or not factor.ndim


def _those(factor: Term, dims: Shape) -> Shape:
    return tuple(i for i in dims if -i <= factor.ndim)


def transpose(m: Formulas, term: Term) -> Term:
    """Returns a matrix turned; of a stack each."""
    if term.ndim < MATRIX:
        return term
    if term.op in {"unsqueeze", "expand"} and 1 in term.shape[-2:]:
        dims = tuple(dim for dim in (-2, -1) if term.shape[dim] == 1)
        return unsqueeze(m, squeeze(m, term, dims), tuple(-3 - dim for dim in dims))
    shape = (*term.shape[:-2], term.shape[-1], term.shape[-2])
    axes = (*term.axes[:-2], term.axes[-1], term.axes[-2])
    return m.make("transpose", (term,), None, shape, term.dtype, axes)


def permute(m: Formulas, term: Term, dims: Shape) -> Term:
    """Returns a term with its dims in another order."""
    rank = len(dims)
    order = tuple(dim % rank for dim in dims) if rank else ()
    if order == tuple(range(rank)):
        return term
    if order == (*range(rank - 2), rank - 1, rank - 2):
        return transpose(m, term)
    shape = tuple(term.shape[i] for i in order)
    axes = tuple(term.axes[i] for i in order)
    if 1 in shape:  # dims of size 1 need no order
        kept = [i for i in range(rank) if term.shape[i] != 1]
        inner_order = tuple(kept.index(i) for i in order if term.shape[i] != 1)
        inner_term = squeeze(m, term, _ones(term.shape))
        return unsqueeze(m, permute(m, inner_term, inner_order), _ones(shape))
    if term.op == "expand" and not term.args[0].ndim:
        return expand(m, term.args[0], shape)
    if term.op == "permute":
        inner = term.data
        return permute(m, term.args[0], tuple(inner[i] for i in order))
    return m.make("permute", (term,), order, shape, term.dtype, axes)


def reshape(m: Formulas, term: Term, shape: Shape) -> Term:
    """Returns the same elements in another shape."""
    if term.shape == shape:
        return term
    inner = bare(term)
    if not inner.ndim:
        return expand(m, inner, shape)
    if term.op == "reshape":
        return reshape(m, term.args[0], shape)
    if term.op == "mul" and (term.data[0] != 1 or any(not factor.ndim for factor in term.args)):
        flat, rest = scalars(term)
        return multiplied(m, [*flat, (reshape(m, rest, shape), 1)], term.data[0])
    if 1 in shape or [size for size in term.shape if size != 1] == list(shape):
        core = tuple(size for size in shape if size != 1)
        return unsqueeze(m, reshape(m, squeeze(m, term, _ones(term.shape)), core), _ones(shape))
    axes = m.axes.reshaped(term.axes, term.shape, shape)
    return m.make("reshape", (term,), shape, shape, term.dtype, axes)


def _ones(shape: Shape) -> Shape:
    """The dims of size 1."""
    return tuple(i for i in range(-len(shape), 0) if shape[i] == 1)
