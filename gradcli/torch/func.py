"""torch.func as a module, for Python's `from gradcli.torch.func import vmap`."""

from __future__ import annotations

from typing import Any

from gradcli.torch.namespace import Namespace

_names = Namespace("func")


def __getattr__(name: str) -> Any:
    return getattr(_names, name)


def __dir__() -> list[str]:
    return dir(_names)
