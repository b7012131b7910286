"""Which operands did not fit each other: their shapes or dtypes, their names, and where each was made."""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING

from gradcli.explorer.why.explanation import Explanation, label, quoted
from gradcli.explorer.why.notebook import inside, tensors_of
from gradcli.torch.nn.module import Module

if TYPE_CHECKING:
    from gradcli.diagnostics import Label, Span
    from gradcli.explorer.why.notebook import Failed, Notebook

__all__ = ["misfit"]

MOST = 3


def misfit(failed: Failed, place: Span | None, book: Notebook) -> Explanation:
    """Returns what the operands of a failed operation are, those made elsewhere with their place."""
    labels: tuple[Label, ...] = ()
    code = failed.error.diagnostic.code
    modules = [repr(one) for one in failed.operands if isinstance(one, Module)]
    notes = [f"the layer is {text}" for text in modules if "\n" not in text]
    given = [one for one in failed.operands if not isinstance(one, Module)]
    tensors = list(islice(tensors_of(given), MOST))
    if len(tensors) + len(notes) < 2:  # noqa: PLR2004 - one alone does not misfit: the message says all
        return Explanation()
    for tensor in dict.fromkeys(tensors):
        fact = book.facts.get(tensor)
        what = f"has shape {list(tensor.shape)}" if code == "E301" else f"is {tensor.dtype}"
        span = None if fact is None else fact.span
        if span is None or place is None or inside(span, place):
            notes.append(f"{quoted(fact, span.text if span is not None else 'one operand')} {what}")
        else:
            labels += label(span, f"{quoted(fact, 'this')} {what}")
    return Explanation(labels, tuple(notes))
