"""Sums over dims, and means: what does not change along a dim is taken out, and counted."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gradcli.explorer.diff.arithmetic import multiplied
from gradcli.explorer.diff.arrangement import expand, others, squeeze, unsqueeze
from gradcli.explorer.diff.patterns import powers
from gradcli.ops.shapes import broadcast_all

if TYPE_CHECKING:
    from gradcli.explorer.diff.formulas import Formulas
    from gradcli.explorer.diff.patterns import Powers
    from gradcli.explorer.diff.terms import Term

__all__ = ["mean", "spread", "sum_to", "total"]

Shape = tuple[int, ...]


def total(  # noqa: PLR0911 - a line per kind of term
    m: Formulas, term: Term, dims: Shape, *, keepdim: bool
) -> Term:
    """Returns the sum over dims, which count from the right."""
    dims = tuple(sorted(dims))
    if not dims:
        return term
    if keepdim:
        return unsqueeze(m, total(m, term, dims, keepdim=False), dims)
    if all(term.shape[dim] == 1 for dim in dims):
        return squeeze(m, term, dims)
    taken = _taken_out(m, term, dims)
    if taken is not None:
        return taken
    if term.op == "unsqueeze":
        own = others(term.ndim, term.data)
        summed = total(
            m, term.args[0], tuple(own.index(i) - len(own) for i in dims if i in own), keepdim=False
        )
        left = others(term.ndim, dims)
        return unsqueeze(m, summed, tuple(left.index(i) - len(left) for i in term.data if i in left))
    if term.op == "sum":
        left = others(term.args[0].ndim, term.data)
        return total(m, term.args[0], (*term.data, *(left[dim] for dim in dims)), keepdim=False)
    kept = others(term.ndim, dims)
    shape = tuple(term.shape[i] for i in kept)
    return m.make("sum", (term,), dims, shape, term.dtype, tuple(term.axes[i] for i in kept))


def _taken_out(m: Formulas, term: Term, dims: Shape) -> Term | None:
    """The sum of a repeated term or of a product, with what is the same along the dims before it."""
    if term.op == "expand":
        factors: Powers = [(term.args[0], 1)]
        number = None
    elif term.op == "mul":
        factors = [*powers(term)]
        number = term.data[0]
    else:
        return None
    still = [(factor, e) for factor, e in factors if _still(factor, dims)]
    rest = [(factor, e) for factor, e in factors if not _still(factor, dims)]
    if not still and number in {None, 1} and term.op == "mul":
        return None
    shape = tuple(term.shape[i] for i in others(term.ndim, dims))
    product = multiplied(m, rest) if rest else m.number(1)
    own = broadcast_all([factor.shape for factor, _ in rest])
    there = tuple(dim for dim in dims if -dim <= len(own) and own[dim] != 1)
    if there != dims:  # along the others everything is the same
        counted = m.counted(term, tuple(dim for dim in dims if dim not in there))
        still = [*still, (counted, 1)]
    gone = tuple(dim for dim in dims if -dim <= len(own) and own[dim] == 1)
    whole = expand(m, product, own)  # its dims count from the right, as those of the sum do
    summed = total(m, whole, (*there, *gone), keepdim=False) if there else squeeze(m, whole, gone)
    outside = [(squeeze(m, factor, tuple(d for d in dims if -d <= factor.ndim)), e) for factor, e in still]
    found = multiplied(m, [*outside, (summed, 1)], number or 1)  # type: ignore[arg-type]
    return expand(m, found, shape)


def _still(factor: Term, dims: Shape) -> bool:
    """Whether a factor is the same all along the dims."""
    return all(-dim > factor.ndim or factor.shape[dim] == 1 for dim in dims)


def mean(m: Formulas, term: Term, dims: Shape, *, keepdim: bool) -> Term:
    """Returns the mean over dims."""
    found = total(m, term, dims, keepdim=keepdim)
    return multiplied(m, [(found, 1), (m.counted(term, dims), -1)])


def spread(  # noqa: PLR0913 - a reduction's parameters, and what was reduced
    m: Formulas, term: Term, shape: Shape, dims: Shape, *, keepdim: bool, like: Term | None = None
) -> Term:
    """Returns a reduced term repeated over the dims that were reduced; `like` what they were reduced of."""
    if not keepdim and term.ndim:
        term = unsqueeze(m, term, tuple(sorted(dims)))
    if like is None:
        like = next((one for one in m.at if one.shape == shape), None)
    return expand(m, term, shape, like)


def sum_to(m: Formulas, term: Term, shape: Shape) -> Term:
    """Returns the sum over what broadcasting from a shape added."""
    if term.shape == shape:
        return term
    lead = tuple(range(-term.ndim, -len(shape)))
    stretched = tuple(i for i in range(-len(shape), 0) if shape[i] == 1 and term.shape[i] != 1)
    return total(m, total(m, term, stretched, keepdim=True), lead, keepdim=False)
