"""torch's answers about the machine: one device, one thread, nothing compiled or saved."""

# PyTorch's signatures, whose arguments change nothing here.
# ruff: noqa: ARG001

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from gradcli.autograd.dense import STRIDED, Device, DeviceFault, Layout
from gradcli.autograd.size import Size
from gradcli.diagnostics import NotImplementedFault, RuntimeFault

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = [
    "Size", "are_deterministic_algorithms_enabled", "channels_last", "compile", "contiguous_format",
    "current_device", "device", "device_count", "empty_cache", "get_default_device", "get_num_threads",
    "is_available", "is_built", "layout", "load", "manual_seed", "manual_seed_all", "memory_format",
    "preserve_format", "save", "set_default_device", "set_float32_matmul_precision", "set_num_threads",
    "strided", "synchronize", "use_deterministic_algorithms",
]  # fmt: skip

device = Device
layout = Layout
strided = STRIDED


class memory_format:  # noqa: N801 - PyTorch's name
    """The order of elements in memory."""

    __slots__ = ("_name",)

    def __init__(self, name: str) -> None:
        self._name = name

    def __repr__(self) -> str:
        return f"torch.{self._name}"


channels_last = memory_format("channels_last")
contiguous_format = memory_format("contiguous_format")
preserve_format = memory_format("preserve_format")


def compile(model: Any = None, **options: Any) -> Any:  # noqa: A001 - PyTorch's name
    """Returns the function or module as it is: there is nothing to compile it to.

    Without one, as a decorator with options, returns what does the same.
    """
    del options
    if model is None:
        same: Callable[[Any], Any] = lambda function: function  # noqa: E731 - a decorator that changes nothing
        return same
    return model


def save(obj: Any, f: Any, *args: Any, **kwargs: Any) -> None:
    """Never returns.

    Raises:
        NotImplementedFault: always: PyTorch's format is a pickle, and programs do not touch files.
    """
    raise NotImplementedFault(
        "E307",
        "torch.save is not available: programs do not write files",
        help="print what is to be kept, or keep model.state_dict() in a variable",
    )


def load(f: Any, *args: Any, **kwargs: Any) -> Any:
    """Never returns.

    Raises:
        NotImplementedFault: always: PyTorch's format is a pickle, which can run any code.
    """
    raise NotImplementedFault(
        "E307",
        "torch.load is not available: PyTorch's files are pickles, which can run any code",
        help="bind an array from a .npy file with -v",
    )


def is_available() -> bool:
    """Returns False: there is no such device."""
    return False


def is_built() -> bool:
    """Returns False: nothing was built for such a device."""
    return False


def device_count() -> int:
    """Returns 0."""
    return 0


def current_device() -> int:
    """Never returns: there is no such device."""
    raise DeviceFault("E303", "Torch not compiled with CUDA enabled", help="use the cpu")


def empty_cache() -> None:
    """Does nothing."""


def synchronize(device: Any = None) -> None:
    """Does nothing."""


def manual_seed_all(seed: int) -> None:
    """Does nothing: there is no such device."""


def manual_seed(seed: int) -> None:
    """Does nothing: there is no such device."""


def get_num_threads() -> int:
    """Returns 1."""
    return 1


def set_num_threads(num: int) -> None:
    """Does nothing: the numbers are the same with any number of threads."""


def set_float32_matmul_precision(precision: str) -> None:
    """Does nothing: products are computed in full."""


def use_deterministic_algorithms(mode: bool, *, warn_only: bool = False) -> None:
    """Does nothing: all algorithms are deterministic."""


def are_deterministic_algorithms_enabled() -> bool:
    """Returns True."""
    return True


def get_default_device() -> Device:
    """Returns the CPU."""
    return Device("cpu")


def set_default_device(device: Any) -> None:
    """Does nothing for the CPU.

    Raises:
        RuntimeFault: another device is asked for.
    """
    if device is not None and Device(device).type != "cpu":
        raise RuntimeFault("E303", f"there is no device `{device}`", help="leave the line out")
