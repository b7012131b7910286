"""Files that the user names: texts with expressions, and arrays in .npy, .npz, .csv and .json.

What a file claims is checked before memory is spent on it, nothing in it is executed, and what NumPy says of
a bad header (which repeats the file's own words) is not passed on.
"""

from __future__ import annotations

import re
import sys
from math import prod
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

import numpy as np

from gradcli.autograd import context
from gradcli.diagnostics import GradcliError, InputFault, Source, Span, did_you_mean
from gradcli.explorer.values import as_tensor, looks_like_tensor

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["read_array", "read_source"]

LARGEST_TEXT = 256 * 2**20  # bytes of a CSV or JSON file
SUFFIXES = (".npy", ".npz", ".csv", ".json")
SEPARATORS = (";", "\t", ",")
NUMERIC = re.compile(r"""[\s"]*([-+.]?\d|[-+]?(nan|inf)\b)""", re.IGNORECASE)  # the beginning of a number
NON_FINITE = {"nan": float("nan"), "inf": float("inf"), "-inf": float("-inf")}


def read_source(argument: str, limit: int) -> Source:
    """Returns the text of an EXPR that stands in a file (`@wave.txt`) or on standard input (`-`).

    Raises:
        InputFault: it cannot be read, is not UTF-8, or is longer than `limit` characters could be.
    """
    if argument == "-":
        return Source("<stdin>", _text(_stdin(), "<stdin>", 4 * limit))
    name = argument.removeprefix("@")
    if not name:
        raise _nameless()
    with _opened(name) as stream:
        return Source(name, _text(stream, name, 4 * limit))


def read_array(name: str, source: Source) -> Any:
    """Returns the array in a file, or the JSON on standard input where the name is `-`.

    A member of an .npz file stands behind a colon: `data.npz:weights`.

    Raises:
        InputFault: the file cannot be read, or holds something other than numbers.
        LimitFault: it holds too much.
    """
    try:
        if name == "-":
            return _json(_stdin(), "<stdin>")
        if not name:
            raise _nameless()
        path, _, member = name.partition(".npz:")
        path = f"{path}.npz" if member else name
        suffix = Path(path).suffix.lower()
        if suffix not in SUFFIXES:
            raise InputFault(
                "E511",
                f"`{path}` is no file of a known kind",
                help=f"the name must end in {', '.join(SUFFIXES)}",
            )
        with _opened(path) as stream:
            return _checked(
                _members(stream, path, member) if suffix == ".npz" else READERS[suffix](stream, path), path
            )
    except GradcliError as error:
        error.locate(Span(source, 0, len(source.text)))
        raise


def _nameless() -> InputFault:
    return InputFault("E510", "the name of a file is missing after `@`", help="write for example @wave.txt")


def _opened(name: str) -> IO[bytes]:
    try:
        return Path(name).open("rb")
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) and error.strerror else "the name is impossible"
        raise InputFault("E510", f"cannot read `{name}`: {reason}") from None


def _stdin() -> IO[bytes]:
    return sys.stdin.buffer


def _text(stream: IO[bytes], name: str, limit: int) -> str:
    data = _all(stream, name, limit)
    try:
        return data.decode("utf-8-sig").replace("\r\n", "\n")
    except UnicodeDecodeError as error:
        raise InputFault(
            "E512", f"`{name}` is not UTF-8 text (byte {error.start})", help="save it as UTF-8"
        ) from None


def _all(stream: IO[bytes], name: str, limit: int = LARGEST_TEXT) -> bytes:
    try:
        data = stream.read(limit + 1)
    except OSError as error:
        raise InputFault("E510", f"cannot read `{name}`: {error.strerror}") from None
    if len(data) > limit:
        raise InputFault(
            "E513", f"`{name}` has more than {limit} bytes", help="give an .npy file, or a smaller one"
        )
    return data


def _npy(stream: IO[bytes], name: str) -> Any:
    size = stream.seek(0, 2)
    stream.seek(0)
    return _array(stream, name, size)


def _array(stream: IO[bytes], name: str, size: int) -> Any:
    """The array behind an .npy header, after the header was compared with the size of the file."""
    fault = InputFault("E514", f"`{name}` is no .npy array of numbers", help="write it with numpy.save")
    try:
        version = np.lib.format.read_magic(stream)
        shape, fortran, dtype = _HEADERS[version](stream)
        count = prod(shape)
        _check_kind(dtype, name)
        if any(length < 0 for length in shape):
            raise fault  # noqa: TRY301 - one place decides what the user reads
        context.budget.ask(shape, dtype.itemsize)
        if count * dtype.itemsize > size:
            raise fault  # noqa: TRY301 - one place decides what the user reads
        data = stream.read(count * dtype.itemsize)
        array = np.frombuffer(data, dtype, count)
        return array.reshape(shape, order="F" if fortran else "C")
    except GradcliError:
        raise
    except Exception:  # noqa: BLE001 - NumPy fails on a bad header in ways it does not list
        raise fault from None


def _check_kind(dtype: Any, name: str) -> None:
    if dtype.hasobject:
        raise InputFault("E514", f"`{name}` holds Python objects (a pickle), which are never loaded")
    if dtype.kind not in "biuf":
        raise InputFault("E514", f"`{name}` holds {dtype.name} elements; real numbers are needed")


def _members(stream: IO[bytes], name: str, member: str) -> Any:
    import zipfile  # only .npz files pay for it

    try:
        with zipfile.ZipFile(stream) as archive:
            sizes = {entry.filename.removesuffix(".npy"): entry for entry in archive.infolist()}
            if not member and len(sizes) == 1:
                member = next(iter(sizes))
            if member not in sizes:
                raise _no_member(name, member, list(sizes))
            entry = sizes[member]
            context.budget.ask((entry.file_size,), 1)
            with archive.open(entry) as part:
                return _array(part, f"{name}:{member}", entry.file_size)
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, OSError, EOFError) as error:
        if isinstance(error, GradcliError):
            raise
        raise InputFault("E514", f"`{name}` is no .npz archive", help="write it with numpy.savez") from None


def _no_member(name: str, member: str, known: list[str]) -> InputFault:
    return InputFault(
        "E515",
        f"`{name}` has no array called `{member}`" if member else f"`{name}` holds {len(known)} arrays",
        label=did_you_mean(member, known),
        help=f"write @{name}:{known[0] if known else 'x'}; it holds {', '.join(known[:10]) or 'nothing'}",
    )


def _csv(stream: IO[bytes], name: str) -> Any:
    """Rows of numbers; a first line of words is a heading."""
    rows: list[list[float]] = []
    heading = True
    for number, line in enumerate(_text(stream, name, LARGEST_TEXT).splitlines(), 1):
        if not line.strip() or line.lstrip().startswith("#"):
            continue
        cells = _cells(line)
        row = [_number(cell) for cell in cells]
        if heading and not any(NUMERIC.match(cell) for cell in cells):
            heading = False
            continue
        heading = False
        if None in row:
            bad = cells[row.index(None)].strip()
            raise InputFault(
                "E516",
                f"`{name}`, line {number}: " + (f"`{bad[:40]}` is no number" if bad else "a cell is empty"),
            )
        if rows and len(row) != len(rows[0]):
            raise InputFault(
                "E516", f"`{name}`, line {number} has {len(row)} cells; the lines before have {len(rows[0])}"
            )
        rows.append([cell for cell in row if cell is not None])
    if not rows:
        raise InputFault("E516", f"`{name}` holds no numbers", help="rows of numbers, as in `1,2,3`")
    array = np.array(rows, dtype=np.float64)
    return array[:, 0] if array.shape[1] == 1 else array


def _cells(line: str) -> list[str]:
    """The cells of a line: between semicolons (`1,5;2` is not three numbers), tabs, commas or spaces."""
    for separator in SEPARATORS:
        if separator in line:
            return line.split(separator)
    return line.split()


def _number(cell: str) -> float | None:
    try:
        return float(cell.strip().strip('"'))
    except ValueError:
        return None


def _json(stream: IO[bytes], name: str) -> Any:
    import json  # only JSON files pay for it

    text = _text(stream, name, LARGEST_TEXT)
    try:
        value = _finite(json.loads(text))
    except json.JSONDecodeError as error:
        raise InputFault(
            "E517", f"`{name}`, line {error.lineno}, column {error.colno}: {error.msg}"
        ) from None
    except RecursionError:
        raise InputFault("E517", f"`{name}` is nested too deeply") from None
    except ValueError:
        raise InputFault("E517", f"`{name}` holds a number with too many digits") from None
    if not isinstance(value, (int, float)) and not looks_like_tensor(value):
        raise InputFault(
            "E517",
            f"`{name}` must hold a number or nested lists of numbers",
            help="write for example [[1, 2], [3, 4]]",
        )
    return as_tensor(value)._array  # noqa: SLF001 - a friend of Tensor


def _finite(value: Any) -> Any:
    """Lists with the strings that stand for non-finite numbers replaced."""
    if isinstance(value, list):
        return [_finite(part) for part in value]
    return NON_FINITE.get(value, value) if isinstance(value, str) else value


def _checked(array: Any, name: str) -> Any:
    """The array in a dtype that tensors have, in the machine's byte order."""
    context.budget.ask(array.shape, array.itemsize)
    dtype = array.dtype.newbyteorder("=")
    if dtype.name not in {
        "bool",
        "uint8",
        "int8",
        "int16",
        "int32",
        "int64",
        "float16",
        "float32",
        "float64",
    }:
        if dtype.kind not in "uf":
            raise InputFault("E514", f"`{name}` holds {dtype.name} numbers, which tensors do not have")
        whole = dtype.kind == "u" and not (array > np.iinfo(np.int64).max).any()
        dtype = np.dtype(np.int64 if whole else np.float64)
    return array.astype(dtype)


_HEADERS = {
    (1, 0): np.lib.format.read_array_header_1_0,
    (2, 0): np.lib.format.read_array_header_2_0,
}
READERS: dict[str, Callable[[IO[bytes], str], Any]] = {".npy": _npy, ".csv": _csv, ".json": _json}
