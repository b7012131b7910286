"""backward and grad: what a user calls to run the engine, with PyTorch's rules and words."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from gradcli.autograd.engine import accumulate, run
from gradcli.autograd.node import Edge
from gradcli.autograd.tensor import Tensor, make
from gradcli.diagnostics import RuntimeFault, TypeFault, ValueFault

__all__ = ["backward", "grad"]

NO_GRAPH = "element 0 of tensors does not require grad and does not have a grad_fn"
NOT_SCALAR = "grad can be implicitly created only for scalar outputs"


def backward(
    tensors: Tensor | Sequence[Tensor],
    grad_tensors: Any = None,
    retain_graph: bool | None = None,
    create_graph: bool = False,
    inputs: Tensor | Sequence[Tensor] | None = None,
) -> None:
    """Adds the gradients of `tensors`, weighted by `grad_tensors`, to the `.grad` of the leaves.

    Args:
        tensors: the roots.
        grad_tensors: per root a tensor of its shape; None stands for 1 where the root is a scalar.
        retain_graph: keep what the graph saved, for another backward; defaults to `create_graph`.
        create_graph: record the backward pass, for higher derivatives.
        inputs: fill in the `.grad` of these tensors only.

    Raises:
        RuntimeFault: PyTorch's errors about roots, gradients and freed graphs.
        TypeFault: a gradient is neither a tensor nor None.
    """
    roots = _as_list(tensors)
    targets = None
    if inputs is not None:
        targets = _as_list(inputs)
        if not targets:
            raise RuntimeFault("E401", "`inputs` argument to `backward()` cannot be empty.")
    keep = create_graph if retain_graph is None else retain_graph
    pairs = _seeds(roots, _as_grads(grad_tensors, len(roots)))
    edges = None if targets is None else [_input_edge(tensor) for tensor in targets]
    found = run([edge for edge, _ in pairs], [seed for _, seed in pairs], keep=keep, record=create_graph, inputs=edges)
    for tensor, gradient in zip(targets or (), found, strict=True):
        if gradient is not None:
            accumulate(tensor, gradient, record=create_graph)


def grad(  # noqa: PLR0913 - PyTorch's signature
    outputs: Tensor | Sequence[Tensor],
    inputs: Tensor | Sequence[Tensor],
    grad_outputs: Any = None,
    retain_graph: bool | None = None,
    create_graph: bool = False,
    allow_unused: bool | None = None,
    *,
    materialize_grads: bool = False,
) -> tuple[Tensor | None, ...]:
    """Returns the gradient of the outputs, weighted by `grad_outputs`, for each input; no `.grad` changes.

    Raises:
        RuntimeFault: PyTorch's errors; among them an input that the outputs do not depend on, unless
            `allow_unused` (None in its place) or `materialize_grads` (zeros in its place).
        ValueFault: `allow_unused=False` together with `materialize_grads=True`.
    """
    if materialize_grads and allow_unused is False:
        raise ValueFault(
            "E401",
            "Expected allow_unused to be True or not passed when materialize_grads=True, "
            "but got: allow_unused=False.",
        )
    unused_is_fine = bool(allow_unused) or materialize_grads
    roots, targets = _as_list(outputs), _as_list(inputs)
    if not targets:
        raise RuntimeFault("E401", "`inputs` argument to `grad()` cannot be empty.")
    keep = create_graph if retain_graph is None else retain_graph
    pairs = _seeds(roots, _as_grads(grad_outputs, len(roots)))
    edges = [_input_edge(tensor) for tensor in targets]
    found = run(
        [edge for edge, _ in pairs],
        [seed for _, seed in pairs],
        keep=keep,
        record=create_graph,
        inputs=edges,
    )
    for index, gradient in enumerate(found):
        if gradient is None:
            if not unused_is_fine:
                raise RuntimeFault(
                    "E401",
                    f"The differentiated Tensor at index {index} appears to not have been used in the graph. "
                    "Set allow_unused=True if this is the desired behavior.",
                )
            if materialize_grads:
                found[index] = make(np.zeros_like(targets[index]._array))  # noqa: SLF001 - one package
    return tuple(found)


def _as_list(tensors: Any) -> list[Tensor]:
    found = [tensors] if isinstance(tensors, Tensor) else list(tensors)
    for tensor in found:
        if not isinstance(tensor, Tensor):
            raise TypeFault("E401", f"expected a Tensor, but got {type(tensor).__name__}")
    return found


def _as_grads(grads: Any, count: int) -> list[Any]:
    found = [grads] if grads is None or isinstance(grads, Tensor) or not isinstance(grads, (list, tuple)) else grads
    if grads is None:
        found = [None] * count
    if len(found) != count:
        raise RuntimeFault(
            "E401",
            f"got {count} tensors and {len(found)} gradients",
            help="give one gradient per root",
        )
    return list(found)


def _seeds(roots: Sequence[Tensor], grads: Sequence[Any]) -> list[tuple[Edge, Tensor]]:
    """Each root's edge with the cotangent it starts from."""
    pairs = []
    for index, (root, gradient) in enumerate(zip(roots, grads, strict=True)):
        if gradient is not None:
            _check_gradient(index, root, gradient)
        if not root.requires_grad:
            raise RuntimeFault(
                "E401",
                NO_GRAPH.replace("element 0", f"element {index}"),
                help="start from a leaf with requires_grad=True, and outside no_grad",
            )
        if gradient is None:
            if root._array.size != 1:  # noqa: SLF001 - one package
                raise RuntimeFault(
                    "E401",
                    NOT_SCALAR,
                    help="give --grad-tensors, or reduce it: sum(...), mean(...)",
                )
            gradient = _one(root)  # noqa: PLW2901 - the default
        pairs.append((root.gradient_edge(), gradient))
    return pairs


def _one(root: Tensor) -> Tensor:
    array = root._array  # noqa: SLF001 - one package
    return make(np.ones(array.shape, array.dtype) if array.ndim else np.array(1, array.dtype))


def _check_gradient(index: int, root: Tensor, gradient: Any) -> None:
    if not isinstance(gradient, Tensor):
        raise TypeFault("E401", f"gradients can be either Tensors or None, but got {type(gradient).__name__}")
    if gradient.shape != root.shape:
        raise RuntimeFault(
            "E401",
            f"Mismatch in shape: grad_output[{index}] has a shape of torch.Size({list(gradient.shape)}) and "
            f"output[{index}] has a shape of torch.Size({list(root.shape)}).",
            help="a gradient has the shape of its root",
        )


def _input_edge(tensor: Tensor) -> Edge:
    if not tensor.requires_grad:
        raise RuntimeFault(
            "E401",
            "One of the differentiated Tensors does not require grad",
            help="set requires_grad=True on it before it is used",
        )
    return tensor.gradient_edge()
