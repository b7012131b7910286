"""A session's answers as JSON, one line each."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from gradcli.views.json import dump, plain

if TYPE_CHECKING:
    from collections.abc import Sequence

    from gradcli.reports.sessions import Shown, VariableLine

__all__ = ["value_json", "variables_json"]

SCHEMA = "gradcli.repl/1"


def value_json(shown: Shown) -> str:
    """Returns a value in one line; empty where there is none."""
    if shown.array is None and not shown.text:
        return ""
    return dump({"schema": SCHEMA, **_value(shown)})


def variables_json(lines: Sequence[VariableLine]) -> str:
    """Returns the names of a session in one line."""
    names = [
        {
            "name": line.name,
            "role": line.role,
            "dtype": line.dtype or None,
            **_value(line.value),
            "grad": plain(line.grad),
        }
        for line in lines
    ]
    return dump({"schema": SCHEMA, "names": names})


def _value(shown: Shown) -> dict[str, Any]:
    if shown.array is None:
        return {"text": shown.text}
    return {"shape": list(shown.array.shape), "value": plain(shown.array)}
