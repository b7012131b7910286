"""Grad modes: no_grad, enable_grad, set_grad_enabled, inference_mode."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

from gradcli.autograd.context import context

__all__ = ["enable_grad", "inference_mode", "is_grad_enabled", "is_inference_mode_enabled", "no_grad", "set_grad_enabled"]


class _Mode:
    """A grad mode as a `with` block or a decorator."""

    enabled = True

    def __init__(self) -> None:
        self._before: list[bool] = []

    def __enter__(self) -> None:
        self._before.append(context.grad_enabled)
        context.grad_enabled = self.enabled

    def __exit__(self, *error: object) -> None:
        context.grad_enabled = self._before.pop()

    def __call__(self, function: Callable[..., Any]) -> Callable[..., Any]:
        """The function, run in this mode."""

        @functools.wraps(function)
        def run(*args: Any, **kwargs: Any) -> Any:
            with self:
                return function(*args, **kwargs)

        return run


class no_grad(_Mode):  # noqa: N801 - PyTorch's name
    """Operations are not recorded inside."""

    enabled = False


class enable_grad(_Mode):  # noqa: N801 - PyTorch's name
    """Operations are recorded inside."""


class set_grad_enabled(_Mode):  # noqa: N801 - PyTorch's name
    """Sets whether operations are recorded: at once, and back at the end of a `with` block."""

    def __init__(self, mode: bool) -> None:
        super().__init__()
        self.enabled = bool(mode)
        self._before.append(context.grad_enabled)
        context.grad_enabled = self.enabled

    def __enter__(self) -> None:
        context.grad_enabled = self.enabled


class inference_mode(_Mode):  # noqa: N801 - PyTorch's name
    """Operations are not recorded inside, and know it."""

    def __init__(self, mode: bool = True) -> None:
        super().__init__()
        self.enabled = not mode
        self._inference: list[bool] = []

    def __enter__(self) -> None:
        super().__enter__()
        self._inference.append(context.inference)
        context.inference = not self.enabled

    def __exit__(self, *error: object) -> None:
        super().__exit__(*error)
        context.inference = self._inference.pop()


def is_grad_enabled() -> bool:
    """Returns whether operations are recorded."""
    return context.grad_enabled


def is_inference_mode_enabled() -> bool:
    """Returns whether inference mode is on."""
    return context.inference
