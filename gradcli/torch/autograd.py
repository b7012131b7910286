"""torch.autograd: backward, grad, and anomaly mode.

The module answers for the rest of PyTorch's too, because Python finds it where the namespace stands.
"""

from __future__ import annotations

from typing import Any

from gradcli.autograd.context import context
from gradcli.autograd.functions import backward, grad
from gradcli.torch.modes import enable_grad, inference_mode, no_grad, set_grad_enabled
from gradcli.torch.namespace import Namespace

__all__ = [
    "backward", "detect_anomaly", "enable_grad", "grad", "inference_mode", "no_grad", "set_detect_anomaly",
    "set_grad_enabled",
]  # fmt: skip

_names = Namespace("autograd")


def __getattr__(name: str) -> Any:
    return getattr(_names, name)


def __dir__() -> list[str]:
    return dir(_names)


class set_detect_anomaly:  # noqa: N801 - PyTorch's name
    """Turns anomaly detection on or off: at once, and back at the end of a `with` block."""

    def __init__(self, mode: bool, check_nan: bool = True) -> None:
        self._before = (context.anomaly, context.check_nan)
        context.anomaly, context.check_nan = bool(mode), check_nan

    def __enter__(self) -> None:
        pass

    def __exit__(self, *error: object) -> None:
        context.anomaly, context.check_nan = self._before


class detect_anomaly(set_detect_anomaly):  # noqa: N801 - PyTorch's name
    """Anomaly detection inside a `with` block."""

    def __init__(self, check_nan: bool = True) -> None:
        super().__init__(mode=True, check_nan=check_nan)
