"""A check as a JUnit report: a test case per variable."""

from __future__ import annotations

from typing import TYPE_CHECKING
from xml.sax.saxutils import quoteattr

from gradcli.views.check import SUMMARY, element_text
from gradcli.views.diagnostic import diagnostic_text
from gradcli.views.excerpt import escaped

if TYPE_CHECKING:
    from gradcli.reports.checks import Check, Judged

__all__ = ["check_junit"]

TAGS = {"wrong": "failure", "inconclusive": "skipped"}


def check_junit(report: Check) -> str:
    """Returns the report as XML; a wrong gradient is a failure, one that nobody can judge is skipped."""
    suite = quoteattr(escaped("; ".join(report.expressions)))
    cases = "".join(_case(report, variable) for variable in report.variables)
    wrong = sum(variable.verdict == "wrong" for variable in report.variables)
    unknown = sum(variable.verdict == "inconclusive" for variable in report.variables)
    counts = f'tests="{len(report.variables)}" failures="{wrong}" errors="0" skipped="{unknown}"'
    return (
        '<?xml version="1.0" encoding="utf-8"?>\n'
        f'<testsuites {counts}><testsuite name="gradcli check" {counts}>'
        f'<properties><property name="expression" value={suite}/></properties>'
        f"{cases}</testsuite></testsuites>\n"
    )


def _case(report: Check, variable: Judged) -> str:
    name, place = quoteattr(escaped(variable.name)), quoteattr(escaped("; ".join(report.expressions)))
    tag = TAGS.get(variable.verdict)
    if tag is None:
        return f"<testcase name={name} classname={place}/>"
    message = quoteattr(SUMMARY[variable.verdict])
    lines = [] if variable.worst is None else [element_text(variable.worst, 17)]
    lines += [diagnostic_text(cause) for cause in report.causes]
    body = escaped_text("\n".join(lines))
    return f"<testcase name={name} classname={place}><{tag} message={message}>{body}</{tag}></testcase>"


def escaped_text(text: str) -> str:
    """Returns a text between tags; what XML cannot hold was escaped before."""
    from xml.sax.saxutils import escape

    return escape("\n".join(map(escaped, text.split("\n"))))
