"""Operations in tables: all of them by family, or one with everything about it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from rich.box import ASCII, ROUNDED, SIMPLE_HEAD
from rich.table import Table
from rich.text import Text

from gradcli.views.excerpt import escaped
from gradcli.views.table import evaluation_table

if TYPE_CHECKING:
    from gradcli.reports.operations import Operation, Operations, Partial
    from gradcli.views.console import Console

__all__ = ["operation_table", "operations_table"]


def operations_table(report: Operations, console: Console, *, ascii_only: bool = False) -> None:
    """Prints a table per family: how each operation is called, and what it is."""
    for family in report.families:
        table = Table(
            title=family.name,
            title_justify="left",
            title_style="bold",
            box=ASCII if ascii_only else SIMPLE_HEAD,
        )
        table.add_column("call", overflow="fold", ratio=1)
        table.add_column("", overflow="fold", ratio=1)
        for line in family.operations:
            table.add_row(Text(line.signature), Text(line.summary))
        console.print(table)
    count = sum(len(family.operations) for family in report.families)
    console.print(f"{count} operations; `gradcli ops NAME` tells more of one")


def operation_table(report: Operation, console: Console, *, ascii_only: bool = False) -> None:
    """Prints the facts of one operation, then its example with values and gradients."""
    facts = [
        ("call", report.signature),
        ("what", report.summary),
        ("family", f"{report.family}, {report.kind}"),
    ]
    facts += [("names", ", ".join(report.spellings))]
    facts += [("graph node", report.node)] if report.node else []
    facts += [(_derivative_name(part), part.formula) for part in report.partials]
    if any(part.whole for part in report.partials):
        facts += [("", "g is the gradient of the result" + ", y the result" * _names_result(report))]
    facts += [(f"domain of {part.argument}", part.formula) for part in report.domain]
    facts += [("kink", sentence) for sentence in report.kinks]
    facts += [("source", report.source)] if report.source else []
    facts += [("example", f'gradcli eval "{report.example}"')] if report.example else []
    box = ASCII if ascii_only else ROUNDED
    table = Table(title=report.name, title_justify="left", title_style="bold", box=box, show_header=False)
    table.add_column(no_wrap=True)
    table.add_column(overflow="fold")
    for name, text in facts:
        table.add_row(Text(name), Text(escaped(text)))
    console.print(table)
    if report.example_result is not None:
        evaluation_table(report.example_result, console, ascii_only=ascii_only)


def _derivative_name(part: Partial) -> str:
    through = f"{part.through}, " if part.through else ""
    return f"{through}gradient of {part.argument}" if part.whole else f"{through}d/d{part.argument}"


def _names_result(report: Operation) -> bool:
    return any(re.search(r"\by\b", part.formula) for part in report.partials if part.whole)
