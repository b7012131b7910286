"""torch.autograd.gradcheck and gradgradcheck."""

# PyTorch's signatures, not all of which is read yet.
# ruff: noqa: ARG001, PLR0913

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from gradcli.diagnostics import NotImplementedFault

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["gradcheck", "gradgradcheck"]


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
    """Returns whether a function's gradients agree with independent witnesses.

    Raises:
        NotImplementedFault: always, so far.
    """
    raise NotImplementedFault("E410", "torch.autograd.gradcheck is not implemented yet")


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
    """Returns whether a function's second derivatives agree with independent witnesses.

    Raises:
        NotImplementedFault: always, so far.
    """
    raise NotImplementedFault("E410", "torch.autograd.gradgradcheck is not implemented yet")
