"""torch.autograd.gradcheck and gradgradcheck: PyTorch's questions, answered by gradcli's witnesses.

The function runs once under a tape, and what was written down is judged: steps follow the curvature, and
kinks are told from mistakes. What no witness can tell is decided as PyTorch does, by differences with the
step `eps`. `fast_mode` saves nothing and changes the words alone.
"""

# PyTorch's signatures: what speaks of layouts, dtypes and batches is taken and not needed.
# ruff: noqa: ARG001, PLR0913

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from gradcli.autograd.functions import grad
from gradcli.autograd.tensor import Tensor
from gradcli.diagnostics import ValueFault
from gradcli.torch.gradcheck_trial import GradcheckError, Terms, Trial, as_tuple, differentiable

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

__all__ = ["GradcheckError", "gradcheck", "gradgradcheck"]

NO_INPUT = (
    "gradcheck expects at least one input tensor to require gradient, but none of them have "
    "requires_grad=True."
)
NOT_DOUBLE = (
    "Input #{index} requires gradient and is not a double precision floating point or complex. This check "
    "will likely fail if all the inputs are not of double precision floating point or complex. "
)


def gradcheck(
    func: Callable[..., Any],
    inputs: Any,
    *,
    eps: float = 1e-6,
    atol: float = 1e-5,
    rtol: float = 1e-3,
    raise_exception: bool = True,
    nondet_tol: float = 0.0,
    check_undefined_grad: bool = True,
    check_grad_dtypes: bool = False,
    check_batched_grad: bool = False,
    check_batched_forward_grad: bool = False,
    check_forward_ad: bool = False,
    check_backward_ad: bool = True,
    fast_mode: bool = False,
    masked: bool | None = None,
) -> bool:
    """Returns whether a function's gradients agree with its values; False only without `raise_exception`.

    Args:
        func: takes the inputs, gives a tensor or a tuple of tensors.
        inputs: a tensor or a tuple; those that require grad are differentiated for.
        eps: the step of PyTorch's differences, which decide what no witness can tell.
        atol: absolute difference that is none.
        rtol: relative difference that is none.
        raise_exception: raise where they disagree.
        nondet_tol: how far two runs may differ, forward or backward.
        check_undefined_grad: as in PyTorch; not used.
        check_grad_dtypes: as in PyTorch; not used.
        check_batched_grad: as in PyTorch; not used.
        check_batched_forward_grad: as in PyTorch; not used.
        check_forward_ad: judge forward mode too.
        check_backward_ad: judge reverse mode.
        fast_mode: says what PyTorch's fast mode says; all elements are judged anyway.
        masked: as in PyTorch; not used.

    Raises:
        GradcheckError: they disagree, in PyTorch's words.
        ValueFault: no input requires grad.
    """
    given = (inputs,) if isinstance(inputs, Tensor) else tuple(inputs)
    _check_inputs(given)
    try:
        with np.errstate(all="ignore"):  # points of differences may lie outside of the domain
            trial = Trial(func, given, Terms(eps, atol, rtol, nondet_tol, fast_mode))
            if check_backward_ad:
                trial.judge_backward()
            if check_forward_ad:
                trial.judge_forward()
            if check_backward_ad:
                trial.judge_zeros()
    except GradcheckError:
        if raise_exception:
            raise
        return False
    return True


def gradgradcheck(
    func: Callable[..., Any],
    inputs: Any,
    grad_outputs: Any = None,
    *,
    eps: float = 1e-6,
    atol: float = 1e-5,
    rtol: float = 1e-3,
    gen_non_contig_grad_outputs: bool = False,
    raise_exception: bool = True,
    nondet_tol: float = 0.0,
    check_undefined_grad: bool = True,
    check_grad_dtypes: bool = False,
    check_batched_grad: bool = False,
    check_fwd_over_rev: bool = False,
    check_rev_over_rev: bool = True,
    fast_mode: bool = False,
    masked: bool = False,
) -> bool:
    """Returns whether a function's second derivatives agree with its first ones.

    What is judged is the gradient as a function of the inputs and of `grad_outputs`, which are drawn where
    they are not given; arguments and errors are those of `gradcheck`.
    """
    given = (inputs,) if isinstance(inputs, Tensor) else tuple(inputs)
    _check_inputs(given)
    outputs = differentiable(func(*given))
    weights = _drawn(outputs) if grad_outputs is None else as_tuple(grad_outputs)
    count = len(given)

    def gradient(*arguments: Any) -> tuple[Any, ...]:
        again, seeds = arguments[:count], arguments[count:]
        wanted = [one for one in again if isinstance(one, Tensor) and one.requires_grad]
        found = grad(differentiable(func(*again)), wanted, seeds, create_graph=True, allow_unused=True)
        return tuple(one for one in found if one is not None)

    return gradcheck(
        gradient,
        (*given, *weights),
        eps=eps,
        atol=atol,
        rtol=rtol,
        raise_exception=raise_exception,
        nondet_tol=nondet_tol,
        fast_mode=fast_mode,
        check_forward_ad=check_fwd_over_rev,
        check_backward_ad=check_rev_over_rev,
    )


def _check_inputs(given: Sequence[Any]) -> None:
    found = [(i, one) for i, one in enumerate(given) if isinstance(one, Tensor) and one.requires_grad]
    if not found:
        raise ValueFault("E401", NO_INPUT, help="make one with requires_grad=True")
    for i, one in found:
        if one.dtype.name != "float64":
            from warnings import warn  # rare

            warn(NOT_DOUBLE.format(index=i), UserWarning, stacklevel=3)


def _drawn(outputs: Sequence[Tensor]) -> tuple[Tensor, ...]:
    """Random weights for the outputs, which require grad themselves; not by the program's generator."""
    random = np.random.default_rng(0)
    return tuple(
        Tensor(random.standard_normal(one.shape).astype(one.dtype.dtype), requires_grad=True)
        for one in outputs
    )
