"""What an operation is called in front of people: PyTorch's name for it, or else what they wrote."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from gradcli.diagnostics import Span

if TYPE_CHECKING:
    from gradcli.plan.trace import Step

__all__ = ["is_plain", "line_at", "name_of", "text_at"]

LONGEST = 40  # characters of an expression


def name_of(step: Step) -> str:
    """Returns the name of a step's operation; its text where the name is one that only gradcli uses."""
    spellings = step.record.spellings()
    if spellings:
        tails = [one.rpartition(".")[2] for one in spellings]
        return step.record.name if step.record.name in tails else spellings[0].removeprefix("Tensor.")
    return text_at(step.span) or step.record.name


def line_at(span: Any) -> str:
    """Returns what the user wrote at a place, in one line; empty where there is none."""
    return " ".join(span.text.split()) if isinstance(span, Span) else ""


def text_at(span: Any) -> str:
    """Returns the same, not too long."""
    text = line_at(span)
    return text if len(text) <= LONGEST else f"{text[: LONGEST - 3]}..."


def is_plain(value: Any) -> bool:
    """Returns whether a parameter can be shown: numbers, words and lists of them, no object of ours."""
    if type(value) in (tuple, list):
        return all(map(is_plain, value))
    return value is None or isinstance(value, (bool, int, float, complex, str, np.generic))
