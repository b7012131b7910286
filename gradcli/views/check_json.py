"""A check as JSON, with a versioned schema."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from gradcli.views.json import dump, plain_number

if TYPE_CHECKING:
    from gradcli.diagnostics import Diagnostic
    from gradcli.reports.checks import Check, Element, Judged

__all__ = ["check_json", "plain_check"]


def check_json(report: Check) -> str:
    """Returns the schema `gradcli.check/1`."""
    return dump({"schema": "gradcli.check/1", **plain_check(report)})


def plain_check(report: Check) -> dict[str, Any]:
    """Returns a check as dicts, lists, strings and numbers."""
    return {
        "expressions": list(report.expressions),
        "subject": report.subject,
        "verdict": report.verdict,
        "variables": [_variable(variable) for variable in report.variables],
        "causes": [_cause(cause) for cause in report.causes],
        "notes": list(report.notes),
        "seed": report.seed,
        "points": report.points,
        "reproduce": report.reproduce,
    }


def _variable(variable: Judged) -> dict[str, Any]:
    return {
        "name": variable.name,
        "shape": list(variable.shape),
        "verdict": variable.verdict,
        "counts": variable.counts,
        "judged": variable.judged,
        "total": variable.total,
        "witnesses": [
            {
                "name": sight.witness,
                "judged": sight.judged,
                "digits": plain_number(sight.digits),
                "silence": sight.silence,
            }
            for sight in variable.sights
        ],
        "worst": None if variable.worst is None else _element(variable.worst),
        "elements": [_element(element) for element in variable.elements],
        "notes": list(variable.notes),
    }


def _element(element: Element) -> dict[str, Any]:
    return {
        "index": list(element.at),
        "value": plain_number(element.value),
        "gradient": plain_number(element.gradient),
        "reference": plain_number(element.reference),
        "ratio": plain_number(element.ratio),
        "left": plain_number(element.left),
        "right": plain_number(element.right),
        "verdict": element.verdict,
        "note": element.note,
    }


def _cause(cause: Diagnostic) -> dict[str, Any]:
    found: dict[str, Any] = {
        "code": cause.code,
        "message": cause.message,
        "notes": list(cause.notes),
        "help": cause.help,
    }
    if cause.span is not None:
        line, column = cause.span.source.line_column(cause.span.start)
        found["place"] = {
            "source": cause.span.source.name,
            "line": line,
            "column": column,
            "text": cause.span.text,
        }
    return found
