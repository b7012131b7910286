"""Files that a case refers to (`@data.npy`): inside the folder of its case file, and nowhere else."""

from __future__ import annotations

import os
import re
from typing import TYPE_CHECKING

from gradcli.explorer.running.fields import Misfit

if TYPE_CHECKING:
    from gradcli.explorer.running.places import Path

__all__ = ["confined", "names_file"]

BESIDE = "files of a case stand beside its case file, or in a folder below"


def names_file(text: str) -> bool:
    """Returns whether the text of an expression or a value stands for a file or for standard input."""
    text = text.strip()
    return text.startswith("@") or text == "-"


def confined(text: str, case_file: str, key: Path) -> str:
    """Returns the text, with the path of a file given from the folder of the case file.

    Links are followed before the folder is compared, so none leads out of it.

    Raises:
        Misfit: the file is outside the folder, or is standard input; `key` says whose value it is.
    """
    if not names_file(text):
        return text
    name = text.strip().removeprefix("@")
    if name in {"-", ""}:
        raise Misfit(
            "a case reads no standard input" if name else "the name of a file is missing", key, help=BESIDE
        )
    # Windows' separators and drives too, whatever the system: a case file means the same everywhere.
    if name.startswith(("/", "\\")) or re.match(r"[A-Za-z]:", name):
        raise Misfit("the path of a file must not be absolute", key, help=BESIDE)
    if ".." in re.split(r"[/\\]", name):
        raise Misfit("the path of a file must not lead out of the folder", key, help=BESIDE)
    folder = os.path.dirname(case_file)  # noqa: PTH120 - paths stay the texts that the user gave
    path = os.path.join(folder, name)  # noqa: PTH118 - as above
    file, colon, _ = path.partition(".npz:")
    try:
        home = os.path.realpath(folder or ".")
        target = os.path.realpath(file + ".npz" if colon else file)
        inside = os.path.commonpath([home, target]) == home
    except (OSError, ValueError):
        raise Misfit("the name of a file is impossible", key) from None
    if not inside:
        raise Misfit("a link leads out of the folder", key, help=BESIDE)
    return f"@{path}"
