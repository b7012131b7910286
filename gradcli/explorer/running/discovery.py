"""From the paths of a command line to samples: files, folders, globs, `-` for a script on standard input."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

from gradcli.diagnostics import GradcliError, InputFault
from gradcli.explorer.files import read_source
from gradcli.explorer.running.samples import Options, Sample, Script, Unreadable, title

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

__all__ = ["find_files", "load", "select", "sidecar_of"]

SCRIPT, CASES, SIDECAR = ".py", ".toml", ".out"
MAGIC = "*?["
KINDS = "scripts end in .py, case files in .toml"


def find_files(paths: Iterable[str]) -> list[str]:
    """Returns the files behind paths, in their order, those of a folder sorted; each file once.

    Raises:
        InputFault: a path leads to nothing, or to something that is neither a script nor a case file.
    """
    found: dict[str, str] = {}
    asked = list(paths)
    for path in asked:
        for file in _files(path):
            found.setdefault("-" if file == "-" else os.path.realpath(file), file)
    if not found:
        raise InputFault("E530", f"nothing to run in {', '.join(map(_quoted, asked))}", help=KINDS)
    return list(found.values())


def _files(path: str) -> Iterator[str]:
    if path == "-":
        yield path
        return
    if "\0" in path:  # what asks whether it is there would say no, or fail, as the version of Python has it
        raise InputFault("E530", f"the path {_quoted(path)} is impossible")
    if os.path.isdir(path):  # noqa: PTH112 - paths stay the texts that the user gave
        yield from _below(path)
    elif os.path.exists(path):  # noqa: PTH110 - as above
        yield _known(path)
    elif any(sign in path for sign in MAGIC):
        yield from _matching(path)
    else:
        raise InputFault("E530", f"there is no {_quoted(path)}", help=_beside(path))


def _below(folder: str) -> Iterator[str]:
    """The samples in a folder and the folders in it; hidden ones and links to folders are left out."""
    for place, folders, files in os.walk(folder):
        folders[:] = sorted(name for name in folders if not name.startswith(".") and name != "__pycache__")
        for name in sorted(files):
            if name.endswith((SCRIPT, CASES)) and not name.startswith("."):
                yield os.path.join(place, name)  # noqa: PTH118 - as above


def _known(path: str) -> str:
    """The path of a file that the user named: a script, a case file, or a pipe, which holds a script."""
    if path.endswith((SCRIPT, CASES)) or not os.path.isfile(path):  # noqa: PTH113 - as above
        return path
    raise InputFault("E531", f"{_quoted(path)} is neither a script nor a case file", help=KINDS)


def _matching(pattern: str) -> Iterator[str]:
    from glob import glob  # most shells expand patterns themselves

    found = sorted(glob(pattern, recursive=True))  # noqa: PTH207 - Path.glob takes no absolute pattern
    if not found:
        raise InputFault("E530", f"nothing matches {_quoted(pattern)}", help=KINDS)
    for path in found:
        if os.path.isdir(path):  # noqa: PTH112 - as above
            yield from _below(path)
        elif path.endswith((SCRIPT, CASES)):
            yield path


def _beside(path: str) -> str:
    """What stands in the folder under a similar name."""
    from gradcli.diagnostics import nearest  # only when something went wrong

    folder, name = os.path.split(path)
    try:
        near = nearest(name, os.listdir(folder or "."))  # noqa: PTH208 - names are wanted
    except OSError:
        return f"there is no folder {_quoted(folder)}"
    return f"did you mean {_quoted(os.path.join(folder, near[0]))}?" if near else KINDS  # noqa: PTH118 - as above


def _quoted(path: str) -> str:
    return f"`{path[:200]}`"


def sidecar_of(path: str) -> str:
    """Returns the path of the file that holds what a script must print; empty for standard input."""
    return path.removesuffix(SCRIPT) + SIDECAR if path.endswith(SCRIPT) else ""


def load(files: Iterable[str], options: Options) -> list[Sample]:
    """Returns the samples in files; one that cannot be read, or is no case file, is a sample that fails."""
    samples: list[Sample] = []
    for file in files:
        try:
            if file.endswith(CASES):
                from gradcli.explorer.running.casefile import load_cases  # scripts do without

                samples += load_cases(file, read_source(f"@{file}", options.limits.text), options)
            else:
                samples.append(_script(file, options))
        except GradcliError as error:
            samples.append(Unreadable(file, error.diagnostic))
    return samples


def _script(file: str, options: Options) -> Script:
    if file == "-":
        return Script("<stdin>", read_source("-", options.limits.text))
    source = read_source(f"@{file}", options.limits.text)
    sidecar = sidecar_of(file)
    expected = None
    if sidecar and Path(sidecar).is_file():
        expected = read_source(f"@{sidecar}", options.limits.text * 8)
    return Script(file, source, sidecar, expected)


def select(samples: list[Sample], wanted: Callable[[str], bool] | None) -> list[Sample]:
    """Returns the samples whose names are wanted; a case goes by its file's name and its own."""
    return samples if wanted is None else [sample for sample in samples if wanted(title(sample))]
