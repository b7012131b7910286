"""torch.device: a name for where tensors live. They all live on the CPU."""

from __future__ import annotations

from typing import Any

from gradcli.diagnostics import RuntimeFault, TypeFault

__all__ = ["CPU", "Device"]

KNOWN = ("cpu", "cuda", "mps", "meta", "xpu")


class Device:
    """A device by its type and number; that it can be named does not mean that it is there.

    Raises:
        RuntimeFault: nothing is called so.
    """

    __slots__ = ("index", "type")

    def __init__(self, device: Any = "cpu", index: int | None = None) -> None:
        if not isinstance(device, (str, Device)):
            raise TypeFault("E303", "device(): argument 'type' (position 1) must be str")
        name, colon, number = str(device).partition(":")
        if name not in KNOWN or (colon and not (number.isdecimal() and number.isascii())):
            raise RuntimeFault(
                "E303",
                f"Invalid device string: '{device}'",
                help="write torch.device('cpu'); there is no other",
            )
        self.type = name
        self.index = int(number) if colon else index

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Device) and (self.type, self.index) == (other.type, other.index)

    def __hash__(self) -> int:
        return hash((self.type, self.index))

    def __str__(self) -> str:
        return self.type if self.index is None else f"{self.type}:{self.index}"

    def __repr__(self) -> str:
        number = "" if self.index is None else f", index={self.index}"
        return f"device(type='{self.type}'{number})"


CPU = Device()
