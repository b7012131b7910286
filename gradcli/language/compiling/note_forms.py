"""How a statement must be written to be a note, and what stands in it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from gradcli.language import tree
from gradcli.language.tree.walking import walk

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = [
    "BUILTINS", "JUMPS", "Place", "bodies_of", "has_form", "names_inside", "names_read", "names_stored",
    "parts_of", "place_of", "sites_in", "subject_of", "tells",
]  # fmt: skip

Place = tuple[int, int]
JUMPS = (tree.Break, tree.Continue, tree.Return)
CALLED = frozenset({"abs", "float", "int", "len", "max", "min", "round", "str", "sum"})
PLAIN = (
    tree.Name, tree.Constant, tree.Chain, tree.Compare, tree.Boolean, tree.Unary, tree.Conditional,
    tree.Sequence, tree.Template,
)  # fmt: skip
PRINT = frozenset({"print"})
BUILTINS = CALLED | PRINT


def has_form(node: tree.Statement) -> bool:
    """Returns whether a statement is written as a note may be."""
    if isinstance(node, tree.If):
        tests = [test for test, _ in node.branches]
        return all(map(_computes, tests)) and not sites_in(tests[1:]) and all(map(_follows, bodies_of(node)))
    if isinstance(node, tree.Assign):
        return all(isinstance(target, tree.Name) for target in node.targets) and _computes(node.value)
    if isinstance(node, tree.Augment):
        return isinstance(node.target, tree.Name) and _computes(node.value)
    if not isinstance(node, tree.Evaluate) or not isinstance(node.value, tree.Call):
        return False
    call = node.value
    arguments = [*call.arguments, *(value for _, value in call.keywords)]
    prints = isinstance(call.function, tree.Name) and call.function.name in PRINT
    return (prints or _appended(call) is not None) and all(map(_computes, arguments))


def bodies_of(node: tree.If) -> list[list[tree.Statement]]:
    """Returns what an `if` leads to, the `else` last."""
    return [*(body for _, body in node.branches), node.other]


def _follows(body: list[tree.Statement]) -> bool:
    """Whether a branch of a note is one that leaves the turn, or does one thing at most."""
    if any(isinstance(one, JUMPS) for one in body):
        return True
    return all(isinstance(one, tree.Pass) or (len(body) == 1 and has_form(one)) for one in body) and not any(
        isinstance(one, tree.If) for one in body
    )


def _appended(call: tree.Call) -> str | None:
    """The list that a call appends to, by its name."""
    function = call.function
    if isinstance(function, tree.Attribute) and function.name == "append":
        return function.value.name if isinstance(function.value, tree.Name) else None
    return None


def _computes(expression: tree.Expression) -> bool:
    """Whether an expression is made of plain values, and of `.item()` of anything, which is always asked."""
    return all(
        isinstance(part, (*PLAIN, tree.Link, tree.Field)) or _is_call(part) for part in parts_of(expression)
    ) and not any(sites_in(part) for part in _perhaps(expression))


def _perhaps(expression: tree.Expression) -> Iterator[Any]:
    """The parts that are computed only where others give leave."""
    for part in parts_of(expression):
        if isinstance(part, tree.Boolean):
            yield part.operands[1:]
        elif isinstance(part, tree.Conditional):
            yield part.body, part.other
        elif isinstance(part, tree.Compare):
            yield part.links[1:]


def _is_call(part: Any) -> bool:
    if not isinstance(part, tree.Call):
        return False
    named = isinstance(part.function, tree.Name) and part.function.name in CALLED
    return _is_site(part) or (named and not part.keywords)


def _is_site(part: Any) -> bool:
    return (
        isinstance(part, tree.Call)
        and isinstance(part.function, tree.Attribute)
        and part.function.name == "item"
        and not part.arguments
        and not part.keywords
    )


def parts_of(found: Any) -> Iterator[Any]:
    """Returns every part below, but for what `.item()` is asked of."""
    inside: set[int] = set()
    for part in walk(found):
        if id(part) in inside:
            continue
        if _is_site(part):
            inside.update(map(id, walk(part.function)))
        yield part


def names_stored(node: tree.Statement) -> set[str]:
    """Returns the names that a note binds or appends to."""
    found: set[str] = set()
    for part in walk(node):
        if isinstance(part, tree.Assign):
            found |= {target.name for target in part.targets if isinstance(target, tree.Name)}
        elif isinstance(part, tree.Augment) and isinstance(part.target, tree.Name):
            found.add(part.target.name)
        elif isinstance(part, tree.Call):
            found |= {_appended(part) or ""} - {""}
    return found


def names_read(node: tree.Statement) -> set[str]:
    """Returns the names that a note has to do with, but for those inside of `.item()`'s own expression."""
    return {part.name for part in parts_of(node) if isinstance(part, tree.Name)} - BUILTINS


def names_inside(node: tree.Statement) -> set[str]:
    """Returns the names in what `.item()` is asked of."""
    return {
        part.name for site in sites_in(node) for part in walk(site.function) if isinstance(part, tree.Name)
    }


def tells(node: tree.Statement) -> bool:
    """Returns whether a statement of that form is a note for its own sake, not only beside others."""
    return isinstance(node, tree.Evaluate) or bool(sites_in(node))


def sites_in(found: Any) -> list[tree.Call]:
    """Returns each `.item()` in a part of a program, in order."""
    return [part for part in parts_of(found) if _is_site(part)]


def place_of(site: tree.Call) -> Place:
    """Returns where it stands in the text."""
    return site.start, site.end


def subject_of(site: tree.Call) -> Any:
    """Returns what `.item()` is asked of: a name, the same all over a note; else the place itself."""
    assert isinstance(site.function, tree.Attribute)  # noqa: S101 - by which it is one
    subject = site.function.value
    return subject.name if isinstance(subject, tree.Name) else place_of(site)
