"""`gradcli explain`: backpropagation step by step."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, Annotated

from gradcli.cli import options  # noqa: TC001 - the annotations are read
from gradcli.cli.asking import Asked, expression_command
from gradcli.cli.declaring import Option

if TYPE_CHECKING:
    from gradcli.reports.graphs import Graph

__all__ = ["explain"]


class Format(StrEnum):
    """What an explanation can be written as."""

    text = "text"
    markdown = "markdown"
    latex = "latex"


class Language(StrEnum):
    """The languages of the prose."""

    en = "en"
    zh = "zh"


FormatOption = Annotated[Format, Option("--format", help="What it is written as.")]
Lang = Annotated[Language, Option(help="The language of the prose: English or Chinese.")]
MaxNodes = Annotated[int, Option(min=1, metavar="N", help="Nodes that are explained at most.")]


@expression_command
def explain(  # noqa: PLR0913 - the options of the command
    asked: Asked,
    *,
    grad_tensors: options.GradTensors = [],  # noqa: B006 - nobody changes it
    form: FormatOption = Format.text,
    lang: Lang = Language.en,
    max_nodes: MaxNodes = 500,
    precision: options.Precision = 6,
    json: options.AsJson = False,
) -> None:
    """Explain backpropagation step by step: upstream times local is downstream, in symbols and numbers.

    gradcli explain "mean(3*(x+2)**2)"

    gradcli explain "y = x@w + b; relu(y).sum()" -v "x=ones(2,3)" -v "w=ones(3,2)" -v b=[0,-3] --lang zh
    """
    from gradcli.cli import streams  # what only this command needs, as below
    from gradcli.explorer.graph import record_graph

    request = asked.backward(grad_tensors=tuple(grad_tensors))
    with asked.deadline():
        report = record_graph(request, streams.report_diagnostic, most=max_nodes)
    streams.write(_text(report, form, lang, precision, json=json))


def _text(report: Graph, form: Format, lang: Language, digits: int, *, json: bool) -> str:
    """The explanation in a format; each view is loaded only where it is asked for."""
    if json:
        from gradcli.views.explanation_json import explanation_json

        return explanation_json(report)
    from gradcli.views.explanation import explanation_blocks

    blocks = explanation_blocks(report, language=lang.value, digits=digits)
    if form is Format.latex:
        from gradcli.views.explanation_latex import explanation_latex

        return explanation_latex(blocks, language=lang.value)
    from gradcli.views.explanation_text import explanation_markdown, explanation_text

    if form is Format.markdown:
        return explanation_markdown(blocks)
    import sys

    from gradcli.cli import streams

    return explanation_text(blocks, streams.columns_of(sys.stdout))
