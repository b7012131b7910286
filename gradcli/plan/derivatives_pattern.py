"""Which elements of the variables each element of a value depends on, carried through a linear program.

A pattern is an array (k, *shape) of columns: the places of the variables' elements, one variable behind the
other; -1 stands for none. Elementwise steps unite the patterns of their arguments. Steps that select (a
slice, a reshape, padding) are recognised by what they make of numbered elements, proven on others.
What depends on more than MOST elements has no pattern: all other steps mix too much.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from gradcli.autograd.stack import jvp_stacked

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from gradcli.plan.derivatives import Linear
    from gradcli.plan.trace import Step

_Unions = dict[tuple[int, int], tuple[Any, Any, Any]]

__all__ = ["colours", "patterns"]

MOST = 16  # elements that one may depend on
COLOURS = 62  # bits of an integer


def patterns(linear: Linear) -> dict[int, Any]:
    """Returns the pattern of each value that has one, by its number."""
    found: dict[int, Any] = {}
    unions: _Unions = {}
    start = 0
    for number in linear.trace.inputs:
        shape = linear.values[number].shape
        stop = start + linear.values[number].size
        found[number] = np.arange(start, stop).reshape(1, *shape)
        start = stop
    for step in linear.steps:
        moving = linear.moving(step)
        if all(step.arguments[i] in found for i in moving):
            given = [(i, found[step.arguments[i]]) for i in moving]
            found.update(_through(linear, step, given, unions))
    return found


def _through(linear: Linear, step: Step, given: Sequence[tuple[int, Any]], unions: _Unions) -> dict[int, Any]:
    """The patterns of a step's results."""
    results = [n for n in step.results if n in linear.dependent]
    if step.record.kind == "elementwise" and len(results) == 1:
        shape = linear.values[step.results[0]].shape
        parts = [[_spread(pattern, shape) for _, pattern in given]]
    elif step.record.kind == "linear":
        selected = [_selected(linear, step, i, pattern) for i, pattern in given]
        if any(len(one) != len(results) for one in selected):
            return {}
        parts = [list(one) for one in zip(*selected, strict=True)]
    else:
        return {}
    found = {}
    for number, several in zip(results, parts, strict=True):
        pattern = several[0]
        for other in several[1:]:
            key = (id(pattern), id(other))
            if key not in unions:  # kept with what it is made of: ids are used again
                unions[key] = _union(pattern, other), pattern, other
            pattern = unions[key][0]
        if len(pattern) > MOST:
            return {}
        found[number] = pattern
    return found


def _spread(pattern: Any, shape: tuple[int, ...]) -> Any:
    """Broadcast to a shape."""
    if pattern.shape[1:] == shape:
        return pattern
    lead = len(shape) - (pattern.ndim - 1)
    return np.broadcast_to(
        pattern.reshape(len(pattern), *(1,) * lead, *pattern.shape[1:]), (len(pattern), *shape)
    )


def _union(one: Any, other: Any) -> Any:
    if one is other:
        return one
    rows = (np.where((one == row).any(0), -1, row) for row in other)
    fresh = [row for row in rows if (row >= 0).any()]
    both = np.concatenate([one, np.stack(fresh)]) if fresh else one
    return both if len(both) <= MOST else _dense(both)


def _dense(pattern: Any) -> Any:
    """With the empty places at the end, and no row of them alone."""
    return -np.sort(-pattern, axis=0)[: max(1, int((pattern >= 0).sum(0).max(initial=0)))]


def _selected(linear: Linear, step: Step, position: int, pattern: Any) -> list[Any]:
    """The patterns of a step's results for one argument, if each element is one of it times a number.

    None of them otherwise.
    """
    arguments, outputs = linear.around(step)
    x = arguments[position]
    eps = float(np.finfo(x.dtype).eps)
    if not x.size or x.size * eps > 2.0**-4:
        return []
    probes = np.empty((3, *x.shape), x.dtype)
    probes[0] = 1
    probes[1] = np.arange(1, x.size + 1).reshape(x.shape)
    probes[2] = np.sin(probes[1])
    tangents = [probes if i == position else None for i in range(len(arguments))]
    flags = [*(False for _ in (*arguments, *outputs)), *(True for _ in tangents)]
    found = []
    flat = pattern.reshape(len(pattern), -1)
    for told in jvp_stacked(step.record, arguments, outputs, tangents, flags, step.params):
        if told is None:
            continue
        weights, labels, proof = told.reshape(3, -1)
        used = weights != 0
        with np.errstate(all="ignore"):
            places = np.where(used, np.rint(labels / weights), 1).astype(np.int64) - 1
        if places.size and (places.min() < 0 or places.max() >= x.size):
            return []
        expected = np.where(used, weights * probes[2].ravel()[places], 0)
        if not (labels[~used] == 0).all() or not (abs(proof - expected) <= 4 * eps * abs(expected)).all():
            return []
        found.append(np.where(used, flat[:, places], -1).reshape(len(flat), *told.shape[1:]))
    return found


def colours(found: Iterable[Any], sizes: Sequence[int]) -> Any:
    """Returns a direction for each column, such that no element meets two with the same; None: too many.

    The columns of one variable take turns. Source: Curtis, Powell and Reid, On the estimation of sparse
    Jacobian matrices, IMA Journal of Applied Mathematics 13 (1974).

    Args:
        found: the patterns of the elements in question.
        sizes: of the variables.
    """
    unlike = list({id(pattern): pattern.reshape(len(pattern), -1) for pattern in found}.values())
    parts, used, start = [], 0, 0
    for size in sizes:
        own = [np.where((one >= start) & (one < start + size), one - start, -1) for one in unlike]
        least = max((int((one >= 0).sum(0).max(initial=1)) for one in own), default=1)
        count = next((n for n in range(least, COLOURS + 1) if all(_apart(one, n) for one in own)), 0)
        if not count and size:
            return None
        parts.append(used + np.arange(size) % max(count, 1))
        used, start = used + count, start + size
    return np.concatenate(parts) if used <= start // 2 else None


def _apart(pattern: Any, count: int) -> bool:
    """Whether all columns of each element go with directions of their own."""
    bits = np.where(pattern < 0, 0, np.left_shift(1, pattern % count))
    return bool((np.bitwise_or.reduce(bits, axis=0) == bits.sum(0)).all())
