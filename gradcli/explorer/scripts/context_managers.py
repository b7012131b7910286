"""What stands after `with`: grad modes and other context managers of ours, and a script's own."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any

from gradcli.diagnostics import GradcliError, TypeFault
from gradcli.explorer.scripts.instances import special
from gradcli.language import Caught

if TYPE_CHECKING:
    from contextlib import AbstractContextManager

__all__ = ["is_manager", "manager"]


@cache
def is_manager(kind: type) -> bool:
    """Returns whether the values of a class are context managers of ours."""
    return kind.__module__.startswith("gradcli.torch.") and hasattr(kind, "__enter__")


def manager(value: Any) -> AbstractContextManager[Any]:
    """Returns what `with value` enters and leaves.

    Raises:
        TypeFault: the value is no context manager.
    """
    if is_manager(type(value)):  # type: ignore[arg-type] # a class is hashable
        return value  # type: ignore[no-any-return] # it has __enter__
    enter, leave = special(value, "__enter__"), special(value, "__exit__")
    if enter is not None and leave is not None:
        return _Scripted(enter, leave)
    from gradcli.explorer.scripts.callables import Kind, Routine  # only where something is wrong
    from gradcli.explorer.scripts.kinds import kind_name  # it imports this module's importers

    hint = f"call it: `with {value.name}():`" if isinstance(value, (Routine, Kind)) else ""
    raise TypeFault(
        "E303", f"'{kind_name(value)}' object does not support the context manager protocol", help=hint
    )


class _Scripted:
    """A context manager that the script's class defines."""

    __slots__ = ("_enter", "_leave")

    def __init__(self, enter: Any, leave: Any) -> None:
        self._enter = enter
        self._leave = leave

    def __enter__(self) -> Any:
        return self._enter()

    def __exit__(self, kind: object, error: BaseException | None, traceback: object) -> bool:
        caught = Caught(error) if isinstance(error, GradcliError) else None
        return bool(self._leave(None if caught is None else caught.kind, caught, None))
