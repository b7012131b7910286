"""A run as JUnit XML, by the schema that build servers read: a suite per file, a test case per sample.

What did not pass and was neither a failure nor skipped is an `error`: inconclusive is not passed.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from gradcli.views.diagnostic import diagnostic_text

if TYPE_CHECKING:
    from collections.abc import Mapping

    from gradcli.reports.runs import Batch, Outcome

__all__ = ["attributes", "content", "junit_text"]

FORBIDDEN = re.compile("[^\t\n\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufdcf\ufdf0-\ufffd\U00010000-\U0010ffff]")
"""Characters that XML 1.0 does not allow, even escaped, or advises against."""
ESCAPES = {"&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "\n": "&#10;", "\t": "&#9;"}
KINDS = ("failure", "error", "skipped")


def junit_text(batch: Batch) -> str:
    """Returns the document."""
    files: dict[str, list[Outcome]] = {}
    for outcome in batch.outcomes:
        files.setdefault(outcome.path, []).append(outcome)
    head = attributes(
        name="gradcli run",
        **_counts(batch.outcomes, skipped=False),
        time=_seconds(batch.seconds),
    )
    lines = ['<?xml version="1.0" encoding="UTF-8"?>', f"<testsuites{head}>"]
    for path, outcomes in files.items():
        lines += _suite(path, outcomes)
    return "\n".join([*lines, "</testsuites>", ""])


def _suite(path: str, outcomes: list[Outcome]) -> list[str]:
    seconds = _seconds(sum(outcome.seconds for outcome in outcomes))
    lines = [f"  <testsuite{attributes(name=path, **_counts(outcomes), time=seconds)}>"]
    for outcome in outcomes:
        lines += _case(outcome)
    return [*lines, "  </testsuite>"]


def _counts(outcomes: list[Outcome] | tuple[Outcome, ...], *, skipped: bool = True) -> dict[str, str]:
    kinds = [_kind(outcome) for outcome in outcomes]
    counts = {
        "tests": len(kinds),
        "failures": kinds.count("failure"),
        "errors": kinds.count("error"),
        **({"skipped": kinds.count("skipped")} if skipped else {}),
    }
    return {name: str(count) for name, count in counts.items()}


def _kind(outcome: Outcome) -> str:
    """The element that says how a sample ended; empty for one that passed."""
    return {"passed": "", "failed": "failure", "skipped": "skipped"}.get(outcome.status, "error")


def _case(outcome: Outcome) -> list[str]:
    name = outcome.name or outcome.path
    head = attributes(name=name, classname=outcome.path, time=_seconds(outcome.seconds))
    lines = [f"    <testcase{head}>"]
    kind = _kind(outcome)
    messages = "\n".join(diagnostic_text(message) for message in outcome.messages)
    if kind == "skipped":
        lines.append(f"      <skipped{attributes(message=outcome.reason)}/>")
    elif kind:
        what = attributes(message=outcome.reason, type=outcome.status)
        lines.append(f"      <{kind}{what}>{content(messages)}</{kind}>")
    if outcome.output:
        lines.append(f"      <system-out>{content(outcome.output)}</system-out>")
    if messages and not kind:
        lines.append(f"      <system-err>{content(messages)}</system-err>")
    return [*lines, "    </testcase>"]


def attributes(**values: str) -> str:
    """Returns the attributes of an element, each after a blank, safe for XML."""
    return "".join(f' {name}="{_escaped(value, ESCAPES)}"' for name, value in values.items())


def content(value: str) -> str:
    """Returns a text that stands in an element, safe for XML."""
    return _escaped(value, {sign: ESCAPES[sign] for sign in "&<>"})


def _escaped(value: str, escapes: Mapping[str, str]) -> str:
    value = FORBIDDEN.sub(lambda found: f"\\x{ord(found[0]):02x}", value)
    return value.translate({ord(sign): text for sign, text in escapes.items()})


def _seconds(seconds: float) -> str:
    return f"{seconds:.6f}"
