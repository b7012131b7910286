"""Steps of a trace on arrays, in the program's own dtypes: what the engine computes, without its graph."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from gradcli.autograd.arguments import cast
from gradcli.ops.algebra import NumpyAlgebra
from gradcli.ops.dtypes import FLOATS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from gradcli.ops.record import Params, Record

__all__ = ["ARRAYS", "promoted"]


class _Arrays(NumpyAlgebra):
    """Records on arrays of any dtypes, and numbers."""

    def apply(self, record: Record, values: Sequence[Any], params: Params) -> Any:
        """The record's NumPy form on arguments in the dtype that PyTorch computes in."""
        found = record.numpy(*promoted(record, values), **params)  # type: ignore[misc] # composites are no steps
        if found.__class__ is np.ndarray:
            return found
        return tuple(map(np.asarray, found)) if isinstance(found, (tuple, list)) else np.asarray(found)


def promoted(record: Record, values: Sequence[Any]) -> list[Any]:
    """Returns the arguments as the engine computes with them: see `gradcli.autograd.tensor.apply`."""
    if record.promote != "keep":
        dtypes = [value.dtype for value in values if isinstance(value, np.ndarray)]
        if not dtypes or dtypes[0] not in FLOATS or any(dtype is not dtypes[0] for dtype in dtypes[1:]):
            return cast(record, list(values))
    return list(values)


ARRAYS = _Arrays()
