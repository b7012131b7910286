"""`gradcli graph`: what autograd recorded, as a tree or a picture."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, Annotated

from gradcli.cli import options  # noqa: TC001 - the annotations are read
from gradcli.cli.asking import Asked, expression_command
from gradcli.cli.declaring import Option

if TYPE_CHECKING:
    from pathlib import Path

    from gradcli.reports.graphs import Graph
    from gradcli.views.console import Console

__all__ = ["graph"]


class Format(StrEnum):
    """What a graph can be written as."""

    tree = "tree"
    dot = "dot"
    mermaid = "mermaid"
    svg = "svg"
    html = "html"
    json = "json"


SUFFIXES = {
    ".txt": Format.tree,
    ".dot": Format.dot,
    ".gv": Format.dot,
    ".mmd": Format.mermaid,
    ".mermaid": Format.mermaid,
    ".svg": Format.svg,
    ".html": Format.html,
    ".json": Format.json,
}
FILE_COLUMNS = 160  # of a tree in a file

FormatOption = Annotated[Format | None, Option("--format", help="tree; or by the suffix of --output.")]
Steps = Annotated[
    bool,
    Option("--backward", help="The order in which backward visits the nodes, with each cotangent."),
]
Ledger = Annotated[
    bool,
    Option("--ledger", help="What each node saved, what became of it, and what a second backward does."),
]
Output = Annotated[
    str | None,
    Option("-o", "--output", metavar="FILE", help="Write to a file: .svg, .html, .dot, .mmd, .json or .txt."),
]
MaxNodes = Annotated[int, Option(min=1, metavar="N", help="Nodes that are drawn at most.")]


@expression_command
def graph(  # noqa: PLR0913 - the options of the command
    asked: Asked,
    *,
    grad_tensors: options.GradTensors = [],  # noqa: B006 - nobody changes it
    retain_graph: options.RetainGraph = False,
    no_backward: options.NoBackward = False,
    form: FormatOption = None,
    backward: Steps = False,
    ledger: Ledger = False,
    output: Output = None,
    max_nodes: MaxNodes = 500,
    precision: options.Precision = 6,
    json: options.AsJson = False,
) -> None:
    """Show the autograd graph of expressions, as PyTorch records it.

    gradcli graph "mean(3*(x+2)**2)"

    gradcli graph "y = x@w + b; relu(y).sum()" -v "x=ones(2,3)" -v "w=ones(3,2)" -v b=[0,0] -o net.html
    """
    from gradcli.cli import streams  # what only this command needs, as below
    from gradcli.explorer.graph import record_graph

    target, chosen = _target(output, Format.json if json else form)
    _refuse_two_views(chosen, backward=backward, ledger=ledger, no_backward=no_backward)
    request = asked.backward(
        run=not no_backward,
        grad_tensors=tuple(grad_tensors),
        retain_graph=True if retain_graph else None,
    )
    formulas = backward or chosen not in {None, Format.tree}
    with asked.deadline():
        report = record_graph(request, streams.report_diagnostic, formulas=formulas, most=max_nodes)
    if target is not None:
        from gradcli.cli.saving import write_text

        columns = FILE_COLUMNS
        text = _text(report, chosen or Format.tree, columns, precision, ascii_only=False) + "\n"
        write_text(target, text)
    elif backward or ledger:
        _tables(report, precision, backward=backward, ledger=ledger)
    else:
        import sys

        columns = streams.columns_of(sys.stdout)
        ascii_only = streams.is_ascii(sys.stdout)
        streams.write(_text(report, chosen or Format.tree, columns, precision, ascii_only=ascii_only))


def _target(output: str | None, form: Format | None) -> tuple[Path | None, Format | None]:
    """The file to write, known to be writable, and the format: as said, else by the file's suffix."""
    if output is None or output == "-":
        return None, form
    from pathlib import PurePath

    from gradcli.cli.saving import checked_path
    from gradcli.diagnostics import InputFault

    suffix = PurePath(output).suffix.lower()
    if form is None and suffix not in SUFFIXES:
        raise InputFault(
            "E520",
            f"cannot write `{output[:80]}`: its suffix says no format",
            help=f"end it in {', '.join(SUFFIXES)}, or give --format",
        )
    return checked_path(output, suffix), form or SUFFIXES[suffix]


def _refuse_two_views(chosen: Format | None, *, backward: bool, ledger: bool, no_backward: bool) -> None:
    from gradcli.diagnostics import InputFault

    if (backward or ledger) and chosen is not None:
        option = "--backward" if backward else "--ledger"
        raise InputFault(
            "E500", f"{option} is a table in the terminal", help="leave out --format, --output and --json"
        )
    if backward and no_backward:
        raise InputFault("E500", "--backward and --no-backward exclude each other", help="leave one out")


def _text(report: Graph, form: Format, columns: int, digits: int, *, ascii_only: bool) -> str:
    """The graph in a format; each view is loaded only where it is asked for."""
    if form is Format.json:
        from gradcli.views.graph_json import graph_json

        return graph_json(report)
    if form is Format.svg:
        from gradcli.views.graph_svg import graph_svg

        return graph_svg(report, digits=digits).rstrip("\n")
    if form is Format.html:
        from gradcli.views.graph_html import graph_html

        return graph_html(report, digits=digits).rstrip("\n")
    if form is Format.tree:
        from gradcli.views.graph_tree import graph_tree

        return graph_tree(report, columns, digits=digits, ascii_only=ascii_only)
    from gradcli.views.graph_dot import graph_dot, graph_mermaid

    return (graph_dot if form is Format.dot else graph_mermaid)(report, digits=digits)


def _tables(report: Graph, digits: int, *, backward: bool, ledger: bool) -> None:
    from gradcli.cli import streams
    from gradcli.views.graph_tables import backward_table, ledger_table

    def draw(console: Console, ascii_only: bool) -> None:
        if backward:
            backward_table(report, console, digits=digits, ascii_only=ascii_only)
        if ledger:
            ledger_table(report, console, ascii_only=ascii_only)

    streams.print_tables(draw)
