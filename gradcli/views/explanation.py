"""An explanation of a backward pass, as blocks that any format can set."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from gradcli.views.explanation_steps import Addition, Summing, Visit, gradient_name, steps, value_name
from gradcli.views.explanation_words import WORDS
from gradcli.views.glance import glance
from gradcli.views.numbers import DIGITS, shape_text

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from gradcli.reports.graphs import Graph, GraphNode
    from gradcli.views.explanation_steps import Handing

__all__ = ["Block", "explanation_blocks"]

ROOM, WIDE = 72, 1000  # characters of a tensor in a line; of a gradient that is asked for


class Block(NamedTuple):
    """A piece of an explanation.

    Attributes:
        kind: `title`, `section`, `step` (headings), `prose`, or `line` (an equation).
        text: of a heading or prose; of a line the word before it.
        code: of a heading, a text of the user's; of prose about a word, the word.
        equation: what is equal, as formulas.
        numbers: what it is equal to, as numbers.
    """

    kind: str
    text: str = ""
    code: str = ""
    equation: tuple[str, ...] = ()
    numbers: str = ""


def explanation_blocks(report: Graph, *, language: str = "en", digits: int = DIGITS) -> list[Block]:
    """Returns the explanation, from the forward values to the formula and the number for each variable."""
    words = WORDS[language]
    blocks = [
        Block("title", words["title"], "; ".join(report.expressions)),
        *_forward(report, words, digits),
        *_backward(report, words, digits, language),
        *_result(report, words, digits),
    ]
    if any(" to " in block.numbers for block in blocks):
        blocks.append(Block("prose", words["range"]))
    return [*blocks, *_facts(report, words, language)]


def _translated(key: str, text: str, language: str) -> str:
    """A text of a record or of the report; empty where that language has none."""
    if language == "en":
        return text
    from gradcli.views.explanation_chinese import KINKS, MEANINGS, NOTES  # only where it is asked for

    return KINKS.get(key) or MEANINGS.get(key) or NOTES.get(key, "")


def _forward(report: Graph, words: Mapping[str, str], digits: int) -> Iterator[Block]:
    yield Block("section", words["forward"])
    for answer in report.answers:
        yield Block("line", words["variable"], "", (answer.name,), glance(answer.value, digits, ROOM))
    for number in report.forward:
        node = report.nodes[number - 1]
        for output, one in enumerate(node.results):
            name = value_name(node, output)
            equation = (name, node.formula) if node.formula and not output else (name,)
            if one.value is not None:
                yield Block("line", words["computed"], "", equation, glance(one.value, digits, ROOM))


def _backward(report: Graph, words: Mapping[str, str], digits: int, language: str) -> Iterator[Block]:
    yield Block("section", words["backward"])
    yield Block("prose", words["method"])
    if not report.scalar:
        yield Block("prose", words["weighted"].format(result=report.result))
    for number, output in report.roots:
        node = report.nodes[number - 1]
        name = gradient_name(report, value_name(node, output))
        started = node.results[output].gradient
        if started is not None:
            yield Block("line", words["start"], "", (name,), glance(started, digits, ROOM))
    at: dict[int, int] = {}  # the step in which each node was visited
    for number, step in enumerate(steps(report), 1):
        title = words["step"].format(number=number)
        if isinstance(step, Visit):
            at[step.node.number] = number
            yield from _visit(step, title, words, digits, language)
        elif isinstance(step, Summing):
            yield from _summing(step, title, words, digits)
        else:
            yield from _addition(step, title, words, digits, at)


def _visit(step: Visit, title: str, words: Mapping[str, str], digits: int, language: str) -> Iterator[Block]:
    node = step.node
    done = (node.label, node.formula) if node.formula else ()
    yield Block("step", f"{title}{words['colon']}{node.name}", " ".join(node.text.split()), done)
    for name, gradient in step.upstream:
        yield Block("line", words["upstream"], "", (name,), glance(gradient, digits, ROOM))
    yield from _kinks(node, words, language)
    upstream, arrived = step.upstream[0] if step.upstream else ("", None)
    for part in step.handed:
        sent = glance(part.sent, digits, ROOM)
        if part.local:
            slope = f"d{node.label}/d{part.operand}"
            factor = glance(part.factor, digits, ROOM).removeprefix("all ")
            numbers = "" if factor == part.local else factor
            yield Block("line", words["local"], "", (slope, part.local), numbers)
            product = f"{glance(arrived, digits, ROOM)} * {factor} = {sent}"
            yield Block("line", words["downstream"], "", (part.gradient, f"{upstream} * {slope}"), product)
            if _dropped(arrived, part):
                yield Block("prose", words["dropped"])
        elif part.rule:
            yield Block("line", words["rule"], "", (part.gradient, part.rule))
            yield Block("line", words["downstream"], "", (part.gradient,), sent)
        else:
            why = "no_rule" if node.operation else "numbers"
            yield Block("prose", words[why].format(operation=node.operation, name=node.name))
            yield Block("line", words["downstream"], "", (part.gradient,), sent)


def _dropped(arrived: Any, part: Handing) -> bool:
    """Whether a nan or inf was not multiplied by a zero, which a rule like relu's leaves out."""
    with np.errstate(invalid="ignore"):
        return bool((np.isnan(arrived * part.factor) & (part.sent == 0)).any())


def _kinks(node: GraphNode, words: Mapping[str, str], language: str) -> Iterator[Block]:
    if node.kinks:
        known = [_translated(kink, kink, language) for kink in node.kinks]
        said = words["stop"].join(known)
        which = "kink" if all(known) else "kink_elsewhere"
        yield Block("prose", words[which].format(sentence=said, operation=node.operation))


def _summing(step: Summing, title: str, words: Mapping[str, str], digits: int) -> Iterator[Block]:
    yield Block("step", f"{title}{words['colon']}{words['sum']}", step.operand)
    yield Block(
        "prose",
        words["sum_why"].format(
            operand=step.operand,
            shape=shape_text(step.shape),
            broadcast=shape_text(step.broadcast),
            dims=", ".join(map(str, step.dims)),
        ),
    )
    equation = (step.gradient, step.rule) if step.rule else (step.gradient,)
    yield Block("line", words["downstream"], "", equation, glance(step.value, digits, ROOM))


def _addition(
    step: Addition, title: str, words: Mapping[str, str], digits: int, at: Mapping[int, int]
) -> Iterator[Block]:
    count = len(step.terms)
    yield Block("step", f"{title}{words['colon']}{words['add'].format(count=count, operand=step.operand)}")
    yield Block("prose", words["add_why"].format(count=count, operand=step.operand))
    for number, rule, value in step.terms:
        label = words["from"].format(number=at[number])
        yield Block("line", label, "", (rule,) if rule else (), glance(value, digits, ROOM))
    values = " + ".join(glance(value, digits, ROOM) for _, _, value in step.terms)
    total = glance(step.value, digits, ROOM)
    yield Block(
        "line",
        words["together"],
        "",
        (step.gradient,),
        f"{values} = {total}" if len(values) <= ROOM else total,
    )


def _result(report: Graph, words: Mapping[str, str], digits: int) -> Iterator[Block]:
    yield Block("section", words["result"])
    for answer in report.answers:
        name = gradient_name(report, answer.name)
        if answer.gradient is None:
            yield Block("prose", words["unreached"].format(name=answer.name))
            continue
        numbers = glance(answer.gradient, digits, WIDE)
        known = answer.formula and answer.formula != numbers
        yield Block("line", words["gradient"], "", (name, answer.formula) if known else (name,), numbers)


def _facts(report: Graph, words: Mapping[str, str], language: str) -> Iterator[Block]:
    if report.glossary:
        yield Block("section", words["glossary"])
        for word, meaning in report.glossary:
            yield Block(
                "prose", _translated(word, meaning, language) or words["meaning"].format(word=word), word
            )
    for note in report.notes:
        text = _translated(note, note, language) or note
        yield Block("prose", words["note"].format(text=f"{text[:1].upper()}{text[1:]}"))
    if report.defaults:
        names = ", ".join(report.defaults)
        yield Block(
            "prose", words["default"].format(names=names, default=report.default, first=report.defaults[0])
        )
