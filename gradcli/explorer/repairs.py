"""A formula with one slip mended: the edits that people make wrong, one at a time.

The claim is edited as text, at places of its checked tree, and read again as any formula is.
"""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING, Any, NamedTuple

from gradcli.diagnostics import Span
from gradcli.language import tree
from gradcli.language.tree.walking import walk

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from gradcli.language.program import Program

    Kind = Callable[[list[Any], str], Iterator["_Edit"]]

__all__ = ["Repair", "divides", "repairs", "swaps"]

MOST = 200  # edits of one formula
SWAPPED = {"sum": "mean", "mean": "sum", "sin": "cos", "cos": "sin", "sinh": "cosh", "cosh": "sinh"}

AVERAGES = ("mean", "numel", "size", "shape", "len")  # names in formulas that know of a number of elements


class Repair(NamedTuple):
    """A formula with one edit.

    Attributes:
        slip: what was wrong, in one line.
        text: the edited formula.
        span: where the edit is, in the formula as it was.
        help: what to write, where that is not the edited formula.
    """

    slip: str
    text: str
    span: Span
    help: str = ""


class _Edit(NamedTuple):
    slip: str
    start: int
    end: int
    new: str


def repairs(program: Program) -> Iterator[Repair]:
    """Returns the formula with each likely slip mended in turn, the likeliest first."""
    return _repaired(program, KINDS)


def swaps(program: Program) -> Iterator[Repair]:
    """Returns the formula with one function taken for another in turn: sum for mean, sin for cos."""
    return _repaired(program, (_functions,))


def _repaired(program: Program, kinds: Iterable[Kind]) -> Iterator[Repair]:
    text = program.source.text
    nodes = list(walk(program.statements))
    for edit in islice((edit for kind in kinds for edit in kind(nodes, text)), MOST):
        mended = text[: edit.start] + edit.new + text[edit.end :]
        yield Repair(edit.slip, mended, Span(program.source, edit.start, edit.end))


def divides(program: Program) -> bool:
    """Returns whether a formula averages: by a mean, a division by a number, or a factor such as 0.25."""
    for node in walk(program.statements):
        if isinstance(node, (tree.Name, tree.Attribute)) and node.name in AVERAGES:
            return True
        if isinstance(node, tree.Link) and node.symbol == "/" and isinstance(node.right, tree.Constant):
            return True
        if isinstance(node, tree.Constant) and isinstance(node.value, float) and 0 < node.value < 1:
            return True
    return False


def _links(nodes: list[Any], text: str) -> Iterator[tuple[Any, Any, int]]:
    """Each operator: what stands before it, the link, and where its symbol is."""
    for node in nodes:
        if isinstance(node, tree.Chain):
            left = node.first
            for link in node.links:
                yield left, link, text.index(link.symbol, left.end)
                left = link.right


def _products(nodes: list[Any], text: str) -> Iterator[_Edit]:
    for _, link, at in _links(nodes, text):
        if link.symbol == "*":
            yield _Edit("elementwise: `*` stands where the matrix product `@` belongs", at, at + 1, "@")
        elif link.symbol == "@":
            yield _Edit("a matrix product: `@` stands where the elementwise `*` belongs", at, at + 1, "*")


def _transposes(nodes: list[Any], _text: str) -> Iterator[_Edit]:
    inner = {id(node.value) for node in nodes if isinstance(node, tree.Attribute)}
    inner |= {id(node.function) for node in nodes if isinstance(node, tree.Call)}
    for node in nodes:
        if isinstance(node, tree.Attribute) and node.name in ("T", "mT"):
            yield _Edit("transposed: a `.T` too many", node.value.end, node.end, "")
        elif isinstance(node, tree.Name) and id(node) not in inner:
            yield _Edit(f"transposed: `{node.name}.T` belongs here", node.start, node.end, f"{node.name}.T")


def _orders(nodes: list[Any], text: str) -> Iterator[_Edit]:
    for left, link, at in _links(nodes, text):
        if link.symbol in ("@", "-", "/"):
            right = link.right
            swapped = f"{text[right.start : right.end]} {link.symbol} {text[link.start : left.end]}"
            between = text[left.end : at].strip() + text[at + 1 : right.start].strip()
            if not between:  # no bracket stands between them
                yield _Edit("the operands are the wrong way round", link.start, right.end, swapped)


def _signs(nodes: list[Any], text: str) -> Iterator[_Edit]:
    for _, link, at in _links(nodes, text):
        if link.symbol in "+-":
            right = "-" if link.symbol == "+" else "+"
            yield _Edit(f"sign: `{right}` belongs here", at, at + 1, right)


def _symmetries(nodes: list[Any], _text: str) -> Iterator[_Edit]:
    """A @ x and 2 * A @ x for (A + A.T) @ x, which x.T @ A @ x has."""
    for node in nodes:
        if isinstance(node, tree.Chain) and any(link.symbol == "@" for link in node.links):
            matrix = node.first
            if isinstance(matrix, tree.Constant) and matrix.value == 2:  # noqa: PLR2004 - twice the matrix
                matrix = node.links[0].right
            if isinstance(matrix, tree.Name):
                both = f"({matrix.name} + {matrix.name}.T)"
                slip = (
                    f"`{both[1:-1]}` belongs here, which is twice `{matrix.name}` only where it is symmetric"
                )
                yield _Edit(slip, node.first.start, matrix.end, both)
                half = f"`({both[1:-1]})/2` belongs here, which is `{matrix.name}` only where it is symmetric"
                yield _Edit(half, matrix.start, matrix.end, f"({both}/2)")


def _exponents(nodes: list[Any], _text: str) -> Iterator[_Edit]:
    powers = set()
    for node in nodes:
        for left, link in _powers(node):
            powers.add(id(left))
            exponent = link.right
            if isinstance(exponent, tree.Constant) and type(exponent.value) is int:
                for new in (exponent.value - 1, exponent.value + 1):
                    yield _Edit(f"the exponent: {new} belongs here", exponent.start, exponent.end, str(new))
    called = {id(node.function) for node in nodes if isinstance(node, tree.Call)}
    called |= {id(node.value) for node in nodes if isinstance(node, tree.Attribute)}
    for node in nodes:
        if isinstance(node, tree.Name) and id(node) not in powers | called:
            square = f"{node.name}**2"
            yield _Edit(f"the exponent: `{square}` belongs here", node.start, node.end, square)


def _powers(node: Any) -> Iterator[tuple[Any, Any]]:
    """The bases and links of a chain's powers."""
    left = getattr(node, "first", None)
    for link in getattr(node, "links", ()):
        if link.symbol == "**":
            yield left, link
        left = link.right


def _functions(nodes: list[Any], text: str) -> Iterator[_Edit]:
    for node in nodes:
        if not isinstance(node, tree.Call) or not isinstance(node.function, (tree.Name, tree.Attribute)):
            continue
        name, end = node.function.name, node.function.end
        new, start = SWAPPED.get(name), end - len(name)
        if new is not None and text[start:end] == name:
            yield _Edit(f"`{name}` stands where `{new}` belongs", start, end, new)


KINDS: tuple[Kind, ...] = (
    _products, _transposes, _symmetries, _functions, _signs, _exponents, _orders,
)  # fmt: skip
