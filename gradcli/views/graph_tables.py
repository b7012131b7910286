"""The backward pass and the ledger of saved values, as tables."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gradcli.views.excerpt import escaped
from gradcli.views.glance import glance
from gradcli.views.graph_tree import graph_facts, node_title
from gradcli.views.numbers import DIGITS, shape_text
from gradcli.views.table import make_table

if TYPE_CHECKING:
    from gradcli.reports.graphs import Flow, Graph, GraphNode, Kept
    from gradcli.views.console import Console

__all__ = ["backward_table", "ledger_table"]

ROOM = 40  # characters of a tensor in a cell


def backward_table(
    report: Graph, console: Console, *, digits: int = DIGITS, ascii_only: bool = False
) -> None:
    """Prints the nodes in the order in which the engine visits them, with each cotangent."""
    heads = ("node", "result", "its gradient", "hands on")
    rows = [_visit(node, digits) for node in report.nodes if node.visited]
    console.print(make_table("backward", heads, rows, console.width, ascii_only=ascii_only))
    for node in report.nodes:
        if not node.visited:
            console.print(f"{node_title(node)} is not visited")
    for sentence in graph_facts(report):
        console.print(sentence)


def _visit(node: GraphNode, digits: int) -> list[str]:
    result = f"{node.label} = {node.formula}" if node.formula else node.label
    gradients = "; ".join(glance(one.gradient, digits, ROOM) for one in node.results)
    handed = [_handed(flow, digits) for flow in node.flows if flow.to is not None]
    if not handed and node.variable:
        handed = [f"added to {escaped(node.variable)}.grad"]
    return [node_title(node), escaped(result), gradients, "\n".join(handed)]


def _handed(flow: Flow, digits: int) -> str:
    rule = f"{escaped(flow.rule)} = " if flow.rule else ""
    dims = f", summed over dim {', '.join(map(str, flow.dims))}" if flow.dims else ""
    return f"#{flow.to} {escaped(flow.operand)}: {rule}{glance(flow.sent, digits, ROOM)}{dims}"


def ledger_table(report: Graph, console: Console, *, ascii_only: bool = False) -> None:
    """Prints what each node saved, what became of it, and whether a second backward would raise."""
    heads = ("node", "saved", "shape", "bytes", "version", "afterwards", "again")
    rows = [
        [
            node_title(node), escaped(one.name), f"{one.dtype} {shape_text(one.shape)}", str(one.nbytes),
            _version(one), one.status, "raises" if node.again else "runs",
        ]
        for node in report.nodes
        for one in node.saved
    ]  # fmt: skip
    if rows:
        console.print(make_table("saved for backward", heads, rows, console.width, ascii_only=ascii_only))
    saved = [one for node in report.nodes for one in node.saved]
    values = {(one.memory, one.nbytes) if one.memory else one.name: one for one in saved}
    total = sum(one.nbytes for one in values.values())
    console.print(f"{len(values)} value{'s' * (len(values) != 1)}, {total} bytes, each value counted once")
    raising = [node for node in report.nodes if node.again]
    if raising:
        console.print(f"a second backward would raise at {node_title(raising[0])}: {raising[0].again}")
    else:
        console.print("a second backward would run")
    for sentence in graph_facts(report):
        console.print(sentence)


def _version(one: Kept) -> str:
    if one.version is None:
        return "-"
    return str(one.version) if one.version == one.expected else f"{one.version}, saved at {one.expected}"
