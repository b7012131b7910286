"""The graph in Graphviz's language and in Mermaid's."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gradcli.views.excerpt import escaped, shortened
from gradcli.views.glance import glance
from gradcli.views.numbers import DIGITS, shape_text

if TYPE_CHECKING:
    from gradcli.reports.graphs import Graph, GraphNode

__all__ = ["graph_dot", "graph_mermaid", "node_lines"]

LONGEST = 44  # characters of an excerpt of the source
SAFE = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789 _.,:=+*/-()[]")


def node_lines(node: GraphNode, digits: int = DIGITS) -> list[str]:
    """Returns what a picture says of a node: its name, its source, its value and its gradient."""
    where = "" if node.variable else " ".join(node.text.split())
    lines = [f"#{node.number} {node.name}", *([shortened(where, LONGEST)] if where else [])]
    for one in node.results:
        value = "" if one.value is None else f" = {glance(one.value, digits)}"
        lines.append(f"{one.name}: {shape_text(one.shape)}{value}")
        if one.gradient is not None:
            lines.append(f"grad {glance(one.gradient, digits)}")
    return [escaped(line) for line in lines]


def graph_dot(report: Graph, *, digits: int = DIGITS) -> str:
    """Returns the graph for `dot`; arrows point the way gradients flow."""
    lines = ["digraph autograd {", '  node [shape=box, fontname="monospace"];']
    for node in report.nodes:
        text = "\\n".join(_quoted(line) for line in node_lines(node, digits))
        shape = ", style=filled, fillcolor=lightblue" if node.variable else ""
        lines.append(f'  n{node.number} [label="{text}"{shape}];')
    for node in report.nodes:
        for flow in node.flows:
            if flow.to is not None:
                label = f' [label="{_quoted(escaped(flow.local))}"]' if flow.local else ""
                lines.append(f"  n{node.number} -> n{flow.to}{label};")
    return "\n".join([*lines, "}"])


def _quoted(text: str) -> str:
    return text.replace("\\", "\\\\").replace('"', '\\"')


def graph_mermaid(report: Graph, *, digits: int = DIGITS) -> str:
    """Returns the graph for Mermaid; arrows point the way gradients flow."""
    lines = ["flowchart TD", "  classDef leaf fill:#e3f1e5,stroke:#5b8f63,color:#1d2733"]
    for node in report.nodes:
        text = "<br/>".join(_coded(line) for line in node_lines(node, digits))
        lines.append(f'  n{node.number}["{text}"]{":::leaf" * bool(node.variable)}')
    for node in report.nodes:
        for flow in node.flows:
            if flow.to is not None:
                label = f'|"{_coded(escaped(flow.local))}"|' if flow.local else ""
                lines.append(f"  n{node.number} -->{label} n{flow.to}")
    return "\n".join(lines)


def _coded(text: str) -> str:
    """Mermaid's own entities for all that could mean something to it."""
    return "".join(one if one in SAFE else f"#{ord(one)};" for one in text)
