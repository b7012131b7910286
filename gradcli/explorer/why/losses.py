"""In what ways a value leaves the graph, in words."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from gradcli.autograd import context
from gradcli.explorer.why.facts import Lost

if TYPE_CHECKING:
    from gradcli.diagnostics import Span
    from gradcli.explorer.why.facts import Fact

__all__ = ["COPIES", "PLAIN", "loss", "switched_off"]

PLAIN = frozenset(("__float__", "float", "item", "numpy", "tolist"))  # what makes plain values of tensors
COPIES = frozenset((
    "DoubleTensor", "FloatTensor", "Parameter", "Tensor", "as_tensor", "asarray", "from_numpy", "full",
    "full_like", "new_tensor", "tensor",
))  # fmt: skip
OWN = frozenset(("Parameter", "new_tensor"))  # those that do not stand in torch itself
CUTS = {
    "detach": ("detach() cuts the graph here", "leave detach() out where a gradient is wanted"),
    "detach_": ("detach_() cuts the graph here", "leave detach_() out where a gradient is wanted"),
    "data": (".data is the values without their graph", "use the tensor itself instead of its .data"),
    "grad": (
        "gradients have no graph of their own unless it is asked for",
        "to differentiate a gradient, compute it with create_graph=True",
    ),
}


def loss(result: Any, word: str, span: Span | None, block: Span | None, source: Fact | None) -> Lost:
    """Returns how a result without gradient came of an operand that requires one.

    Args:
        result: the tensor, or the plain value.
        word: the method, attribute or function; a symbol for an operator.
        span: where that stands.
        block: what turned recording off, where it is off.
        source: the operand.
    """
    dtype = getattr(result, "dtype", None)  # of a tensor of ours
    if word in CUTS:
        text, way = CUTS[word]
    elif word in PLAIN:
        text = f"{word.strip('_')}() gives plain numbers, which no gradient flows through"
        way = f"keep the tensor; use {word.strip('_')}() for printing only"
    elif word in COPIES:
        text = f"{'' if word in OWN else 'torch.'}{word}() copies values, and their graph is lost"
        way = "put tensors together with torch.stack([...]) or torch.cat([...])"
    elif not context.grad_enabled:
        mode = "inference_mode" if context.inference else "no_grad"
        way = f"compute it outside {mode}"
        if block is not None and "set_grad_enabled" in block.text:
            way = "turn gradients on again first: torch.set_grad_enabled(True)"
        return Lost(span, "computed while gradients are off, so nothing is recorded", way, block, source)
    elif getattr(dtype, "kind", "f") not in "fc":
        what = f"{word}()" if word.isidentifier() else f"`{word}`" if word else "this"
        text = f"{what} gives {dtype}, and only floating-point tensors carry gradients"
        way = "use a differentiable operation on floating-point tensors instead"
    else:
        text, way = "no gradient flows through this operation", ""
    return Lost(span, text, way, None, source)


def switched_off(span: Span | None, word: str) -> Lost:
    """Returns the loss of a tensor that was told not to require grad."""
    return Lost(span, "here it is told not to require grad", f"leave {word} out where a gradient is wanted")
