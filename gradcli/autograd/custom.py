"""Operations that a program defines itself: a forward, a backward, and a context between the two.

`apply_function` is torch.autograd.Function without the class, so that a host may run classes of its own.
"""

# ruff: noqa: SLF001 - Tensor's and FunctionContext's fields are this package's own

from __future__ import annotations

import weakref
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import numpy as np

from gradcli.autograd.algebra import TENSORS
from gradcli.autograd.context import context
from gradcli.autograd.custom_node import NOTHING, FunctionContext, FunctionNode
from gradcli.autograd.inplace import become
from gradcli.autograd.node import Edge, Node, Saved, graph_fault, short_name
from gradcli.autograd.tensor import Tensor, make
from gradcli.diagnostics import NotImplementedFault, RuntimeFault
from gradcli.ops.dtypes import BOOL, FLOATS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

__all__ = [
    "FunctionContext",
    "FunctionNode",
    "apply_function",
    "check_view",
    "once_differentiable",
    "recording",
]

TWICE = "trying to differentiate twice a function that was marked with @once_differentiable"
NOT_RETURNED = (
    "Some elements marked as dirty during the forward method were not returned as output. The inputs that "
    "are modified inplace must all be outputs of the Function."
)
DIRTY_LEAF = "a leaf Variable that requires grad has been used in an in-place operation."
VIEW = (
    "Output {number} of {name} is a view and is being modified inplace. This view was created inside a "
    "custom Function (or because an input was returned as-is) and the autograd logic to handle "
    "view+inplace would override the custom backward associated with the custom Function, leading to "
    "incorrect gradients. This behavior is forbidden. You can fix this by cloning the output of the custom "
    "Function."
)
NO_JVP = "You must implement the jvp function for custom autograd.Function to use it with forward mode AD."


@contextmanager
def recording(enabled: bool) -> Iterator[None]:
    """Grad mode set for a block."""
    before, context.grad_enabled = context.grad_enabled, enabled
    try:
        yield
    finally:
        context.grad_enabled = before


def apply_function(  # noqa: PLR0913 - what a class of PyTorch's defines
    name: str,
    forward: Callable[..., Any],
    backward: Callable[..., Any] | None,
    args: Sequence[Any],
    *,
    setup_context: Callable[..., Any] | None = None,
    jvp: Callable[..., Any] | None = None,
) -> Any:
    """Returns what `forward` gives, with `backward` as its derivative.

    Args:
        name: of the operation; its node is called `nameBackward`.
        forward: called with (ctx, *args), unrecorded; with args alone if there is a `setup_context`.
        backward: called with (ctx, *cotangents, one per result); gives one gradient (or None) per argument.
            None: there is none, which only backward finds out.
        args: tensors and anything else.
        setup_context: called with (ctx, args, results) after forward.
        jvp: called with (ctx, *tangents, one per argument); gives one tangent per result.

    Raises:
        RuntimeFault: forward changed a leaf in place, or did not return what it marked as dirty.
    """
    needs = tuple(isinstance(arg, Tensor) and arg.requires_grad for arg in args)
    ctx = FunctionContext(name, needs)
    dual, context.dual = context.dual, False
    try:
        with recording(enabled=False):
            if setup_context is None:
                result = forward(ctx, *args)
            else:
                result = forward(*args)
                setup_context(ctx, tuple(args), result)
    finally:
        context.dual = dual
    results = result if isinstance(result, tuple) else (result,)
    node = FunctionNode(ctx, backward, args) if context.grad_enabled and any(needs) else None
    outs = _wrapped(ctx, node, args, results)
    if node is not None:
        _save(ctx, node, results, outs)
    if dual:
        _push(ctx, jvp, args, outs)
    return tuple(outs) if isinstance(result, tuple) else outs[0]


def _among(tensor: Any, tensors: Sequence[Any]) -> bool:
    return any(tensor is one for one in tensors)


def _wrapped(
    ctx: FunctionContext, node: FunctionNode | None, args: Sequence[Any], results: Sequence[Any]
) -> list[Any]:
    """The results of forward, tied to the node where they have a gradient."""
    if not all(_among(tensor, results) for tensor in ctx._dirty):
        raise RuntimeFault("E407", NOT_RETURNED, help="return the tensor that was changed")
    if node is not None:
        node.outputs = tuple(
            (one._array.shape, one._array.dtype) if isinstance(one, Tensor) else (NOTHING, BOOL)
            for one in results
        )
    outs = []
    for number, one in enumerate(results):
        out = one
        if isinstance(one, Tensor):
            edge = None if node is None or one._array.dtype not in FLOATS else (node, number)
            if _among(one, ctx._non_differentiable):
                edge = None
            if _among(one, ctx._dirty):
                out = _changed(one, edge)
            else:
                if _among(one, args):  # it keeps its own history, and the result gets one
                    with recording(enabled=False):
                        out = TENSORS.view_as_self(one)
                out._edge, out._requires_grad = edge, edge is not None
        outs.append(out)
    return outs


def _changed(tensor: Tensor, edge: Edge | None) -> Tensor:
    """An argument that forward changed in place, with its new history."""
    if edge is None:
        _count(tensor)
        tensor._edge, tensor._requires_grad = None, False  # as PyTorch does, even to a leaf in no_grad
        return tensor
    if tensor._base is None and tensor._requires_grad and tensor._edge is None:
        _count(tensor)
        raise RuntimeFault("E403", DIRTY_LEAF, help="clone it first, or return a new tensor")
    new = Tensor(tensor._array.copy(), requires_grad=True)
    new._edge = edge
    return become(tensor, new)


def check_view(tensor: Tensor) -> None:
    """Never returns for a view that an operation of a program's own gave, which must not be changed.

    Raises:
        RuntimeFault: always, in PyTorch's words.
    """
    node, number = tensor.gradient_edge()
    raise graph_fault(
        "E403",
        VIEW.format(number=number, name=short_name(node)),
        node,
        role="the view was made here",
        help="write y = y.clone() first",
    )


def _count(tensor: Tensor) -> None:
    tensor._count_change()


def _save(ctx: FunctionContext, node: FunctionNode, results: Sequence[Any], outs: Sequence[Any]) -> None:
    """Keeps what was to be saved; results without their node, or both would keep each other alive."""
    ctx._node = weakref.ref(node)
    saved: list[Saved | None] = []
    for tensor in ctx._to_save:
        if tensor is None:
            saved.append(None)
            continue
        at = next((i for i, one in enumerate(results) if one is tensor), -1)
        kept = tensor if at < 0 else outs[at]
        version = kept._shared_counter()
        own = at >= 0 and kept._edge is not None and kept._edge[0] is node
        count = 0 if version is None else version[0]
        saved.append((kept._array, None if own else kept, version, count, at if own else -1))
    ctx._saved, ctx._to_save = saved, ()


def _push(
    ctx: FunctionContext, jvp: Callable[..., Any] | None, args: Sequence[Any], outs: Sequence[Any]
) -> None:
    """Gives the results the tangents that the program's jvp computes."""
    from gradcli.autograd.forward import tangent_of  # reverse mode does without

    moving = [tangent_of(arg) if isinstance(arg, Tensor) else None for arg in args]
    if all(tangent is None for tangent in moving):
        return
    if jvp is None:
        raise NotImplementedFault("E407", NO_JVP, help="define jvp(ctx, *tangents)")
    if ctx._materialize:
        moving = [
            make(np.zeros_like(arg._array)) if tangent is None and isinstance(arg, Tensor) else tangent
            for tangent, arg in zip(moving, args, strict=True)
        ]
    if ctx._for_forward is not None:
        ctx._saved = [None if one is None else (one._array, one, None, 0, -1) for one in ctx._for_forward]
    context.dual = False
    try:
        found = jvp(ctx, *moving)
    finally:
        context.dual = True
    for out, tangent in zip(outs, found if isinstance(found, tuple) else (found,), strict=True):
        if isinstance(out, Tensor) and isinstance(tangent, Tensor):
            out._tangent = tangent


class _Error(Node):
    """Where the gradient of a once-differentiable backward ends."""

    __slots__ = ()

    def __init__(self, tensors: Sequence[Tensor]) -> None:
        leaves = [Tensor(tensor._array, requires_grad=True) for tensor in tensors]
        self._begin([leaf.gradient_edge() for leaf in leaves], tensors)

    def name(self) -> str:
        return "torch::autograd::Error"

    def pull(self, m: Any, cotangents: Any) -> tuple[Any, ...]:
        del m, cotangents
        raise graph_fault(
            "E407",
            TWICE,
            self,
            role="this gradient cannot be differentiated",
            help="take @once_differentiable away where backward is made of tensor operations",
        )


def once_differentiable(backward: Callable[..., Any]) -> Callable[..., Any]:
    """Returns a backward that is not recorded, and whose results refuse to be differentiated again."""

    def run(ctx: FunctionContext, *cotangents: Any) -> Any:
        with recording(enabled=False):
            found = backward(ctx, *cotangents)
        if not context.grad_enabled or not any(
            isinstance(one, Tensor) and one.requires_grad for one in cotangents
        ):
            return found
        results = list(found) if isinstance(found, tuple) else [found]
        places = [i for i, one in enumerate(results) if isinstance(one, Tensor)]
        node = _Error([results[place] for place in places])
        for number, place in enumerate(places):
            out = Tensor(results[place]._array, requires_grad=True)
            out._edge = (node, number)
            results[place] = out
        return tuple(results) if isinstance(found, tuple) else results[0]

    return run
