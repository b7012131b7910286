"""The graph as JSON, with a versioned schema."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from gradcli.views.json import dump, plain

if TYPE_CHECKING:
    from gradcli.reports.graphs import Flow, Graph, GraphNode

__all__ = ["graph_document", "graph_json"]


def graph_json(report: Graph) -> str:
    """Returns the schema `gradcli.graph/1`."""
    return dump({"schema": "gradcli.graph/1", **graph_document(report)})


def graph_document(report: Graph) -> dict[str, Any]:
    """Returns the report as plain dicts and lists."""
    return {
        "expressions": list(report.expressions),
        "roots": [{"node": number, "output": output} for number, output in report.roots],
        "nodes": [_node(node) for node in report.nodes],
        "forward": list(report.forward),
        "gradients": [
            {
                "name": answer.name,
                "node": answer.number,
                "formula": answer.formula,
                "value": plain(answer.value),
                "grad": plain(answer.gradient),
            }
            for answer in report.answers
        ],
        "differentiated": report.differentiated,
        "defaults": dict.fromkeys(report.defaults, report.default),
        "notes": list(report.notes),
    }


def _node(node: GraphNode) -> dict[str, Any]:
    return {
        "number": node.number,
        "name": node.name,
        "variable": node.variable or None,
        "operation": node.operation,
        "text": node.text,
        "label": node.label,
        "formula": node.formula,
        "outputs": [
            {
                "name": one.name,
                "shape": list(one.shape),
                "dtype": one.dtype,
                "value": plain(one.value),
                "grad": plain(one.gradient),
            }
            for one in node.results
        ],
        "next_functions": [_flow(flow) for flow in node.flows],
        "saved": [
            {
                "name": one.name,
                "shape": list(one.shape),
                "dtype": one.dtype,
                "bytes": one.nbytes,
                "version": one.version,
                "expected": one.expected,
                "status": one.status,
            }
            for one in node.saved
        ],
        "second_backward": f"raises: {node.again}" if node.again else "runs",
        "kinks": list(node.kinks),
        "visited": node.visited,
    }


def _flow(flow: Flow) -> dict[str, Any] | None:
    if flow.to is None:
        return None
    return {
        "node": flow.to,
        "output": flow.output,
        "operand": flow.operand,
        "rule": flow.rule,
        "local": flow.local,
        "factor": plain(flow.factor),
        "sent": plain(flow.sent),
        "summed_dims": list(flow.dims),
    }
