"""What an explanation consists of, and the words that several of them use."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from gradcli.diagnostics import Label

if TYPE_CHECKING:
    from gradcli.diagnostics import Span
    from gradcli.explorer.why.facts import Fact

__all__ = ["LONGEST", "Explanation", "label", "quoted", "short"]

LONGEST = 60  # characters of the program that a sentence repeats


class Explanation(NamedTuple):
    """Places with what happened there, facts without a place, and a way out."""

    labels: tuple[Label, ...] = ()
    notes: tuple[str, ...] = ()
    help: str = ""


def label(span: Span | None, text: str) -> tuple[Label, ...]:
    """Returns a label for a place, or none where it is unknown."""
    return () if span is None else (Label(span, text),)


def quoted(fact: Fact | None, otherwise: str = "it") -> str:
    """Returns the name of a value as sentences give it."""
    return f"`{fact.name}`" if fact is not None and fact.name else otherwise


def short(span: Span | None) -> str:
    """Returns the program's text at a place if it is a short piece of one line, else nothing."""
    if span is None:
        return ""
    text = span.text.strip()
    return "" if "\n" in text or len(text) > LONGEST else text
