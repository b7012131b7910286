"""The autograd graph, and what a backward pass did in it."""

from __future__ import annotations

from typing import Any, NamedTuple

__all__ = ["Answer", "Flow", "Graph", "GraphNode", "Kept", "Result"]


class Result(NamedTuple):
    """One output of a graph node: its name, value and gradient (None: not known, or nothing arrived)."""

    name: str
    shape: tuple[int, ...]
    dtype: str
    value: Any | None
    gradient: Any | None


class Flow(NamedTuple):
    """What a node hands to one of its inputs in the backward pass.

    Attributes:
        to: the number of the node it goes to; None where the input does not require grad.
        output: which of that node's outputs it is for.
        operand: the input's name.
        rule: the input's gradient as a formula of the node's, which is called g; empty where none is known.
        local: the local derivative as a formula, where gradients are multiplied by one.
        factor: the local derivative's numbers.
        sent: what the rule gave; None where backward did not come here.
        dims: those that broadcasting added, which `sent` is summed over.
    """

    to: int | None
    output: int
    operand: str
    rule: str = ""
    local: str = ""
    factor: Any | None = None
    sent: Any | None = None
    dims: tuple[int, ...] = ()


class Kept(NamedTuple):
    """A value saved for backward.

    Attributes:
        name: what formulas call it.
        shape, dtype, nbytes: of a tensor; the dtype of a plain number is `number`.
        version: how often it has been changed in place; None where that is not counted.
        expected: its version when it was saved.
        status: afterwards `kept`, `freed` or `changed` (in place).
        memory: the same for values that lie at the same place; 0 for a plain number.
    """

    name: str
    shape: tuple[int, ...]
    dtype: str
    nbytes: int
    version: int | None
    expected: int
    status: str
    memory: int = 0


class GraphNode(NamedTuple):
    """A node of the graph.

    Attributes:
        number: its place in the order in which backward visits the nodes, from 1.
        name: PyTorch's name of it.
        variable: of a leaf's node, the variable's name.
        operation: the record's name; empty where it has none.
        text: the part of the expression that made it.
        label: what its result is called in formulas.
        formula: the operation in those names.
        results: one per output.
        flows: one per entry of PyTorch's next_functions.
        saved: what it keeps for backward.
        again: why a second backward would raise here; empty where it would not.
        kinks: what is taken as the derivative where this point has none, a sentence each.
        visited: whether backward came here.
    """

    number: int
    name: str
    variable: str
    operation: str
    text: str
    label: str
    formula: str
    results: tuple[Result, ...]
    flows: tuple[Flow, ...]
    saved: tuple[Kept, ...]
    again: str
    kinks: tuple[str, ...]
    visited: bool


class Answer(NamedTuple):
    """A variable with its gradient: its node's number, the formula where one is known, and the numbers."""

    name: str
    number: int
    formula: str
    value: Any
    gradient: Any | None


class Graph(NamedTuple):
    """The autograd graph of expressions.

    Attributes:
        expressions: as the user gave them.
        roots: per expression, the number of its node and the output.
        nodes: by number.
        forward: the numbers in the order in which the operations ran.
        answers: one per variable.
        notes, defaults, default: as of an evaluation.
        differentiated: whether backward ran.
        result: what gradients are gradients of, as in `dL/dx`.
        scalar: whether that is the one value of the one expression, so that backward starts from 1.
        glossary: words in formulas that no user can call, with what they mean.
    """

    expressions: tuple[str, ...]
    roots: tuple[tuple[int, int], ...]
    nodes: tuple[GraphNode, ...]
    forward: tuple[int, ...]
    answers: tuple[Answer, ...]
    notes: tuple[str, ...]
    defaults: tuple[str, ...]
    default: str
    differentiated: bool
    result: str = "L"
    scalar: bool = True
    glossary: tuple[tuple[str, str], ...] = ()
