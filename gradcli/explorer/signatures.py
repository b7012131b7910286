"""How an operation is called: its name and parameters, as PyTorch writes them."""

from __future__ import annotations

import inspect
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from gradcli.ops.record import Record

__all__ = ["signature"]


def signature(record: Record) -> str:
    """Returns a record's call, such as `sum(input, dim=None, keepdim=False)`."""
    if record.front is None:
        given = ["input" if arg in {"x", "a"} else "other" if arg == "b" else arg for arg in record.args]
        if record.star >= 0:
            given[record.star] = f"*{given[record.star]}"
        return f"{record.name}({', '.join(given)})"
    parts: list[str] = []
    starred = False
    for parameter in list(inspect.signature(record.front).parameters.values())[1:]:
        if parameter.name.startswith("_"):  # PyTorch's internals, taken for its callers' sake
            continue
        if parameter.kind is parameter.KEYWORD_ONLY and not starred:
            parts.append("*")
            starred = True
        starred = starred or parameter.kind is parameter.VAR_POSITIONAL
        prefix = "*" * (
            (parameter.kind is parameter.VAR_POSITIONAL) + 2 * (parameter.kind is parameter.VAR_KEYWORD)
        )
        parts.append(f"{prefix}{parameter.name}{_default(parameter)}")
    return f"{record.name}({', '.join(parts)})"


def _default(parameter: inspect.Parameter) -> str:
    """The default as it is written; of one that only says that nothing was given, dots."""
    if parameter.default is parameter.empty:
        return ""
    return "=..." if parameter.default.__class__ is object else f"={parameter.default!r}"
