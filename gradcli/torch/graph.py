"""torch.autograd.graph: nodes, edges, and hooks that wait for several gradients."""

# ruff: noqa: SLF001 - Tensor's fields are this package's own

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Self

from gradcli.autograd.hooks import register_tensor_hook
from gradcli.autograd.node import Node
from gradcli.autograd.tensor import Tensor
from gradcli.diagnostics import RuntimeFault, ValueFault
from gradcli.ops.named import Named

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

__all__ = ["GradientEdge", "Node", "get_gradient_edge", "increment_version", "register_multi_grad_hook"]


class GradientEdge(Named):
    """Where the gradient of a tensor goes: a `node`, and which of its outputs (`output_nr`) it is for."""

    def __new__(cls, node: Node, output_nr: int, ownership_token: Node | None = None) -> Self:
        """Both under their names."""
        names = ("node", "output_nr", "ownership_token")
        return super().__new__(cls, "GradientEdge", names, (node, output_nr, ownership_token))  # type: ignore[return-value] # of this class

    @property
    def node(self) -> Node:
        """The node."""
        return self[0]  # type: ignore[no-any-return] # a node

    @property
    def output_nr(self) -> int:
        """The number of the output."""
        return self[1]  # type: ignore[no-any-return] # a number

    def __repr__(self) -> str:
        shown = zip(self.fields, self, strict=True)
        return f"GradientEdge({', '.join(f'{name}={value!r}' for name, value in shown)})"


def get_gradient_edge(tensor: Tensor) -> GradientEdge:
    """Returns where the gradient of a tensor goes.

    Raises:
        RuntimeFault: it does not require grad.
    """
    if not tensor.requires_grad:
        raise RuntimeFault(
            "E401", "It is not possible to get the gradient edge for a Tensor that does not require gradients"
        )
    node, number = tensor.gradient_edge()
    return GradientEdge(node, number)


def increment_version(tensor: Any) -> None:
    """Counts a change that autograd could not see, of a tensor or of several."""
    for one in (tensor,) if isinstance(tensor, Tensor) else tensor:
        one._count_change()


class _Handles:
    """Removes several hooks."""

    def __init__(self, handles: Sequence[Any]) -> None:
        self.handles = tuple(handles)

    def remove(self) -> None:
        """Takes the hooks away."""
        for handle in self.handles:
            handle.remove()

    def __enter__(self) -> None:
        pass

    def __exit__(self, *error: object) -> None:
        self.remove()


def register_multi_grad_hook(
    tensors: Sequence[Tensor], fn: Callable[..., None], *, mode: str = "all"
) -> _Handles:
    """Returns the handle of a hook on the gradients of several tensors.

    With mode "all" it is called with the list of gradients once all have arrived; with "any" it is called
    with the first one that does.

    Raises:
        ValueFault: there is no such mode.
    """
    if mode not in ("all", "any"):
        raise ValueFault("E406", f"Expects mode to be one of ('all', 'any') but got {mode}")
    arrived: dict[int, Tensor] = {}

    def hook_for(place: int) -> Callable[[Tensor], None]:
        def hook(gradient: Tensor) -> None:
            if mode == "any":
                if not arrived:
                    fn(gradient)
                arrived[place] = gradient
            else:
                arrived[place] = gradient
                if len(arrived) < len(tensors):
                    return
                fn([arrived[i] for i in range(len(tensors))])
            if len(arrived) == len(tensors):
                arrived.clear()

        return hook

    return _Handles([register_tensor_hook(tensor, hook_for(place)) for place, tensor in enumerate(tensors)])
