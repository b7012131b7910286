"""All operations, by name and by spelling, gathered from the family modules as they are needed.

A family is a module of this package that says `FAMILY`; a new one is found by itself. Loading all of
them costs more than all else that a small expression needs, so they are loaded one by one until the
name that is asked for has turned up, the everyday ones first. Whoever iterates sees all.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cache
from importlib import import_module
from itertools import chain

from gradcli.ops import __path__
from gradcli.ops.record import Record

__all__ = ["catalog", "spelled"]

# What most expressions use, the most used first; the order of the rest does not matter.
EVERYDAY = (
    "arithmetic", "division", "reduction", "exponential", "trigonometric", "hyperbolic", "rectifier",
    "activation", "extreme", "comparison", "rounding", "permutation", "shape", "matmul", "softmax", "product",
    "extremum", "norm", "indexing",
)  # fmt: skip


class _Families:
    """The family modules: those read so far, with their records, and those still to read."""

    def __init__(self) -> None:
        self.waiting = chain(EVERYDAY, _others())
        self.by_name: dict[str, Record] = {}
        self.by_spelling: dict[str, Record] = {}

    def read_next(self) -> bool:
        """Reads one more module; False when there is none."""
        name = next(self.waiting, None)
        if name is None:
            return False
        family = import_module(f"gradcli.ops.{name}")
        if hasattr(family, "FAMILY"):
            for value in vars(family).values():
                if isinstance(value, Record):
                    self.by_name[value.name] = value
                    self.by_spelling.update(dict.fromkeys(value.spellings(), value))
        return True


def _others() -> Iterator[str]:
    """The other modules, looked for only when none of the everyday ones has what is asked for."""
    from pkgutil import iter_modules  # most expressions do without

    yield from sorted({module.name for module in iter_modules(__path__)}.difference(EVERYDAY), reverse=True)


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


@cache
def catalog() -> Mapping[str, Record]:
    """Returns every record under its name."""
    return _View(_families(), _families().by_name)


@cache
def spelled() -> Mapping[str, Record]:
    """Returns every record under each of its full spellings (`sin`, `Tensor.sin`, `nn.functional.relu`)."""
    return _View(_families(), _families().by_spelling)
