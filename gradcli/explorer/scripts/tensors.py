"""torch.Tensor(...) called as a class: PyTorch's oldest way to make tensors."""

from __future__ import annotations

from typing import Any

from gradcli.autograd import Tensor, context
from gradcli.diagnostics import TypeFault
from gradcli.explorer.scripts.arrays import bare
from gradcli.ops import dtypes

__all__ = ["legacy_tensor"]


def legacy_tensor(*data: Any) -> Tensor:
    """Returns `torch.Tensor(*data)`: of sizes where whole numbers are given, else of the data.

    Raises:
        TypeFault: sizes and data are mixed.
    """
    from gradcli.torch.creation import empty  # only where tensors are made this way
    from gradcli.torch.data import tensor

    wanted = dtypes.named(context.default_dtype.name)
    if len(data) == 1 and not isinstance(data[0], int):
        given = bare(data[0])
        if isinstance(given, float):
            raise TypeFault(
                "E303", "new(): data must be a sequence (got float)", help="write torch.tensor(1.5)"
            )
        made: Tensor = tensor(list(given) if isinstance(given, tuple) else given, dtype=wanted)
        return made
    if not data:
        data = (0,)
    if not all(isinstance(size, int) and not isinstance(size, bool) for size in data):
        raise TypeFault(
            "E303", "new() received an invalid combination of arguments", help="write torch.tensor([...])"
        )
    sized: Tensor = empty(*data, dtype=wanted)
    return sized
