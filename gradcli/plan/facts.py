"""What is known of a program's values before anything is computed: shapes, dtypes and layouts."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from gradcli.ops.algebra import NumpyAlgebra
from gradcli.plan.arrays import promoted
from gradcli.plan.standin import GivenUp, StandIn, like, stand_in_for

if TYPE_CHECKING:
    from collections.abc import Sequence

    from gradcli.ops.record import Params, Record
    from gradcli.plan.trace import Trace

__all__ = ["BLIND", "STANDINS", "Fact", "facts_of"]


class _StandIns(NumpyAlgebra):
    """Records on stand-ins."""

    def apply(self, record: Record, values: Sequence[Any], params: Params) -> Any:
        """The stand-ins of a record's results; arrays where no argument is a stand-in.

        Raises:
            GivenUp: they depend on elements, or cannot be told.
        """
        if record.name in COPIES and isinstance(values[0], StandIn):
            return values[0].copy("K" if record.name == "clone" else "C")  # without touching the memory
        found = record.numpy(*promoted(record, values), **params)  # type: ignore[misc] # composites are no steps
        parts = found if isinstance(found, (tuple, list)) else (found,)
        if any(isinstance(value, StandIn) for value in values):
            if record.name in BLIND:
                parts = [like(part, part.dtype) for part in parts]
            if not all(isinstance(part, StandIn) for part in parts):
                raise GivenUp
        else:
            parts = tuple(map(np.asarray, parts))
        return tuple(parts) if isinstance(found, (tuple, list)) else parts[0]


COPIES = frozenset(("clone", "compact"))  # np.array() copies without asking
# Records that make plain arrays of stand-ins, without looking at more than shapes.
BLIND = COPIES | {"spread", "zero"}
STANDINS = _StandIns()


class Fact(NamedTuple):
    """What is known of a value before it is computed; `strides` in bytes."""

    shape: tuple[int, ...]
    dtype: Any
    strides: tuple[int, ...]


def facts_of(trace: Trace, inputs: Sequence[Any]) -> dict[int, Fact]:
    """Returns the shape, dtype and layout of every value, by number.

    Args:
        trace: any.
        inputs: arrays or stand-ins of what its variables will be.

    Raises:
        GivenUp: some cannot be told without computing.
    """
    values = trace.run([stand_in_for(array) for array in inputs], STANDINS.apply, stand_in_for)
    return {number: Fact(value.shape, value.dtype, value.strides) for number, value in values.items()}
