"""What the records say of operations."""

from __future__ import annotations

from typing import NamedTuple

from gradcli.reports.evaluation import Evaluation  # noqa: TC001 - fields of a named tuple

__all__ = ["Family", "Operation", "OperationLine", "Operations", "Partial"]


class OperationLine(NamedTuple):
    """One operation in a list."""

    name: str
    signature: str
    summary: str


class Family(NamedTuple):
    """The operations of one family."""

    name: str
    operations: tuple[OperationLine, ...]


class Operations(NamedTuple):
    """All operations, by family."""

    families: tuple[Family, ...]


class Partial(NamedTuple):
    """A derivative as a formula.

    Attributes:
        argument: what it is the derivative for.
        formula: its text, or why there is none.
        through: the part of a composite operation that it belongs to; empty for the operation's own.
        whole: it is the gradient for the argument, made of the result's gradient g, not a factor per element.
    """

    argument: str
    formula: str
    through: str = ""
    whole: bool = False


class Operation(NamedTuple):
    """One operation, with everything that its record says.

    Attributes:
        name: its name.
        family: the family it belongs to.
        kind: `elementwise`, `linear`, `general` or `composite`.
        signature: how it is called.
        summary: what it is, in one sentence.
        spellings: every full name, below `torch`.
        node: PyTorch's name of the graph node; empty where several fit.
        partials: the derivatives.
        domain: where each argument is defined and differentiable.
        kinks: what is taken as the derivative where there is none, a sentence each.
        source: the literature.
        example: an expression; empty where there is none.
        example_result: what evaluating the example gave.
    """

    name: str
    family: str
    kind: str
    signature: str
    summary: str
    spellings: tuple[str, ...]
    node: str
    partials: tuple[Partial, ...]
    domain: tuple[Partial, ...]
    kinks: tuple[str, ...]
    source: str
    example: str
    example_result: Evaluation | None
