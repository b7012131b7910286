"""An explanation as JSON, with a versioned schema."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from gradcli.views.explanation_steps import Step, Summing, Visit, steps
from gradcli.views.graph_json import graph_document
from gradcli.views.json import dump, plain

if TYPE_CHECKING:
    from gradcli.reports.graphs import Graph

__all__ = ["explanation_json"]


def explanation_json(report: Graph) -> str:
    """Returns the schema `gradcli.explain/1`: the graph, and what happens to gradients step by step."""
    document = {
        "schema": "gradcli.explain/1",
        **graph_document(report),
        "result": report.result,
        "steps": [_step(step) for step in steps(report)],
        "glossary": dict(report.glossary),
    }
    return dump(document)


def _step(step: Step) -> dict[str, Any]:
    if isinstance(step, Visit):
        return {
            "kind": "visit",
            "node": step.node.number,
            "upstream": {name: plain(value) for name, value in step.upstream},
            "downstream": [
                {
                    "operand": part.operand,
                    "gradient": part.gradient,
                    "local": part.local,
                    "rule": part.rule,
                    "factor": plain(part.factor),
                    "value": plain(part.sent),
                }
                for part in step.handed
            ],
        }
    if isinstance(step, Summing):
        return {
            "kind": "sum",
            "operand": step.operand,
            "gradient": step.gradient,
            "rule": step.rule,
            "dims": list(step.dims),
            "value": plain(step.value),
        }
    return {
        "kind": "add",
        "operand": step.operand,
        "gradient": step.gradient,
        "terms": [
            {"node": number, "rule": rule, "value": plain(value)} for number, rule, value in step.terms
        ],
        "value": plain(step.value),
    }
