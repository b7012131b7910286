"""Why a tensor has no gradient, and why it cannot have one."""

# ruff: noqa: SLF001 - a friend of Tensor

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from gradcli.explorer.why.explanation import Explanation, label, quoted, short
from gradcli.explorer.why.notebook import inside, targets

if TYPE_CHECKING:
    from gradcli.autograd import Node, Tensor
    from gradcli.diagnostics import Span
    from gradcli.explorer.why.facts import Fact, Lost
    from gradcli.explorer.why.notebook import Notebook, Read

__all__ = ["cut_off", "missing_gradient", "plain_number", "read_of", "unused", "without_gradient"]

ASK = "give those that you want gradients of requires_grad=True"


def without_gradient(tensor: Tensor, book: Notebook) -> Explanation:
    """Returns where a tensor's gradient was lost, or that nobody asked for one."""
    fact = book.facts.get(tensor)
    if fact is None:
        return Explanation()
    if fact.lost is not None:
        return lost_gradient(fact.lost, fact)
    labels = [
        one
        for leaf in fact.leaves or (fact,)
        for one in label(leaf.span, f"{quoted(leaf, 'this')} does not require grad")
    ]
    return Explanation(tuple(labels), help=ASK if labels else "")


def lost_gradient(lost: Lost, fact: Fact | None = None) -> Explanation:
    """Returns where and how a gradient was lost."""
    labels = label(lost.span, lost.text)
    if lost.block is not None:
        labels += label(lost.block, "gradients are off from here")
    if lost.source is not None and lost.source is not fact and lost.source.name:
        notes: tuple[str, ...] = (f"{quoted(lost.source)} requires grad, what is computed from it does not",)
    else:
        notes = ()
    return Explanation(labels, notes, lost.help)


def cut_off(leaf: Tensor, book: Notebook) -> Explanation:
    """Returns where what was computed from a leaf left the graph, if only in one place."""
    cuts = [lost for lost in book.cuts if any(ref() is leaf for ref in lost.leaves)]
    if len({lost.span for lost in cuts}) != 1:
        return Explanation()
    return Explanation(label(cuts[0].span, cuts[0].text), help=cuts[0].help)


def unused(leaf: Tensor, book: Notebook) -> Explanation:
    """Returns why the roots of `grad` do not depend on one of its inputs."""
    found = cut_off(leaf, book)
    fact = book.facts.get(leaf)
    if fact is None or not fact.name:
        return found
    return found._replace(notes=(f"what is differentiated does not depend on {quoted(fact)}",))


def plain_number(book: Notebook) -> Explanation:
    """Returns what made a plain number of a tensor, if only one thing did."""
    lost = dict(book.plain)
    return lost_gradient(next(iter(lost.values()))) if len(lost) == 1 else Explanation()


def read_of(place: Span | None, book: Notebook) -> Read | None:
    """Returns the missing gradient that a failing operation used: the one read there, or under a name."""
    if place is None:
        return None
    for read in reversed(book.reads):
        if read.span is not None and inside(read.span, place):
            return read
    words = re.findall(r"[A-Za-z_]\w*", place.text)
    return next((read for read in reversed(book.reads) if set(targets(read.span)) & set(words)), None)


def missing_gradient(read: Read, book: Notebook) -> Explanation:
    """Returns why the `.grad` of a tensor is None."""
    tensor = read.tensor
    fact = book.facts.get(tensor)
    name = quoted(fact, _owner(read))
    if not tensor.requires_grad:
        found = without_gradient(tensor, book)
        return found._replace(notes=(*found.notes, f"the .grad of {name} is None: it does not require grad"))
    if not tensor.is_leaf and not tensor._retained:
        return _of_result(fact, name)
    if fact is not None and fact.cleared is not None:
        return Explanation(
            label(fact.cleared, f"this sets the .grad of {name} to None"),
            help="call backward again before the gradient is used",
        )
    if not book.calls:
        return Explanation(
            notes=(f"the .grad of {name} is None: backward has not run",), help="call backward first"
        )
    return _not_reached(tensor, name, book)


def _owner(read: Read) -> str:
    """What the program calls a tensor whose `.grad` it reads."""
    text = short(read.span)
    return f"`{text.removesuffix('.grad')}`" if text.endswith(".grad") else "this tensor"


def _of_result(fact: Fact | None, name: str) -> Explanation:
    """Why the result of an operation has no gradient."""
    span = None if fact is None else fact.span
    labels = label(span, f"{name} is computed here: it is no leaf, so its .grad is not kept")
    plain = name.strip("`")
    if span is not None and ".grad" in span.text:
        update = f"with torch.no_grad(): {plain} -= lr * {plain}.grad"
        help_ = f"update the leaf in place, so that it stays one: {update}"
    else:
        asked = f"{plain if fact is not None and fact.name else 'y'}.retain_grad()"
        help_ = f"call {asked} before backward, or ask the leaf that it is computed from"
    return Explanation(labels, help=help_)


def _not_reached(tensor: Tensor, name: str, book: Notebook) -> Explanation:
    """Why backward, which has run, did not reach a leaf."""
    call = book.calls[-1]
    target = tensor.gradient_edge()[0]
    if not _reaches([node for node, _ in book.root_edges], target):
        labels = label(call.span, f"the root of this backward does not depend on {name}")
        cut = cut_off(tensor, book)
        help_ = cut.help or "use it in what backward starts from"
        return Explanation(labels + cut.labels, help=help_)
    if call.inputs is None or call.span is None:
        return Explanation()
    if "backward" not in call.span.text:
        text = "this returns gradients and leaves every .grad as it is"
        return Explanation(label(call.span, text), help="use what it returns, or call backward()")
    if all(ref() is not target for ref in call.inputs):
        text = f"inputs= leaves {name} out"
        return Explanation(label(call.span, text), help="name it in inputs=, or leave inputs= away")
    return Explanation()


def _reaches(roots: list[Node], target: Node) -> bool:
    seen: set[Node] = set()
    stack = list(roots)
    while stack:
        node = stack.pop()
        if node is target:
            return True
        if node not in seen:
            seen.add(node)
            stack.extend(one for one, _ in node.edges)
    return False
