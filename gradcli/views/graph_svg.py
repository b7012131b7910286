"""The graph as a picture: boxes in layers, arrows the way gradients flow."""

from __future__ import annotations

from html import escape
from itertools import pairwise
from typing import TYPE_CHECKING

from gradcli.views.excerpt import escaped, width
from gradcli.views.graph_dot import node_lines
from gradcli.views.graph_edge_labels import place_labels
from gradcli.views.graph_layout import lay_out
from gradcli.views.graph_tree import in_order
from gradcli.views.numbers import DIGITS

if TYPE_CHECKING:
    from gradcli.reports.graphs import Graph, GraphNode
    from gradcli.views.graph_edge_labels import Label

__all__ = ["graph_svg", "svg_parts"]

LETTER, LINE = 7.3, 16.0  # the size of a character of the font below, in pixels
PADDING, GAP, MARGIN, BETWEEN = 10.0, 24.0, 20.0, 50.0
HEAD = 8.0  # the length of an arrow's head, which stands upright
LONGEST_LOCAL = 24  # characters of a local derivative beside an arrow
ARROWHEAD = (
    '<defs><marker id="arrow" viewBox="0 0 8 8" refX="8" refY="4" markerWidth="8" markerHeight="8" '
    'markerUnits="userSpaceOnUse" orient="auto"><path d="M0 0L8 4L0 8z" style="fill:#7d8b99;stroke:none"/>'
    "</marker></defs>"
)
STYLE = """
text { font: 12px ui-monospace, Menlo, Consolas, monospace; fill: #1d2733; }
.name { font-weight: 700; }
.grad { fill: #a03a00; }
rect { fill: #f6f8fa; stroke: #7d8b99; }
.leaf rect { fill: #e3f1e5; stroke: #5b8f63; }
.root rect { fill: #e5eefb; stroke: #4d77b3; }
path { fill: none; stroke: #7d8b99; }
.local { font-size: 11px; fill: #55616d; stroke: #fff; stroke-width: 3px; paint-order: stroke; }
"""


def graph_svg(report: Graph, *, digits: int = DIGITS) -> str:
    """Returns a whole SVG document."""
    size, body = svg_parts(report, digits=digits)
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n<svg xmlns="http://www.w3.org/2000/svg" '
        f'{size} style="background:#fff">\n'
        f"<style>{STYLE}</style>\n{body}\n</svg>\n"
    )


def svg_parts(report: Graph, *, digits: int = DIGITS) -> tuple[str, str]:
    """Returns the attributes that say how big the picture is, and what stands in it."""
    lines = {node.number: node_lines(node, digits) for node in report.nodes}
    widths = {number: max(map(width, texts)) * LETTER + 2 * PADDING for number, texts in lines.items()}
    heights = {number: len(texts) * LINE + PADDING for number, texts in lines.items()}
    edges = dict.fromkeys((node.number, flow.to) for node in report.nodes for flow in node.flows if flow.to)
    layout = lay_out(
        {number: widths[number] for number in in_order(report)},
        list(edges),
        gap=GAP,
        high=max(heights.values()),
        between=BETWEEN,
        margin=MARGIN,
    )
    places = layout.places
    arrows = [
        _arrow(start, end, way, places[start][1] + heights[start] / 2, places[end][1] - heights[end] / 2)
        for (start, end), way in layout.ways.items()
    ]
    labels = place_labels(_locals(report), layout.ways)
    roots = {number for number, _ in report.roots}
    boxes = []
    for node in report.nodes:
        kind = "leaf" if node.variable else "root" if node.number in roots else "node"
        x, y = places[node.number]
        wide, high = widths[node.number], heights[node.number]
        boxes.append(_box(node, kind, lines[node.number], (x - wide / 2, y - high / 2), (wide, high)))
    left = min([0.0, *(one.left - MARGIN for one in labels)])
    right = max([layout.width, *(one.right + MARGIN for one in labels)])
    across, down = f"{right - left:.0f}", f"{layout.height:.0f}"
    return (
        f'width="{across}" height="{down}" viewBox="{left:.0f} 0 {across} {down}"',
        "\n".join([ARROWHEAD, *arrows, *map(_text, labels), *boxes]),
    )


def _locals(report: Graph) -> dict[tuple[int, int], str]:
    """Per edge the local derivative, where it is short enough for a picture; of several each."""
    found: dict[tuple[int, int], dict[str, None]] = {}
    for node in report.nodes:
        for flow in node.flows:
            if flow.to is not None and flow.local:
                found.setdefault((node.number, flow.to), {})[escaped(flow.local)] = None
    texts = {edge: ", ".join(several) for edge, several in found.items()}
    return {edge: text for edge, text in texts.items() if width(text) <= LONGEST_LOCAL}


def _text(label: Label) -> str:
    return f'<text class="local" x="{label.left:.1f}" y="{label.baseline:.1f}">{escape(label.text)}</text>'


def _arrow(start: int, end: int, way: list[tuple[float, float]], top: float, bottom: float) -> str:
    """A line from the bottom of a box to the top of another that bends only between layers."""
    drawn = f"M{way[0][0]:.1f} {top:.1f}V{way[0][1]:.1f}"
    x, y = way[-1]
    for (x0, y0), (x1, y1) in pairwise([*way[:-1], (x, y - HEAD)]):
        middle = (y0 + y1) / 2
        curve = f"C{x0:.1f} {middle:.1f} {x1:.1f} {middle:.1f} {x1:.1f} {y1:.1f}"
        drawn += f"V{y1:.1f}" if x0 == x1 else curve
    drawn += f"V{bottom:.1f}"
    return f'<path class="edge" data-from="{start}" data-to="{end}" d="{drawn}" marker-end="url(#arrow)"/>'


def _box(
    node: GraphNode, kind: str, lines: list[str], corner: tuple[float, float], size: tuple[float, float]
) -> str:
    x, y = corner
    texts = []
    for number, line in enumerate(lines):
        style = "name" if number == 0 else "grad" if line.startswith("grad ") else "fact"
        at = y + PADDING / 2 + LINE * (number + 0.75)
        texts.append(f'<text class="{style}" x="{x + PADDING:.1f}" y="{at:.1f}">{escape(line)}</text>')
    title = (
        f"<title>{escape(escaped((node.formula and f'{node.label} = {node.formula}') or node.label))}</title>"
    )
    return (
        f'<g class="{kind}" id="n{node.number}" tabindex="0">{title}<rect x="{x:.1f}" y="{y:.1f}" '
        f'width="{size[0]:.1f}" height="{size[1]:.1f}" rx="5"/>{"".join(texts)}</g>'
    )
