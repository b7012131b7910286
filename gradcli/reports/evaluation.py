"""What `eval` found: values and their gradients."""

from __future__ import annotations

from typing import Any, NamedTuple

__all__ = ["Evaluation", "Gradient", "Root"]


class Root(NamedTuple):
    """The result of one expression.

    Attributes:
        expression: its text, as the user gave it.
        array: the value.
        dtype: PyTorch's name of its dtype, without `torch.`.
        grad_fn: the name of the node that made it; None for a leaf.
    """

    expression: str
    array: Any
    dtype: str
    grad_fn: str | None


class Gradient(NamedTuple):
    """A tensor that was differentiated for.

    Attributes:
        name: the name it has in the expressions.
        array: its value.
        dtype: PyTorch's name of its dtype, without `torch.`.
        grad: the gradient, of the value's shape; None where there is none.
        absent: why there is none.
        origin: `bound`, `default` (a name that nothing bound), `made` (in the program) or `retained`.
        verdict: what the witnesses say of it; empty where they were not asked.
    """

    name: str
    array: Any
    dtype: str
    grad: Any | None
    absent: str
    origin: str
    verdict: str = ""


class Evaluation(NamedTuple):
    """What `eval` found.

    Attributes:
        roots: one per expression.
        gradients: one per tensor differentiated for; empty where backward did not run.
        differentiated: whether backward ran.
        defaults: the names that nothing bound.
        default: the expression they stand for.
        notes: facts that the user should know, a sentence each.
    """

    roots: tuple[Root, ...]
    gradients: tuple[Gradient, ...]
    differentiated: bool
    defaults: tuple[str, ...]
    default: str
    notes: tuple[str, ...]
