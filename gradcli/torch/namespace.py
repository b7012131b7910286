"""PyTorch's modules as tables of names: operations by their records' spellings, the rest by hand."""

from __future__ import annotations

from functools import cache
from importlib import import_module
from typing import TYPE_CHECKING, Any

from gradcli.autograd.methods import function_of, offer
from gradcli.diagnostics import AttributeFault, did_you_mean
from gradcli.ops.catalog import spelled
from gradcli.torch.directory import METHODS, MODULES, Deferred, home
from gradcli.torch.in_place import IN_PLACE, in_place

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

__all__ = ["Namespace", "names"]

# What is no operation: modules of functions under the namespace they extend, loaded when first asked for.
EXTENSIONS = {
    "": ("gradcli.torch.modes", "gradcli.torch.dtypes"),
    "autograd": ("gradcli.torch.autograd",),
}


def _method(module: str, name: str) -> Callable[[], Callable[..., Any]]:
    return lambda: vars(import_module(home("", module)))[name]


for _module, _names in METHODS.items():
    for _name in _names.split():
        offer(_name, _method(_module, _name))


@cache
def names(path: str) -> Mapping[str, Any]:
    """Returns what a namespace holds besides records, by name."""
    found: dict[str, Any] = {}
    for module in EXTENSIONS.get(path, ()):
        loaded = import_module(module)
        found |= {name: getattr(loaded, name) for name in loaded.__all__}
    found |= {name: in_place(name) for name in IN_PLACE.get(path, "").split()}
    prefix = f"{path}." if path else ""
    for module in MODULES:
        if module.startswith(prefix) and "." not in module[len(prefix) :]:
            found[module[len(prefix) :]] = Namespace(module)
    return Deferred(path, found)


class Namespace:
    """One of PyTorch's modules; its names are attributes."""

    def __init__(self, path: str) -> None:
        self._path = path

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        found = lookup(self._path, name)
        if found is None:
            where = f"torch.{self._path}" if self._path else "torch"
            raise AttributeFault(
                "E202", f"module '{where}' has no attribute '{name}'", label=did_you_mean(name, self)
            )
        setattr(self, name, found)
        return found

    def __iter__(self) -> Iterator[str]:
        prefix = f"{self._path}." if self._path else ""
        for spelling in spelled():
            if spelling.startswith(prefix) and "." not in spelling[len(prefix) :]:
                yield spelling[len(prefix) :]
        yield from names(self._path)

    def __dir__(self) -> list[str]:
        return sorted(self)

    def __repr__(self) -> str:
        return f"<module 'torch{'.' * bool(self._path)}{self._path}'>"


def lookup(path: str, name: str) -> Any:
    """Returns what a namespace has under a name, or None."""
    found = names(path).get(name)  # before the records: a name that is none of theirs makes them all load
    if found is not None:
        return found
    spelling = f"{path}.{name}" if path else name
    record = spelled().get(spelling)
    return None if record is None else function_of(record, spelling if path == "nn.functional" else name)
