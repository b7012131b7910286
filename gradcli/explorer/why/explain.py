"""The one door: an error, and a way to run the program again, become an error that says why."""

from __future__ import annotations

import re
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from gradcli.autograd import Node, Tensor
from gradcli.autograd.flags import UNSAVABLE
from gradcli.autograd.functions import NOT_SCALAR
from gradcli.autograd.node import GraphFault
from gradcli.diagnostics import GradcliError
from gradcli.explorer.why.explanation import Explanation, label
from gradcli.explorer.why.gradients import (
    missing_gradient,
    plain_number,
    read_of,
    unused,
    without_gradient,
)
from gradcli.explorer.why.graphs import changed_in_place, freed_graph, leaf_in_place
from gradcli.explorer.why.operands import misfit, no_leaf, unusable
from gradcli.explorer.why.trace import Enough, Trace

if TYPE_CHECKING:
    from collections.abc import Callable

    from gradcli.diagnostics import Span
    from gradcli.explorer.why.notebook import Notebook

__all__ = ["explain"]

OPTION = re.compile(r"(^|\s)--?[a-z]")  # `-v`, `--retain-graph`
NO_BACKWARD = "'float' object has no attribute 'backward'"
NON_LEAF = "can't optimize a non-leaf Tensor"
MISFITS = ("E301", "E304")


def explain(
    error: GradcliError,
    again: Callable[[Callable[[Any], Any]], object],
    *,
    options: bool = False,
) -> None:
    """Adds to an error's diagnostic the places that explain it, where another run finds them.

    Args:
        error: what ended the program.
        again: runs the whole program again, silently, on the host that it gets from a function of the
            program's own host; called inside the session, and only where there is something to find out.
        options: whether ways out that name options of a command stay; a program's own are replaced.
    """
    if not _explainable(error):
        return
    _let_go(error)
    trace = Trace()
    try:
        again(trace.over)
    except GradcliError as second:
        if _alike(error, second):
            with suppress(Exception):  # whatever happens here must not hide the error itself
                _enrich(error, _why(second, trace.notebook), options=options)
    except Enough:
        return


def _explainable(error: GradcliError) -> bool:
    found = error.diagnostic
    if found.message == NOT_SCALAR:  # says it all
        return False
    return (
        isinstance(error, GraphFault)
        or found.code in MISFITS
        or "NoneType" in found.message
        or found.message in {NO_BACKWARD, NON_LEAF, UNSAVABLE}
    )


def _let_go(error: GradcliError) -> None:
    """Lets go of the values of the failed run, so that the next one has the memory."""
    if isinstance(error, GraphFault):
        error.about = ()
    trace = error.__traceback__
    while trace is not None:
        with suppress(RuntimeError):  # a frame that is still running
            trace.tb_frame.clear()
        trace = trace.tb_next


def _alike(error: GradcliError, second: GradcliError) -> bool:
    """Whether the program failed the same way: one that asks the time may not."""
    one, other = error.diagnostic, second.diagnostic
    return (one.code, one.message, one.span) == (other.code, other.message, other.span)


def _why(error: GradcliError, book: Notebook) -> Explanation:
    place = error.diagnostic.span
    if isinstance(error, GraphFault) and error.about:
        return _of_graph(error, place, book)
    if "NoneType" in error.diagnostic.message:
        read = read_of(place, book)
        return Explanation() if read is None else missing_gradient(read, book)
    if error.diagnostic.message == NO_BACKWARD:
        return plain_number(book)
    failed = book.failed
    if failed is None or failed.error is not error:
        return Explanation()
    if error.diagnostic.message in {NON_LEAF, UNSAVABLE}:
        return unusable(failed, book)
    return misfit(failed, place, book)


def _of_graph(error: GraphFault, place: Span | None, book: Notebook) -> Explanation:
    first, code = error.about[0], error.diagnostic.code
    if isinstance(first, Node):
        found = Explanation()
        if code == "E402":
            found = freed_graph(first, book)
        elif code == "E403":
            found = changed_in_place(error.about[1], book)
        call = book.calls[-1].span  # the place may be inside a backward of the program's own
        return (
            found if call == place else found._replace(labels=found.labels + label(call, "in this backward"))
        )
    if isinstance(first, Tensor):
        if code == "E403":
            return leaf_in_place(first, place, book)
        if not first.is_leaf and code in {"E404", "E406"}:
            return no_leaf(first, book)
        if not first.requires_grad:
            return without_gradient(first, book)
        if "not have been used" in error.diagnostic.message:
            return unused(first, book)
    return Explanation()


def _enrich(error: GradcliError, found: Explanation, *, options: bool) -> None:
    """Adds an explanation; a place that the error points at already gets no second mark."""
    before = error.diagnostic
    stays = not found.help or (options and OPTION.search(before.help) is not None)
    labels = {one.span: one for one in found.labels}
    own = labels.pop(before.span, None) if before.span is not None else None
    for known in before.related:
        labels.pop(known.span, None)
    error.diagnostic = before._replace(
        label=before.label or ("" if own is None else own.text),
        related=(*before.related, *labels.values()),
        notes=(*found.notes, *before.notes),
        help=before.help if stays else found.help,
    )
