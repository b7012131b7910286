"""What `import` loads: PyTorch's namespaces over ours, a few of Python's modules, and nothing else."""

from __future__ import annotations

from functools import cache, partial
from types import FunctionType
from typing import TYPE_CHECKING, Any

from gradcli.autograd.dense import Device
from gradcli.autograd.methods import function_of
from gradcli.autograd.size import Size
from gradcli.diagnostics import GradcliError, did_you_mean
from gradcli.explorer.scripts.admission import admit
from gradcli.explorer.scripts.callables import Library, Routine, kind_of
from gradcli.explorer.scripts.calls import check_nesting, unwrapped
from gradcli.explorer.scripts.kinds import NAMED, TENSOR
from gradcli.explorer.scripts.libraries import LIBRARIES, library
from gradcli.language.values.faults import ImportFault, ModuleFault, library_kind
from gradcli.ops.catalog import spelled
from gradcli.ops.dtypes import DType
from gradcli.torch.directory import DIRECTORY, MODULES
from gradcli.torch.namespace import Namespace, names
from gradcli.torch.nn.parameter import Parameter

if TYPE_CHECKING:
    from collections.abc import Callable

    from gradcli.explorer.scripts.builtins import Builtins

__all__ = ["Imports"]

VERSION = "2.13.0"  # of the PyTorch whose numbers, names and words these are

# Modules of PyTorch's that hold some names of another one.
ALIASES = {
    "autograd.grad_mode": "",
    "autograd.variable": "autograd",
    "nn.modules": "nn",
    "nn.modules.module": "nn",
    "nn.parameter": "nn",
    "nn.utils.clip_grad": "nn.utils",
    "optim.optimizer": "optim",
    "random": "",
}


class Imports:
    """The modules of one script."""

    def __init__(self, builtins: Builtins) -> None:
        self._builtins = builtins
        self._loaded: dict[str, Library] = {}

    def module(self, path: str) -> Library:
        """Returns the module behind a dotted path.

        Raises:
            ImportFault: there is none; the error says what there is.
        """
        found = self._loaded.get(path) or self._load(path)
        if found is None:
            raise self._unknown(path)
        self._loaded[path] = found
        return found

    def member(self, path: str, name: str) -> Any:
        """Returns what `from path import name` binds.

        Raises:
            ImportFault: the module is unknown, or has no such name.
        """
        home = self.module(path)
        found = None if name.startswith("_") and name != "__version__" else home.find(name)
        if found is None:
            raise ImportFault(
                "E208",
                f"cannot import name '{name}' from '{path}'",
                label=did_you_mean(name, home.names()),
                help=f"`import {path}` and `{path}.{name}` would not find it either",
            )
        return found

    def _load(self, path: str) -> Library | None:
        head, _, rest = path.partition(".")
        if head == "torch":
            return torch_library(rest)
        return library(path, self._builtins)

    def _unknown(self, path: str) -> ModuleFault:
        known = ["torch", *(f"torch.{name}" for name in (*MODULES, *ALIASES)), *LIBRARIES]
        return ModuleFault(
            "E208",
            f"No module named '{path}'",
            label=did_you_mean(path, known),
            help=f"a script may import torch and what is below it, and {', '.join(LIBRARIES)}",
        )


@cache
def torch_library(path: str) -> Library | None:
    """Returns one of PyTorch's modules, by its path below torch; None if there is none."""
    known = ALIASES.get(path, path)
    if known and known not in MODULES and known not in DIRECTORY:
        return None
    name = f"torch.{path}" if path else "torch"
    return Library(name, partial(torch_member, known), lambda: Namespace(known))


@cache
def torch_member(path: str, name: str) -> Any:  # noqa: PLR0911 - a case per kind
    """Returns what one of PyTorch's modules holds under a name; None if nothing."""
    spelling = f"{path}.{name}" if path else name
    own = _own().get(spelling)
    if own is not None:
        return own
    inner = torch_library(spelling) if spelling in (*MODULES, *ALIASES) else None
    if inner is not None:
        return inner
    found = names(path).get(name)
    if found is None:
        record = spelled().get(spelling)
        return None if record is None else Routine(spelling, function_of(record), strict=True)
    if isinstance(found, (DType, bool, int, float, str)):
        return found
    if isinstance(found, type):
        kind = library_kind if issubclass(found, GradcliError) else kind_of
        return kind(found)
    if isinstance(found, FunctionType):
        return Routine(name, _unwrapping(found))
    return None if found is None else admit(found)


def _unwrapping(function: Callable[..., Any]) -> Callable[..., Any]:
    """A function of data, which may be nested lists, or an array of NumPy's, wrapped as scripts have it."""

    def run(*args: Any, **kwargs: Any) -> Any:
        check_nesting(args)
        kwargs = {name: unwrapped(value) for name, value in kwargs.items()}
        return function(*map(unwrapped, args), **kwargs)

    return run


@cache
def _own() -> dict[str, Any]:
    """What scripts get in another form than Python programs do."""
    return {
        "Tensor": TENSOR,
        "Size": NAMED[Size],
        "dtype": NAMED[DType],
        "nn.Parameter": kind_of(Parameter),
        "device": NAMED[Device],
        "__version__": VERSION,
    }
