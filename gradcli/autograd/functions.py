"""backward and grad: what a user calls to run the engine, with PyTorch's rules and words."""

# ruff: noqa: SLF001 - Tensor's fields are this package's own

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np

from gradcli.autograd.accumulation import accumulate
from gradcli.autograd.algebra import TENSORS
from gradcli.autograd.engine import run
from gradcli.autograd.hooks import run_post_accumulate_hooks
from gradcli.autograd.node import AccumulateGrad, Edge, graph_fault
from gradcli.autograd.tensor import Tensor, make
from gradcli.diagnostics import RuntimeFault, TypeFault, ValueFault

__all__ = ["backward", "check_gradient", "grad", "tensor_backward"]

NO_GRAPH = "element 0 of tensors does not require grad and does not have a grad_fn"
ONLY_INPUTS = (
    "only_inputs argument is deprecated and is ignored now (defaults to True). To accumulate gradient "
    "for other parts "
    "of the graph, please use torch.autograd.backward."
)
BATCHED = (
    "If `is_grads_batched=True`, we interpret the first dimension of each grad_output as the batch "
    "dimension. The "
    "sizes of the remaining dimensions are expected to match the shape of corresponding output, but a "
    "mismatch was "
    "detected: grad_output[{index}] has a shape of {grad} and output[{index}] has a shape of {output}. "
    "If you only "
    "want some tensors in `grad_output` to be considered batched, consider using vmap."
)
NOT_SCALAR = "grad can be implicitly created only for scalar outputs"
WAYS_OUT = (
    "reduce it: y.sum().backward() or y.mean().backward(); or weigh its elements: "
    "y.backward(torch.ones_like(y)); or ask for all derivatives: torch.autograd.functional.jacobian"
)


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
    targets: list[Tensor] = []
    if inputs is not None:
        targets = _as_list(inputs)
        if not targets:
            raise RuntimeFault("E401", "`inputs` argument to `backward()` cannot be empty.")
    keep = create_graph if retain_graph is None else retain_graph
    starts, seeds = _seeds(roots, _as_grads(grad_tensors, len(roots)))
    edges = None if inputs is None else [_target_edge(tensor) for tensor in targets]
    found = run(starts, seeds, keep=keep, record=create_graph, inputs=edges)
    for tensor, gradient in zip(targets, found, strict=True):
        if gradient is not None:
            accumulate(tensor, gradient, record=create_graph)
            node = tensor.gradient_edge()[0]
            if isinstance(node, AccumulateGrad):
                run_post_accumulate_hooks(node)


def tensor_backward(
    self: Tensor,
    gradient: Any = None,
    retain_graph: bool | None = None,
    create_graph: bool = False,
    inputs: Tensor | Sequence[Tensor] | None = None,
) -> None:
    """Adds the gradients of this tensor, weighted by `gradient`, to the leaves'; see `backward`."""
    if gradient is None and inputs is None and self._array.size == 1 and self.requires_grad:  # the usual case
        keep = create_graph if retain_graph is None else retain_graph
        run((self.gradient_edge(),), (_one(self),), keep=keep, record=create_graph)
        return
    backward(self, gradient, retain_graph, create_graph, inputs)


def grad(  # noqa: PLR0913 - PyTorch's signature
    outputs: Tensor | Sequence[Tensor],
    inputs: Tensor | Sequence[Tensor],
    grad_outputs: Any = None,
    retain_graph: bool | None = None,
    create_graph: bool = False,
    only_inputs: bool = True,
    allow_unused: bool | None = None,
    is_grads_batched: bool = False,
    materialize_grads: bool = False,
) -> tuple[Tensor | None, ...]:
    """Returns the gradient of the outputs, weighted by `grad_outputs`, for each input; no `.grad` changes.

    With `is_grads_batched` the weights have a leading dim, and so have the gradients: one for each.

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
    if not only_inputs:
        from warnings import warn  # a mistake; not worth the start-up

        warn(ONLY_INPUTS, FutureWarning, stacklevel=2)
    roots, targets = _as_list(outputs), _as_list(inputs)
    if not targets:
        raise RuntimeFault("E401", "`inputs` argument to `grad()` cannot be empty.")
    weights = _as_grads(grad_outputs, len(roots))
    keep = create_graph if retain_graph is None else retain_graph
    if is_grads_batched:
        found = _batched(roots, targets, weights, keep=keep, record=create_graph)
    else:
        starts, seeds = _seeds(roots, weights)
        edges = [_input_edge(tensor) for tensor in targets]
        found = run(starts, seeds, keep=keep, record=create_graph, inputs=edges)
    for index, gradient in enumerate(found):
        if gradient is None:
            if not (allow_unused or materialize_grads):
                raise graph_fault(
                    "E401",
                    f"The differentiated Tensor at index {index} appears to not have been used in the graph. "
                    "Set allow_unused=True if this is the desired behavior.",
                    targets[index],
                )
            if materialize_grads:
                found[index] = make(np.zeros_like(targets[index]._array))
                found[index].requires_grad_(create_graph)
    return tuple(found)


def _batched(
    roots: Sequence[Tensor], targets: Sequence[Tensor], weights: Sequence[Any], *, keep: bool, record: bool
) -> list[Any]:
    """The gradients for each entry of the weights' leading dim, stacked."""
    for index, (root, weight) in enumerate(zip(roots, weights, strict=False)):
        if weight is not None and weight.shape[1:] != root.shape:
            raise RuntimeFault(
                "E401", BATCHED.format(index=index, grad=_size(weight.shape[1:]), output=_size(root.shape))
            )
    counts = [weight.shape[0] for weight in weights if weight is not None]
    edges = [_input_edge(tensor) for tensor in targets]
    rows = []
    for row in range(min(counts, default=0)):
        picked = [None if w is None else TENSORS.select_at(w, dim=-w.ndim, index=row) for w in weights]
        starts, seeds = _seeds(roots, picked)
        last = row == min(counts) - 1
        rows.append(run(starts, seeds, keep=keep or not last, record=record, inputs=edges))
    return [
        None if column[0] is None else TENSORS.stack(*column, dim=-column[0].ndim - 1)
        for column in zip(*rows, strict=True)
    ]


def _size(shape: Sequence[int]) -> str:
    return f"torch.Size({list(shape)})"


def _as_list(tensors: Any) -> list[Tensor]:
    if isinstance(tensors, Tensor):
        return [tensors]
    if not isinstance(tensors, Iterable):
        raise TypeFault("E401", f"'{type(tensors).__name__}' object is not iterable")
    found = list(tensors)
    for tensor in found:
        if not isinstance(tensor, Tensor):
            kind = type(tensor).__name__
            raise RuntimeFault("E401", f"all inputs have to be Tensors or GradientEdges, but got {kind}")
    return found


def _as_grads(grads: Any, count: int) -> list[Any]:
    if grads is None:
        return [None] * count
    found = grads if isinstance(grads, (list, tuple)) else [grads]
    if len(found) < count:  # PyTorch silently drops those that are too many
        raise RuntimeFault(
            "E401",
            f"got {count} tensors and {len(found)} gradients",
            help="give one gradient per root",
        )
    return list(found[:count])


def _seeds(roots: Sequence[Tensor], grads: Sequence[Any]) -> tuple[list[Edge], list[Tensor]]:
    """Each root's edge, and the cotangents they start from."""
    starts, seeds = [], []
    for index, (root, gradient) in enumerate(zip(roots, grads, strict=True)):
        if gradient is not None:
            check_gradient(index, root, gradient)
        if not root.requires_grad:
            raise graph_fault(
                "E401",
                NO_GRAPH.replace("element 0", f"element {index}"),
                root,
                help="start from a leaf with requires_grad=True, and outside no_grad",
            )
        if gradient is None:
            if root._array.size != 1:
                raise graph_fault(
                    "E401",
                    NOT_SCALAR,
                    root,
                    help=f"the root has shape {list(root._array.shape)}: {WAYS_OUT}",
                )
            gradient = _one(root)  # noqa: PLW2901 - the default
        starts.append(root.gradient_edge())
        seeds.append(gradient)
    return starts, seeds


def _one(root: Tensor) -> Tensor:
    array = root._array
    return make(np.ones(array.shape, array.dtype) if array.ndim else np.array(1, array.dtype))


def check_gradient(index: int, root: Tensor, gradient: Any) -> None:
    """Returns if a root can start from a gradient.

    Raises:
        TypeFault: it is no tensor.
        RuntimeFault: it has not the shape of the root.
    """
    if not isinstance(gradient, Tensor):
        raise TypeFault("E401", f"gradients can be either Tensors or None, but got {type(gradient).__name__}")
    if gradient.shape != root.shape:
        raise RuntimeFault(
            "E401",
            f"Mismatch in shape: grad_output[{index}] has a shape of {_size(gradient.shape)} and "
            f"output[{index}] has a shape of {_size(root.shape)}.",
            help="a gradient has the shape of its root",
        )


def _input_edge(tensor: Tensor) -> Edge:
    if not tensor.requires_grad:
        raise graph_fault(
            "E401",
            "One of the differentiated Tensors does not require grad",
            tensor,
            help="set requires_grad=True on it before it is used",
        )
    return tensor.gradient_edge()


def _target_edge(tensor: Tensor) -> Edge:
    """As `_input_edge`, for `backward`, which retains the gradient of its inputs."""
    if not tensor.requires_grad:
        raise graph_fault("E401", "can't retain_grad on Tensor that has requires_grad=False", tensor)
    return tensor.gradient_edge()
