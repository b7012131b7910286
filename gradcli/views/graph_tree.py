"""The graph as a tree in the terminal: from the result down to the variables, shared nodes shown once."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from gradcli.views.excerpt import escaped, shortened, width
from gradcli.views.glance import glance
from gradcli.views.numbers import DIGITS, shape_text

if TYPE_CHECKING:
    from collections.abc import Iterator

    from gradcli.reports.graphs import Graph, GraphNode

__all__ = ["graph_facts", "graph_tree", "in_order", "node_title"]

DEEP = 16  # levels; a deeper graph is a list, each node with the numbers of those that its gradient goes to
LONGEST, SHORTEST = 36, 14  # columns of an excerpt of the source
HEADS = ("node", "from", "shape", "value", "gradient", "saves")
UNICODE, ASCII = ("├─ ", "└─ ", "│  "), ("|- ", "`- ", "|  ")
GAP = "  "


class _Row(NamedTuple):
    node: GraphNode
    head: str  # what is drawn left of it
    below: str  # what is drawn left of the lines below it
    again: bool  # it was shown before
    inputs: tuple[int, ...] = ()  # where its gradient goes, if that is not drawn


def graph_tree(report: Graph, columns: int, *, digits: int = DIGITS, ascii_only: bool = False) -> str:
    """Returns the lines of the tree, a row per node; two lines per node where the terminal is narrow."""
    rows = list(_rows(report, ASCII if ascii_only else UNICODE))
    lines = _table(rows, columns, digits) or _paragraphs(rows, columns, digits)
    return "\n".join(line.rstrip() for line in [*lines, *graph_facts(report)])


def graph_facts(report: Graph) -> list[str]:
    """Returns what else the user should know, a sentence each."""
    found = list(report.notes)
    if report.defaults:
        verb = "is" if len(report.defaults) == 1 else "are"
        names = ", ".join(report.defaults)
        found.append(
            f"{names} {verb} not bound: {report.default} by default; -v {report.defaults[0]}=... binds it"
        )
    return [escaped(sentence) for sentence in found]


def node_title(node: GraphNode) -> str:
    """Returns the number and name of a node, a leaf's with its variable."""
    return f"#{node.number} {node.name}" + (f" {escaped(node.variable)}" if node.variable else "")


def in_order(report: Graph) -> list[int]:
    """Returns the numbers of the nodes, each before all that it leads to, visited by backward or not."""
    return [*reversed(report.forward), *(node.number for node in report.nodes if node.variable)]


def _rows(report: Graph, marks: tuple[str, str, str]) -> Iterator[_Row]:
    if _depth(report) > DEEP:
        for node in report.nodes:
            yield _Row(node, "", "   ", again=False, inputs=_inputs(node))
        return
    tee, last, bar = marks
    seen: set[int] = set()
    waiting = [(number, "", "") for number, _ in reversed(report.roots)]
    while waiting:
        number, head, below = waiting.pop()
        node = report.nodes[number - 1]
        again = number in seen
        inputs = () if again else _inputs(node)
        yield _Row(node, head, below + (bar if inputs else ""), again)
        seen.add(number)
        for place, target in reversed(list(enumerate(inputs, 1))):
            end = place == len(inputs)
            waiting.append((target, below + (last if end else tee), below + ("   " if end else bar)))


def _inputs(node: GraphNode) -> tuple[int, ...]:
    return tuple(flow.to for flow in node.flows if flow.to is not None)


def _depth(report: Graph) -> int:
    """The longest way from a root, in nodes."""
    depths: dict[int, int] = {}
    consumed = {number: 1 for number, _ in report.roots}
    for number in in_order(report):
        depths[number] = consumed.get(number, 1)
        for flow in report.nodes[number - 1].flows:
            if flow.to is not None:
                consumed[flow.to] = max(consumed.get(flow.to, 1), depths[number] + 1)
    return max(depths.values(), default=0)


def _table(rows: list[_Row], columns: int, digits: int) -> list[str]:
    """Aligned columns; nothing where they do not fit."""
    for longest, room in ((LONGEST, 28), (LONGEST, 20), (SHORTEST, 16)):
        cells = [HEADS, *(_cells(row, digits, longest, room) for row in rows)]
        used = [i for i in range(len(HEADS)) if any(line[i] for line in cells[1:])]
        widths = {i: max(width(line[i]) for line in cells) for i in used}
        if sum(widths.values()) + len(GAP) * (len(used) - 1) <= columns:
            return [GAP.join(_padded(line[i], widths[i]) for i in used) for line in cells]
    return []


def _cells(row: _Row, digits: int, longest: int, room: int) -> tuple[str, ...]:
    node = row.node
    title = f"{row.head}{node_title(node)}"
    if row.again:
        return (f"{title} (above)", "", "", "", "", "")
    if row.inputs:
        title += f" -> {', '.join(f'#{number}' for number in row.inputs)}"
    return (
        title,
        _excerpt(node.text, longest),
        "; ".join(shape_text(one.shape) for one in node.results),
        "; ".join(f"{escaped(one.name)} = {glance(one.value, digits, room)}" for one in node.results),
        "; ".join(glance(one.gradient, digits, room) for one in node.results),
        _saves(node),
    )


def _saves(node: GraphNode) -> str:
    return escaped(", ".join(dict.fromkeys(one.name for one in node.saved)))


def _excerpt(text: str, longest: int) -> str:
    return shortened(escaped(" ".join(text.split())), longest)


def _padded(text: str, columns: int) -> str:
    return text + " " * (columns - width(text))


def _paragraphs(rows: list[_Row], columns: int, digits: int) -> list[str]:
    lines = []
    for row in rows:
        title, text, *rest = _cells(row, digits, LONGEST, 28)
        lines.append(f"{title}{GAP}{text}")
        facts = [f"{name} {fact}" for name, fact in zip(HEADS[2:], rest, strict=True) if fact]
        line = ""
        for fact in facts:
            if line and width(row.below + line + GAP + fact) > columns:
                lines.append(row.below + line)
                line = ""
            line += (GAP if line else "") + fact
        if line:
            lines.append(row.below + line)
    return lines
