"""What an operation is called in front of people: PyTorch's name for it, or else what they wrote."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gradcli.diagnostics import Span

if TYPE_CHECKING:
    from gradcli.plan.trace import Step

__all__ = ["name_of"]

LONGEST = 40  # characters of an expression


def name_of(step: Step) -> str:
    """Returns the name of a step's operation; its text where the name is one that only gradcli uses."""
    spellings = step.record.spellings()
    if spellings:
        tails = [one.rpartition(".")[2] for one in spellings]
        return step.record.name if step.record.name in tails else spellings[0].removeprefix("Tensor.")
    if not isinstance(step.span, Span):
        return step.record.name
    text = " ".join(step.span.text.split())
    return text if len(text) <= LONGEST else f"{text[: LONGEST - 3]}..."
