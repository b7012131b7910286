"""Tensors made and filled in PyTorch's oldest ways: `torch.Tensor(2, 3)`, `x.uniform_(-1, 1)`."""

from __future__ import annotations

from typing import Any

from gradcli.autograd import Tensor, context
from gradcli.autograd.inplace import check_writable
from gradcli.diagnostics import TypeFault
from gradcli.explorer.scripts.arrays import bare
from gradcli.ops import dtypes

__all__ = ["FILLING", "legacy_tensor"]


def legacy_tensor(dtype: str | None, data: tuple[Any, ...]) -> Tensor:
    """Returns `torch.Tensor(*data)`: of sizes where whole numbers are given, else of the data.

    Raises:
        TypeFault: sizes and data are mixed.
    """
    from gradcli.torch.creation import empty, tensor  # only where tensors are made this way

    wanted = dtypes.named(context.default_dtype.name if dtype is None else dtype)
    if len(data) == 1 and not isinstance(data[0], int):
        given = bare(data[0])
        if isinstance(given, float):
            raise TypeFault(
                "E303", "new(): data must be a sequence (got float)", help="write torch.tensor(1.5)"
            )
        return (
            tensor(given, dtype=wanted) if not isinstance(given, tuple) else tensor(list(given), dtype=wanted)
        )
    if not data:
        return empty(0, dtype=wanted)
    if not all(isinstance(size, int) and not isinstance(size, bool) for size in data):
        raise TypeFault(
            "E303", "new() received an invalid combination of arguments", help="write torch.tensor([...])"
        )
    return empty(*data, dtype=wanted)


def _uniform(tensor: Tensor, low: float = 0.0, high: float = 1.0, *, generator: Any = None) -> Tensor:
    """Returns the tensor filled with uniforms in [low, high)."""
    from gradcli.torch.nn.filling import fill_uniform  # only where tensors are filled this way

    check_writable(tensor)
    return fill_uniform(tensor, low, high, generator)


def _normal(tensor: Tensor, mean: float = 0.0, std: float = 1.0, *, generator: Any = None) -> Tensor:
    """Returns the tensor filled with normals."""
    from gradcli.torch.nn.filling import fill_normal  # as above

    check_writable(tensor)
    return fill_normal(tensor, mean, std, generator)


FILLING = {"uniform_": _uniform, "normal_": _normal}
