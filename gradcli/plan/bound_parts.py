"""Sums of parts that are put into zeros, part by part: put(a) + put(b) is put(a + b) at one place.

So do gradients arrive at what a loop takes apart, a row or a gate at a time: without this each turn adds
zeros to everything. Values are the same; only a zero that was negative may stay so.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from gradcli.ops.catalog import catalog
from gradcli.ops.record import Record
from gradcli.plan.bound_calls import PLACES
from gradcli.plan.trace import Step, Trace

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

__all__ = ["PLACED", "gathered"]

Parts = dict[Any, tuple[Step, int]]  # by place: a step that puts something there, and the number of what


def gathered(trace: Trace) -> Trace:
    """Returns a trace with the same inputs and outputs that adds up parts before it puts them anywhere."""
    if not any(step.record.name in PLACES for step in trace.steps):
        return trace
    gathering = _Gathering(trace)
    for step in trace.steps:
        gathering.take(step)
    return trace._replace(steps=tuple(gathering.steps))


class _Gathering:
    """The state of one walk: the steps so far, and sums of parts that were not put anywhere yet."""

    def __init__(self, trace: Trace) -> None:
        self.steps: list[Step] = []
        self._waiting: dict[int, Parts] = {}
        self._reads: dict[Any, int] = dict.fromkeys(trace.outputs, 2)  # what is given out is made at once
        numbers = [*trace.inputs, *trace.constants]
        for step in trace.steps:
            numbers += step.results
            for number in step.arguments:
                if number.__class__ is int:
                    self._reads[number] = self._reads.get(number, 0) + 1
        self._next = max(numbers, default=0) + 1

    def take(self, step: Step) -> None:
        """Adds a step, or what it adds to a sum that is still waiting."""
        number, arguments = step.results[0], step.arguments
        if step.record.name in PLACES and arguments[0].__class__ is int:
            if self._is_sum(arguments[0]):
                self._finish(arguments[0])
            self._wait(number, {_place(step): (step, arguments[0])})
        elif (
            step.record.name == "add"
            and all(self._is_sum(x) for x in arguments)
            and _alike(*(self._waiting[x] for x in arguments))
        ):
            one, other = (self._waiting.pop(x) for x in arguments)
            for place, (put, part) in other.items():
                known = one.get(place)
                one[place] = put, part if known is None else self._add(step, known[1], part)
            self._wait(number, one)
        else:
            for argument in arguments:
                if self._is_sum(argument):
                    self._finish(argument)
            self.steps.append(step)

    def _is_sum(self, argument: Any) -> bool:
        return argument.__class__ is int and argument in self._waiting

    def _wait(self, number: int, parts: Parts) -> None:
        self._waiting[number] = parts
        if self._reads.get(number, 0) != 1:
            self._finish(number)

    def _add(self, like: Step, one: int, other: int, result: int | None = None) -> int:
        if result is None:
            result, self._next = self._next, self._next + 1
        self.steps.append(Step(catalog()["add"], (one, other), {}, (result,), like.span, like.tracked))
        return result

    def _finish(self, number: int) -> None:
        """Puts the parts of a sum where they belong."""
        entries = list(self._waiting.pop(number).values())
        puts = [put for put, _ in entries]
        joined = _joined(puts)
        if joined is not None:
            parts = tuple(entries[i][1] for i in joined)
            put = entries[0][0]
            self.steps.append(
                Step(catalog()["cat"], parts, {"dim": put.params["dim"]}, (number,), put.span, put.tracked)
            )
            return
        if _are_apart(puts):
            params = {
                "shape": puts[0].params["shape"],
                "dim": puts[0].params["dim"],
                "places": tuple(PLACES[put.record.name](**put.params) for put in puts),
            }
            parts = tuple(part for _, part in entries)
            self.steps.append(Step(PLACED, parts, params, (number,), puts[0].span, puts[0].tracked))
            return
        total = None
        for last, (put, part) in _with_last(entries):
            alone = total is None and last
            placed = number if alone else self._next
            self._next += not alone
            self.steps.append(put._replace(arguments=(part,), results=(placed,)))
            total = placed if total is None else self._add(put, total, placed, number if last else None)


def _placed(*parts: Any, shape: Sequence[int], dim: int, places: Sequence[Any]) -> Any:
    del dim
    found = np.zeros(shape, parts[0].dtype)
    for part, place in zip(parts, places, strict=True):
        found[place] = part
    return found


# No operation of the language: a plan's own. All its places are of one dim, and no two of them overlap.
PLACED = Record(
    "linear",
    "placed",
    args=("*parts",),
    numpy=_placed,
    promote="keep",
    summary="Parts in their places among zeros.",
)


def _are_apart(puts: Sequence[Step]) -> bool:
    """Whether parts are rows of one dim, each of its own."""
    return len(puts) > 1 and all(
        put.record.name == "select_put" and put.params["dim"] == puts[0].params["dim"] for put in puts
    )


def _place(step: Step) -> Any:
    params = dict(step.params)
    if "index" in params:  # -1 is the last
        params["index"] %= params["shape"][params["dim"]]
    return step.record.name, *sorted(params.items())


def _alike(one: Parts, other: Parts) -> bool:
    """Whether two sums have the same shape."""
    return len({put.params["shape"] for parts in (one, other) for put, _ in parts.values()}) == 1


def _joined(puts: Sequence[Step]) -> list[int] | None:
    """The order in which parts lie one behind the other and fill all; None where they do not."""
    first = puts[0].params
    if len(puts) == 1 or any(put.record.name != "slice_put" or put.params["step"] != 1 for put in puts):
        return None
    order = sorted(range(len(puts)), key=lambda i: puts[i].params["start"])
    ends = [0]
    for i in order:
        params = puts[i].params
        if params["dim"] != first["dim"] or params["start"] != ends[-1]:
            return None
        ends.append(params["stop"])
    return order if ends[-1] == first["shape"][first["dim"]] else None


def _with_last(entries: Sequence[Any]) -> Iterator[tuple[bool, Any]]:
    for i, entry in enumerate(entries, 1):
        yield i == len(entries), entry
