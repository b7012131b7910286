"""A check as a JUnit report: a test case per variable."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gradcli.views.check import SIDED, element_text, summary
from gradcli.views.diagnostic import diagnostic_text
from gradcli.views.excerpt import escaped
from gradcli.views.junit import attributes, content

if TYPE_CHECKING:
    from gradcli.reports.checks import Check, Judged

__all__ = ["check_junit"]

TAGS = {"wrong": "failure", "inconclusive": "skipped"}


def check_junit(report: Check) -> str:
    """Returns the report as XML; a wrong gradient is a failure, one that nobody can judge is skipped."""
    verdicts = [variable.verdict for variable in report.variables]
    counts = attributes(
        tests=str(len(verdicts)),
        failures=str(verdicts.count("wrong")),
        errors="0",
        skipped=str(verdicts.count("inconclusive")),
    )
    expression = attributes(name="expression", value=_expressions(report))
    return (
        '<?xml version="1.0" encoding="utf-8"?>\n'
        f'<testsuites{counts}><testsuite name="gradcli check"{counts}>'
        f"<properties><property{expression}/></properties>"
        f"{''.join(_case(report, variable) for variable in report.variables)}</testsuite></testsuites>\n"
    )


def _expressions(report: Check) -> str:
    return escaped("; ".join(report.expressions))


def _case(report: Check, variable: Judged) -> str:
    case = attributes(name=escaped(variable.name), classname=_expressions(report))
    tag = TAGS.get(variable.verdict)
    if tag is None and variable.verdict not in SIDED:
        return f"<testcase{case}/>"
    said = summary(variable.verdict, (variable,))
    texts = [] if variable.worst is None else [element_text(variable.worst, 17)]
    texts += [diagnostic_text(cause) for cause in report.causes]
    body = content("\n".join(escaped(line) for text in texts for line in text.split("\n")))
    if tag is None:  # a kink or an edge passes, but not in silence
        return f"<testcase{case}><system-out>{variable.verdict}: {said}\n{body}</system-out></testcase>"
    return f"<testcase{case}><{tag}{attributes(message=said)}>{body}</{tag}></testcase>"
