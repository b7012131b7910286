"""A check as SARIF 2.1.0 (OASIS), for tools that show findings beside the source."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from gradcli.views.check import SIDED, SUMMARY, summary

if TYPE_CHECKING:
    from collections.abc import Iterable

    from gradcli.diagnostics import Diagnostic
    from gradcli.reports.checks import Check, Judged

__all__ = ["check_sarif"]

SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/os/schemas/sarif-schema-2.1.0.json"
KINDS = {"wrong": "fail", "inconclusive": "open", **dict.fromkeys(SIDED, "informational")}  # others pass


def check_sarif(reports: Iterable[Check], version: str) -> str:
    """Returns one run with a result per variable, at the operation that is to blame where one is."""
    results = [_result(report, variable) for report in reports for variable in report.variables]
    rules = [{"id": f"gradient/{name}", "shortDescription": {"text": text}} for name, text in SUMMARY.items()]
    driver = {"name": "gradcli", "version": version, "rules": rules}
    run = {"tool": {"driver": driver}, "columnKind": "unicodeCodePoints", "results": results}
    return json.dumps({"$schema": SCHEMA, "version": "2.1.0", "runs": [run]}, ensure_ascii=False)


def _result(report: Check, variable: Judged) -> dict[str, Any]:
    said = summary(variable.verdict, (variable,))
    text = f"the gradient for {variable.name} of {'; '.join(report.expressions)}: {said}"
    worst = variable.worst
    if worst is not None and variable.verdict in KINDS:
        place = f" at {list(worst.at)}" if worst.at else ""
        text += f"; {worst.gradient!r}{place}"
        if variable.verdict not in SIDED:
            text += f", the witnesses say {worst.reference!r}"
        elif worst.left is not None:
            text += f", the sides are {worst.left!r} and {worst.right!r}"
    causes = report.causes if variable.verdict in ("wrong", *SIDED) else ()
    text += "".join(f"; {cause.message}" for cause in causes)
    found = {
        "ruleId": f"gradient/{variable.verdict}",
        "level": "error" if variable.verdict == "wrong" else "none",  # the standard's, where nothing fails
        "kind": KINDS.get(variable.verdict, "pass"),
        "message": {"text": text},
    }
    locations = [_location(cause) for cause in causes if cause.span is not None]
    return found | ({"locations": locations} if locations else {})


def _location(cause: Diagnostic) -> dict[str, Any]:
    from urllib.parse import quote  # only where there is a place to tell

    span = cause.span
    assert span is not None  # noqa: S101 - the caller asks
    line, column = span.source.line_column(span.start)
    end_line, end_column = span.source.line_column(span.end)
    region = {"startLine": line, "startColumn": column, "endLine": end_line, "endColumn": end_column}
    return {
        "physicalLocation": {
            "artifactLocation": {"uri": quote(span.source.name)},
            "region": region | {"snippet": {"text": span.text}},
        }
    }
