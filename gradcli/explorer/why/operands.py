"""Which operands did not fit: their shapes or dtypes, names, places, and the layer they met in."""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING, Any

from gradcli.autograd import Tensor
from gradcli.explorer.why.explanation import Explanation, label, quoted
from gradcli.explorer.why.notebook import inside, tensors_of
from gradcli.torch.nn.module import Module

if TYPE_CHECKING:
    from gradcli.diagnostics import Label, Span
    from gradcli.explorer.why.notebook import Failed, Notebook

__all__ = ["misfit", "no_leaf", "unusable"]

MOST = 3
LONGEST = 120  # characters of a layer that a note shows


def misfit(failed: Failed, place: Span | None, book: Notebook) -> Explanation:
    """Returns what the operands of a failed operation are, those made elsewhere with their place."""
    labels: tuple[Label, ...] = ()
    notes = _layer(failed)
    given = [one for one in failed.operands if not isinstance(one, Module)]
    tensors = dict.fromkeys(islice(tensors_of(given), MOST))
    for tensor in tensors:
        fact = book.facts.get(tensor)
        what = f"is {tensor.dtype}"
        if failed.error.diagnostic.code == "E301":
            what = f"has shape {list(tensor.shape)}"
        span = None if fact is None else fact.span
        if span is not None and place is not None and not inside(span, place):
            labels += label(span, f"{quoted(fact, 'this')} {what}")
        elif len(tensors) > 1:  # of one alone the message says all
            notes.append(f"{quoted(fact, 'one operand' if span is None else span.text)} {what}")
    return Explanation(labels, tuple(notes))


def _layer(failed: Failed) -> list[str]:
    """The innermost layer that was running, if it is not the only one there is, and what it was given."""
    layer: Any = None
    given: Any = None
    trace = failed.error.__traceback__
    while trace is not None:
        variables = trace.tb_frame.f_locals
        if isinstance(variables.get("self"), Module) and trace.tb_frame.f_code.co_name == "forward":
            layer, given = variables["self"], variables.get("input")
        trace = trace.tb_next
    text = "" if layer is None else repr(layer)
    if not text or "\n" in text or len(text) > LONGEST:
        return []
    whole = layer in failed.operands
    size = f", given an input of shape {list(given.shape)}" if isinstance(given, Tensor) and not whole else ""
    return [f"the layer is {text}{size}"]


def unusable(failed: Failed, book: Notebook) -> Explanation:
    """Returns where an operand was made that is computed and should be a leaf, or is an inference tensor."""
    for tensor in tensors_of(failed.operands):
        fact = book.facts.get(tensor)
        if fact is None:
            continue
        if tensor._counter is None:  # noqa: SLF001 - a friend of Tensor
            return Explanation(label(fact.span, f"{quoted(fact, 'this')} is made in inference mode"))
        if not tensor.is_leaf and failed.error.diagnostic.code == "E303":
            return no_leaf(tensor, book)
    return Explanation()


def no_leaf(tensor: Tensor, book: Notebook) -> Explanation:
    """Returns where a tensor that should be a leaf was computed."""
    fact = book.facts.get(tensor)
    span = None if fact is None else fact.span
    return Explanation(label(span, f"{quoted(fact, 'this')} is computed here, so it is no leaf"))
