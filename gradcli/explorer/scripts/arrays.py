"""NumPy's arrays as a script meets them: `x.detach().numpy()`, printed, indexed, handed back to torch.

The array itself never reaches the script: its methods write files and reach memory.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from gradcli.diagnostics import AttributeFault, TypeFault, did_you_mean

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["Array", "array_attribute", "wrapped"]

METHODS = frozenset((
    "all", "any", "argmax", "argmin", "astype", "copy", "cumsum", "dot", "flatten", "item", "max", "mean",
    "min", "prod", "ravel", "reshape", "round", "squeeze", "std", "sum", "tolist", "transpose", "var",
))  # fmt: skip
PROPERTIES = frozenset(("T", "dtype", "ndim", "shape", "size"))


class Array:
    """An array of numbers, wrapped."""

    __slots__ = ("array",)
    __hash__ = None  # type: ignore[assignment] # as NumPy's

    def __init__(self, array: Any) -> None:
        self.array = array

    def __len__(self) -> int:
        return len(self.array)

    def __bool__(self) -> bool:
        return bool(self.array)

    def __float__(self) -> float:
        return float(self.array)

    def __int__(self) -> int:
        return int(self.array)

    def __iter__(self) -> Iterator[Any]:
        return map(wrapped, self.array)

    def __contains__(self, item: Any) -> bool:
        return bool(np.any(self.array == bare(item)))

    def __getitem__(self, key: Any) -> Any:
        return wrapped(self.array[_key(key)])

    def __setitem__(self, key: Any, value: Any) -> None:
        self.array[_key(key)] = bare(value)

    def __repr__(self) -> str:
        return repr(self.array)

    def __str__(self) -> str:
        return str(self.array)


def bare(value: Any) -> Any:
    """Returns the array inside, or the value itself."""
    return value.array if isinstance(value, Array) else value


def wrapped(value: Any) -> Any:
    """Returns a result of NumPy's as a script may have it: arrays wrapped, scalars as Python's numbers."""
    if isinstance(value, np.ndarray):
        return Array(value)
    return value.item() if isinstance(value, np.generic) else value


def _key(key: Any) -> Any:
    return tuple(map(bare, key)) if isinstance(key, tuple) else bare(key)


def array_attribute(value: Array, name: str) -> Any:
    """Returns `array.name`.

    Raises:
        AttributeFault: it is none of the few that are offered.
    """
    from gradcli.explorer.scripts.callables import Routine  # it imports the calls, and they this module

    if name in PROPERTIES:
        found = getattr(value.array, name)  # of an array, and listed
        return str(found) if name == "dtype" else wrapped(found)
    if name in METHODS:
        method = getattr(value.array, name)  # as above
        return Routine(name, lambda *args, **kwargs: wrapped(method(*map(_plain, args), **_named(kwargs))))
    raise AttributeFault(
        "E202",
        f"'numpy.ndarray' object has no attribute '{name}'",
        label=did_you_mean(name, (*METHODS, *PROPERTIES)),
        help="an array of NumPy's is for looking at; compute with tensors",
    )


def _named(kwargs: dict[str, Any]) -> dict[str, Any]:
    if "out" in kwargs:
        raise TypeFault("E303", "out= is not available")
    return {name: _plain(value) for name, value in kwargs.items()}


def _plain(value: Any) -> Any:
    cls = getattr(value, "cls", None)  # a Kind: int, float, bool
    return cls if cls in (int, float, bool) else bare(value)
