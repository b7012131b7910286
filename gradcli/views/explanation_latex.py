"""An explanation as a LaTeX document, and formulas as LaTeX mathematics."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from gradcli.views.excerpt import escaped
from gradcli.views.explanation_text import QUOTED

if TYPE_CHECKING:
    from collections.abc import Sequence

    from gradcli.views.explanation import Block

__all__ = ["explanation_latex", "formula_latex", "text_latex"]

TOKEN = re.compile(
    r"(?P<gradient>d(?P<of>[^\W\d]\w*)/d(?P<by>[^\W\d]\w*)(?!\())|(?P<fraction>\d+/\d+)(?![\w.])"
    r"|(?P<number>\d+\.?\d*(?:e[+-]?\d+)?)|(?P<transpose>\.T\b)|(?P<name>\.?[^\W\d]\w*)"
    r"|(?P<power>\*\*)|(?P<sign><=|>=|==|!=|[-+*/@=<>,()\[\]])|(?P<space>\s+)|(?P<other>.)",
    re.DOTALL,
)
FUNCTIONS = {"exp", "log", "sin", "cos", "tan", "sinh", "cosh", "tanh", "max", "min"}
SIGNS = {"<=": r"\le ", ">=": r"\ge ", "==": "=", "!=": r"\ne ", "*": r"\,", "@": r"\,", ",": r",\ "}
TEXT = {
    "\\": r"\textbackslash{}", "{": r"\{", "}": r"\}", "$": r"\$", "&": r"\&", "#": r"\#", "_": r"\_",
    "%": r"\%", "^": r"\textasciicircum{}", "~": r"\textasciitilde{}", "<": r"\textless{}",
    ">": r"\textgreater{}", "`": r"\textasciigrave{}", '"': r"\textquotedbl{}", "|": r"\textbar{}",
}  # fmt: skip
INDEXED = re.compile(r"([^\W\d_])_?(\d+)")
HEADINGS = {"title": "section*", "section": "subsection*", "step": "subsubsection*"}
PREAMBLES = {
    "en": (r"\documentclass{article}", r"\usepackage[T1]{fontenc}"),
    "zh": (r"\documentclass{ctexart}",),  # which chooses fonts of its own
}


def explanation_latex(blocks: Sequence[Block], *, language: str = "en") -> str:
    """Returns a document that needs amsmath (and, in Chinese, ctex)."""
    lines = [*PREAMBLES[language], r"\usepackage{amsmath}", r"\begin{document}"]
    for block in blocks:
        text = _prose(block.text)
        code = rf" \texttt{{{text_latex(' '.join(block.code.split()))}}}" if block.code else ""
        math = " = ".join(map(formula_latex, block.equation))
        if block.kind in HEADINGS:
            lines.append(rf"\{HEADINGS[block.kind]}{{{text}{f' ${math}$' if math else ''}{code}}}")
        elif block.kind == "prose":
            lines.append(f"{code.strip()}: {text}" if code else text)
            lines.append("")
        else:
            # Numbers stand outside of mathematics, where long ones break into lines.
            numbers = f" {text_latex(block.numbers)}" if block.numbers else ""
            formula = f"${math}{' =' if numbers and math else ''}$" if math else ""
            lines += [rf"\noindent {text}\quad {formula}{numbers}".rstrip(), ""]
    return "\n".join([*lines, r"\end{document}"])


def _prose(text: str) -> str:
    """A text with the code between ticks in typewriter letters."""
    parts = QUOTED.split(text)  # what stands between ticks is at the odd places
    return "".join(
        rf"\texttt{{{text_latex(part)}}}" if place % 2 else text_latex(part)
        for place, part in enumerate(parts)
    )


def text_latex(text: str) -> str:
    """Returns a text so that LaTeX prints it and obeys nothing in it."""
    return "".join(TEXT.get(one, one) for one in escaped(text))


def formula_latex(text: str) -> str:
    """Returns a formula of ours in LaTeX's mathematics; what is no formula is printed as text."""
    found: list[str] = []
    raised = ""  # where a power has begun: how its exponent ends
    depth = 0
    for match in TOKEN.finditer(escaped(text)):
        piece = _set(match)
        kind = match.lastgroup
        if kind == "power":
            found.append("^{")
            raised, depth = "one", 0
            continue
        found.append(piece)
        if raised and kind != "space":
            depth += (piece == "(") - (piece == ")")
            if depth == 0 and piece != "-":
                found.append("}")
                raised = ""
    return "".join([*found, "}" if raised else ""])


def _set(match: re.Match[str]) -> str:
    piece = match[0]
    if match["gradient"]:
        return rf"\frac{{\partial {_name(match['of'])}}}{{\partial {_name(match['by'])}}}"
    if match["fraction"]:
        above, _, below = piece.partition("/")
        return rf"\tfrac{{{above}}}{{{below}}}"
    if match["transpose"]:
        return r"{}^{\top}"  # a second one may follow
    if match["name"]:
        return _name(piece)
    if match["other"]:
        return rf"\text{{{text_latex(piece)}}}"
    return SIGNS.get(piece, " " if piece.isspace() else piece)


def _name(name: str) -> str:
    if name in FUNCTIONS:
        return rf"\{name}"
    indexed = INDEXED.fullmatch(name)
    if indexed and indexed[1].isascii():
        return f"{indexed[1]}_{{{indexed[2]}}}"
    if len(name) == 1 and name.isascii():
        return name
    return rf"\text{{{text_latex(name)}}}" if not name.isascii() else rf"\mathrm{{{text_latex(name)}}}"
