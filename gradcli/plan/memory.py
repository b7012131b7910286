"""One memory for all values of a trace: values of a kind are its rows, parts of a join are where it is.

Where something lies is an operand: whose memory it is in, its address there, and its layout, all numbers.
An array is made of it only where a call is.
"""

from __future__ import annotations

import math
from collections import deque
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from gradcli.ops.layout import along
from gradcli.plan.bound_parts import PLACED

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    from gradcli.plan.trace import Step, Trace

__all__ = ["Layout", "Memory", "Operand", "is_join", "places_of_parts"]

LINE = 64  # bytes of a cache line
FEW = 2**14  # bytes of a constant that is worth a copy
CELLS = 256  # literals whose memory is taken at once

Operand = tuple[int, int, int]  # owner, address and layout


class Layout(NamedTuple):
    """How elements lie in memory."""

    shape: tuple[int, ...]
    strides: tuple[int, ...]
    dtype: Any


class Memory:
    """Where values are.

    Attributes:
        given: the operands that no step makes, by number.
        layouts: by the number that stands for them in operands.
    """

    def __init__(
        self,
        trace: Trace,
        inputs: Sequence[Any],
        into: Mapping[int, Any],
        values: Mapping[int, Any],
        kinds: Mapping[int, int],
    ) -> None:
        """Reserves memory.

        Args:
            trace: whose values.
            inputs: their arrays, which stay where they are.
            into: arrays for other values, by number, which stay too.
            values: shapes and dtypes by number.
            kinds: by the number of a value that needs memory of its own.
        """
        self.layouts: list[Layout] = []
        self._numbers: dict[Layout, int] = {}
        self._arrays: dict[Operand, Any] = {}
        self._outside: dict[int, Any] = {}  # owners
        self._literals: dict[Any, Operand] = {}
        self._cells: dict[Any, list[Any]] = {}  # by dtype, room for literals
        self._values, self._kinds = values, kinds
        self._rooms: dict[int, Operand] = {number: self.place(array) for number, array in into.items()}
        outputs = frozenset(trace.outputs)
        homes = _homes(trace, values, outputs)
        self._homes = {part: home for part, home in homes.items() if part in kinds and part not in outputs}
        small = [number for number, array in trace.constants.items() if array.nbytes <= FEW]
        self._reserve([*small, *(number for step in trace.steps for number in step.results)])
        self.given = {number: self.place(x) for number, x in zip(trace.inputs, inputs, strict=True)}
        for number, array in trace.constants.items():
            # Not into the caller's memory, where it would be written once, and not in every run.
            if array.nbytes <= FEW and number not in into:
                self.given[number] = self.room(number)
                self.array(self.given[number])[...] = array
            else:
                self.given[number] = self.place(array)

    def room(self, number: int) -> Operand:
        """Returns where a value is to be; rows are given out in the order in which they are asked for."""
        found = self._rooms.get(number)
        if found is None:
            home = self._homes.get(number)
            if home is not None:
                found = self.place(self.array(self.room(home[0]))[home[1]])
            elif number in self._kinds:
                found = self._row(number)
            else:  # what was taken for a view
                found = self.place(np.empty(self._values[number].shape, self._values[number].dtype))
            self._rooms[number] = found
        return found

    def home(self, number: int) -> int:
        """Returns the value that a value is a part of, or itself."""
        while number in self._homes:
            number = self._homes[number][0]
        return number

    def free(self, number: int) -> None:
        """Notes that nothing reads a value any more: its row may be that of another one of its kind."""
        self._blocks[number].free.append(self._rooms[number])

    def place(self, array: Any) -> Operand:
        """Returns where an array is."""
        layout = self.layout(Layout(array.shape, array.strides, array.dtype))
        address = array.__array_interface__["data"][0]
        owner = array
        while isinstance(owner.base, np.ndarray):
            owner = owner.base
        operand = id(owner), address, layout
        self._arrays.setdefault(operand, array)
        self._outside[id(owner)] = owner
        return operand

    def literal(self, array: Any) -> Operand:
        """Returns where a number is: with its equals, and behind those that came before it."""
        key = array.dtype, array.tobytes()
        found = self._literals.get(key)
        if found is None:
            cells = self._cells.setdefault(array.dtype, [])
            if not cells:
                chunk = np.zeros(CELLS, array.dtype)
                cells += [chunk[i : i + 1].reshape(()) for i in reversed(range(CELLS))]
            cell = cells.pop()
            cell[...] = array
            found = self._literals[key] = self.place(cell)
        return found

    def layout(self, layout: Layout) -> int:
        """Returns the number that stands for a layout."""
        found = self._numbers.get(layout)
        if found is None:
            found = self._numbers[layout] = len(self.layouts)
            self.layouts.append(layout)
        return found

    def array(self, operand: Operand) -> Any:
        """Returns an operand as an array, always the same one."""
        found = self._arrays.get(operand)
        if found is None:
            owner, address, number = operand
            shape, strides, dtype = self.layouts[number]
            if owner == self._owner:
                found = np.ndarray(shape, dtype, self._whole, address - self._start, strides)
            else:
                found = np.asarray(_Elsewhere(self._outside[owner], address, shape, strides, dtype))
            self._arrays[operand] = found
        return found

    def _reserve(self, numbers: Sequence[int]) -> None:
        """Divides the memory into blocks, one for the rows of a kind."""
        blocks: dict[Any, _Block] = {}
        self._blocks: dict[int, _Block] = {}  # by number
        for number in numbers:
            if number in self._kinds and number not in self._homes and number not in self._rooms:
                value = self._values[number]
                key = self._kinds[number], value.shape, value.dtype
                block = blocks.get(key)
                if block is None:
                    row = np.empty(value.shape, value.dtype)
                    layout = self.layout(Layout(row.shape, row.strides, row.dtype))
                    block = blocks[key] = _Block(layout, row.nbytes)
                block.count += 1
                self._blocks[number] = block
        end = 0
        for block in blocks.values():
            block.next = end
            end += -(-block.count * block.size // LINE) * LINE
        self._whole = np.zeros(end, np.uint8)
        self._owner = id(self._whole)
        self._start = self._whole.__array_interface__["data"][0]

    def _row(self, number: int) -> Operand:
        block = self._blocks[number]
        if block.free:
            return block.free.popleft()
        start = block.next
        block.next += block.size
        return self._owner, self._start + start, block.layout


class _Block:
    """The rows of a kind.

    Attributes:
        layout: of a row.
        size: of a row in bytes.
        count: how many rows there may be.
        next: where the first begins that nothing was in yet.
        free: rows that may be written again.
    """

    __slots__ = ("count", "free", "layout", "next", "size")

    def __init__(self, layout: int, size: int) -> None:
        self.layout, self.size = layout, size
        self.count = self.next = 0
        self.free: deque[Operand] = deque()


class _Elsewhere:
    """What NumPy makes an array of, in another's memory (as numpy.lib.stride_tricks does)."""

    def __init__(
        self, owner: Any, address: int, shape: tuple[int, ...], strides: tuple[int, ...], dtype: Any
    ) -> None:
        self.owner = owner
        self.__array_interface__ = {
            "data": (address, not owner.flags.writeable),
            "shape": shape,
            "strides": strides,
            "typestr": dtype.str,
            "version": 3,
        }


def places_of_parts(step: Step, shapes: Sequence[tuple[int, ...]]) -> Sequence[Any]:
    """Returns by argument of a join the index of its place in the result."""
    if step.record is PLACED:
        places: Sequence[Any] = step.params["places"]
        return places
    dim = step.params["dim"]
    found, end = [], 0
    for shape in shapes:
        start, end = end, end + shape[dim]
        found.append(along(dim, slice(start, end)))
    return found


def is_join(step: Step, shapes: Sequence[tuple[int, ...]], dtypes: Collection[Any]) -> bool:
    """Whether a step does nothing but put its arguments into their places, among zeros if there are gaps.

    Args:
        step: any.
        shapes: of its arguments.
        dtypes: of its arguments and its result.
    """
    return len(set(dtypes)) == 1 and (
        step.record is PLACED or (step.record.name == "cat" and len(set(map(len, shapes))) == 1)
    )


def _homes(trace: Trace, values: Mapping[int, Any], outputs: Collection[int]) -> dict[int, tuple[int, Any]]:
    """By value that is joined to others once, the join and its place there, if it has no gaps."""
    found: dict[int, tuple[int, Any]] = {}
    apart: set[int] = set()
    for step in trace.steps:
        if step.record.name != "cat" and (step.record is not PLACED or step.results[0] in outputs):
            continue  # parts of an output would be lost in its zeros, which are written anew
        parts = [values[x] for x in step.arguments if x.__class__ is int]
        joined = values[step.results[0]]
        shapes = [part.shape for part in parts]
        if not is_join(step, shapes, [x.dtype for x in (joined, *parts)]):
            continue
        gaps = math.prod(joined.shape[: step.params["dim"]]) != 1
        for number, place in zip(step.arguments, places_of_parts(step, shapes), strict=True):
            if gaps or number in found:
                apart.add(number)
            found[number] = step.results[0], place
    return {number: home for number, home in found.items() if number not in apart}
