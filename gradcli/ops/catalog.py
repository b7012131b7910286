"""All operations by name, gathered from the family modules."""

from __future__ import annotations

from functools import cache
from importlib import import_module
from pkgutil import iter_modules

from gradcli.ops import __path__
from gradcli.ops.record import Record

__all__ = ["catalog", "spelled"]

@cache
def catalog() -> dict[str, Record]:
    """Returns every record under its name. A family is a module of this package that says `FAMILY`."""
    found: dict[str, Record] = {}
    for module in sorted(module.name for module in iter_modules(__path__)):
        family = import_module(f"gradcli.ops.{module}")
        if hasattr(family, "FAMILY"):
            for value in vars(family).values():
                if isinstance(value, Record):
                    found[value.name] = value
    return found


@cache
def spelled() -> dict[str, Record]:
    """Returns every record under each of its full spellings (`sin`, `Tensor.sin`, `nn.functional.relu`)."""
    return {spelling: record for record in catalog().values() for spelling in record.spellings()}
