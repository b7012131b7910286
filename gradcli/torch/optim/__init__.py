"""torch.optim: optimizers and schedules of their learning rates, each loaded when first asked for."""

from __future__ import annotations

from typing import Any

from gradcli.torch.namespace import Namespace

_names = Namespace("optim")


def __getattr__(name: str) -> Any:
    return getattr(_names, name)


def __dir__() -> list[str]:
    return dir(_names)
