"""Gradients as formulas and programs."""

from __future__ import annotations

from typing import NamedTuple

__all__ = ["Definition", "Derivative", "Diff"]


class Definition(NamedTuple):
    """A name that formulas use.

    Attributes:
        name: what they call it.
        formula: what it stands for.
    """

    name: str
    formula: str


class Derivative(NamedTuple):
    """One derivative.

    Attributes:
        variables: what it is taken for: one name, or two for a second derivative.
        kind: `gradient`; of order 2 `second derivative`, `elementwise` (of each element for itself; others
            are zero), `hessian`, or `product` (with a direction, of the first variable's shape).
        shape: of its elements.
        formula: in the language of gradcli.
        definitions: the names that it uses, each after those that it uses itself.
        program: the definitions and the formula in one line, which `gradcli eval` computes; None where an
            operation in it cannot be called.
        named: the operations that appear by their names, as they have no closed form.
        simplified: whether the simplified formula is shown, not what the backward pass says word by word.
        direction: what a product is taken with; empty for the other kinds.
    """

    variables: tuple[str, ...]
    kind: str
    shape: tuple[int, ...]
    formula: str
    definitions: tuple[Definition, ...]
    program: str | None
    named: tuple[str, ...]
    simplified: bool
    direction: str = ""


class Diff(NamedTuple):
    """The gradient of an expression.

    Attributes:
        expressions: the texts.
        shape: of the value; of several values of each the same order.
        derivatives: one per variable, of order 2 one per pair of variables.
        order: 1 or 2.
        assumed: what holds at the point and makes the formulas shorter, a sentence each.
        rules: the identities that were used, by name.
        points: at how many points the formulas were compared with autograd.
        notes: facts that the user should know, a sentence each.
        language: of the program asked for; empty where none was.
        program: the program asked for.
    """

    expressions: tuple[str, ...]
    shape: tuple[int, ...]
    derivatives: tuple[Derivative, ...]
    order: int
    assumed: tuple[str, ...]
    rules: tuple[Definition, ...]
    points: int
    notes: tuple[str, ...]
    language: str = ""
    program: str = ""
