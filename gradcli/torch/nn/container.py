"""Modules made of modules: Sequential, ModuleList, ModuleDict."""

# ruff: noqa: A001, A002, SLF001 - PyTorch's names; Tensor's and Module's fields are this package's own

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Self

from gradcli.diagnostics import IndexFault, TypeFault, ValueFault
from gradcli.torch.nn.module import Module, indented
from gradcli.torch.nn.naming import KeyFault, type_text

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

__all__ = ["ModuleDict", "ModuleList", "Sequential"]


class _Row(Module):
    """Modules under the names 0, 1, 2, ...."""

    def _place(self, index: Any) -> int:
        place = index.__index__()
        if not -len(self) <= place < len(self):
            raise IndexFault("E302", f"index {place} is out of range", help=f"it has {len(self)} modules")
        return place % len(self)  # type: ignore[no-any-return] # an int

    def _row(self) -> list[Any]:
        return list(self._modules.values())

    def _refill(self, modules: Iterable[Any]) -> None:
        self._modules.clear()
        for module in modules:
            self.add_module(str(len(self._modules)), module)

    def __getitem__(self, index: Any) -> Any:
        return self._part(index) if isinstance(index, slice) else self._row()[self._place(index)]

    def _part(self, index: slice) -> Self:
        """Some of its modules, under new names."""
        made = type(self)()
        made._refill(self._row()[index])
        return made

    def __setitem__(self, index: int, module: Module) -> None:
        name = list(self._modules)[self._place(index)]
        self._modules[name] = _module(module)

    def __delitem__(self, index: Any) -> None:
        row = self._row()
        del row[index if isinstance(index, slice) else self._place(index)]
        self._refill(row)

    def __len__(self) -> int:
        return len(self._modules)

    def __iter__(self) -> Iterator[Any]:
        return iter(self._row())

    def __contains__(self, module: object) -> bool:
        return any(one is module for one in self._row())

    def append(self, module: Module) -> Self:
        """Itself with one more module at the end."""
        self.add_module(str(len(self)), module)
        return self

    def insert(self, index: int, module: Module) -> None:
        """Puts a module before the one at an index."""
        row = self._row()
        row.insert(index, module)
        self._refill(row)

    def extend(self, modules: Iterable[Module]) -> Self:
        """Itself with more modules at the end."""
        for module in _each(modules, self._get_name()):
            self.append(module)
        return self

    def pop(self, key: int) -> Any:
        """Takes a module out and returns it."""
        module = self[key]
        del self[key]
        return module


def _module(value: Any) -> Module:
    if not isinstance(value, Module):
        raise TypeFault("E204", f"{type_text(value)} is not a Module subclass")
    return value


def _each(modules: Any, name: str) -> list[Any]:
    if not hasattr(modules, "__iter__"):
        raise TypeFault(
            "E303",
            f"{name}.extend should be called with an iterable, but got {type(modules).__name__}",
            help="give a list of modules",
        )
    return list(modules)


class Sequential(_Row):
    """Modules called one after the other, each on what the last one gave; given in order, or by name."""

    def __init__(self, *args: Any) -> None:
        super().__init__()
        if len(args) == 1 and isinstance(args[0], dict):
            for name, module in args[0].items():
                self.add_module(name, module)
        else:
            self._refill(args)

    def _part(self, index: slice) -> Self:
        """Some of its modules, under the names they have."""
        return type(self)(dict(list(self._modules.items())[index]))

    def forward(self, input: Any) -> Any:
        """What the last module gives."""
        for module in self._row():
            input = module(input)
        return input


class ModuleList(_Row):
    """A list of modules, for a network's `forward` to call as it likes."""

    def __init__(self, modules: Iterable[Module] | None = None) -> None:
        super().__init__()
        if modules is not None:
            self._refill(_each(modules, "ModuleList"))

    def __add__(self, other: Iterable[Module]) -> ModuleList:
        return ModuleList([*self, *other])

    def __iadd__(self, modules: Iterable[Module]) -> Self:
        return self.extend(modules)

    def __repr__(self) -> str:
        """Its modules, runs of equal ones on one line: `(0-1): 2 x Linear(...)`."""
        texts = [repr(module) for module in self]
        if not texts:
            return f"{self._get_name()}()"
        lines, first = [], 0
        for place, text in enumerate(texts):
            if place + 1 < len(texts) and texts[place + 1] == text:
                continue
            run = place - first + 1
            lines.append(indented(f"({place}): {text}" if run == 1 else f"({first}-{place}): {run} x {text}"))
            first = place + 1
        return f"{self._get_name()}(\n  " + "\n  ".join(lines) + "\n)"


class ModuleDict(Module):
    """Modules under names of one's own."""

    def __init__(self, modules: Any = None) -> None:
        super().__init__()
        if modules is not None:
            self.update(modules)

    def __getitem__(self, key: str) -> Any:
        if key not in self._modules:
            raise KeyFault("E203", repr(key), help=f"it has {', '.join(self._modules) or 'no modules'}")
        return self._modules[key]

    def __setitem__(self, key: str, module: Module) -> None:
        self.add_module(key, module)

    def __delitem__(self, key: str) -> None:
        self.pop(key)

    def __len__(self) -> int:
        return len(self._modules)

    def __iter__(self) -> Iterator[str]:
        return iter(self._modules)

    def __contains__(self, key: object) -> bool:
        return key in self._modules

    def clear(self) -> None:
        """Takes all modules out."""
        self._modules.clear()

    def pop(self, key: str) -> Any:
        """Takes a module out and returns it."""
        module = self[key]
        del self._modules[key]
        return module

    def keys(self) -> Iterable[str]:
        """The names."""
        return self._modules.keys()

    def items(self) -> Iterable[tuple[str, Any]]:
        """Pairs of name and module."""
        return self._modules.items()

    def values(self) -> Iterable[Any]:
        """The modules."""
        return self._modules.values()

    def update(self, modules: Any) -> None:
        """Takes over the modules of a dict, a ModuleDict, or pairs of name and module."""
        pairs = modules.items() if isinstance(modules, (dict, ModuleDict)) else modules
        for place, pair in enumerate(pairs):
            if not isinstance(pair, (tuple, list)) or len(pair) != 2:  # noqa: PLR2004 - a pair
                raise ValueFault(
                    "E303",
                    f"ModuleDict update sequence element #{place} should be a pair of name and module",
                )
            self[pair[0]] = pair[1]
