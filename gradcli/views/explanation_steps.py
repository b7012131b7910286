"""Backpropagation as steps: what arrives at a node, what it is multiplied with, what is summed and added."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator

    from gradcli.reports.graphs import Flow, Graph, GraphNode

__all__ = ["Addition", "Handing", "Step", "Summing", "Visit", "gradient_name", "steps", "value_name"]


class Handing(NamedTuple):
    """What a node hands to one input: `gradient` of the operand, by `local` times `factor` or by a `rule`."""

    operand: str
    gradient: str
    local: str
    rule: str
    factor: Any | None
    sent: Any


class Visit(NamedTuple):
    """A node that backward visits: the gradients that arrive at its outputs, and what it hands on."""

    node: GraphNode
    upstream: tuple[tuple[str, Any], ...]
    handed: tuple[Handing, ...]


class Summing(NamedTuple):
    """A gradient summed over the dims along which its operand was repeated."""

    operand: str
    gradient: str
    rule: str
    shape: tuple[int, ...]
    broadcast: tuple[int, ...]
    dims: tuple[int, ...]
    value: Any


class Addition(NamedTuple):
    """Paths that meet: each with the node it comes from, its formula and its numbers."""

    operand: str
    gradient: str
    terms: tuple[tuple[int, str, Any], ...]
    value: Any


Step = Visit | Summing | Addition
Terms = dict[tuple[int, int], list[tuple[int, str, Any]]]


def steps(report: Graph) -> Iterator[Step]:
    """Yields what happens in the backward pass, in its order."""
    arriving: Terms = {}
    for node in report.nodes:
        if not node.visited:
            continue
        for output in range(len(node.results)):
            terms = arriving.get((node.number, output), [])
            if len(terms) > 1:
                name = value_name(node, output)
                value = node.results[output].gradient
                yield Addition(name, gradient_name(report, name), tuple(terms), value)
        if node.flows:
            yield _visit(report, node)
            yield from _sums(report, node, arriving)


def gradient_name(report: Graph, operand: str) -> str:
    """Returns what the gradient of a value is called: `dL/dx`."""
    return f"d{report.result}/d{operand}"


def value_name(node: GraphNode, output: int) -> str:
    """Returns what an output of a node is called."""
    return node.results[output].name


def _visit(report: Graph, node: GraphNode) -> Visit:
    upstream = tuple(
        (gradient_name(report, value_name(node, output)), one.gradient)
        for output, one in enumerate(node.results)
        if one.gradient is not None
    )
    handed = tuple(
        Handing(
            flow.operand, gradient_name(report, flow.operand), flow.local, flow.rule, flow.factor, flow.sent
        )
        for flow in node.flows
        if flow.to is not None and flow.sent is not None
    )
    return Visit(node, upstream, handed)


def _sums(report: Graph, node: GraphNode, arriving: Terms) -> Iterator[Summing]:
    """The sums over broadcast dims; what goes on after them is noted where it arrives."""
    for flow in node.flows:
        if flow.to is None or flow.sent is None:
            continue
        rule, value = flow.rule, flow.sent
        if flow.dims:
            shape = report.nodes[flow.to - 1].results[flow.output].shape
            rule = _summed(flow, shape, flow.sent.ndim)
            value = flow.sent.sum(axis=flow.dims, keepdims=True).reshape(shape)
            name = gradient_name(report, flow.operand)
            yield Summing(flow.operand, name, rule, shape, flow.sent.shape, flow.dims, value)
        arriving.setdefault((flow.to, flow.output), []).append((node.number, rule, value))


def _summed(flow: Flow, shape: tuple[int, ...], rank: int) -> str:
    if not flow.rule:
        return ""
    dims = str(flow.dims[0]) if len(flow.dims) == 1 else str(list(flow.dims))
    keep = ", keepdim=True" if len(shape) == rank else ""
    return f"sum({flow.rule}{f', dim={dims}' if shape else ''}{keep})"
