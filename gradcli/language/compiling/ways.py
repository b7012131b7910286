"""Which way a turn of a loop will take, told before it runs, and the notes on that way.

The way is the outcomes of tests that cannot do anything: names, numbers and operators. A turn whose way leads
by something else that reads the loop's variable cannot be told; nor can one that leaves the loop.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple, TypeGuard

from gradcli.diagnostics import GradcliError
from gradcli.language import tree
from gradcli.language.compiling.note_forms import (
    BUILTINS,
    JUMPS,
    bodies_of,
    has_form,
    names_inside,
    names_read,
    names_stored,
    tells,
)
from gradcli.language.compiling.notes import SCALARS, Book, Note, note, wrap
from gradcli.language.tree.walking import walk

if TYPE_CHECKING:
    from collections.abc import Callable, Container

    from gradcli.language.compiling.compiler import Code, Compiler
    from gradcli.language.values.variables import Variables

__all__ = ["Way", "Ways", "ways"]

Way = tuple[int, ...]
"""The branch taken at each fork, in order."""

PURE = (
    tree.Name, tree.Constant, tree.Link, tree.Chain, tree.Compare, tree.Boolean, tree.Unary, tree.Conditional,
    tree.Sequence,
)  # fmt: skip
BINDING = (tree.Augment, tree.For, tree.Bind, tree.Clause, tree.Define, tree.Class, tree.Load)


class _Fork(NamedTuple):
    """An `if` whose tests are told ahead: each with the names it reads, and what follows each branch."""

    tests: tuple[tuple[Callable[[Variables], bool], tuple[Code, ...]], ...]
    branches: tuple[Path | None, ...]  # the last one: no test holds. None: what follows is not told


Path = list[_Fork | Note]


class Ways:
    """The ways that turns of one loop can take.

    Attributes:
        word: the loop's variable.
        own: that, and the names that its notes bind or append to.
        book: what its notes share.
    """

    def __init__(self, reader: _Reader, path: Path, own: set[str]) -> None:
        self.word = reader.word
        self.book = reader.book
        self.own = own
        self._path = path
        self._asked = reader.asked
        self._compiler = reader.compiler

    def open(self) -> bool:
        """Returns whether no function of the program takes part in what is the loop's, or its notes', own.

        Nor may it bind what tests and notes read.
        """
        reached, rebound = self._compiler.reached, self._compiler.rebound
        return reached.isdisjoint(self.own) and rebound.isdisjoint(self._asked)

    def ahead(self, variables: Variables, value: Any) -> Way | None:
        """Returns the way of the turn with a value of the loop's variable; None where it cannot be told."""
        kept = variables.get(self.word, variables)
        variables[self.word] = value
        taken: list[int] = []
        try:
            return tuple(taken) if self._follow(self._path, variables, taken) else None
        except GradcliError:
            return None  # the turn will say it
        finally:
            if kept is variables:
                del variables[self.word]
            else:
                variables[self.word] = kept

    def notes(self, way: Way) -> list[Note]:
        """Returns the notes on a way, in order."""
        found: list[Note] = []
        _collect(self._path, iter(way), found)
        return found

    def _follow(self, path: Path | None, variables: Variables, taken: list[int]) -> bool:
        if path is None:
            return False
        for part in path:
            if part.__class__ is Note:
                continue
            branch = 0
            for test, names in part.tests:  # type: ignore[union-attr] # a fork
                for name in names:
                    if type(name(variables)) not in SCALARS:
                        return False
                if test(variables):
                    break
                branch += 1
            taken.append(branch)
            if not self._follow(part.branches[branch], variables, taken):  # type: ignore[union-attr] # as above
                return False
        return True


def _collect(path: Path | None, way: Any, found: list[Note]) -> None:
    for part in path or ():
        if isinstance(part, Note):
            found.append(part)
        else:
            _collect(part.branches[next(way)], way, found)


def ways(compiler: Compiler, node: tree.For) -> Ways | None:
    """Returns the ways of a loop over one name; None where no turn's can be told.

    Where the loop's body is compiled after it, the statements of its notes tell the book of what they do.
    """
    if not isinstance(node.target, tree.Name) or not compiler.is_here(node.target.name):
        return None
    reader = _Reader(compiler, node.target.name, node.body)
    path = None if reader.word in reader.bound else reader.path(node.body)
    if path is None:
        return None
    own = {reader.word}.union(*map(names_stored, reader.notes.values()))
    for one in reader.notes.values():
        wrap(compiler, reader.book, one)
    return Ways(reader, path, own)


class _Reader:
    def __init__(self, compiler: Compiler, word: str, body: list[tree.Statement]) -> None:
        self.compiler = compiler
        self.word = word
        self.bound = _bound(body)
        self.book = Book(compiler)
        self.notes: dict[int, tree.Statement] = {}  # by id
        self.asked: set[str] = set()  # what tests and notes read
        if not any(map(compiler.scope.binds, BUILTINS)):
            self._find_notes(body)

    def path(self, nodes: list[tree.Statement]) -> Path | None:
        """Returns the forks and notes of some statements; None where a turn cannot be told."""
        found: Path = []
        for node in nodes:
            if id(node) in self.notes:
                found.append(note(self.compiler, self.book, node))
                self.asked |= names_read(node)
            elif self._is_fork(node):
                found.append(self._fork(node))
            elif isinstance(node, tree.With) and not self._reads(node.items):
                inner = self.path(node.body)
                if inner is None:
                    return None
                found += inner
            elif isinstance(node, JUMPS) or self._reads(node):
                return None
        return found

    def _leaves(
        self, nodes: list[tree.Statement], notes: Container[int] | None = None
    ) -> list[tree.Statement]:
        """The statements that are no forks, also beyond forks; given the notes, on ways that are told."""
        found: list[tree.Statement] = []
        for node in nodes:
            if self._is_fork(node):
                for body in bodies_of(node):
                    found += self._leaves(body, notes)
            elif isinstance(node, tree.With):
                found += self._leaves(node.body, notes)
            elif notes is None or id(node) in notes or not (isinstance(node, JUMPS) or self._reads(node)):
                found.append(node)
            else:
                return []
        return found

    def _is_fork(self, node: tree.Statement) -> TypeGuard[tree.If]:
        """Whether a statement is an `if` whose tests read nothing that a turn changes, and call nothing."""
        return isinstance(node, tree.If) and all(
            isinstance(part, PURE) and not (isinstance(part, tree.Name) and part.name in self.bound)
            for test, _ in node.branches
            for part in walk(test)
        )

    def _fork(self, node: tree.If) -> _Fork:
        compiler = self.compiler
        self.asked |= _read([test for test, _ in node.branches])
        tests = tuple(
            (compiler.test(test), tuple(compiler.expression(one) for one in walk(test) if _is_name(one)))
            for test, _ in node.branches
        )
        return _Fork(tests, tuple(map(self.path, bodies_of(node))))

    def _reads(self, part: Any) -> bool:
        return any(_is_name(one) and one.name == self.word for one in walk(part))

    def _find_notes(self, body: list[tree.Statement]) -> None:
        """Finds the notes: what tells of a turn, where nothing else takes part in what it reads and binds."""
        leaves = [node for node in self._leaves(body) if has_form(node)]
        written = {id(node): node for node in leaves if self.word not in names_inside(node)}
        while True:
            notes = {key: node for key, node in written.items() if tells(node) or self._reads(node)}
            while True:
                own = {name for node in notes.values() for name in names_stored(node)}
                more = {key: node for key, node in written.items() if not own.isdisjoint(_read(node))}
                if notes.keys() >= more.keys():
                    break
                notes |= more
            others = [node for node in self._leaves(body, notes) if id(node) not in notes]
            read, bound = _read(others).union(*map(names_inside, notes.values())), _bound(others)
            wrong = [
                key for key, node in notes.items()
                if not (names_stored(node).isdisjoint(read) and names_read(node).isdisjoint(bound))
            ]  # fmt: skip
            if not wrong:
                self.notes = notes
                return
            for key in wrong:
                del written[key]


def _is_name(part: Any) -> bool:
    return isinstance(part, tree.Name)


def _read(found: Any) -> set[str]:
    return {part.name for part in walk(found) if isinstance(part, tree.Name)}


def _bound(nodes: list[tree.Statement]) -> set[str]:
    """The names that statements bind, wherever they stand in them."""
    found: set[str] = set()
    for node in walk(nodes):
        if isinstance(node, (tree.Assign, tree.Delete)):
            found.update(*map(_names, node.targets))
        elif isinstance(node, tree.With):
            found.update(*(_names(target) for _, target in node.items))
        elif isinstance(node, BINDING):
            found |= _names(node.target)
        elif isinstance(node, tree.Handler):
            found |= _names(node.name)
    return found


def _names(target: tree.Expression | None) -> set[str]:
    """The names that are bound where a value is stored."""
    if isinstance(target, tree.Name):
        return {target.name}
    if isinstance(target, tree.Starred):
        return _names(target.value)
    return set().union(*map(_names, target.items)) if isinstance(target, tree.Sequence) else set()
