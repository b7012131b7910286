"""What the commands on derivatives share: options, and how a report is shown and saved."""

from __future__ import annotations

from enum import StrEnum
from functools import wraps
from typing import TYPE_CHECKING, Annotated, Any, NamedTuple, TypeVar

from gradcli.cli import options  # noqa: TC001 - the annotations are read
from gradcli.cli.asking import Asked, expression_command
from gradcli.cli.declaring import Option
from gradcli.cli.sharing import sharing

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from gradcli.reports.derivatives import Directional
    from gradcli.views.console import Console

__all__ = ["Wanted", "derivative_command", "show"]

Report = TypeVar("Report")


class ModeName(StrEnum):
    """How derivatives are accumulated."""

    forward = "forward"
    reverse = "reverse"


Mode = Annotated[
    ModeName | None,
    Option(help="Force a mode; without it the one that needs fewer directions is taken."),
]
SaveDerivatives = Annotated[
    str | None,
    Option("--save", metavar="FILE.npz", help="Write values and derivatives to a NumPy archive."),
]


def show(draw: Callable[[Console, bool], None], as_json: Callable[[], str], *, json: bool) -> None:
    """Writes a report to standard output, as tables or as JSON."""
    from gradcli.cli import streams

    if json:
        streams.write(as_json())
    else:
        streams.print_tables(draw)


class Wanted(NamedTuple):
    """What a command on derivatives is asked.

    Attributes:
        asked: the expressions with their bindings and limits.
        mode: as forced; None for the cheaper one.
        digits: significant ones in tables.
        full: whether big tensors are shown whole.
        json: whether it is shown as JSON.
        target: where to save; None for nowhere.
    """

    asked: Asked
    mode: str | None
    digits: int
    full: bool
    json: bool
    target: Path | None

    def explored(self, explore: Callable[..., Report]) -> Report:
        """Returns the report on the request, within its time."""
        from gradcli.cli.streams import report_diagnostic  # as above

        with self.asked.deadline():
            return explore(self.asked.request, self.mode, report_diagnostic)

    def give(
        self, arrays: Callable[[], dict[str, Any]], as_json: Callable[[], str], table: Callable[..., None]
    ) -> None:
        """Saves and shows a report, by whichever of its views is asked for."""
        if self.target is not None:
            from gradcli.cli.saving import write_beside  # only --save pays for it
            from gradcli.views.derivatives_json import write_arrays

            write_beside(self.target, lambda stream: write_arrays(arrays(), stream))

        def draw(console: Console, ascii_only: bool) -> None:
            table(console, digits=self.digits, full=self.full, ascii_only=ascii_only)

        show(draw, as_json, json=self.json)

    def give_direction(self, report: Directional) -> None:
        """Saves and shows derivatives along a direction."""
        from gradcli.views.derivatives_json import directional_arrays, directional_json  # as above

        def table(console: Console, **how: Any) -> None:
            from gradcli.views.derivatives import directional_table  # JSON does without

            directional_table(report, console, **how)

        self.give(lambda: directional_arrays(report), lambda: directional_json(report), table)


@expression_command
def _wanted(  # noqa: PLR0913 - the options that all share
    asked: Asked,
    *,
    mode: Mode = None,
    precision: options.Precision = 6,
    full: options.Full = False,
    json: options.AsJson = False,
    save: SaveDerivatives = None,
) -> Wanted:
    target = None
    if save is not None:
        from gradcli.cli.saving import checked_path  # only --save pays for it

        target = checked_path(save)  # before the work begins
    return Wanted(asked, None if mode is None else mode.value, precision, full, json, target)


def derivative_command(command: Callable[..., int]) -> Callable[..., int]:
    """Returns a command with the options of all, and what they ask for as its first argument."""

    @wraps(command)
    def named(wanted: Wanted, **values: Any) -> int:
        return command(wanted._replace(asked=wanted.asked.by(command)), **values)

    return sharing(_wanted)(named)
