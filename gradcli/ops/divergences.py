"""Losses between distributions: Kullback-Leibler, and likelihoods of Poisson and normal variables."""

# PyTorch's names and signatures, and formulas that name all they are given:
# ruff: noqa: A002, PLR0913

from __future__ import annotations

import math
from typing import Any

from gradcli.diagnostics import ValueFault
from gradcli.ops.loss_reduction import check_reduction, reduction_name
from gradcli.ops.loss_reduction import reduce as reduced_loss
from gradcli.ops.record import composite

__all__: list[str] = []

FAMILY = "loss"


@composite(
    "kl_div",
    faces="F",
    family=FAMILY,
    example="F.kl_div(log_softmax(x, 1), softmax(2 * x, 1))",
    summary="Kullback-Leibler divergence of a target from log-probabilities.",
    source="Cover and Thomas, Elements of Information Theory, eq. (2.26)",
)
def kl_div(
    m: Any,
    input: Any,
    target: Any,
    size_average: Any = None,
    reduce: Any = None,
    reduction: str = "mean",
    log_target: bool = False,
) -> Any:
    reduction = reduction_name(size_average, reduce, reduction)
    loss = m.exp(target) * (target - input) if log_target else m.xlogy(target, target) - target * input
    if reduction != "batchmean":
        return reduced_loss(m, loss, reduction)
    total = reduced_loss(m, loss, "sum")
    return total / input.shape[0] if len(input.shape) else total


@composite(
    "poisson_nll_loss",
    faces="F",
    family=FAMILY,
    example="F.poisson_nll_loss(x, ones(2, 2))",
    summary="Negative log likelihood of counts under Poisson rates (or their logarithms).",
    source="DLMF 5.11.1 for the term of `full`",
)
def poisson_nll_loss(
    m: Any,
    input: Any,
    target: Any,
    log_input: bool = True,
    full: bool = False,
    size_average: Any = None,
    eps: float = 1e-8,
    reduce: Any = None,
    reduction: str = "mean",
) -> Any:
    reduction = reduction_name(size_average, reduce, reduction)
    check_reduction(reduction)
    loss = m.exp(input) - target * input if log_input else input - target * m.log(input + eps)
    if full:
        stirling = target * m.log(target) - target + 0.5 * m.log(target * (2 * math.pi))
        loss = loss + m.masked(stirling, m.gt(target, 1))
    return reduced_loss(m, loss, reduction)


@composite(
    "gaussian_nll_loss",
    faces="F",
    family=FAMILY,
    example="F.gaussian_nll_loss(x, 2 * x, ones(2, 2))",
    summary="Negative log likelihood of targets under normal variables with given means and variances.",
    source="Nix and Weigend, Estimating the Mean and Variance of the Target Distribution (1994)",
)
def gaussian_nll_loss(
    m: Any, input: Any, target: Any, var: Any, full: bool = False, eps: float = 1e-6, reduction: str = "mean"
) -> Any:
    check_reduction(reduction)
    if not hasattr(var, "shape"):
        var = m.array(var, like=input)
    sizes, own = tuple(input.shape), tuple(var.shape)
    if own != sizes:
        if sizes[:-1] == own:
            var = m.unsqueeze(var, dim=-1)
        elif own and (sizes[:-1] != own[:-1] or own[-1:] != (1,)):
            raise ValueFault("E301", "var is of incorrect size")
    variance = m.clamp_min(var, min=eps)
    difference = input - target
    loss = 0.5 * (m.log(variance) + difference * difference / variance)
    return reduced_loss(m, loss + 0.5 * math.log(2 * math.pi) if full else loss, reduction)
