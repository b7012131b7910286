"""Files that are written: the path is checked before the work, and the file is there whole or not at all."""

from __future__ import annotations

import os
from pathlib import Path
from typing import IO, TYPE_CHECKING

from gradcli.diagnostics import InputFault

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["checked_path", "write_beside", "write_text"]


def checked_path(name: str, suffix: str = ".npz") -> Path:
    """Returns the path of a file that can be written.

    Raises:
        InputFault: it has another suffix, is a folder, or its folder is missing or cannot be written.
    """
    path = Path(name)
    try:
        if path.suffix.lower() != suffix:
            raise InputFault(
                "E520",
                f"cannot write `{name}`: the name must end in {suffix}",
                help=f"write `{name}{suffix}`",
            )
        if path.is_dir():
            raise InputFault("E520", f"cannot write `{name}`: it is a folder")
        if not path.parent.is_dir():
            raise InputFault("E520", f"cannot write `{name}`: the folder {path.parent} does not exist")
        if not _takes_files(path.parent):
            raise InputFault("E520", f"cannot write `{name}`: the folder {path.parent} cannot be written")
    except (OSError, ValueError):
        raise InputFault("E520", f"cannot write `{name[:80]}`: the name is impossible") from None
    return path


def _takes_files(folder: Path) -> bool:
    """Whether a file can be made there: of some disks permissions say yes where a try says no."""
    if not os.access(folder, os.W_OK):
        return False
    import tempfile  # 10 ms that only who saves pays for

    try:
        with tempfile.NamedTemporaryFile(dir=folder, prefix=".gradcli-"):
            return True
    except OSError:
        return False


def write_beside(path: Path, write: Callable[[IO[bytes]], None]) -> None:
    """Writes a file beside its place, then moves it there; a failure leaves what stood there before.

    Raises:
        InputFault: the disk is full, or whatever else stops the writing.
    """
    import tempfile  # 10 ms that only who saves pays for

    made = ""
    try:
        with tempfile.NamedTemporaryFile(
            dir=path.parent, prefix=f".{path.stem[:40]}-", delete=False
        ) as stream:
            made = stream.name
            write(stream)
        umask = os.umask(0)
        os.umask(umask)
        Path(made).chmod(0o666 & ~umask)  # a temporary file is its owner's alone
        Path(made).replace(path)
        made = ""
    except OSError as error:
        raise InputFault("E520", f"cannot write `{path}`: {error.strerror}") from None
    finally:
        if made:
            Path(made).unlink(missing_ok=True)


def write_text(path: Path, text: str) -> None:
    """Writes a text as UTF-8, as `write_beside` writes; what that cannot hold, half of a pair, is escaped.

    Raises:
        InputFault: as `write_beside`.
    """
    data = text.encode("utf-8", "backslashreplace")

    def write(stream: IO[bytes]) -> None:
        stream.write(data)

    write_beside(path, write)
