"""Why a graph cannot be differentiated: it was freed, or what it saved was changed."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from gradcli.explorer.why.explanation import Explanation, label, quoted, short

if TYPE_CHECKING:
    from gradcli.autograd import Node, Tensor
    from gradcli.diagnostics import Span
    from gradcli.explorer.why.notebook import Call, Change, Notebook

__all__ = ["changed_in_place", "freed_graph", "leaf_in_place"]

SAME = "the same call freed the graph an earlier time"
IN_ORDER = "call backward before this change, or compute the root again after it"
AUGMENTED = re.compile(r"([\w.\[\]]+)\s*(\+|-|\*\*|\*|//|/|@|%)=\s*(.+)")
METHOD = re.compile(r"([\w.]+)\.([a-z]\w*)_\((.*)\)")


def freed_graph(node: Node, book: Notebook) -> Explanation:
    """Returns which backward freed a node, and what to do about it."""
    first, now = book.freed.get(node), book.calls[-1]
    if first is None:
        return Explanation()
    same_place = first.span == now.span
    labels = () if same_place else label(first.span, "this backward freed the graph")
    earlier = (SAME if now.span is not None else "an earlier backward freed the graph",)
    if _common(first, now):
        if same_place:
            help_ = (
                "the root is computed once and differentiated again and again: compute it anew before each "
                "backward, or give retain_graph=True"
            )
            return Explanation(notes=earlier, help=help_)
        return Explanation(labels, help=f"keep the graph the first time: {_retaining(first.span)}")
    names = _shared_names(book)
    if same_place:
        return Explanation(notes=earlier, help=_over_turns(names, book))
    shared = f"both roots depend on `{names[0]}`" if names else "both roots share a part of the graph"
    help_ = f"{shared}: add them up and call backward once, or keep the graph: {_retaining(first.span)}"
    if names:
        help_ += f"; or give one of them {names[0]}.detach(), if it is not to reach further back"
    return Explanation(labels, help=help_)


def _common(first: Call, now: Call) -> bool:
    """Whether two passes started from the same root."""
    nodes = {id(node) for ref in first.roots if (node := ref()) is not None}
    return any(id(ref()) in nodes for ref in now.roots)


def _retaining(span: Span | None) -> str:
    """The text of a backward call that retains the graph."""
    text = short(span)
    if not text.endswith(")") or "retain_graph" in text:
        return "retain_graph=True"
    return f"{text[:-1]}{'' if text.endswith('()') else ', '}retain_graph=True)"


def _shared_names(book: Notebook) -> list[str]:
    """The names of what the last pass's roots reach of graphs that were freed before it, nearest first."""
    now = book.calls[-1]
    names: dict[str, None] = {}
    seen: set[Node] = set()
    stack = [node for node, _ in book.root_edges]
    while stack:
        node = stack.pop()
        if node in seen:
            continue
        seen.add(node)
        call = book.freed.get(node)
        if call is None or call is now:
            stack.extend(target for target, _ in node.edges if target.sequence >= 0)
        elif node in book.node_names:
            names[book.node_names[node]] = None
    return list(names)


def _over_turns(names: list[str], book: Notebook) -> str:
    """The way out where the same line backwards again over another root."""
    stale = [name for name in names if _still_freed(name, book)]
    listed = " and ".join(f"`{name}`" for name in stale or names)
    if stale:
        return (
            f"{listed} {'are' if len(stale) > 1 else 'is'} computed once, before: compute "
            f"{'them' if len(stale) > 1 else 'it'} anew before each backward, or give retain_graph=True"
        )
    if not names:
        return (
            "a value of the turn before is used in this one: detach() what is carried over, or give "
            "retain_graph=True"
        )
    detached = ", ".join(f"{name}.detach()" for name in names)
    return (
        f"{listed} carr{'y' if len(names) > 1 else 'ies'} the graph of one turn into the next: start each "
        f"turn from {detached}, or give retain_graph=True to differentiate through all turns"
    )


def _still_freed(name: str, book: Notebook) -> bool:
    """Whether a name still stands for a value whose graph was freed, and not for a newer one."""
    held = book.current.get(name)
    node = None if held is None else held()
    call = None if node is None else book.freed.get(node)
    return call is not None and call is not book.calls[-1]


def changed_in_place(saved: Any, book: Notebook) -> Explanation:
    """Returns who changed a value that a node had saved."""
    array, tensor, version, expected, _ = saved
    held, changes = book.changes.get(id(version), (None, ()))
    change = next((one for one in changes if one.version > expected), None) if held is version else None
    if change is None:
        return Explanation()
    name = _target(change.span) or change.name or quoted(book.facts.get(tensor), "").strip("`")
    what = f"`{name}`" if name else f"this tensor of shape {list(array.shape)}"
    if change.word == "step":
        return Explanation(label(change.span, f"this step changes {what} in place"), help=IN_ORDER)
    if tensor is not None and tensor.is_leaf and tensor.requires_grad:
        return Explanation(label(change.span, f"{what} is changed in place here"), help=IN_ORDER)
    return Explanation(
        label(change.span, f"{what} is changed in place here"), help=_out_of_place(change, name)
    )


def _target(span: Span | None) -> str:
    """The name that a line such as `x += 1` itself gives to what it changes."""
    text = short(span)
    found = AUGMENTED.fullmatch(text) or METHOD.fullmatch(text)
    return found[1] if found and found[1].isidentifier() else ""


def _out_of_place(change: Change, name: str) -> str:
    """What to write instead of a change in place."""
    form = out_of_place(change.span)
    if form:
        return f"write it out of place: {form}"
    if change.word == "[]=":
        whose = name or "x"
        return f"change a copy: {whose} = {whose}.clone() before, or build it with torch.where or torch.cat"
    return "change a .clone(), or write it out of place: x = x + 1 for x += 1"


def out_of_place(span: Span | None) -> str:
    """Returns the out-of-place form of a statement such as `x += 1` or `x.add_(1)`; empty where unclear."""
    text = short(span)
    augmented, method = AUGMENTED.fullmatch(text), METHOD.fullmatch(text)
    if augmented and "[" not in augmented[1]:
        target, symbol, value = augmented.groups()
        simple = re.fullmatch(r"[\w.]+(\(.*\))?", value) or symbol == "+"
        return f"{target} = {target} {symbol} {value if simple else f'({value})'}"
    if method and method[2] not in {"zero", "fill", "copy", "set"}:
        return f"{method[1]} = {method[1]}.{method[2]}({method[3]})"
    return ""


def leaf_in_place(leaf: Tensor, place: Span | None, book: Notebook) -> Explanation:
    """Returns where a leaf was made that must not be changed while operations are recorded."""
    fact = book.facts.get(leaf)
    made = label(
        None if fact is None else fact.span,
        f"{quoted(fact, 'the leaf')} is made here, a leaf that requires grad",
    )
    form = out_of_place(place)
    help_ = "to change its values unrecorded, do it inside `with torch.no_grad():`"
    if form and ".grad" not in form:  # an update by its gradient is to stay a leaf's
        help_ += f"; to compute with it, write {form}"
    return Explanation(made, help=help_)
