"""Notes: statements of a loop that only tell of its turns, such as `losses.append(loss.item())`.

A note computes with plain values and what `.item()` gives, and then does one thing: it prints, binds names,
or appends to a list. Whoever does a turn without its statements can make its notes all the same, given the
numbers.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from gradcli.diagnostics import GradcliError
from gradcli.language import tree
from gradcli.language.compiling.note_forms import (
    BUILTINS,
    JUMPS,
    bodies_of,
    parts_of,
    place_of,
    sites_in,
    subject_of,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from collections.abc import Set as AbstractSet

    from gradcli.language.compiling.compiler import Code, Compiler
    from gradcli.language.compiling.note_forms import Place
    from gradcli.language.values.variables import Variables

__all__ = ["SCALARS", "Book", "Note", "note", "wrap"]

SCALARS = frozenset({bool, int, float, str, type(None)})


class Book:
    """What the notes of one loop share.

    Attributes:
        given: what stands for each `.item()`, by its place in the text.
        left_out: how many notes of the turn under way were made already.
        charged: steps of the budget that notes took.
        making: whether a note is being made.
        variables: where the loop runs whose turns somebody looks at.
        asked: what each `.item()` came to when it was last asked.
    """

    __slots__ = ("_compiler", "asked", "charged", "given", "left_out", "making", "variables")

    def __init__(self, compiler: Compiler) -> None:
        self._compiler = compiler
        self.variables: Variables | None = None
        self.given: dict[Place, Any] = {}
        self.asked: dict[Place, Any] = {}
        self.left_out = 0
        self.charged = 0
        self.making = False

    def kept(self, code: Code, sites: Sequence[Code]) -> Code:
        """Returns the statement of a note as the program runs it.

        Args:
            code: the statement.
            sites: each `.item()` that it always asks: that is no part of the note, and not left out with it.
        """
        meter = self._compiler.meter

        def run(variables: Variables) -> Any:
            if variables is not self.variables:
                return code(variables)
            if self.left_out:
                self.left_out -= 1
                for site in sites:
                    site(variables)
                return None
            before, self.making = meter.left, True
            try:
                return code(variables)
            finally:
                self.charged += before - meter.left
                self.making = False

        return run

    def site(self, code: Code, place: Place) -> Code:
        """Returns `.item()` as the program runs it: what that takes to compute is none of the note's."""
        meter = self._compiler.meter

        def run(variables: Variables) -> Any:
            if variables is not self.variables:
                return code(variables)
            before, making, self.making = meter.left, self.making, False
            try:
                found = self.asked[place] = code(variables)
            finally:
                self.charged -= before - meter.left
                self.making = making
            return found

        return run


class Note:
    """A statement that is a note.

    Attributes:
        sites: the places of its `.item()` that are always evaluated.
        again: those that ask in some turns what one of these has asked.
        make: makes it from what is given; returns whether the turn goes on as if nothing had happened.
    """

    __slots__ = ("_names", "again", "make", "sites")

    def __init__(
        self,
        sites: tuple[Place, ...],
        again: tuple[Place, ...],
        names: dict[str, Code],
        make: Callable[[Variables], bool],
    ) -> None:
        self.sites = sites
        self.again = again
        self.make = make
        self._names = names

    def is_plain(self, variables: Variables, own: AbstractSet[str]) -> bool:
        """Returns whether what it reads and binds holds plain values only, as far as it is bound.

        A list is plain where it is among the notes' own names: others might change it within the turn.
        """
        return all(_is_plain(code, variables, name in own) for name, code in self._names.items())


def _is_plain(name: Code, variables: Variables, own: bool) -> bool:
    try:
        value = name(variables)
    except GradcliError:
        return True  # the note will say it
    if type(value) is tuple or (type(value) is list and own):
        return SCALARS.issuperset(map(type, value))
    return type(value) in SCALARS


def wrap(compiler: Compiler, book: Book, node: tree.Statement) -> None:
    """Sees to it that the statement of a note, when it is compiled, tells the book of what it does."""
    sites = sites_in(node)
    codes = [book.site(compiler.expression(site), place_of(site)) for site in sites]
    compiler.substitutes.update(zip(map(id, sites), codes, strict=True))
    always = codes[: len(_asked(node))]
    compiler.wrappers[id(node)] = lambda code: book.kept(code, always)


def _asked(node: tree.Statement) -> list[tree.Call]:
    """Each `.item()` that a note always asks; they stand first."""
    return sites_in(node.branches[0][0] if isinstance(node, tree.If) else node)


def note(compiler: Compiler, book: Book, node: tree.Statement) -> Note:
    """Returns a statement that has the form of a note, to be made from what the book gives."""
    sites = sites_in(node)
    asked = _asked(node)
    known = {subject_of(site): place_of(site) for site in asked}
    places = {id(site): known.get(subject_of(site), place_of(site)) for site in sites}
    for site in sites:
        compiler.substitutes[id(site)] = _given(book, places[id(site)])
    make = (
        _branching(compiler, node, set(known.values()), places)
        if isinstance(node, tree.If)
        else _made(compiler.bare(node))
    )
    for site in sites:
        del compiler.substitutes[id(site)]
    names = {part.name: part for part in parts_of(node) if isinstance(part, tree.Name)}
    codes = {name: compiler.expression(part) for name, part in names.items() if name not in BUILTINS}
    again = tuple(place_of(site) for site in sites if places[id(site)] != place_of(site))
    return Note(tuple(map(place_of, asked)), again, codes, make)


def _given(book: Book, place: Place) -> Code:
    given = book.given
    return lambda _: given[place]


def _made(code: Code) -> Callable[[Variables], bool]:
    def make(variables: Variables) -> bool:
        code(variables)
        return True

    return make


def _branching(
    compiler: Compiler, node: tree.If, known: AbstractSet[Place], places: Mapping[int, Place]
) -> Callable[[Variables], bool]:
    """An `if` of notes: where it leaves the way, or needs a number that is not known, it does nothing."""
    tests = [compiler.test(test) for test, _ in node.branches]
    bodies = bodies_of(node)
    away = [
        any(places[id(site)] not in known for site in sites_in(body))
        or any(isinstance(one, JUMPS) for one in body)
        for body in bodies
    ]
    codes = [[] if off else list(map(compiler.bare, body)) for off, body in zip(away, bodies, strict=True)]

    def make(variables: Variables) -> bool:
        branch = next((i for i, test in enumerate(tests) if test(variables)), len(tests))
        for code in codes[branch]:
            code(variables)
        return not away[branch]

    return make
