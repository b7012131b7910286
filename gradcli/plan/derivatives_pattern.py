"""Which elements of the variables each element of a value depends on, carried through a linear program.

A pattern is an array (k, *shape) of columns: the places of the variables' elements, one variable behind the
other; -1 stands for none. Elementwise steps unite the patterns of their arguments. Views, and parts put
among zeros, take a pattern where they take elements; other steps that select (padding, a permutation
matrix) are recognised by what they make of numbered elements, proven on others. What depends on more than
MOST elements has no pattern: all other steps mix too much.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from gradcli.plan.bound_calls import PLACES

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
    with np.errstate(all="ignore"):
        for step in linear.steps:
            given = [(i, found.get(step.arguments[i])) for i in linear.moving(step)]
            if all(pattern is not None for _, pattern in given):
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
    fresh = np.where((other[:, np.newaxis] == one).any(1), -1, other)
    rows = [row for row in fresh if row.max(initial=-1) >= 0]
    both = np.concatenate([one, rows]) if rows else one
    return both if len(both) <= MOST else _dense(both)


def _dense(pattern: Any) -> Any:
    """With the empty places at the end, and no row of them alone."""
    return -np.sort(-pattern, axis=0)[: max(1, int((pattern >= 0).sum(0).max(initial=0)))]


def _selected(linear: Linear, step: Step, position: int, pattern: Any) -> list[Any]:
    """The patterns of a step's results for one argument, if each element is one of it times a number.

    None of them otherwise.
    """
    if step.record.view:  # its results are elements of its argument, and its dims count from the right
        found = step.record.numpy(pattern, **step.params)  # type: ignore[misc] # composites are no steps
        return list(found) if isinstance(found, (tuple, list)) else [found]
    if step.record.name in PLACES:
        return [step.record.numpy(pattern + 1, **step.params) - 1]  # type: ignore[misc] # as above
    x = linear.around(step)[0][position]
    eps = float(np.finfo(x.dtype).eps)
    if not x.size or x.size * eps > 2.0**-4:
        return []
    probes = np.ones((3, *x.shape), x.dtype)
    probes[1] = np.arange(1.0, x.size + 1).reshape(x.shape)
    probes[2] = np.sin(probes[1])
    proof = np.append(x.dtype.type(0), probes[2])
    padded = np.concatenate([np.full((len(pattern), 1), -1), pattern.reshape(len(pattern), -1)], 1)
    selected = []
    for told in linear.mapped(step, [probes if i == position else None for i in range(len(step.arguments))]):
        if told is not None:
            places = _places(told.reshape(3, -1), proof, 4 * eps)
            if places is None:
                return []
            selected.append(padded[:, places].reshape(len(pattern), *told.shape[1:]))
    return selected


def _places(told: Any, proof: Any, error: float) -> Any:
    """The number of the element that a map takes to each of its results; None where it is no selection.

    Args:
        told: what it makes of ones, of the elements' numbers from 1 on, and of `proof`.
        proof: elements of no order, behind a 0 that stands for none.
        error: of what it makes, relative.
    """
    weights, labels, proven = told
    places = labels.astype(np.int64)
    if (proof.take(places, mode="clip") == proven).all() and (places == labels).all():
        return places  # each as it is, or zero
    numbers = np.rint(np.divide(labels, weights, out=np.zeros(labels.shape), where=weights != 0))
    places = numbers.astype(np.int64)
    expected = weights * proof.take(places, mode="clip")
    good = _near(proven, expected, error) and _near(labels, weights * numbers, error)
    return places if good else None


def _near(found: Any, expected: Any, error: float) -> bool:
    return bool((abs(found - expected) <= error * abs(expected)).all())


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
        own = unlike if len(sizes) == 1 else [_between(one, start, start + size) for one in unlike]
        least = max((int((one >= 0).sum(0).max(initial=1)) for one in own), default=1)
        count = next((n for n in range(least, COLOURS + 1) if _apart(own, size, n)), 0)
        if not count and size:
            return None
        parts.append(used + np.arange(size) % max(count, 1))
        used, start = used + count, start + size
    return np.concatenate(parts) if used <= start // 2 else None


def _between(pattern: Any, start: int, stop: int) -> Any:
    """The columns of one variable, counted from its first one."""
    return np.where((pattern >= start) & (pattern < stop), pattern - start, -1)


def _apart(found: Iterable[Any], size: int, count: int) -> bool:
    """Whether all columns of each element go with directions of their own."""
    bits = np.append(1 << np.arange(size) % count, 0)  # at last that of -1
    return all(np.array_equal(np.bitwise_or.reduce(bits[one]), bits[one].sum(0)) for one in found)
