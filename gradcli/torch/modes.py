"""Grad modes: no_grad, enable_grad, set_grad_enabled, inference_mode; and what is on."""

from __future__ import annotations

import functools
from inspect import isgeneratorfunction
from typing import TYPE_CHECKING, Any

from gradcli.autograd.context import context
from gradcli.diagnostics import TypeFault

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

__all__ = [
    "enable_grad", "inference_mode", "is_anomaly_check_nan_enabled", "is_anomaly_enabled", "is_grad_enabled",
    "is_inference_mode_enabled", "no_grad", "set_grad_enabled",
]  # fmt: skip


class _Mode:
    """A grad mode as a `with` block or a decorator; `@no_grad` serves as well as `@no_grad()`."""

    enabled = True

    def __new__(cls, *args: Any, **kwargs: Any) -> Any:  # noqa: ARG004 - __init__ takes the others
        """The mode, or the function decorated with it."""
        mode = object.__new__(cls)
        if not args or not callable(args[0]):
            return mode
        mode.__init__()  # type: ignore[misc] # Python itself calls it only where a mode is returned
        return mode(args[0])

    def __init__(self) -> None:
        self._before: list[bool] = []

    def __enter__(self) -> None:
        self._before.append(context.grad_enabled)
        # Nothing is recorded in inference mode, whatever else is asked for.
        context.grad_enabled = self.enabled and not context.inference

    def __exit__(self, *error: object) -> None:
        context.grad_enabled = self._before.pop()

    def __call__(self, function: Callable[..., Any]) -> Callable[..., Any]:
        """The function, run in this mode; of a generator each step is."""
        if isgeneratorfunction(function):
            return functools.wraps(function)(functools.partial(_steps, self, function))

        @functools.wraps(function)
        def run(*args: Any, **kwargs: Any) -> Any:
            with self:
                return function(*args, **kwargs)

        return run


def _steps(mode: _Mode, function: Callable[..., Any], *args: Any, **kwargs: Any) -> Iterator[Any]:
    with mode:
        steps = function(*args, **kwargs)
    while True:
        with mode:
            try:
                step = next(steps)
            except StopIteration:
                return
        yield step


class no_grad(_Mode):  # noqa: N801 - PyTorch's name
    """Operations are not recorded inside."""

    enabled = False


class enable_grad(_Mode):  # noqa: N801 - PyTorch's name
    """Operations are recorded inside."""


class set_grad_enabled(_Mode):  # noqa: N801 - PyTorch's name
    """Sets whether operations are recorded: at once, and back at the end of a `with` block."""

    def __init__(self, mode: bool) -> None:
        super().__init__()
        if not isinstance(mode, bool):
            raise TypeFault(
                "E303",
                "set_grad_enabled(): argument 'enabled' (position 1) must be bool, not "
                f"{type(mode).__name__}",
            )
        self.enabled = mode
        self._before.append(context.grad_enabled)
        context.grad_enabled = mode and not context.inference

    def __enter__(self) -> None:
        context.grad_enabled = self.enabled and not context.inference

    def __call__(self, function: Callable[..., Any]) -> Callable[..., Any]:
        """The function, run in this mode; the mode is not on before it runs."""
        context.grad_enabled = self._before[-1]
        enabled = self.enabled

        @functools.wraps(function)
        def run(*args: Any, **kwargs: Any) -> Any:
            with set_grad_enabled(enabled):
                return function(*args, **kwargs)

        return run


class inference_mode(_Mode):  # noqa: N801 - PyTorch's name
    """Operations are not recorded inside, and their results cannot become part of a graph later."""

    def __init__(self, mode: bool = True) -> None:
        super().__init__()
        self.enabled = not mode
        self._inference: list[bool] = []

    def __enter__(self) -> None:
        self._inference.append(context.inference)
        context.inference = not self.enabled
        super().__enter__()

    def __exit__(self, *error: object) -> None:
        super().__exit__(*error)
        context.inference = self._inference.pop()


def is_grad_enabled() -> bool:
    """Returns whether operations are recorded."""
    return context.grad_enabled


def is_inference_mode_enabled() -> bool:
    """Returns whether inference mode is on."""
    return context.inference


def is_anomaly_enabled() -> bool:
    """Returns whether anomaly detection is on."""
    return context.anomaly


def is_anomaly_check_nan_enabled() -> bool:
    """Returns whether anomaly detection raises for nan."""
    return context.check_nan
