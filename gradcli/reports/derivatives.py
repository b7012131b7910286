"""Jacobians, Hessians, and their products with vectors."""

from __future__ import annotations

from typing import Any, NamedTuple

from gradcli.reports.evaluation import Root  # noqa: TC001 - fields of a named tuple

__all__ = ["Block", "Directional", "Hessian", "Jacobian", "Moved", "Variable"]


class Variable(NamedTuple):
    """What derivatives are taken for.

    Attributes:
        name: the name it has in the expressions.
        array: its value.
        dtype: PyTorch's name of its dtype, without `torch.`.
        default: whether nothing bound it.
    """

    name: str
    array: Any
    dtype: str
    default: bool = False


class Block(NamedTuple):
    """The derivative of one root for one variable.

    Attributes:
        root: the number of the root.
        name: the variable.
        array: the derivatives, of the root's shape followed by the variable's.
        dependent: whether the root depends on the variable at all.
    """

    root: int
    name: str
    array: Any
    dependent: bool = True


class Jacobian(NamedTuple):
    """All first derivatives.

    Attributes:
        roots: the values.
        variables: what they are differentiated for.
        blocks: one per root and variable, root by root.
        mode: `forward` or `reverse`.
        how: the mode and what it took, in a sentence.
        directions: how many tangents or cotangents went through the program.
        passes: in how many batches.
        notes: facts that the user should know, a sentence each.
    """

    roots: tuple[Root, ...]
    variables: tuple[Variable, ...]
    blocks: tuple[Block, ...]
    mode: str
    how: str
    directions: int
    passes: int
    notes: tuple[str, ...] = ()


class Hessian(NamedTuple):
    """All second derivatives of one number, and what they say of the point.

    Attributes:
        root: the value.
        variables: what it is differentiated for.
        gradient: all first derivatives, variable after variable.
        matrix: all second derivatives, in the same order.
        mode: `forward` (over reverse) or `reverse` (over reverse).
        how: the mode and what it took, in a sentence.
        eigenvalues: rising; None where they cannot be computed.
        condition: the largest over the smallest of their magnitudes; None as above.
        asymmetry: the largest difference between the matrix and its transpose.
        gradient_norm: Euclidean.
        point: `minimum`, `maximum`, `saddle`, `degenerate`, `not stationary` or `undefined`.
        verdict: that in a sentence.
        notes: facts that the user should know, a sentence each.
    """

    root: Root
    variables: tuple[Variable, ...]
    gradient: Any
    matrix: Any
    mode: str
    how: str
    eigenvalues: Any | None
    condition: float | None
    asymmetry: float
    gradient_norm: float
    point: str
    verdict: str
    notes: tuple[str, ...] = ()


class Moved(NamedTuple):
    """What a direction makes of something.

    Attributes:
        name: a variable, or the text of a root.
        array: its value.
        derivative: along the direction, of the value's shape.
    """

    name: str
    array: Any
    derivative: Any


class Directional(NamedTuple):
    """Derivatives along one direction.

    Attributes:
        product: `jvp` (of the roots) or `hvp` (of the gradient of the root).
        roots: the values.
        directions: each variable with its part of the direction.
        results: what moves: the roots, or per variable the product of the Hessian with the direction.
        mode: `forward` or `reverse`.
        how: the mode, in a sentence.
        slope: of an hvp, the derivative of the root along the direction.
        curvature: of an hvp, the second derivative along the direction scaled to length 1; None for zero.
        notes: facts that the user should know, a sentence each.
    """

    product: str
    roots: tuple[Root, ...]
    directions: tuple[Moved, ...]
    results: tuple[Moved, ...]
    mode: str
    how: str
    slope: float | None = None
    curvature: float | None = None
    notes: tuple[str, ...] = ()
