"""The verdict on a gradient, for people: a row per variable, the elements to look at, and what is wrong."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gradcli.views.diagnostic import PLAIN, Style, diagnostic_text
from gradcli.views.excerpt import escaped
from gradcli.views.numbers import DIGITS, number_text, shape_text
from gradcli.views.table import make_table

if TYPE_CHECKING:
    from collections.abc import Sequence

    from gradcli.reports.checks import Check, Element, Judged
    from gradcli.views.console import Console

__all__ = ["SIDED", "SUMMARY", "check_table", "element_text", "summary", "summary_line"]

MOST = 12  # elements of one variable that are shown
EXACT = 15.95  # digits: what float64 can hold
SIDED = ("kink", "edge")  # verdicts that two sides explain, and no witness
SUMMARY = {
    "agrees": "every witness agrees",
    "kink": "every witness agrees, but for kinks, where the convention is followed",
    "edge": "every witness agrees, but for the edge of a domain",
    "inconclusive": "the witnesses cannot tell",
    "wrong": "the gradient is wrong",
}
UNHEARD = {
    "agrees": "no witness can speak, and nothing speaks against it",
    "kink": "on a kink, where no witness can speak; the convention is followed",
    "edge": "at the edge of a domain, where no witness can speak",
}


def check_table(
    report: Check,
    console: Console,
    *,
    digits: int = DIGITS,
    style: Style = PLAIN,
    ascii_only: bool = False,
) -> None:
    """Prints the verdicts, the elements that do not simply agree, and the causes with their places."""
    heads = ("variable", "shape", "judged", "digits of agreement", "worst element", "verdict")
    rows = [_row(variable, digits) for variable in report.variables]
    title = {"claim": "your gradient", "second": "second derivative"}.get(report.subject, "gradient")
    console.print(make_table(f"check: {title}", heads, rows, console.width, ascii_only=ascii_only))
    for variable in report.variables:
        if variable.elements:
            _print_elements(variable, console, digits, ascii_only=ascii_only)
    for cause in report.causes:
        console.print(diagnostic_text(cause, columns=console.width, style=style), soft_wrap=True)
    for sentence in _sentences(report):
        console.print(escaped(sentence), soft_wrap=True)


def _row(variable: Judged, digits: int) -> list[str]:
    judged = "all" if variable.judged == variable.total else f"{variable.judged} of {variable.total}"
    sights = [
        f"{sight.witness} {'zero' if sight.digits is None else int(sight.digits)}"
        for sight in variable.sights
        if sight.plain
    ]
    worst = "-" if variable.worst is None else element_text(variable.worst, digits)
    return [
        escaped(variable.name), shape_text(variable.shape), judged, "\n".join(sights) or "-", worst,
        _verdict(variable),
    ]  # fmt: skip


def _verdict(variable: Judged) -> str:
    """The verdict, and how many elements have which where they differ."""
    if len(variable.counts) < 2:  # noqa: PLR2004 - one verdict for all needs no count
        return variable.verdict
    return "\n".join([variable.verdict, *(f"{count} {name}" for name, count in variable.counts.items())])


def element_text(element: Element, digits: int = DIGITS) -> str:
    """Returns an element in a few lines: where, both values, and their ratio."""
    lines = [str(list(element.at))] if element.at else []
    lines.append(f"gradient {number_text(element.gradient, digits)}")
    if element.verdict in SIDED:
        lines += [
            f"{side} {_number(slope, digits)}"
            for side, slope in (("left", element.left), ("right", element.right))
            if slope is not None
        ]
        return "\n".join(lines)
    if element.reference is not None:
        lines.append(f"witness {number_text(element.reference, digits)}")
    if element.ratio is not None:
        lines.append(f"ratio {number_text(element.ratio, digits)}")
    return "\n".join(lines)


def _print_elements(variable: Judged, console: Console, digits: int, *, ascii_only: bool) -> None:
    sided = any(one.left is not None or one.right is not None for one in variable.elements)
    noted = any(one.note for one in variable.elements)
    heads = [
        "element",
        "value",
        "gradient",
        "witness",
        *(("left", "right") if sided else ()),
        "verdict",
        *(("why",) if noted else ()),
    ]
    rows = []
    for one in variable.elements[:MOST]:
        name = f"{variable.name}{list(one.at)}" if one.at else variable.name
        sides = [_number(one.left, digits), _number(one.right, digits)] if sided else []
        witness = None if one.verdict in SIDED else one.reference
        rows.append(
            [
                escaped(name), _number(one.value, digits), _number(one.gradient, digits),
                _number(witness, digits), *sides, one.verdict,
                *((escaped(one.note) or "-",) if noted else ()),
            ]
        )  # fmt: skip
    console.print(make_table("elements", heads, rows, console.width, ascii_only=ascii_only))
    left = sum(count for name, count in variable.counts.items() if name != "agrees") - len(rows)
    if left > 0:
        console.print(f"and {left} more")


def _number(value: float | None, digits: int) -> str:
    return "-" if value is None else number_text(float(value), digits)


def _sentences(report: Check) -> list[str]:
    found = [f"{one.name}: {note}" for one in report.variables for note in one.notes]
    silent: dict[tuple[str, str], None] = {
        (sight.witness, sight.silence): None
        for one in report.variables
        for sight in one.sights
        if sight.silence
    }
    found += [f"{witness}: {silence}" for witness, silence in silent]
    found += report.notes
    if report.subject == "second":
        found.append(
            "the gradient that is judged here is that of the first gradient's product with random numbers"
        )
    found.append(summary_line(report))
    if report.reproduce:
        found.append(f"reproduce: {report.reproduce}")
    return found


def summary_line(report: Check) -> str:
    """Returns the verdict in one line."""
    judged = sum(one.judged for one in report.variables)
    witnesses = _witnesses(report.variables)
    facts = [f"{judged} element{'s' * (judged != 1)}"]
    if report.points > 1:
        facts.append(f"{report.points} points")
    facts += [f"by {', '.join(witnesses)}"] if witnesses else []
    said = summary(report.verdict, report.variables)
    return f"{report.verdict}: {said} ({', '.join(facts)}; seed {report.seed})"


def summary(verdict: str, variables: Sequence[Judged]) -> str:
    """Returns what a verdict on some variables means, true also where no witness could speak."""
    return SUMMARY[verdict] if _witnesses(variables) else UNHEARD.get(verdict, SUMMARY[verdict])


def _witnesses(variables: Sequence[Judged]) -> list[str]:
    """The witnesses that judged an element which sits on no kink or edge."""
    return list(dict.fromkeys(sight.witness for one in variables for sight in one.sights if sight.plain))
