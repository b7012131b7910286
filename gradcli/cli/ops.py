"""`gradcli ops`: the operations, or everything about one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

from gradcli.cli import options  # noqa: TC001 - the annotations are read
from gradcli.cli.declaring import Argument

if TYPE_CHECKING:
    from gradcli.views.console import Console

__all__ = ["operations"]


def operations(
    name: Annotated[str, Argument(metavar="[NAME]", help="An operation, under any of its spellings.")] = "",
    *,
    json: options.AsJson = False,
) -> None:
    """List the operations by family; for one, show its derivative, domain, kinks, source and an example.

    gradcli ops

    gradcli ops relu
    """
    from gradcli.cli import streams  # what only this command needs, as below
    from gradcli.explorer.operations import list_operations, one_operation

    if json:
        from gradcli.views.json import operation_json, operations_json

        streams.write(operation_json(one_operation(name)) if name else operations_json(list_operations()))
        return
    from gradcli.views.operations import operation_table, operations_table

    def draw(console: Console, ascii_only: bool) -> None:
        if name:
            operation_table(one_operation(name), console, ascii_only=ascii_only)
        else:
            operations_table(list_operations(), console, ascii_only=ascii_only)

    streams.print_tables(draw)
