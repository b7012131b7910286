"""Terms as text: how tightly each kind holds together, and brackets where that asks for them.

One writer serves all languages that are written as Python is; a language (languages.py) says how functions,
dims and shapes are called in it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from gradcli.explorer.diff.languages import GRADCLI
from gradcli.explorer.diff.writing_kinds import WRITE
from gradcli.explorer.terms import ATOM, OPPOSITE, RELATION, SIGNS, SUM, Factor

if TYPE_CHECKING:
    from collections.abc import Mapping

    from gradcli.explorer.diff.languages import Language
    from gradcli.explorer.diff.terms import Term

__all__ = ["Writer", "formula", "sentence"]


class Writer:
    """Writes terms in a language.

    Attributes:
        language: which.
        names: terms that have a name: counts, shared values.
        unspelled: the operations without a spelling in the language that were met.
        used: the functions that were written.
    """

    def __init__(self, language: Language = GRADCLI, names: Mapping[Term, str] | None = None) -> None:
        self.language = language
        self.names = dict(names or {})
        self.counts: dict[Any, str] = {}  # the names of counts, by their axes
        self.likes: dict[tuple[int, ...], str] = {}  # a leaf's name by its shape
        self.unspelled: dict[str, None] = {}
        self.used: dict[str, None] = {}
        self._known: dict[Term, Factor] = {}

    def text(self, term: Term) -> str:
        """Returns a term as a whole."""
        return self.factor(term).text

    def name(self, term: Term, name: str) -> None:
        """Gives a term a name, which is written in its place from now on."""
        self.names[term] = name
        self._known[term] = Factor(name)

    def rename(self, leaves: Mapping[Term, str]) -> None:
        """Writes leaves under other names."""
        new = {leaf.data: name for leaf, name in leaves.items()}
        self.likes = {shape: new[name] for shape, name in self.likes.items()}
        for leaf, name in leaves.items():
            self.name(leaf, name)

    def definition(self, term: Term) -> str:
        """Returns what a term is made of, though it has a name."""
        name = self.names.pop(term, None)
        self._known.pop(term, None)
        found = self.text(term)
        if name is not None:
            self.name(term, name)
        return found

    def factor(self, term: Term) -> Factor:
        """Returns a term with how tightly it holds together; without recursion."""
        waiting = [term]
        while waiting:
            top = waiting[-1]
            missing = [] if top in self.names else [arg for arg in top.args if arg not in self._known]
            if top in self._known or not missing:
                waiting.pop()
                if top not in self._known:
                    name = self.names.get(top)
                    self._known[top] = Factor(name) if name else self._written(top)
            else:
                waiting.extend(missing)
        return self._known[term]

    def _written(self, term: Term) -> Factor:
        write = WRITE.get(term.op)
        if write is not None:
            return write(self, term)
        return Factor(f"{term.op}({', '.join(self.text(arg) for arg in term.args)})")

    # pieces that the languages differ in

    def function(self, name: str) -> str:
        """Returns what a function is called; one that the language has not is noted."""
        self.used[name] = None
        found = self.language.functions.get(name)
        if found is not None:
            return found
        if self.language.closed:
            self.unspelled[name] = None
        if name.startswith("F."):
            return self.language.functional + name.removeprefix("F.")
        return self.language.prefix + name

    def has(self, name: str) -> bool:
        """Returns whether the language has a function."""
        return not self.language.closed or name in self.language.functions

    def call(self, name: str, *parts: str) -> Factor:
        """Returns the call of a function."""
        return Factor(f"{self.function(name)}({', '.join(part for part in parts if part)})")

    def dims(self, dims: tuple[int, ...], ndim: int) -> str:
        """Returns which dims a function goes over; nothing where it goes over all."""
        if len(dims) == ndim:
            return ""
        found = sorted(dim + ndim for dim in dims)
        return f"{self.language.dim}={found[0] if len(found) == 1 else tuple(found)}"

    def keepdim(self, *, keep: Any) -> str:
        """Returns the option that keeps reduced dims."""
        return f"{self.language.keepdim}=True" if keep else ""

    def shape(self, shape: tuple[int, ...]) -> str:
        """Returns a shape: that of a leaf where one has it."""
        like = self.likes.get(shape)
        return f"{like}.shape" if like else str(shape)

    def inside(self, term: Term, strength: int = RELATION) -> str:
        """Returns an argument, in brackets where it holds together less than asked."""
        return self.factor(term).within(strength)


def formula(term: Term) -> str:
    """Returns a term in the language of gradcli."""
    return Writer().text(term)


def sentence(mask: Term, *, holds: bool) -> str:
    """Returns what is known of a condition that is the same everywhere."""
    writer = Writer()
    if mask.op != "compare":
        return writer.text(mask) if holds else f"not {writer.inside(mask, ATOM)}"
    left, right = (writer.inside(arg, SUM) for arg in mask.args)
    sign = SIGNS[mask.data]
    return f"{left} {sign if holds else OPPOSITE[sign]} {right}"
