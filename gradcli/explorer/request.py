"""What `eval` is asked: the expressions, the bindings, and how to run backward."""

from __future__ import annotations

from typing import NamedTuple

from gradcli.language.limits import Limits

__all__ = ["Backward", "EvalRequest", "Limits"]


class Backward(NamedTuple):
    """How gradients are asked for; the defaults are PyTorch's.

    Attributes:
        run: whether backward runs at all.
        grad_tensors: expressions for the gradients of the roots: one per root, or one that is a list of them.
        separately: one backward per root instead of one over all.
        retain_graph: keep what the graph saved; None as PyTorch: only with `create_graph`.
        create_graph: record the backward pass.
        wrt: names to differentiate for; empty: all leaves.
        passes: how often backward runs.
        zero_between: clear the gradients between one backward and the next.
        retain_grad: names of intermediate values whose gradients are shown.
        detect_anomaly: stop at the first nan of a backward pass.
    """

    run: bool = True
    grad_tensors: tuple[str, ...] = ()
    separately: bool = False
    retain_graph: bool | None = None
    create_graph: bool = False
    wrt: tuple[str, ...] = ()
    passes: int = 1
    zero_between: bool = False
    retain_grad: tuple[str, ...] = ()
    detect_anomaly: bool = False


class EvalRequest(NamedTuple):
    """One `eval`.

    Attributes:
        expressions: the EXPRs as given: texts, `@file` or `-`.
        variables: NAME=VALUE texts that make leaves which require grad.
        constants: NAME=VALUE texts that make values which do not.
        default: the expression that names without a value stand for.
        backward: how gradients are asked for.
        dtype: of floats without one.
        seed: of the random numbers.
        limits: of the language.
        max_elements: of one tensor.
        max_bytes: of all tensors together.
        command: which one asks, for what messages recommend.
    """

    expressions: tuple[str, ...]
    variables: tuple[str, ...] = ()
    constants: tuple[str, ...] = ()
    default: str = "ones(2, 2)"
    backward: Backward = Backward()
    dtype: str = "float64"
    seed: int = 0
    limits: Limits = Limits()
    max_elements: int = 2**28
    max_bytes: int = 12 * 2**30
    command: str = "eval"
