"""Outcomes on their way from a worker: lines of JSON, no pickles: a worker runs what nobody vouches for."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from gradcli.diagnostics import Diagnostic, Label, Source, Span
from gradcli.explorer.running.outcome import outcome_of
from gradcli.explorer.running.samples import Case, Sample, Script

if TYPE_CHECKING:
    from gradcli.reports.runs import Outcome

__all__ = ["decoded", "encoded"]


def encoded(index: int, sample: Sample, outcome: Outcome) -> bytes:
    """Returns a line with the number of a sample and what became of it."""
    sources = _known(sample)
    messages = [_packed(message, sources) for message in outcome.messages]
    new = [[source.name, source.text] for source in sources[len(_known(sample)) :]]
    line = json.dumps([index, outcome.status, outcome.seconds, outcome.output, messages, new])
    return line.encode("ascii") + b"\n"


def decoded(line: bytes, samples: list[Sample]) -> tuple[int, Outcome]:
    """Returns the number of a sample and its outcome.

    Raises:
        ValueError, TypeError, IndexError: the line is not one that `encoded` makes.
    """
    index, status, seconds, output, messages, new = json.loads(line)
    sample = samples[index]
    sources = [*_known(sample), *(Source(name, text) for name, text in new)]
    found = tuple(_unpacked(message, sources) for message in messages)
    return index, outcome_of(sample, status, seconds, output, found)


def _known(sample: Sample) -> list[Source]:
    """The texts that both sides have."""
    if isinstance(sample, Script):
        return [sample.source, *([] if sample.expected is None else [sample.expected])]
    return [sample.source] if isinstance(sample, Case) else []


def _packed(message: Diagnostic, sources: list[Source]) -> list[Any]:
    return [
        message.code,
        message.message,
        None if message.span is None else _span(message.span, sources),
        message.label,
        message.notes,
        message.help,
        [[_span(label.span, sources), label.text] for label in message.related],
        message.severity,
    ]


def _unpacked(packed: list[Any], sources: list[Source]) -> Diagnostic:
    code, message, span, label, notes, help_, related, severity = packed
    return Diagnostic(
        code,
        message,
        None if span is None else _placed(span, sources),
        label,
        tuple(notes),
        help_,
        tuple(Label(_placed(place, sources), text) for place, text in related),
        severity,
    )


def _span(span: Span, sources: list[Source]) -> list[int]:
    number = next((i for i, source in enumerate(sources) if source is span.source), len(sources))
    if number == len(sources):
        sources.append(span.source)
    return [number, span.start, span.end]


def _placed(span: list[int], sources: list[Source]) -> Span:
    return Span(sources[span[0]], span[1], span[2])
