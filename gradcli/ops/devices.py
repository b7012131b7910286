"""Devices: names of where tensors are. There is one, the CPU; the others are known and refused."""

from __future__ import annotations

from typing import Any, Self

from gradcli.diagnostics import GradcliError, NotImplementedFault, RuntimeFault, TypeFault

__all__ = ["NO_CUDA", "Device", "DeviceFault", "check_device"]

NO_CUDA = "Torch not compiled with CUDA enabled"
KINDS = (
    "cpu, cuda, ipu, xpu, mkldnn, opengl, opencl, ideep, hip, ve, fpga, maia, xla, lazy, vulkan, mps, meta, "
    "hpu, mtia, privateuseone"
)


class DeviceFault(GradcliError, AssertionError):
    """PyTorch's AssertionError for a device that this build does not have."""


class Device(str):
    """Where a tensor is: `torch.device("cpu")`. The text itself, so that it serves where a name is expected.

    Attributes:
        type: the kind of device.
        index: which one of its kind; None: the current one.
    """

    __slots__ = ("index", "type")

    index: int | None  # type: ignore[assignment] # of a device, not of a letter
    type: str

    def __new__(cls, type: Any = "cpu", index: int | None = None) -> Self:  # noqa: A002 - PyTorch's name
        """The device of a name such as `cuda:0`, or of a kind and an index.

        Raises:
            RuntimeFault: there is no such kind.
        """
        if not isinstance(type, str):
            raise TypeFault(
                "E303", f"device() expects a name such as 'cpu', but got {type.__class__.__name__}"
            )
        kind, _, number = type.partition(":")
        if kind not in KINDS.split(", ") or (number and not number.isdecimal()):
            raise RuntimeFault(
                "E303",
                f"Expected one of {KINDS} device type at start of device string: {kind}",
                help="write torch.device('cpu'): there is no other",
            )
        if number:
            index = int(number)
        made = super().__new__(cls, kind if index is None else f"{kind}:{index}")
        made.type, made.index = kind, index
        return made

    def __repr__(self) -> str:
        return f"device(type='{self.type}'{'' if self.index is None else f', index={self.index}'})"

    def __eq__(self, other: object) -> bool:
        return str.__eq__(self, other) if isinstance(other, str) else NotImplemented

    def __hash__(self) -> int:
        return str.__hash__(self)


def check_device(device: Any, name: str = "to") -> None:
    """Returns if tensors can be on a device: nothing, a name or a device.

    Raises:
        TypeFault: it is none of these; `name` says what asked.
        RuntimeFault: there is no such kind.
        DeviceFault: this build has no such device.
    """
    if device is None or (isinstance(device, str) and device in ("cpu", "cpu:0")):
        return
    if isinstance(device, int) and not isinstance(device, bool):
        raise RuntimeFault(
            "E303", "Cannot access accelerator device when none is available.", help="write device='cpu'"
        )
    if not isinstance(device, str):
        raise TypeFault(
            "E303", f"{name}(): argument 'device' must be torch.device, not {type(device).__name__}"
        )
    kind = Device(device).type
    if kind in ("cuda", "xpu", "hip"):
        raise DeviceFault(
            "E303",
            NO_CUDA.replace("CUDA", kind.upper()),
            help="write device = torch.device('cuda' if torch.cuda.is_available() else 'cpu')",
        )
    if kind != "cpu":
        raise NotImplementedFault(
            "E303", f"tensors on the device '{kind}' are not implemented", help="write device='cpu'"
        )
