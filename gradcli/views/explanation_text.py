"""An explanation for the terminal, and as Markdown."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from gradcli.views.excerpt import escaped, width

if TYPE_CHECKING:
    from collections.abc import Sequence

    from gradcli.views.explanation import Block

__all__ = ["QUOTED", "explanation_markdown", "explanation_text"]

LABEL = 12  # columns for the word before an equation
TICKS = re.compile("`+")
SPECIAL = re.compile(r"([\\`*_{}\[\]<>#|~])")
QUOTED = re.compile(r"`([^`]+)`")  # code in prose


def explanation_text(blocks: Sequence[Block], columns: int) -> str:
    """Returns the lines for a terminal: equations under one another, prose wrapped."""
    lines: list[str] = []
    for block in blocks:
        if block.kind == "title":
            lines.append(_joined(escaped(block.text), escaped(" ".join(block.code.split()))))
        elif block.kind == "section":
            lines += ["", escaped(block.text), "-" * width(block.text)]
        elif block.kind == "step":
            done = f"  {escaped(' = '.join(block.equation))}" if block.equation else ""
            source = f"  ({escaped(block.code)})" if block.code and block.code not in block.equation else ""
            lines += ["", escaped(block.text) + done + source]
        elif block.kind == "prose":
            word = f"{block.code}: " if block.code else ""
            lines += _wrapped(escaped(word + block.text), columns - 2)
        else:
            lines += _equation(block, columns)
    return "\n".join(line.rstrip() for line in lines)


def _equation(block: Block, columns: int) -> list[str]:
    """An equation behind its label; each part in a line of its own where one line is too short."""
    label = escaped(block.text)
    head = f"  {label}{' ' * max(LABEL - width(label), 1)}"
    parts = [escaped(part) for part in (*block.equation, block.numbers) if part]
    line = head + " = ".join(parts)
    if width(line) <= columns or len(parts) < 2:  # noqa: PLR2004 - nothing to part
        return [line]
    indent = " " * (width(head) + width(parts[0]) + 1)
    return [f"{head}{parts[0]} = {parts[1]}", *(f"{indent}= {part}" for part in parts[2:])]


def _joined(text: str, code: str) -> str:
    return f"{text}{'' if text.endswith('：') else ' '}{code}"  # noqa: RUF001 - the Chinese colon brings its own space


def _wrapped(text: str, columns: int) -> list[str]:
    """The text in lines; between wide letters a line may end anywhere."""
    lines, line = [], ""
    for piece in re.findall(r"[ -~]+?(?:\s|$|(?=[^ -~]))|[^ -~]", text):
        if line and width(line + piece.rstrip()) > columns:
            lines.append(f"  {line}")
            line = ""
        line += piece if line else piece.lstrip()
    return [*lines, f"  {line}"]


def explanation_markdown(blocks: Sequence[Block]) -> str:
    """Returns Markdown: headings, and equations as code in lists."""
    lines: list[str] = []
    for block in blocks:
        text = _prose(escaped(block.text))
        if block.kind in {"title", "section", "step"}:
            mark = {"title": "#", "section": "##", "step": "###"}[block.kind]
            parts = [text]
            parts += [_code(" = ".join(block.equation))] if block.equation else []
            shown = block.code and block.code not in block.equation
            if shown:
                source = _code(" ".join(block.code.split()))
                parts.append(f"({source})" if block.equation else source)
            lines += ["", f"{mark} {' '.join(parts)}", ""]
        elif block.kind == "prose":
            lines += ["", f"{_code(block.code)}: {text}" if block.code else text, ""]
        else:
            equal = " = ".join(filter(None, (*block.equation, block.numbers)))
            lines.append(f"- {text}: {_code(equal)}" if text else f"- {_code(equal)}")
    found = re.sub(r"\n{3,}", "\n\n", "\n".join(lines))
    return found.strip("\n")


def _prose(text: str) -> str:
    """A text in which nothing but code between ticks is markup."""
    parts = QUOTED.split(text)  # what stands between ticks is at the odd places
    return "".join(
        _code(part) if place % 2 else SPECIAL.sub(r"\\\1", part) for place, part in enumerate(parts)
    )


def _code(text: str) -> str:
    """A code span around whatever the text is: more ticks than it has itself."""
    text = escaped(text)
    ticks = "`" * (max((len(one) for one in TICKS.findall(text)), default=0) + 1)
    pad = " " if text.startswith("`") or text.endswith("`") else ""
    return f"{ticks}{pad}{text}{pad}{ticks}"
