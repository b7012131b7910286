"""Where a nan or an inf first came from: the program is run again with a watch on every result."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, Any

import numpy as np

from gradcli.diagnostics import Diagnostic, GradcliError, Span
from gradcli.ops.catalog import catalog

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from gradcli.reports.evaluation import Evaluation

__all__ = ["Watch", "nonfinite_warnings"]

KINDS = {"nan": np.isnan, "inf": np.isinf}
BACKWARD = "Backward"  # what the names of nodes have in them


class Watch:
    """Called with each operation's result, forward and backward.

    Attributes:
        first: the operation and the place of the first nan and of the first inf.
        held: the name whose value held one before any operation made one.
    """

    __slots__ = ("first", "held")

    def __init__(self) -> None:
        self.first: dict[str, tuple[str, Span | None]] = {}
        self.held: dict[str, str] = {}

    def bound(self, name: str, array: Any) -> None:
        """Notes the name of a value that was given with a nan or an inf in it."""
        for kind in KINDS:
            if kind not in self.first and kind not in self.held and _holds(array, kind):
                self.held[kind] = name

    def __call__(self, operation: str, array: Any, span: Span | None) -> None:
        """Notes the operation if its result is the first of a kind."""
        if len(self.first) == len(KINDS) or array.dtype.kind != "f":
            return
        for kind, found in KINDS.items():
            if kind not in self.first and found(array).any():
                self.first[kind] = (operation, span)


def nonfinite_warnings(report: Evaluation, again: Callable[[Watch], None]) -> Iterator[Diagnostic]:
    """Yields a warning for nan and one for inf, where values or gradients hold any.

    `again` repeats the run with a watch; it is called only if something was found, so that a good run
    pays for nothing but the look at its results.
    """
    places = {kind: list(_places(report, kind)) for kind in KINDS}
    if not any(places.values()):
        return
    watch = Watch()
    with suppress(GradcliError):  # what was seen until then still tells
        again(watch)
    for kind, where in places.items():
        if where:
            text = f"{kind} in {_listed(where)}; {_origin(kind, watch)}"
            yield Diagnostic("W501", text, severity="warning")


def _places(report: Evaluation, kind: str) -> Iterator[str]:
    several = len(report.roots) > 1
    for row in report.gradients:
        if row.origin in {"bound", "default"} and _holds(row.array, kind):
            yield f"the value of {row.name}"
    for number, root in enumerate(report.roots, 1):
        if _holds(root.array, kind):
            yield f"the value of root {number}" if several else "the value"
    for row in report.gradients:
        if row.grad is not None and _holds(row.grad, kind):
            yield f"the gradient of {row.name}"


def _holds(array: Any, kind: str) -> bool:
    return array.dtype.kind == "f" and bool(KINDS[kind](array).any())


def _listed(places: list[str]) -> str:
    return places[0] if len(places) == 1 else f"{', '.join(places[:-1])} and {places[-1]}"


def _origin(kind: str, watch: Watch) -> str:
    if kind in watch.held:
        return f"{watch.held[kind]} held it from the start"
    if kind not in watch.first:
        return "no operation on tensors made it: it comes from plain numbers"
    operation, span = watch.first[kind]
    text = f"it first came from {_place(operation, span)}"
    if kind == "nan" and "inf" in watch.first and next(iter(watch.first)) == "inf":
        text += f", after an inf from {_place(*watch.first['inf'])}"
    elif kind == "nan" and BACKWARD in operation:
        text += ": a gradient of 0 times an infinite derivative; keep its argument inside the domain"
    return text


def _place(operation: str, span: Span | None) -> str:
    operation = _public(operation)
    if span is None:
        return operation
    from gradcli.checks.naming import text_at  # most runs meet nothing that is not finite

    line, column = span.source.line_column(span.start)
    return f"{operation} in `{text_at(span)}` ({span.source.name}:{line}:{column})"


def _public(operation: str) -> str:
    """The name of a node, or the name under which an operation is known: `div` for `div_true`."""
    record = None if BACKWARD in operation else catalog().get(operation)
    return operation if record is None or record.spellings() else operation.partition("_")[0]
