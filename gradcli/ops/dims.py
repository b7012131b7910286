"""What operations along dims share: the shape they leave, NumPy's names for their arguments, samples."""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING, Any

from gradcli.diagnostics import IndexFault, NotImplementedFault, RuntimeFault, TypeFault
from gradcli.ops.dtypes import INT64, scalar_type
from gradcli.ops.shapes import Shape, dim_from_right

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = [
    "Dims",
    "along",
    "along_samples",
    "check_float",
    "check_nonempty",
    "in_dtype",
    "numpy_names",
    "reduced",
    "reduction_samples",
    "totalled",
]

Dims = tuple[int, ...]

_NUMPY_NAMES = {"axis": "dim", "keepdims": "keepdim"}


def reduced(shape: Shape, dims: Dims, *, keepdim: bool) -> Shape:
    """Returns the shape that is left after a reduction over dims (negative)."""
    over = {dim % len(shape) for dim in dims}
    return tuple(1 if i in over else size for i, size in enumerate(shape) if keepdim or i not in over)


def numpy_names(front: Callable[..., Any]) -> Callable[..., Any]:
    """Returns a front that also takes NumPy's `axis` and `keepdims`, as PyTorch's functions do."""

    @functools.wraps(front)
    def renamed(*args: Any, **kwargs: Any) -> Any:
        if kwargs and ("axis" in kwargs or "keepdims" in kwargs):
            kwargs = {_NUMPY_NAMES.get(name, name): value for name, value in kwargs.items()}
        return front(*args, **kwargs)

    return renamed


def along(name: str, dim: Any, rank: int) -> int | None:
    """Returns the one dim an operation runs along, from the right; None for a 0-dim tensor.

    Raises:
        TypeFault: it is not one integer.
        IndexFault: it is out of range.
    """
    if not isinstance(dim, int):
        raise TypeFault(
            "E303", f"{name}(): argument 'dim' must be int, not {type(dim).__name__}", help="give one dim"
        )
    found = dim_from_right(dim, rank)
    return found if rank else None


def in_dtype(m: Any, x: Any, dtype: Any) -> Any:
    """Returns x in a dtype given as an argument, or as it is for None."""
    return x if dtype is None or x.dtype == dtype else m.cast(x, dtype=dtype)


def totalled(m: Any, x: Any, dtype: Any) -> Any:
    """Returns what a sum or product adds up: x in `dtype`; bools and integers in int64 if none is given."""
    if dtype is not None:
        return in_dtype(m, x, dtype)
    return m.cast(x, dtype=INT64) if x.dtype.kind in "bui" and x.dtype != INT64 else x


def check_nonempty(name: str, shape: Shape, dim: Any, *, whole: type[Exception] = RuntimeFault) -> None:
    """Returns if a reduction without an identity has something to reduce; raises PyTorch's errors otherwise.

    `dim` is one dim from the right, a tuple of dims, or None for all elements.
    """
    if all(shape):
        return
    if dim is None:
        advice = "" if whole is IndexFault else " Specify the reduction dim with the 'dim' argument."
        raise whole(
            "E303",
            f"{name}(): Expected reduction dim to be specified for input.numel() == 0.{advice}",
        )
    for one in (dim,) if isinstance(dim, int) else dim:
        if not shape[one]:
            raise IndexFault(
                "E303", f"{name}(): Expected reduction dim {one + len(shape)} to have non-zero size."
            )


def check_float(x: Any, message: str, *, missing: bool = False) -> None:
    """Returns if x is floating; else raises PyTorch's error, with its name of the dtype put in for {}."""
    if x.dtype.kind in "fc":
        return
    text = message.format(scalar_type(x.dtype))
    raise (NotImplementedFault if missing else RuntimeFault)("E304", text, help="convert it first: x.float()")


def reduction_samples(s: Any) -> Any:
    """Arguments for the laws of a reduction over `dims`."""
    return [
        ((s.normal(2, 3),), {"dims": (-1,), "keepdim": False}),
        ((s.normal(2, 3),), {"dims": (-2,), "keepdim": True}),
        ((s.normal(2, 3),), {"dims": (-2, -1), "keepdim": False}),
        ((s.normal(),), {"dims": (), "keepdim": False}),
    ]


def along_samples(s: Any, **params: Any) -> Any:
    """Arguments for the laws of an operation along one `dim` in which the order of elements matters."""
    return [
        ((s.distinct(2, 5),), {"dim": -1, **params}),
        ((s.distinct(4, 3),), {"dim": -2, **params}),
        ((s.distinct(),), {"dim": None, **params}),
    ]
