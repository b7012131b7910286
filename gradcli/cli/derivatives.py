"""What the commands on derivatives share: two options, and how a report is shown and saved."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from gradcli.reports.derivatives import Directional
    from gradcli.views.console import Console

__all__ = ["Mode", "ModeName", "SaveDerivatives", "give_direction", "saved", "show", "target_of"]


class ModeName(StrEnum):
    """How derivatives are accumulated."""

    forward = "forward"
    reverse = "reverse"


Mode = Annotated[
    ModeName | None,
    typer.Option(help="Force a mode; without it the one that needs fewer directions is taken."),
]
SaveDerivatives = Annotated[
    str | None,
    typer.Option("--save", metavar="FILE.npz", help="Write values and derivatives to a NumPy archive."),
]


def target_of(save: str | None) -> Path | None:
    """Returns where to save, checked before the work begins."""
    if save is None:
        return None
    from gradcli.cli.saving import checked_path  # only --save pays for it

    return checked_path(save)


def saved(target: Path | None, arrays: Callable[[], dict[str, Any]]) -> None:
    """Writes arrays to where they were asked for, if anywhere."""
    if target is None:
        return
    from gradcli.cli.saving import write_beside  # as above
    from gradcli.views.derivatives_json import write_arrays

    write_beside(target, lambda stream: write_arrays(arrays(), stream))


def show(draw: Callable[[Console, bool], None], as_json: Callable[[], str], *, json: bool) -> None:
    """Writes a report to standard output, as tables or as JSON."""
    from gradcli.cli import streams

    if json:
        streams.write(as_json())
    else:
        streams.print_tables(draw)


def give_direction(report: Directional, target: Path | None, *, digits: int, full: bool, json: bool) -> None:
    """Saves and shows derivatives along a direction."""
    from gradcli.views.derivatives_json import directional_arrays, directional_json  # as above

    saved(target, lambda: directional_arrays(report))

    def draw(console: Console, ascii_only: bool) -> None:
        from gradcli.views.derivatives import directional_table  # JSON does without

        directional_table(report, console, digits=digits, full=full, ascii_only=ascii_only)

    show(draw, lambda: directional_json(report), json=json)
