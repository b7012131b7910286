"""Diagnostics of `eval` as a case file's author meets them: places in the file, its keys for the options."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from gradcli.diagnostics import Diagnostic, Label, Source, Span
from gradcli.explorer.running.casefile import place_of

if TYPE_CHECKING:
    from gradcli.explorer.running.places import Path
    from gradcli.explorer.running.samples import Case

__all__ = ["reworded"]

EXPRESSION = re.compile(r"<expr(?: (\d+))?>")
OPTIONS = {"--grad-tensors": ("grad_tensors",), "--default": ("default",), "--wrt": ("wrt",)}
OPTION = re.compile(r"(?<![\w-])(?:-[vc]|--[a-z][a-z-]*)(?![\w-])")
KEYS = {
    "-v": "vars", "-c": "consts", "--retain-graph": "retain_graph = true", "--grad-tensors": "grad_tensors",
    "--wrt": "wrt", "--default": "default", "--zero-between": "zero_between = true",
    "--separately": "separately = true", "--create-graph": "create_graph = true", "--passes": "passes",
    "--dtype": "dtype", "--seed": "seed",
}  # fmt: skip
ONLY_EVAL = "; --no-backward shows the value alone"


def reworded(diagnostic: Diagnostic, case: Case, path: Path = ()) -> Diagnostic:
    """Returns a diagnostic with its places in the case file, or with the place of a key if it has none."""
    span = diagnostic.span
    place = _place(case, path) if span is None else _moved(span, case)
    related = tuple(Label(_moved(label.span, case), label.text) for label in diagnostic.related)
    help_ = OPTION.sub(lambda found: KEYS.get(found[0], found[0]), diagnostic.help.replace(ONLY_EVAL, ""))
    return diagnostic._replace(span=place, related=related, help=help_)


def _place(case: Case, path: Path) -> Span | None:
    """Where the value of a case's key stands: in the case, else in the defaults; the header without a key."""
    if not path:
        return place_of(case.source, ("case", case.number))
    own = place_of(case.source, ("case", case.number, *path), value=True, exact=True)
    if own is None:
        own = place_of(case.source, ("defaults", *path), value=True, exact=True)
    return own if own is not None else place_of(case.source, ("case", case.number, *path), value=True)


def _moved(span: Span, case: Case) -> Span:
    """The same characters in the case file, if they stand there as they are; else the value they are of."""
    path = _key(span.source.name)
    whole = None if path is None else _place(case, path)
    if whole is None:
        return span
    text = span.source.text
    start = case.source.text.find(text, whole.start, whole.end)
    if text.strip() and start >= 0:
        return Span(case.source, start + span.start, start + span.end)
    if "\n" not in whole.text:
        return whole
    return Span(Source(f"{case.path}: {case.name}", text), span.start, span.end)


def _key(name: str) -> Path | None:
    """The key of a case that a source of `eval` comes from."""
    expression = EXPRESSION.fullmatch(name)
    if expression is not None:
        return ("expr",) if expression[1] is None else ("expr", int(expression[1]) - 1)
    if name.startswith("expect."):
        return tuple(name.split("."))
    option, _, variable = name.partition(" ")
    if option in {"-v", "-c"}:
        return ("vars" if option == "-v" else "consts", variable)
    return OPTIONS.get(option)
