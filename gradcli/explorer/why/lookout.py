"""The proof that a training loop never zeroes its gradients: who updates, and who adds."""

# ruff: noqa: SLF001 - a friend of Tensor

from __future__ import annotations

import re
from contextlib import suppress
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from gradcli.autograd import Tensor, context
from gradcli.diagnostics import Diagnostic, GradcliError, Label
from gradcli.explorer.why.explanation import quoted, short
from gradcli.explorer.why.habits import ENOUGH
from gradcli.explorer.why.notebook import Notebook
from gradcli.explorer.why.trace import Enough, Trace

if TYPE_CHECKING:
    from collections.abc import Callable

    from gradcli.diagnostics import Span
    from gradcli.explorer.why.facts import Fact

__all__ = ["forgotten_zero_grad"]

ZEROES = re.compile(r"zero_grad|\.grad(\.data)?\.(zero|fill)_|\.grad\s*=[^=]|set_to_none")
PATIENCE = 10  # where the script does zero gradients somewhere


class Verdict(NamedTuple):
    """A leaf whose gradient grows from turn to turn, the update that uses it and the call that adds to it."""

    fact: Fact
    update: Span
    backward: Span | None
    by_optimizer: bool


class Lookout(Notebook):
    """A notebook that ends the run as soon as the case is clear."""

    def __init__(self) -> None:
        super().__init__()
        self.verdict: Verdict | None = None

    def read(self, tensor: Tensor, grad: Tensor | None) -> None:
        """Notes where a gradient was read: an update on the same line uses it."""
        super().read(tensor, grad)
        self.facts.of(tensor).read = context.span

    def compare(self, before: list[tuple[Tensor, int]], word: str, span: Span | None) -> None:
        """Notes updates: by an optimizer, or of a leaf on a line that reads its gradient."""
        super().compare(before, word, span)
        for tensor, version in before:
            if span is not None and tensor._counter is not None and tensor._counter[0] != version:
                self._updated(tensor, word, span)

    def overwritten(self, tensor: Tensor, span: Span | None) -> None:
        """Notes an update that assigns `.data`."""
        if span is not None:
            self._updated(tensor, "", span)

    def _updated(self, tensor: Tensor, word: str, span: Span) -> None:
        fact: Fact | None = self.facts.of(tensor)
        if fact is not None and fact.lost is not None and fact.lost.source is not None:
            fact = fact.lost.source  # x.data is changed in place of x
        leaf = None if fact is None else fact.value()
        if fact is None or not isinstance(leaf, Tensor) or not leaf.is_leaf or leaf._grad is None:
            return
        if not np.may_share_memory(leaf._array, tensor._array):  # its gradient was changed, not the leaf
            return
        if word == "step" or (fact.read is not None and _same_line(fact.read, span)):
            fact.used = (np.array(leaf._grad._array), span, word == "step")

    def accumulating(self, leaf: Tensor) -> None:
        """Counts the passes in a row that add to a gradient which an update has used."""
        super().accumulating(leaf)
        fact, held = self.facts.of(leaf), leaf._grad
        if held is None:
            fact.stale, fact.used = 0, None
            return
        if fact.used is None:
            return
        gradient, update, by_optimizer = fact.used
        fact.used = None
        if not gradient.any() or not np.array_equal(gradient, held._array):
            fact.stale = 0
            return
        fact.stale += 1
        if fact.stale >= (PATIENCE if ZEROES.search(update.source.text) else ENOUGH):
            call = self.calls[-1].span if self.calls else None
            self.verdict = Verdict(fact, update, call, by_optimizer)
            raise Enough


def _way_out(found: Verdict, name: str) -> str:
    if not found.by_optimizer:
        return f"set {name}.grad = None after each update"
    text = short(found.update)
    optimizer = text.partition(".step(")[0] if ".step(" in text else "optimizer"
    return f"call {optimizer}.zero_grad() before each backward"


def _same_line(one: Span, other: Span) -> bool:
    source = one.source
    return source is other.source and source.line_column(one.start)[0] == source.line_column(other.start)[0]


def forgotten_zero_grad(again: Callable[[Callable[[Any], Any]], object]) -> Diagnostic | None:
    """Returns the note that gradients add up from turn to turn, if another run proves it.

    Args:
        again: runs the program again, as in `explain`.
    """
    book = Lookout()
    trace = Trace(book)
    with suppress(Enough, GradcliError):  # what was seen until then tells
        again(trace.over)
    found = book.verdict
    if found is None:
        return None
    name = quoted(found.fact, "a parameter")
    plain = name.strip("`") if found.fact.name else "x"
    related = (
        ()
        if found.backward is None
        else (Label(found.backward, "this adds to the gradients of the turns before"),)
    )
    return Diagnostic(
        "N401",
        f"the gradient of {name} is never zeroed between updates, so each update uses the sum of all so far",
        found.update,
        label="this uses the sum",
        help=_way_out(found, plain),
        related=related,
        severity="note",
    )
