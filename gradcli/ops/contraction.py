"""Einstein summation: operands brought to common dims, then multiplied pair by pair from the left.

Each pair is one stacked matrix product (or a plain product where nothing is summed), as in PyTorch,
so that the gradients follow from permute, reshape and bmm.
"""

# PyTorch's names and signatures, and formulas that name all they are given:

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np

from gradcli.diagnostics import RuntimeFault, ValueFault
from gradcli.ops.equation import ELLIPSIS, NO_OPERANDS, Equation, letter, parse_equation, parse_lists
from gradcli.ops.record import composite, linear
from gradcli.ops.shapes import Shape, broadcast

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["fold", "permuted"]

FAMILY = "contraction"


def permuted(m: Any, x: Any, order: Sequence[int]) -> Any:
    """Returns x with its dims in `order`, counted from the left."""
    return m.permute(x, dims=tuple(dim - len(order) for dim in order))


def fold(m: Any, x: Any, shape: Shape) -> Any:
    """Returns x under another shape."""
    return m.reshape(x, shape=tuple(shape), rank=len(x.shape))


mul_grown = linear(
    "mul_grown",
    args=("a", "b"),
    node="MulBackward0",
    numpy=np.multiply,
    transposes=(lambda m, g, b: g * b, lambda m, g, a: g * a),
    multilinear=True,
    grows=True,
    infer=broadcast,
    faces="",
    family=FAMILY,
    samples=lambda s: [((s.normal(2, 1), s.normal(1, 3)), {})],
    summary="Product with broadcasting, where the result is far larger than its factors.",
    source="DLMF 1.4.8",
)


def _dims(equation: Equation, operands: Sequence[Any]) -> tuple[list[list[int]], int]:
    """The labels of each operand with its ellipsis written out, and how many dims the ellipsis covers.

    The dims of the ellipsis are labels ELLIPSIS, ELLIPSIS + 1, ... from the left.
    """
    if len(equation.operands) != len(operands):
        word = "fewer" if len(operands) < len(equation.operands) else "more"
        raise RuntimeFault("E303", f"einsum(): {word} operands were provided than specified in the equation")
    covered = 0
    for number, (labels, operand) in enumerate(zip(equation.operands, operands, strict=True)):
        named, rank = len(labels) - (ELLIPSIS in labels), len(operand.shape)
        if ELLIPSIS in labels and named > rank:
            wrong = "is more than the number of dimensions ({}) for operand {}"
        elif ELLIPSIS not in labels and named != rank:
            wrong = "does not match the number of dimensions ({}) for operand {} and no ellipsis was given"
        else:
            covered = max(covered, rank - named) if ELLIPSIS in labels else covered
            continue
        raise RuntimeFault(
            "E303",
            f"einsum(): the number of subscripts in the equation ({named}) " + wrong.format(rank, number),
            help="one letter stands for one dim; '...' for those without a letter",
        )
    return [
        _written_out(labels, covered - (len(operand.shape) - len(labels) + 1), covered)
        for labels, operand in zip(equation.operands, operands, strict=True)
    ], covered


def _written_out(labels: Sequence[int], first: int, covered: int) -> list[int]:
    found: list[int] = []
    for label in labels:
        found.extend(range(ELLIPSIS + first, ELLIPSIS + covered) if label == ELLIPSIS else [label])
    return found


def _output(equation: Equation, dims: Sequence[Sequence[int]], covered: int) -> list[int]:
    """The labels of the result: those given, or the ellipsis and the labels that occur once, in order."""
    known = [label for labels in dims for label in labels]
    if equation.output is None:
        once = sorted(label for label in set(known) if label < ELLIPSIS and known.count(label) == 1)
        return [*range(ELLIPSIS, ELLIPSIS + covered), *once]
    for label in equation.output:
        if equation.output.count(label) > 1:
            raise RuntimeFault(
                "E303", f"einsum(): output subscript {letter(label)} appears more than once in the output"
            )
        if label < ELLIPSIS and label not in known:
            raise RuntimeFault(
                "E303",
                f"einsum(): output subscript {letter(label)} does not appear in the equation for any "
                "input operand",
            )
    return _written_out(equation.output, 0, covered)


def _check_sizes(dims: Sequence[Sequence[int]], operands: Sequence[Any]) -> None:
    sizes: dict[int, int] = {}
    for number, (labels, operand) in enumerate(zip(dims, operands, strict=True)):
        own: dict[int, int] = {}
        for label, size in zip(labels, operand.shape, strict=True):
            if own.setdefault(label, size) != size:
                raise RuntimeFault(
                    "E301",
                    f"einsum(): subscript {letter(label)} is repeated for operand {number} but the sizes "
                    "don't match, "
                    f"{size} != {own[label]}",
                )
            seen = sizes.get(label, 1)
            if 1 not in (seen, size) and seen != size:
                name = letter(label) if label < ELLIPSIS else "..."
                raise RuntimeFault(
                    "E301",
                    f"einsum(): subscript {name} has size {size} for operand {number} which does not "
                    "broadcast with "
                    f"previously seen size {seen}",
                )
            sizes[label] = size if seen == 1 else seen


def _aligned(m: Any, operand: Any, labels: Sequence[int], order: Sequence[int]) -> Any:
    """The operand with one dim per label of `order`: diagonals taken, permuted, ones put in."""
    labels = list(labels)
    for label in sorted(set(labels)):
        while labels.count(label) > 1:
            first = labels.index(label)
            second, rank = labels.index(label, first + 1), len(labels)
            operand = m.diagonal(operand, offset=0, dim1=first - rank, dim2=second - rank)
            labels = [*labels[:first], *labels[first + 1 : second], *labels[second + 1 :], label]
    places = [labels.index(label) for label in order if label in labels]
    operand = permuted(m, operand, places)
    if len(places) == len(order):
        return operand
    sizes = iter(operand.shape)
    return fold(m, operand, tuple(next(sizes) if label in labels else 1 for label in order))


def _pair_product(m: Any, a: Any, b: Any, over: Sequence[int]) -> Any:
    """The sum over dims `over` (kept as ones) of a * b, two operands of one rank whose dims are 1 or alike.

    Dims that one operand alone has are summed there first; the rest is one stacked matrix product
    over (dims of both that are kept, of a alone, summed, of b alone).
    """
    if not over:
        return m.mul_grown(a, b)
    rank = len(a.shape)
    both: list[int] = []
    left: list[int] = []
    right: list[int] = []
    summed: list[int] = []
    for dim in range(rank):
        in_a, in_b = a.shape[dim] != 1, b.shape[dim] != 1
        if dim not in over:
            (both if in_a and in_b else left if in_a else right).append(dim)
        elif in_a and in_b:
            summed.append(dim)
        elif in_a:
            a = m.sum_dims(a, dims=(dim - rank,), keepdim=True)
        elif in_b:
            b = m.sum_dims(b, dims=(dim - rank,), keepdim=True)
    gone = [dim for dim in over if dim not in summed]

    def count(value: Any, dims: Sequence[int]) -> int:
        return math.prod(value.shape[dim] for dim in dims)

    stack_a = permuted(m, a, both + left + summed + right + gone)
    stack_b = permuted(m, b, both + summed + right + left + gone)
    product = m.bmm(
        fold(m, stack_a, (count(a, both), count(a, left), count(a, summed))),
        fold(m, stack_b, (count(b, both), count(b, summed), count(b, right))),
    )
    order = both + left + right + list(over)
    wide = (*(a.shape[dim] for dim in both + left), *(b.shape[dim] for dim in right), *(1 for _ in over))
    return permuted(m, fold(m, product, wide), [order.index(dim) for dim in range(rank)])


@composite(
    "einsum",
    args=("equation", "*operands"),
    faces="torch",
    family=FAMILY,
    example="einsum('ij,jk->ik', x, x)",
    source="PyTorch reference, torch.einsum",
    summary="Sum of products of operands over the letters that the output does not name.",
)
def einsum(m: Any, *arguments: Any) -> Any:
    if not arguments or (isinstance(arguments[0], str) and len(arguments) == 1):
        raise ValueFault("E303", NO_OPERANDS, help="write einsum('ij,jk->ik', a, b)")
    if isinstance(arguments[0], str):
        equation, operands = parse_equation(arguments[0]), list(arguments[1:])
        if len(operands) == 1 and isinstance(operands[0], (list, tuple)):
            operands = list(operands[0])
    else:
        equation, operands = parse_lists(arguments)
    dims, covered = _dims(equation, operands)
    output = _output(equation, dims, covered)
    _check_sizes(dims, operands)
    known = sorted({label for labels in dims for label in labels})
    order = output + [label for label in known if label not in output]
    last = {
        label: max(i for i, labels in enumerate(dims) if label in labels) for label in order[len(output) :]
    }
    return _multiplied(
        m,
        [_aligned(m, x, labels, order) for x, labels in zip(operands, dims, strict=True)],
        [last[label] for label in order[len(output) :]],
        len(output),
    )


def _multiplied(m: Any, operands: Sequence[Any], last: Sequence[int], kept: int) -> Any:
    """The product of aligned operands; dim kept + i is summed at operand last[i], the last that has it."""
    result = operands[0]
    rank = kept + len(last)
    alone = tuple(kept + i - rank for i, operand in enumerate(last) if operand == 0)
    if len(operands) == 1:
        return m.sum_dims(result, dims=alone, keepdim=False) if alone else result
    if alone:
        result = m.sum_dims(result, dims=alone, keepdim=True)
    for number, operand in enumerate(operands[1:], 1):
        result = _pair_product(m, result, operand, [kept + i for i, at in enumerate(last) if at == number])
    return fold(m, result, result.shape[:kept]) if last else result
