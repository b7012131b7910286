"""Options that several commands share, spliced into each: none is written down twice."""

from __future__ import annotations

import inspect
from typing import TYPE_CHECKING, Any, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["sharing"]

Result = TypeVar("Result")


def sharing(make: Callable[..., Any]) -> Callable[[Callable[..., Result]], Callable[..., Result]]:
    """Returns a decorator that gives a command the options of `make`, and their result as first argument.

    The options of `make` come before the command's own, but for limits (`max_...`), which end the help.
    """
    shared = inspect.signature(make, eval_str=True).parameters.values()

    def decorate(command: Callable[..., Result]) -> Callable[..., Result]:
        signature = inspect.signature(command, eval_str=True)
        own = [one.replace(kind=inspect.Parameter.KEYWORD_ONLY) for one in signature.parameters.values()][1:]

        def called(**values: Any) -> Result:
            made = make(**{one.name: values.pop(one.name) for one in shared if one.name in values})
            return command(made, **values)

        first = [one for one in shared if not one.name.startswith("max_")]
        last = [one for one in shared if one.name.startswith("max_")]
        called.__signature__ = signature.replace(parameters=[*first, *own, *last])  # type: ignore[attr-defined] # what inspect reads
        called.__name__, called.__doc__ = command.__name__, command.__doc__
        return called

    return decorate
