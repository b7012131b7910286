"""How much float64 rounding costs: numbers beside what they might as well have been.

Where a program is too large to carry many digits everywhere, its plain numbers are computed a few times,
each with other roundings (Vignes, Discrete stochastic arithmetic, 2004); what comes of them differs by about
the error that rounding causes.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from gradcli.ops.record import Record

__all__ = ["COPIES", "FACTOR", "Copies", "Noise"]

COPIES = 2
FACTOR = 8  # of the largest difference: two normal draws are both below 1/24 once in a thousand
UNIT = 2.0**-53
LOOKS = 16  # elements of a linear map's result that are looked up among its arguments'
TABLE = 2**16  # random numbers, used again and again
DEEP = 50  # so many copies may wait for one another: each waiting one is a few calls deep


class Copies:
    """What rounding might have made of an array as well; made when it is first asked for."""

    __slots__ = ("_found", "_make", "depth")

    def __init__(self, make: Callable[[], tuple[Any, ...]], depth: int) -> None:
        self.depth = depth
        self._make: Callable[[], tuple[Any, ...]] | None = make
        self._found: tuple[Any, ...] = ()

    def settle(self) -> None:
        """Makes them if too many others are waiting for one another."""
        if self.depth > DEEP:
            self.arrays()
            self.depth = 0

    def arrays(self) -> tuple[Any, ...]:
        """The copies."""
        if self._make is not None:
            self._found, self._make = self._make(), None
        return self._found


class Noise:
    """Seeded roundings."""

    def __init__(self) -> None:
        self._random = np.random.default_rng(20040101)
        self._table = 2 * self._random.random(TABLE) - 1

    def copies(
        self,
        record: Record,
        operands: Sequence[tuple[Any, Copies | None]],
        numbers: Sequence[Any],
        run: Callable[[list[Any]], Sequence[Any]],
    ) -> list[Copies | None]:
        """Returns per output its copies, None where it is exact.

        Args:
            record: the operation.
            operands: each argument's number and copies.
            numbers: the outputs.
            run: the operation on plain arrays.
        """
        if all(number.dtype.kind != "f" for number in numbers):
            return [None] * len(numbers)
        depth = max((copies.depth for _, copies in operands if copies is not None), default=-1)
        moved = record.kind == "linear" and (record.view or _only_moved(operands, numbers))
        if moved and depth < 0:
            return [None] * len(numbers)
        made = Copies(lambda: self._made(record, operands, run, moved=moved), depth + 1)
        return [
            Copies(lambda i=i: tuple(outs[i] for outs in made.arrays()), depth + 1)  # type: ignore[misc] # a default binds i
            if number.dtype.kind == "f"
            else None
            for i, number in enumerate(numbers)
        ]

    def _made(
        self,
        record: Record,
        operands: Sequence[tuple[Any, Copies | None]],
        run: Callable[[list[Any]], Sequence[Any]],
        *,
        moved: bool,
    ) -> tuple[Any, ...]:
        """The outputs of some runs, each with other roundings before and after."""
        terms = max((max(x.shape, default=1) for x, _ in operands), default=1)
        amplitude = UNIT * (4 if record.kind == "elementwise" else max(1.0, math.sqrt(terms) / 2))
        found = []
        for k in range(COPIES):
            inputs = [x if copies is None else copies.arrays()[k] for x, copies in operands]
            if not moved and record.kind != "elementwise":
                inputs = [self._off(x, amplitude) for x in inputs]
            with np.errstate(all="ignore"):
                outs = run(inputs)
            found.append(outs if moved else [self._off(out, amplitude) for out in outs])
        return tuple(found)

    def _off(self, x: Any, amplitude: float) -> Any:
        """Every element off by a rounding or so; whole numbers are taken to be exact."""
        x = np.asarray(x)
        if x.dtype.kind != "f":
            return x
        start = int(self._random.integers(TABLE // 2))
        noise = np.resize(self._table[start : start + TABLE // 2], x.shape)
        noise *= amplitude
        noise += 1
        noise *= x
        np.copyto(noise, x, where=np.trunc(x) == x)
        return noise


def _only_moved(operands: Sequence[tuple[Any, Any]], numbers: Sequence[Any]) -> bool:
    """Whether some of a linear map's results are elements of its arguments, or zero."""
    for number in numbers:
        flat = number.ravel()
        for value in flat[:: max(1, flat.size // LOOKS)]:
            if value and not any((x == value).any() for x, _ in operands):
                return False
    return True
