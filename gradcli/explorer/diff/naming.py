"""Names for what a formula says several times, and for the counts in it."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from gradcli.explorer.diff.writing import Writer
from gradcli.reports.diff import Definition

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from gradcli.explorer.diff.axes import Atoms
    from gradcli.explorer.diff.formulas import Formulas
    from gradcli.explorer.diff.languages import Language
    from gradcli.explorer.diff.terms import Term

__all__ = ["Count", "Names", "below", "definitions_of", "name_parts", "writer_for"]

COUNTS = ("n", "m", "k", "l", "p", "q")
SHARED = ("r", "s", "t", "h", "c", "w", "z", "d", "f", "g")
SHORTEST = 8  # characters that are worth a name


class Count(NamedTuple):
    """A number of elements.

    Attributes:
        name: what formulas call it.
        leaf: whose elements it counts; empty where it counts some axes.
        axes: the axes that it counts then, each of a leaf.
    """

    name: str
    leaf: str
    axes: tuple[tuple[str, int], ...]

    def text(self, language: Language) -> str:
        """Returns it in a language."""
        if self.leaf:
            return f"{self.leaf}.{language.size}"
        return "*".join(f"{leaf}.shape[{axis}]" for leaf, axis in self.axes)

    def renamed(self, leaves: Mapping[str, str]) -> Count:
        """Returns it with other names for the leaves."""
        axes = tuple((leaves[leaf], axis) for leaf, axis in self.axes)
        return self._replace(leaf=leaves.get(self.leaf, ""), axes=axes)


class Names(NamedTuple):
    """What got a name.

    Attributes:
        counts: by the axes that they count.
        shared: terms by name, each after those that it is made of.
    """

    counts: dict[Atoms, Count]
    shared: dict[str, Term]

    def renamed(self, leaves: Mapping[str, str]) -> Names:
        """Returns them with other names for the leaves that counts are told by."""
        return self._replace(counts={atoms: one.renamed(leaves) for atoms, one in self.counts.items()})


def below(terms: Iterable[Term]) -> list[Term]:
    """Returns the terms and all that they are made of, in the order in which they were made."""
    found: dict[Term, None] = {}
    waiting = list(terms)
    while waiting:
        term = waiting.pop()
        if term not in found:
            found[term] = None
            waiting.extend(term.args)
    return sorted(found, key=lambda term: term.index)


def name_parts(m: Formulas, roots: Sequence[Term], leaves: Mapping[str, Term], taken: Iterable[str]) -> Names:
    """Returns names for counts, and for what stands in the formulas more than once.

    Args:
        m: the algebra of the terms.
        roots: the formulas.
        leaves: by name; counts are told by them.
        taken: names that are in use.
    """
    used = {*taken, *leaves}
    terms = below(roots)
    counts: dict[Atoms, Count] = {}
    for term in terms:
        if term.op == "count" and term.data[0] not in counts:
            found = _counted(m, term.data[0], leaves)
            if found is not None:
                name = _free(COUNTS, used)
                counts[term.data[0]] = Count(name, *found)
    uses: dict[Term, int] = dict.fromkeys(roots, 1)
    for term in terms:
        for arg in term.args:
            uses[arg] = uses.get(arg, 0) + 1
    writer = Writer()
    shared = {}
    for term in terms:
        if uses.get(term, 0) > 1 and _worth(term) and len(writer.text(term)) >= SHORTEST:
            name = _free(SHARED, used)
            shared[name] = term
            writer.name(term, name)  # so that no text grows with the number of ways to it
    return Names(counts, shared)


def _worth(term: Term) -> bool:
    """Whether a value, and not a way to show one, is repeated."""
    if term.op in {"leaf", "number", "count", "named", "array", "calls", "eye", "expand", "unsqueeze"}:
        return False
    return term.op != "transpose" or term.args[0].op != "leaf"


def _counted(
    m: Formulas, atoms: Atoms, leaves: Mapping[str, Term]
) -> tuple[str, tuple[tuple[str, int], ...]] | None:
    """The leaf whose elements a count is the number of, else the axes that it counts."""
    wanted = sorted(m.axes.first(atom) for atom in atoms)
    found: dict[tuple[str, int], tuple[str, int]] = {}
    for name, leaf in leaves.items():
        axes = [i for i in range(leaf.ndim) if leaf.shape[i] != 1]
        own = [m.axes.first((name, i)) for i in axes]
        if sorted(own) == wanted:
            return name, ()
        for atom, i in zip(own, axes, strict=True):
            found.setdefault(atom, (name, i))
    if any(atom not in found for atom in wanted):
        return None
    return "", tuple(sorted(found[atom] for atom in wanted))


def _free(candidates: Sequence[str], used: set[str]) -> str:
    name = next((one for one in candidates if one not in used), "")
    number = 1
    while not name:
        name = "" if f"t{number}" in used else f"t{number}"
        number += 1
    used.add(name)
    return name


def writer_for(language: Language, names: Names, leaves: Mapping[str, Term], first: str = "") -> Writer:
    """Returns a writer that knows the names; shapes are told by `first` where it has them."""
    writer = Writer(language, {term: name for name, term in names.shared.items()})
    writer.counts = {atoms: count.name for atoms, count in names.counts.items()}
    for name, leaf in sorted(leaves.items(), key=lambda item: item[0] != first):
        if leaf.ndim:
            writer.likes.setdefault(leaf.shape, name)
    return writer


def definitions_of(
    term: Term | None, names: Names, writer: Writer, inside: Sequence[Term] | None = None
) -> tuple[Definition, ...]:
    """Returns the names that a formula uses, with what they stand for in the writer's language.

    Args:
        term: the formula, which is no definition itself; None for several.
        names: counts and shared terms.
        writer: knows the names.
        inside: what the formulas are made of; None to look at the term.
    """
    known = set(below([term]) if inside is None and term is not None else inside or ())
    atoms = {one.data[0] for one in known if one.op == "count"}
    found = [
        Definition(count.name, count.text(writer.language))
        for key, count in names.counts.items()
        if key in atoms
    ]
    found += [
        Definition(name, writer.definition(shared))
        for name, shared in names.shared.items()
        if shared in known and shared is not term
    ]
    return tuple(found)
