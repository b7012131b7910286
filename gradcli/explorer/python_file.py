"""Functions of the user's own Python files: the one place where code of theirs runs, because they ask."""

from __future__ import annotations

import inspect
import sys
import traceback
from contextlib import redirect_stdout
from io import StringIO
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from gradcli.diagnostics import InputFault, did_you_mean

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from typing import TextIO

__all__ = ["OwnFunction", "PythonFiles", "gradients_of", "is_function"]


def is_function(text: str) -> bool:
    """Returns whether a text is FILE.py:NAME."""
    path, colon, name = text.rpartition(":")
    return bool(colon) and path.endswith(".py") and name.isidentifier()


class OwnFunction:
    """A function of a Python file, over NumPy arrays, of which it gets copies.

    Attributes:
        text: FILE.py:NAME, as the user gave it.
        changed: the names of the arguments that it changed in place.
    """

    def __init__(self, text: str, function: Callable[..., Any]) -> None:
        self.text = text
        self.changed: set[str] = set()
        self._function = function
        self._needed, self._optional = _parameters(function)

    @property
    def parameters(self) -> tuple[str, ...]:
        """The names of its parameters; none where they cannot be known."""
        return self._needed + self._optional

    def __call__(self, names: Sequence[str], values: Mapping[str, Any]) -> Any:
        """Returns what the function says of the arrays.

        Parameters that bear the names of values get those; otherwise the variables stand in their order.

        Args:
            names: the variables, in order.
            values: the variables and the constants, by name.

        Raises:
            InputFault: the function fails, or does not take these arguments.
        """
        copies = _copies(values)
        try:
            found = self._call(names, copies)
        except InputFault:
            raise
        except Exception as error:  # noqa: BLE001 - whatever the user's code raises
            raise failure(self.text, error) from None
        self.changed |= {name for name in names if not _same(copies[name], values[name])}
        return found

    def raw(self, names: Sequence[str], values: Mapping[str, Any]) -> Callable[..., Any]:
        """Returns the function of the variables alone, in order, which raises what the user's code raises.

        What it prints at the many points of differences nobody wants to read.
        """
        constants = {name: value for name, value in values.items() if name not in names}
        return lambda *arrays: self._call(
            names, _copies(constants | dict(zip(names, arrays, strict=True))), StringIO()
        )

    def _call(self, names: Sequence[str], values: Mapping[str, Any], printed: TextIO | None = None) -> Any:
        by_name = {name: values[name] for name in self._optional if name in values}
        with redirect_stdout(printed or sys.stderr):
            try:
                if self._needed and set(self._needed) <= set(values):
                    return self._function(**by_name, **{name: values[name] for name in self._needed})
                in_order = [values[name] for name in names if name not in by_name]
                return self._function(*in_order, **by_name)
            except SystemExit as error:
                raise failure(self.text, error) from None


def _copies(values: Mapping[str, Any]) -> dict[str, Any]:
    """The values, none of which the user's code can change."""
    return {name: value.copy() if isinstance(value, np.ndarray) else value for name, value in values.items()}


def _same(one: Any, other: Any) -> bool:
    return np.array_equal(one, other, equal_nan=True)


class PythonFiles:
    """The user's files that one command runs, each once."""

    def __init__(self) -> None:
        self._modules: dict[str, Any] = {}

    def function(self, text: str) -> OwnFunction:
        """Returns the function behind FILE.py:NAME; this runs the file.

        Raises:
            InputFault: there is no such file or function, or the file fails.
        """
        path, _, name = text.rpartition(":")
        real = _real(path)
        if real not in self._modules:
            self._modules[real] = _run(path, real, text)
        members = vars(self._modules[real])
        found = members.get(name)
        if not callable(found):
            known = [key for key, value in members.items() if callable(value) and not key.startswith("_")]
            raise InputFault(
                "E509",
                f"{path} has no function `{name}`",
                label=did_you_mean(name, known),
                help=f"its functions are {', '.join(known) or 'none'}",
            )
        return OwnFunction(text, found)


def _run(path: str, real: str, text: str) -> Any:
    """The file as a module."""
    from importlib.util import module_from_spec, spec_from_file_location  # only this form of check runs files

    from gradcli.autograd.methods import complete_all  # as above

    if not Path(real).is_file():
        raise InputFault("E509", f"cannot read `{path}`: there is no such file")
    spec = spec_from_file_location(Path(real).stem, real)
    if spec is None or spec.loader is None:
        raise InputFault("E509", f"cannot read `{path}`")
    complete_all()  # the file's functions get tensors without asking for any
    module = module_from_spec(spec)
    sys.path.insert(0, str(Path(real).parent))  # so that it may import what lies beside it
    try:
        with redirect_stdout(sys.stderr):  # what the user's code prints is no part of the report
            spec.loader.exec_module(module)
    except SyntaxError as error:
        raise InputFault("E509", f"{path} is no Python: {error.msg} (line {error.lineno})") from None
    except (Exception, SystemExit) as error:  # noqa: BLE001 - whatever the user's file raises
        raise failure(text, error) from None
    finally:
        sys.path.pop(0)
    return module


def failure(text: str, error: BaseException) -> InputFault:
    """Returns the error for an exception of the user's code, with the line of their file."""
    real = _real(text.rpartition(":")[0])
    lines = [frame.lineno for frame in traceback.extract_tb(error.__traceback__) if frame.filename == real]
    where = f" (line {lines[-1]})" if lines else ""
    return InputFault(
        "E509",
        f"{text} raised {type(error).__name__}{where}: {error}",
        help='put what ends the program under `if __name__ == "__main__":`'
        if isinstance(error, SystemExit)
        else "",
    )


def _real(path: str) -> str:
    return str(Path(path).resolve())


def _parameters(function: Callable[..., Any]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The names of the parameters without and with a default; nothing where they cannot be known."""
    try:
        found = inspect.signature(function).parameters.values()
    except (TypeError, ValueError):
        return (), ()
    plain = (inspect.Parameter.POSITIONAL_OR_KEYWORD, inspect.Parameter.KEYWORD_ONLY)
    if any(one.kind not in plain for one in found):
        return (), ()
    needed = tuple(one.name for one in found if one.default is inspect.Parameter.empty)
    return needed, tuple(one.name for one in found if one.name not in needed)


def gradients_of(found: Any, names: Sequence[str], text: str) -> list[Any]:
    """Returns what a gradient function gave as one float64 array per variable.

    Raises:
        InputFault: it is no array, or not one per variable.
    """
    if isinstance(found, dict):
        missing = [name for name in names if name not in found]
        if missing:
            raise InputFault("E509", f"{text} gives no gradient for `{missing[0]}`")
        parts = [found[name] for name in names]
    elif isinstance(found, (tuple, list)) and len(names) > 1:
        parts = list(found)
    else:
        parts = [found]
    if len(parts) != len(names):
        raise InputFault(
            "E509",
            f"{text} gives {len(parts)} gradients for {len(names)} variables",
            help=f"return one per variable, in the order {', '.join(names)}, or a dict by name",
        )
    try:
        return [np.asarray(part, np.float64) for part in parts]
    except (TypeError, ValueError):
        raise InputFault("E509", f"{text} gives no array of numbers") from None
