"""What is installed only where it was asked for: libraries that draw, and those that read lines."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gradcli.diagnostics import InputFault

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["checked_picture", "is_installed", "need"]

KINDS = (".png", ".svg")


def is_installed(module: str) -> bool:
    """Returns whether a library is there, without loading it."""
    from importlib.util import find_spec  # only who asks pays for it

    return find_spec(module) is not None


def need(module: str, extra: str, what: str) -> None:
    """Returns if a library is there.

    Raises:
        InputFault: it is not; the error says which extra brings it.
    """
    if not is_installed(module):
        raise InputFault(
            "E522", f"{what} needs {module}, which is not installed", help=f'pip install "gradcli[{extra}]"'
        )


def checked_picture(name: str, option: str) -> Path:
    """Returns the path of a picture that can be drawn and written.

    Raises:
        InputFault: it cannot be written, or matplotlib is missing.
    """
    from gradcli.cli.saving import checked_path  # only who writes pays for it

    need("matplotlib", "plot", option)
    suffix = next((one for one in KINDS if name.lower().endswith(one)), "")
    if not suffix:
        raise InputFault(
            "E520", f"cannot write `{name}`: the name must end in {' or '.join(KINDS)}", help=f"{name}.svg"
        )
    return checked_path(name, suffix)
