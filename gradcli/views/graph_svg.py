"""The graph as a picture: boxes in layers, arrows the way gradients flow."""

from __future__ import annotations

from html import escape
from itertools import pairwise
from typing import TYPE_CHECKING

from gradcli.views.excerpt import escaped, width
from gradcli.views.graph_dot import node_lines
from gradcli.views.graph_layout import lay_out
from gradcli.views.graph_tree import in_order
from gradcli.views.numbers import DIGITS

if TYPE_CHECKING:
    from gradcli.reports.graphs import Graph, GraphNode

__all__ = ["graph_svg", "svg_parts"]

LETTER, LINE = 7.3, 16.0  # the size of a character of the font below, in pixels
PADDING, GAP, MARGIN, BETWEEN = 10.0, 24.0, 20.0, 46.0
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
        f'<?xml version="1.0" encoding="UTF-8"?>\n<svg xmlns="http://www.w3.org/2000/svg" {size}>\n'
        f"<style>{STYLE}</style>\n{body}\n</svg>\n"
    )


def svg_parts(report: Graph, *, digits: int = DIGITS) -> tuple[str, str]:
    """Returns the attributes that say how big the picture is, and what stands in it."""
    lines = {node.number: node_lines(node, digits) for node in report.nodes}
    widths = {number: max(map(width, texts)) * LETTER + 2 * PADDING for number, texts in lines.items()}
    tallest = max(map(len, lines.values())) * LINE + PADDING
    edges = list(
        dict.fromkeys((node.number, flow.to) for node in report.nodes for flow in node.flows if flow.to)
    )
    layout = lay_out(
        {number: widths[number] for number in in_order(report)},
        edges,
        gap=GAP,
        row=tallest + BETWEEN,
        margin=MARGIN,
    )
    heights = {number: len(texts) * LINE + PADDING for number, texts in lines.items()}
    parts = [
        (
            '<defs><marker id="arrow" viewBox="0 0 8 8" refX="8" refY="4" markerWidth="7" markerHeight="7" '
            'orient="auto"><path d="M0 0L8 4L0 8z" style="fill:#7d8b99;stroke:none"/></marker></defs>'
        )
    ]
    locals_ = {(node.number, flow.to): flow.local for node in report.nodes for flow in node.flows}
    for (start, end), way in layout.ways.items():
        points = list(way)
        points[0] = (points[0][0], points[0][1] + heights[start] / 2)
        points[-1] = (points[-1][0], points[-1][1] - heights[end] / 2)
        parts.append(_arrow(start, end, points))
        local = escaped(locals_.get((start, end), ""))
        if local and len(local) <= 20:  # noqa: PLR2004 - what fits between two boxes
            x, y = (points[0][0] + points[1][0]) / 2, (points[0][1] + points[1][1]) / 2
            parts.append(f'<text class="local" x="{x + 4:.1f}" y="{y:.1f}">{escape(local)}</text>')
    roots = {number for number, _ in report.roots}
    for node in report.nodes:
        kind = "leaf" if node.variable else "root" if node.number in roots else "node"
        x, y = layout.places[node.number]
        corner = (x - widths[node.number] / 2, y - heights[node.number] / 2)
        parts.append(
            _box(node, kind, lines[node.number], corner, (widths[node.number], heights[node.number]))
        )
    wide, high = f"{layout.width:.0f}", f"{layout.height:.0f}"
    return f'width="{wide}" height="{high}" viewBox="0 0 {wide} {high}"', "\n".join(parts)


def _arrow(start: int, end: int, points: list[tuple[float, float]]) -> str:
    """A curve through the points that leaves and arrives upright."""
    drawn = f"M{points[0][0]:.1f} {points[0][1]:.1f}"
    for (x0, y0), (x1, y1) in pairwise(points):
        middle = (y0 + y1) / 2
        drawn += f"C{x0:.1f} {middle:.1f} {x1:.1f} {middle:.1f} {x1:.1f} {y1:.1f}"
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
