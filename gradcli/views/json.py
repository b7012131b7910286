"""Reports as JSON, with a versioned schema: full values, and strings for numbers that JSON does not have."""

from __future__ import annotations

import json
import math
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from gradcli.diagnostics import Diagnostic
    from gradcli.reports.evaluation import Evaluation
    from gradcli.reports.operations import Operation, Operations
    from gradcli.reports.runs import Batch

__all__ = [
    "dump", "evaluation_json", "operation_json", "operations_json", "plain", "plain_number", "run_json",
]  # fmt: skip


def evaluation_json(report: Evaluation) -> str:
    """Returns the schema `gradcli.eval/1`."""
    return dump(
        {
            "schema": "gradcli.eval/1",
            "roots": [
                {
                    "expr": root.expression,
                    "value": plain(root.array),
                    "shape": list(root.array.shape),
                    "dtype": root.dtype,
                    "grad_fn": root.grad_fn,
                }
                for root in report.roots
            ],
            "gradients": [
                {
                    "name": row.name,
                    "value": plain(row.array),
                    "shape": list(row.array.shape),
                    "dtype": row.dtype,
                    "grad": plain(row.grad),
                    "origin": row.origin,
                    **({"verdict": row.verdict} if row.verdict else {}),
                }
                for row in report.gradients
            ],
            "defaults": dict.fromkeys(report.defaults, report.default),
            "notes": list(report.notes),
        }
    )


def operations_json(report: Operations) -> str:
    """Returns the schema `gradcli.ops/1`: all operations by family."""
    return dump(
        {
            "schema": "gradcli.ops/1",
            "families": [
                {
                    "name": family.name,
                    "operations": [
                        {"name": line.name, "signature": line.signature, "summary": line.summary}
                        for line in family.operations
                    ],
                }
                for family in report.families
            ],
        }
    )


def operation_json(report: Operation) -> str:
    """Returns the schema `gradcli.op/1`: one operation."""
    result = report.example_result
    return dump(
        {
            "schema": "gradcli.op/1",
            "name": report.name,
            "family": report.family,
            "kind": report.kind,
            "signature": report.signature,
            "summary": report.summary,
            "spellings": list(report.spellings),
            "node": report.node,
            "derivatives": [
                {
                    "argument": part.argument,
                    "formula": part.formula,
                    "through": part.through,
                    "whole": part.whole,
                }
                for part in report.partials
            ],
            "domain": {part.argument: part.formula for part in report.domain},
            "kinks": list(report.kinks),
            "source": report.source,
            "example": report.example,
            "example_value": None if result is None else plain(result.roots[0].array),
        }
    )


def run_json(report: Batch) -> str:
    """Returns the schema `gradcli.run/1`: what became of each sample."""
    return dump(
        {
            "schema": "gradcli.run/1",
            "samples": [
                {
                    "path": outcome.path,
                    "name": outcome.name,
                    "status": outcome.status,
                    "seconds": outcome.seconds,
                    "reason": outcome.reason,
                    "output": outcome.output,
                    "messages": [_message(message) for message in outcome.messages],
                }
                for outcome in report.outcomes
            ],
            "counts": report.counts(),
            "seconds": report.seconds,
            "ended": report.ended,
        }
    )


def _message(message: Diagnostic) -> dict[str, Any]:
    place: dict[str, Any] = {"file": None, "line": None, "column": None}
    if message.span is not None:
        source = message.span.source
        line, column = source.line_column(message.span.start)
        place = {"file": source.name, "line": line, "column": column}
    return {
        "severity": message.severity,
        "code": message.code,
        "message": message.message,
        **place,
        "notes": [note for note in (message.label, *message.notes) if note],
        "help": message.help,
    }


def plain(array: Any | None) -> Any:
    """Returns an array as nested lists, non-finite numbers as "nan", "inf" and "-inf"; None stays None."""
    return None if array is None else _named(array.tolist())


def plain_number(value: float | None) -> Any:
    """Returns a number as JSON has it, one that is not finite by its name; None stays None."""
    return _named(value)


def _named(value: Any) -> Any:
    if isinstance(value, list):
        return [_named(part) for part in value]
    if isinstance(value, float) and not math.isfinite(value):
        return "nan" if math.isnan(value) else "inf" if value > 0 else "-inf"
    return value


def dump(document: dict[str, Any]) -> str:
    """Returns a document as one line of JSON."""
    return json.dumps(document, ensure_ascii=False, allow_nan=False)
