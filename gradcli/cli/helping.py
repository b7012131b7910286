"""The help of a command: its examples first, ready to be copied, then everything else."""

from __future__ import annotations

from typing import Any

from typer.core import TyperCommand

__all__ = ["HelpfulCommand", "examples"]

PROGRAM = "gradcli "


def examples(help_text: str) -> tuple[list[str], list[str]]:
    """Returns the paragraphs of a help that are examples, each with the caption before it, and the others."""
    shown: list[str] = []
    others: list[str] = []
    for paragraph in (part.strip() for part in help_text.split("\n\n")):
        if not paragraph.startswith(PROGRAM):
            others.append(paragraph)
            continue
        caption = others.pop() + "\n" if others and others[-1].endswith(":") else ""
        shown.append(caption + paragraph)
    return shown, others


class HelpfulCommand(TyperCommand):
    """A command whose `--help` begins with an example; they stand in the docstring, a paragraph each."""

    def format_help(self, ctx: Any, formatter: Any) -> None:
        """Writes the examples, unwrapped, then the usual help without them."""
        whole = self.help
        shown, others = examples(whole or "")
        for example in shown:
            formatter.write("".join(f"  {line}\n" for line in example.split("\n")) + "\n")
        self.help = "\n\n".join(others)
        try:
            super().format_help(ctx, formatter)
        finally:
            self.help = whole
