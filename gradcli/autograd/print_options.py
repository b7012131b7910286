"""How tensors are printed in this session: `torch.set_printoptions`."""

from __future__ import annotations

from typing import Any

from gradcli.autograd.context import context
from gradcli.autograd.printing import PROFILES, PrintOptions

__all__ = ["print_options", "set_print_options"]

# The options of one session, which its budget identifies: a session that begins has a new one, and prints
# as by default.
_set: dict[str, Any] = {"budget": None, "options": PROFILES["default"]}


def print_options() -> PrintOptions:
    """Returns how tensors are printed."""
    return _set["options"] if _set["budget"] is context.budget else PROFILES["default"]


def set_print_options(options: PrintOptions) -> None:
    """Sets how tensors are printed from now on, until the session ends."""
    _set.update(budget=context.budget, options=options)
