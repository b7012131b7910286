"""Notes: statements of a loop that only tell of its turns, such as `losses.append(loss.item())`.

A note computes with plain values and what `.item()` gives, and then does one thing: it prints, binds names,
or appends to a list. Whoever does a turn without its statements can make its notes all the same, given the
numbers.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from gradcli.diagnostics import GradcliError
from gradcli.language import tree
from gradcli.language.tree.walking import walk

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from collections.abc import Set as AbstractSet

    from gradcli.language.compiling.compiler import Code, Compiler
    from gradcli.language.values.variables import Variables

__all__ = [
    "BUILTINS",
    "JUMPS",
    "SCALARS",
    "Book",
    "Note",
    "has_form",
    "names_inside",
    "names_read",
    "names_stored",
    "note",
    "tells",
    "wrap",
]

Place = tuple[int, int]
JUMPS = (tree.Break, tree.Continue, tree.Return)
CALLED = frozenset({"abs", "float", "int", "len", "max", "min", "round", "str", "sum"})
PLAIN = (
    tree.Name, tree.Constant, tree.Chain, tree.Compare, tree.Boolean, tree.Unary, tree.Conditional,
    tree.Sequence, tree.Template,
)  # fmt: skip
PRINT = frozenset({"print"})
BUILTINS = CALLED | PRINT
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

    def kept(self, code: Code) -> Code:
        """Returns the statement of a note as the program runs it."""
        meter = self._compiler.meter

        def run(variables: Variables) -> Any:
            if variables is not self.variables:
                return code(variables)
            if self.left_out:
                self.left_out -= 1
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

    __slots__ = ("_names", "again", "make", "sites", "stored")

    def __init__(
        self,
        sites: tuple[Place, ...],
        again: tuple[Place, ...],
        names: dict[str, Code],
        stored: set[str],
        make: Callable[[Variables], bool],
    ) -> None:
        self.sites = sites
        self.again = again
        self.stored = stored
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


def has_form(node: tree.Statement) -> bool:
    """Returns whether a statement is written as a note may be."""
    if isinstance(node, tree.If):
        tests = [test for test, _ in node.branches]
        return all(map(_computes, tests)) and not _sites(tests[1:]) and all(map(_follows, _bodies(node)))
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


def _bodies(node: tree.If) -> list[list[tree.Statement]]:
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
        isinstance(part, (*PLAIN, tree.Link, tree.Field)) or _is_call(part) for part in _parts(expression)
    ) and not any(_sites(part) for part in _perhaps(expression))


def _perhaps(expression: tree.Expression) -> Iterator[Any]:
    """The parts that are computed only where others give leave."""
    for part in _parts(expression):
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


def _parts(found: Any) -> Iterator[Any]:
    """Every part below, but for what `.item()` is asked of."""
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
    return {part.name for part in _parts(node) if isinstance(part, tree.Name)} - BUILTINS


def names_inside(node: tree.Statement) -> set[str]:
    """Returns the names in what `.item()` is asked of."""
    return {part.name for site in _sites(node) for part in walk(site.function) if isinstance(part, tree.Name)}


def tells(node: tree.Statement) -> bool:
    """Returns whether a statement of that form is a note for its own sake, not only beside others."""
    return isinstance(node, tree.Evaluate) or bool(_sites(node))


def wrap(compiler: Compiler, book: Book, node: tree.Statement) -> None:
    """Sees to it that the statement of a note, when it is compiled, tells the book of what it does."""
    for site in _sites(node):
        compiler.substitutes[id(site)] = book.site(compiler.expression(site), _place(site))
    compiler.wrappers[id(node)] = book.kept


def note(compiler: Compiler, book: Book, node: tree.Statement) -> Note:
    """Returns a statement that has the form of a note, to be made from what the book gives."""
    sites = _sites(node)
    asked = _sites(node.branches[0][0]) if isinstance(node, tree.If) else sites
    known = {_subject(site): _place(site) for site in asked}
    places = {id(site): known.get(_subject(site), _place(site)) for site in sites}
    for site in sites:
        compiler.substitutes[id(site)] = _given(book, places[id(site)])
    make = (
        _branching(compiler, node, set(known.values()), places)
        if isinstance(node, tree.If)
        else _made(compiler.bare(node))
    )
    for site in sites:
        del compiler.substitutes[id(site)]
    names = {part.name: part for part in _parts(node) if isinstance(part, tree.Name)}
    codes = {name: compiler.expression(part) for name, part in names.items() if name not in BUILTINS}
    again = tuple(_place(site) for site in sites if places[id(site)] != _place(site))
    return Note(tuple(map(_place, asked)), again, codes, names_stored(node), make)


def _subject(site: tree.Call) -> Any:
    """What `.item()` is asked of: a name, which is the same thing all over a note; else the place itself."""
    assert isinstance(site.function, tree.Attribute)  # noqa: S101 - by which it is one
    subject = site.function.value
    return subject.name if isinstance(subject, tree.Name) else _place(site)


def _sites(found: Any) -> list[tree.Call]:
    return [part for part in _parts(found) if _is_site(part)]


def _place(site: tree.Call) -> Place:
    return site.start, site.end


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
    bodies = _bodies(node)
    away = [
        any(places[id(site)] not in known for site in _sites(body))
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
