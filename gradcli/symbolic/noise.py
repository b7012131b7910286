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

__all__ = ["COPIES", "FACTOR", "Noise"]

COPIES = 2
FACTOR = 8  # of the largest difference: two normal draws are both below 1/24 once in a thousand
UNIT = 2.0**-53
LOOKS = 16  # elements of a linear map's result that are looked up among its arguments'


class Noise:
    """Seeded roundings."""

    def __init__(self) -> None:
        self._random = np.random.default_rng(20040101)

    def copies(
        self,
        record: Record,
        operands: Sequence[tuple[Any, tuple[Any, ...] | None]],
        numbers: Sequence[Any],
        run: Callable[[list[Any]], Sequence[Any]],
    ) -> list[tuple[Any, ...] | None]:
        """Returns per output its alternatives, None where it is exact.

        Args:
            record: the operation.
            operands: each argument's number and alternatives.
            numbers: the outputs.
            run: the operation on plain arrays.
        """
        inexact = any(copies is not None for _, copies in operands)
        moved = record.kind == "linear" and (record.view or _only_moved(operands, numbers))
        if (moved and not inexact) or all(number.dtype.kind != "f" for number in numbers):
            return [None] * len(numbers)
        terms = (
            1
            if record.kind == "elementwise"
            else max((max(n.shape, default=1) for n, _ in operands), default=1)
        )
        amplitude = UNIT * (4 if record.kind == "elementwise" else max(1.0, math.sqrt(terms) / 2))
        found = []
        for k in range(COPIES):
            inputs = [number if copies is None else copies[k] for number, copies in operands]
            if not moved and record.kind != "elementwise":
                inputs = [self._moved(x, amplitude) if x.dtype.kind == "f" else x for x in inputs]
            outs = run(inputs)
            found.append(outs if moved else [self._moved(out, amplitude) for out in outs])
        return [
            tuple(outs[i] for outs in found) if number.dtype.kind == "f" else None
            for i, number in enumerate(numbers)
        ]

    def _moved(self, x: Any, amplitude: float) -> Any:
        """Every element off by a rounding or so; whole numbers are taken to be exact."""
        x = np.asarray(x)
        if x.dtype.kind != "f":
            return x
        factor = 1 + amplitude * (2 * self._random.random(x.shape) - 1)
        return np.where(np.trunc(x) == x, x, x * factor)


def _only_moved(operands: Sequence[tuple[Any, Any]], numbers: Sequence[Any]) -> bool:
    """Whether some of a linear map's results are elements of its arguments, or zero."""
    for number in numbers:
        flat = number.ravel()
        for value in flat[:: max(1, flat.size // LOOKS)]:
            if value and not any((x == value).any() for x, _ in operands):
                return False
    return True
