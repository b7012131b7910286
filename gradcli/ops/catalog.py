"""All operations, by name and by spelling, gathered from the family modules as they are needed.

A family is a module of this package that says `FAMILY`; a new one is found by itself. Loading all of
them costs more than all else that a small expression needs, so they are loaded one by one until the
name that is asked for has turned up, the everyday ones first. Whoever iterates sees all.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cache
from importlib import import_module

from gradcli.ops import __path__
from gradcli.ops.record import Record

__all__ = ["catalog", "list_families", "spelled"]

# What most expressions use, the most used first; the order of the rest does not matter.
EVERYDAY = (
    "arithmetic", "division", "reduction", "exponential", "trigonometric", "hyperbolic", "rectifier",
    "activation", "extreme", "comparison", "rounding", "permutation", "shape", "matmul", "softmax", "product",
    "extremum", "norm", "indexing",
)  # fmt: skip


class _Families:
    """The family modules: those read so far, with their records, and those still to read."""

    def __init__(self) -> None:
        self.waiting = list(EVERYDAY[::-1])
        self.listed = False
        self.by_name: dict[str, Record] = {}
        self.by_spelling: dict[str, Record] = {}

    def read_next(self) -> bool:
        """Reads one more module; False when there is none."""
        if not self.waiting:
            self.list_others()
        if not self.waiting:
            return False
        family = import_module(f"gradcli.ops.{self.waiting.pop()}")
        if hasattr(family, "FAMILY"):
            for value in vars(family).values():
                if isinstance(value, Record):
                    self.by_name[value.name] = value
                    self.by_spelling.update(dict.fromkeys(value.spellings(), value))
        return True

    def list_others(self) -> None:
        """Looks for the other modules, once: when none of the everyday ones has what is asked for."""
        if not self.listed:
            from pkgutil import iter_modules  # most expressions do without

            self.listed = True
            others = {module.name for module in iter_modules(__path__)}.difference(EVERYDAY)
            self.waiting[:0] = sorted(others)


class _View(Mapping[str, Record]):
    """The records under one kind of key, read on as far as a key asks for."""

    def __init__(self, families: _Families, known: dict[str, Record]) -> None:
        self._families = families
        self._known = known

    def __getitem__(self, key: str) -> Record:
        while key not in self._known:
            if not self._families.read_next():
                raise KeyError(key)
        return self._known[key]

    def __iter__(self) -> Iterator[str]:
        while self._families.read_next():
            pass
        return iter(self._known)

    def __len__(self) -> int:
        return sum(1 for _ in self)


@cache
def _families() -> _Families:
    return _Families()


def list_families() -> None:
    """Looks into this folder now: for processes that may open none later."""
    _families().list_others()


@cache
def catalog() -> Mapping[str, Record]:
    """Returns every record under its name."""
    return _View(_families(), _families().by_name)


@cache
def spelled() -> Mapping[str, Record]:
    """Returns every record under each of its full spellings (`sin`, `Tensor.sin`, `nn.functional.relu`)."""
    return _View(_families(), _families().by_spelling)
