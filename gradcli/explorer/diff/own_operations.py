"""Operations that formulas name and that are gradcli's own: no program can call them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gradcli.ops.catalog import catalog

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["own_operations"]


def own_operations(names: Iterable[str]) -> dict[str, str]:
    """Returns those of some names that are operations without a name of PyTorch's, with what they do."""
    known = catalog()
    return {
        name: f"{name} is gradcli's own operation, which no program can call: {known[name].summary}"
        for name in names
        if name in known and not known[name].spellings()
    }
