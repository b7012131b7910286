"""`gradcli ops`: the operations, or everything about one."""

from __future__ import annotations

import sys
from typing import Annotated

import typer

from gradcli.cli import options  # noqa: TC001 - typer reads the annotations

__all__ = ["operations"]


def operations(
    name: Annotated[
        str, typer.Argument(metavar="[NAME]", help="An operation, under any of its spellings.")
    ] = "",
    *,
    json: options.AsJson = False,
) -> None:
    """List the operations by family; for one, show its derivative, domain, kinks, source and an example."""
    from gradcli.cli import streams  # what only this command needs, as below
    from gradcli.explorer.operations import list_operations, one_operation

    if json:
        from gradcli.views.json import operation_json, operations_json

        streams.write(operation_json(one_operation(name)) if name else operations_json(list_operations()))
        return
    from gradcli.views.operations import operation_table, operations_table

    ascii_only = streams.is_ascii(sys.stdout)
    if name:
        operation_table(one_operation(name), streams.console(), ascii_only=ascii_only)
    else:
        operations_table(list_operations(), streams.console(), ascii_only=ascii_only)
