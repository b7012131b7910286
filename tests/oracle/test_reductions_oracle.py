"""Reductions, order, norms, normalisation and losses against PyTorch: values, nodes and two derivatives."""

# Every case is called with a torch module, also where the methods of its tensors suffice:

from __future__ import annotations

import math

import numpy as np
import pytest

torch = pytest.importorskip("torch")

from gradcli import torch as gt  # noqa: E402 - after the skip
from gradcli.autograd import session  # noqa: E402 - as above

# PyTorch warns of shapes that broadcast and of too few degrees of freedom, and then computes.
pytestmark = [pytest.mark.oracle, pytest.mark.filterwarnings("ignore::UserWarning")]

X = np.random.default_rng(7).normal(size=(3, 4))
TIES = np.array([[1.0, 2.0, 2.0, 0.0], [0.0, 0.0, 0.0, 0.0], [3.0, -1.0, 3.0, 3.0]])
NAN = np.array([[1.0, math.nan, 2.0, math.nan], [0.0, 1.0, 2.0, 3.0], [3.0, -1.0, math.nan, 3.0]])
UNIT = 1 / (1 + np.exp(-X))
IMAGE = np.random.default_rng(8).normal(size=(2, 4, 3, 2))

SMOOTH = {
    "sum": lambda t, x: x.sum(),
    "sum over a dim": lambda t, x: x.sum(0, keepdim=True),
    "sum by axis": lambda t, x: t.sum(x, axis=1, keepdims=True),
    "mean": lambda t, x: x.mean(),
    "mean over dims": lambda t, x: x.mean((0, 1)),
    "prod": lambda t, x: x.prod(),
    "prod along a dim": lambda t, x: x.prod(1),
    "nansum": lambda t, x: x.nansum(0),
    "nanmean": lambda t, x: x.nanmean(1),
    "max": lambda t, x: x.max(),
    "max along a dim": lambda t, x: x.max(1)[0],
    "min": lambda t, x: x.min(),
    "min along a dim": lambda t, x: x.min(dim=0, keepdim=True).values,
    "amax": lambda t, x: x.amax((0, 1)),
    "amin": lambda t, x: x.amin(1),
    "aminmax": lambda t, x: t.aminmax(x, dim=0).max,
    "var": lambda t, x: x.var(),
    "var without correction": lambda t, x: x.var(0, correction=0),
    "std": lambda t, x: x.std(1, keepdim=True),
    "std of the population": lambda t, x: x.std(False),
    "var_mean": lambda t, x: t.var_mean(x, 1)[0],
    "std_mean": lambda t, x: t.std_mean(x, 0)[1],
    "median": lambda t, x: x.median(),
    "median along a dim": lambda t, x: x.median(1).values,
    "nanmedian": lambda t, x: x.nanmedian(),
    "nanmedian along a dim": lambda t, x: x.nanmedian(0).values,
    "quantile": lambda t, x: x.quantile(0.3, dim=1),
    "nanquantile": lambda t, x: x.nanquantile(0.6),
    "sort": lambda t, x: x.sort(1, descending=True)[0],
    "stable sort": lambda t, x: x.sort(stable=True)[0],
    "msort": lambda t, x: x.msort(),
    "topk": lambda t, x: x.topk(2)[0],
    "smallest k": lambda t, x: x.topk(2, dim=0, largest=False)[0],
    "kthvalue": lambda t, x: x.kthvalue(2)[0],
    "mode": lambda t, x: x.mode()[0],
    "cumsum": lambda t, x: x.cumsum(1),
    "cumprod": lambda t, x: x.cumprod(0),
    "logcumsumexp": lambda t, x: x.logcumsumexp(1),
    "cummax": lambda t, x: x.cummax(1)[0],
    "cummin": lambda t, x: x.cummin(0).values,
    "diff": lambda t, x: x.diff(n=2),
    "logsumexp": lambda t, x: x.logsumexp(1),
    "softmax": lambda t, x: x.softmax(1),
    "log_softmax": lambda t, x: x.log_softmax(0),
    "softmin": lambda t, x: t.nn.functional.softmin(x, 1),
    "norm": lambda t, x: x.norm(),
    "norm for p = 1": lambda t, x: x.norm(1, dim=0),
    "norm for p = 3": lambda t, x: x.norm(3, dim=1),
    "norm for p = inf": lambda t, x: x.norm(math.inf),
    "norm for p = -inf": lambda t, x: x.norm(-math.inf, dim=1),
    "norm for p = 1.5": lambda t, x: x.norm(1.5),
    "linalg.norm": lambda t, x: t.linalg.norm(x, 1),
    "matrix norm": lambda t, x: t.linalg.matrix_norm(x, math.inf),
    "dist": lambda t, x: t.dist(x, 2 * x + 1),
    "cdist": lambda t, x: t.cdist(x, x * x + 1),
    "renorm": lambda t, x: x.renorm(2, 0, 1.0),
    "normalize": lambda t, x: t.nn.functional.normalize(x),
    "cosine_similarity": lambda t, x: t.cosine_similarity(x, x * x + 1),
    "pairwise_distance": lambda t, x: t.pairwise_distance(x, 2 * x),
    "cov": lambda t, x: x.cov(),
    "corrcoef": lambda t, x: x.corrcoef(),
    "layer_norm": lambda t, x: t.nn.functional.layer_norm(x, (4,), x[0], x[1]),
    "rms_norm": lambda t, x: t.nn.functional.rms_norm(x, (4,), x[0]),
    "batch_norm": lambda t, x: t.nn.functional.batch_norm(x, None, None, x[0], x[1], training=True),
    "batch_norm by statistics": lambda t, x: t.nn.functional.batch_norm(
        x, x[0].detach(), x[1].detach() ** 2, x[2], x[1]
    ),
    "group_norm": lambda t, x: t.nn.functional.group_norm(x, 2, x[0], x[1]),
    "instance_norm": lambda t, x: t.nn.functional.instance_norm(x.reshape(1, 3, 4)),
    "local_response_norm": lambda t, x: t.nn.functional.local_response_norm(x.reshape(1, 3, 4), 2),
    "mse_loss": lambda t, x: t.nn.functional.mse_loss(x, x * x),
    "l1_loss": lambda t, x: t.nn.functional.l1_loss(x, x * x, reduction="sum"),
    "smooth_l1_loss": lambda t, x: t.nn.functional.smooth_l1_loss(x, x * x, beta=0.5),
    "huber_loss": lambda t, x: t.nn.functional.huber_loss(x, x * x, delta=0.5),
    "soft_margin_loss": lambda t, x: t.nn.functional.soft_margin_loss(x, t.sign(x.detach())),
    "binary_cross_entropy": lambda t, x: t.nn.functional.binary_cross_entropy(
        x.sigmoid(), x.detach().sigmoid()
    ),
    "binary_cross_entropy_with_logits": lambda t, x: t.nn.functional.binary_cross_entropy_with_logits(
        x, (2 * x).sigmoid(), pos_weight=x[0].detach() ** 2
    ),
    "cross_entropy": lambda t, x: t.nn.functional.cross_entropy(x, t.tensor([0, 3, 1])),
    "cross_entropy, one ignored": lambda t, x: t.nn.functional.cross_entropy(
        x, t.tensor([0, -100, 1]), weight=x[0].detach() ** 2
    ),
    "smoothed cross_entropy": lambda t, x: t.nn.functional.cross_entropy(
        x, t.tensor([0, 3, 1]), label_smoothing=0.1
    ),
    "cross_entropy of probabilities": lambda t, x: t.nn.functional.cross_entropy(
        x, x.softmax(1), reduction="sum"
    ),
    "nll_loss in space": lambda t, x: t.nn.functional.nll_loss(x.reshape(1, 3, 4), t.tensor([[0, 2, 1, 1]])),
    "kl_div": lambda t, x: t.nn.functional.kl_div(x, x.softmax(1), reduction="batchmean"),
    "kl_div of logarithms": lambda t, x: t.nn.functional.kl_div(x, 2 * x, log_target=True, reduction="sum"),
    "poisson_nll_loss": lambda t, x: t.nn.functional.poisson_nll_loss(x, x * x, full=False),
    "gaussian_nll_loss": lambda t, x: t.nn.functional.gaussian_nll_loss(x, 2 * x, x * x + 1, full=True),
    "hinge_embedding_loss": lambda t, x: t.nn.functional.hinge_embedding_loss(x, t.sign(x.detach())),
    "cosine_embedding_loss": lambda t, x: t.nn.functional.cosine_embedding_loss(
        x, x * x, t.tensor([1, -1, 1])
    ),
    "margin_ranking_loss": lambda t, x: t.nn.functional.margin_ranking_loss(
        x, x * x, t.sign(x.detach()), margin=0.3
    ),
    "triplet_margin_loss": lambda t, x: t.nn.functional.triplet_margin_loss(x, x * x, 2 * x, swap=True),
    "multilabel_soft_margin_loss": lambda t, x: t.nn.functional.multilabel_soft_margin_loss(
        x, x.detach().sigmoid()
    ),
    "multi_margin_loss": lambda t, x: t.nn.functional.multi_margin_loss(x, t.tensor([0, 3, 1]), p=2),
    "multilabel_margin_loss": lambda t, x: t.nn.functional.multilabel_margin_loss(
        x, t.tensor([[0, 1, -1, 2], [-1, 0, 0, 0], [2, 3, 1, -1]])
    ),
}

# Where PyTorch's C++ picks another overload of the same operation.
OTHER_NODE = {"cosine_embedding_loss", "quantile", "nanquantile"}
# Where PyTorch has no second derivative.
ONCE = {"cdist", "renorm", "multi_margin_loss", "multilabel_margin_loss"}


def derivatives(module, function, array, *, dtype, order):
    """The value, and the derivatives up to `order` of a weighted sum of it, in one module."""
    x = module.tensor(array, dtype=getattr(module, dtype), requires_grad=True)
    y = function(module, x)
    found = [y]
    total = y
    for _ in range(order):
        weights = np.random.default_rng(3).normal(size=tuple(total.shape))
        weighted = (total * module.tensor(weights, dtype=getattr(module, dtype))).sum()
        if not weighted.requires_grad:
            break
        (total,) = module.autograd.grad(weighted, [x], create_graph=True, allow_unused=True)
        if total is None:
            break
        found.append(total)
    return found


@pytest.fixture(autouse=True)
def quiet():
    with session():
        yield


@pytest.mark.parametrize("name", SMOOTH)
def test_value_node_and_two_derivatives_are_those_of_pytorch(name):
    order = 1 if name in ONCE else 2
    theirs = derivatives(torch, SMOOTH[name], X, dtype="float64", order=order)
    ours = derivatives(gt, SMOOTH[name], X, dtype="float64", order=order)
    for degree, expected in enumerate(theirs):
        found = ours[degree].detach().numpy() if degree < len(ours) else np.zeros(X.shape)
        np.testing.assert_allclose(
            found, expected.detach().numpy(force=True), rtol=1e-9, atol=1e-10, err_msg=f"degree {degree}"
        )
    if name not in OTHER_NODE:
        assert ours[0].grad_fn.name() == theirs[0].grad_fn.name()


@pytest.mark.parametrize("name", SMOOTH)
def test_float32_stays_float32(name):
    for result in derivatives(gt, SMOOTH[name], X, dtype="float32", order=1):
        assert result._array.dtype == np.float32


# Not topk, which of ties in PyTorch picks any; nor mode, which there does not know nan.
TIED = [
    "max", "max along a dim", "min", "min along a dim", "amax", "amin", "aminmax",
    "median", "nanmedian", "median along a dim", "sort", "cummax", "cummin",
    "norm", "norm for p = 1", "norm for p = 3", "norm for p = inf", "norm for p = -inf",
    "prod", "prod along a dim", "cumprod", "std", "logsumexp",
]  # fmt: skip


@pytest.mark.parametrize("array", [TIES, NAN], ids=["ties", "nan"])
@pytest.mark.parametrize("name", TIED)
def test_ties_zeros_and_nan_are_treated_as_in_pytorch(name, array):
    theirs = derivatives(torch, SMOOTH[name], array, dtype="float64", order=1)
    ours = derivatives(gt, SMOOTH[name], array, dtype="float64", order=1)
    for found, expected in zip(ours, theirs, strict=True):
        np.testing.assert_allclose(
            found.detach().numpy(), expected.detach().numpy(force=True), rtol=1e-12, atol=1e-12
        )


MISTAKES = {
    "empty max": lambda t: t.zeros(0, 3).max(),
    "empty max along a dim": lambda t: t.zeros(0, 3).max(0),
    "empty amax": lambda t: t.zeros(0, 3).amax(),
    "empty amin along a dim": lambda t: t.zeros(0, 3).amin(0),
    "empty aminmax": lambda t: t.zeros(0, 3).aminmax(),
    "empty aminmax along a dim": lambda t: t.aminmax(t.zeros(0, 3), dim=0),
    "empty argmax": lambda t: t.zeros(0, 3).argmax(),
    "empty argmin along a dim": lambda t: t.zeros(0, 3).argmin(0),
    "empty median": lambda t: t.zeros(0, 3).median(0),
    "empty kthvalue": lambda t: t.zeros(0, 3).kthvalue(1, 0),
    "empty mode": lambda t: t.zeros(0, 3).mode(0),
    "empty quantile": lambda t: t.zeros(0, 3).quantile(0.5),
    "empty norm for inf": lambda t: t.zeros(0, 3).norm(math.inf),
    "empty norm for inf along a dim": lambda t: t.zeros(0, 3).norm(math.inf, dim=0),
    "empty norm for -1": lambda t: t.zeros(0, 3).norm(-1.0),
    "integer mean": lambda t: t.tensor([1, 2]).mean(),
    "integer var": lambda t: t.tensor([1, 2]).var(),
    "integer std_mean": lambda t: t.std_mean(t.tensor([1, 2])),
    "integer norm": lambda t: t.tensor([1, 2]).norm(),
    "integer dist": lambda t: t.dist(t.tensor([1, 2]), t.tensor([1, 2])),
    "integer softmax": lambda t: t.tensor([1, 2]).softmax(0),
    "integer log_softmax": lambda t: t.tensor([1, 2]).log_softmax(0),
    "integer logcumsumexp": lambda t: t.tensor([1, 2]).logcumsumexp(0),
    "integer quantile": lambda t: t.tensor([1, 2]).quantile(0.5),
    "integer nanmean": lambda t: t.tensor([1, 2]).nanmean(),
    "integer mse": lambda t: t.nn.functional.mse_loss(t.tensor([1, 2]), t.tensor([1, 2])),
    "integer l1": lambda t: t.nn.functional.l1_loss(t.tensor([1, 2]), t.tensor([1, 2])),
    "integer layer_norm": lambda t: t.nn.functional.layer_norm(t.tensor([1, 2]), (2,)),
    "dim out of range": lambda t: t.ones(2, 3).sum(5),
    "dim twice": lambda t: t.ones(2, 3).sum((0, 0)),
    "max with a dim out of range": lambda t: t.ones(2, 3).max(2),
    "two dims for median": lambda t: t.ones(2, 3).median(dim=(0, 1)),
    "k too large": lambda t: t.ones(2, 3).topk(9),
    "kth of too few": lambda t: t.ones(2, 3).kthvalue(9),
    "kth from 0": lambda t: t.ones(2, 3).kthvalue(0),
    "quantile of 2": lambda t: t.ones(2, 3).quantile(2.0),
    "unknown interpolation": lambda t: t.ones(2, 3).quantile(0.5, interpolation="a"),
    "unknown norm": lambda t: t.ones(2, 3).norm("a"),
    "norm of order 5 of a matrix": lambda t: t.linalg.matrix_norm(t.ones(2, 3), 5),
    "matrix norm of a vector": lambda t: t.linalg.matrix_norm(t.ones(3)),
    "three dims for a norm": lambda t: t.linalg.norm(t.ones(2, 3), dim=(0, 1, 1)),
    "cdist of vectors": lambda t: t.cdist(t.ones(2, 3), t.ones(3)),
    "cdist of other columns": lambda t: t.cdist(t.ones(2, 3), t.ones(2, 2)),
    "cdist for p = -1": lambda t: t.cdist(t.ones(2, 3), t.ones(2, 3), p=-1),
    "renorm of a vector": lambda t: t.ones(3).renorm(2, 0, 1.0),
    "renorm for p = -1": lambda t: t.ones(2, 3).renorm(-1.0, 0, 1.0),
    "cov of a stack": lambda t: t.ones(2, 2, 2).cov(),
    "diff of a number": lambda t: t.diff(t.ones(())),
    "diff -1 times": lambda t: t.diff(t.ones(3), n=-1),
    "trapezoid with too few points": lambda t: t.trapezoid(t.ones(2, 3), t.ones(2)),
    "layer_norm over other sizes": lambda t: t.nn.functional.layer_norm(t.ones(3, 4), (3,)),
    "group_norm of other channels": lambda t: t.nn.functional.group_norm(t.ones(2, 4, 5, 5), 3),
    "batch_norm of one": lambda t: t.nn.functional.batch_norm(t.ones(1, 4), None, None, training=True),
    "batch_norm with other statistics": lambda t: t.nn.functional.batch_norm(
        t.ones(2, 4), t.ones(3), t.ones(4)
    ),
    "mse of other shapes": lambda t: t.nn.functional.mse_loss(t.ones(3, 4), t.ones(3)),
    "unknown reduction": lambda t: t.nn.functional.mse_loss(t.ones(3), t.ones(3), reduction="a"),
    "entropy of what is no probability": lambda t: t.nn.functional.binary_cross_entropy(
        t.ones(3) + 1, t.ones(3)
    ),
    "entropy against another shape": lambda t: t.nn.functional.binary_cross_entropy(t.ones(3, 4), t.ones(4)),
    "logits against another shape": lambda t: t.nn.functional.binary_cross_entropy_with_logits(
        t.ones(3, 4), t.ones(4)
    ),
    "class out of bounds": lambda t: t.nn.functional.nll_loss(t.ones(3, 4), t.tensor([0, 1, 9])),
    "too few classes": lambda t: t.nn.functional.cross_entropy(t.ones(3, 4), t.tensor([0, 1])),
    "floating classes": lambda t: t.nn.functional.cross_entropy(t.ones(3, 4), t.tensor([0.0, 1.0, 2.0])),
    "classes over other space": lambda t: t.nn.functional.nll_loss(
        t.ones(2, 3, 4), t.tensor([[0, 1], [1, 2]])
    ),
    "weights of other classes": lambda t: t.nn.functional.nll_loss(
        t.ones(3, 4), t.tensor([0, 1, 2]), weight=t.ones(2)
    ),
    "integer probabilities": lambda t: t.nn.functional.cross_entropy(t.ones(1, 3), t.tensor([[0, 1, 0]])),
    "delta of 0": lambda t: t.nn.functional.huber_loss(t.ones(3), t.ones(3), delta=0.0),
    "beta below 0": lambda t: t.nn.functional.smooth_l1_loss(t.ones(3), t.ones(3), beta=-1.0),
    "p of 3": lambda t: t.nn.functional.multi_margin_loss(t.ones(3, 4), t.tensor([0, 1, 2]), p=3),
    "bincount of a matrix": lambda t: t.bincount(t.tensor([[1, 2]])),
    "bincount of floats": lambda t: t.bincount(t.tensor([1.0])),
}


@pytest.mark.parametrize("name", MISTAKES)
def test_a_mistake_is_met_with_the_words_of_pytorch(name):
    with pytest.raises(Exception) as theirs:  # noqa: PT011 - which one is what PyTorch decides
        MISTAKES[name](torch)
    with pytest.raises(type(theirs.value)) as ours:
        MISTAKES[name](gt)
    assert str(ours.value) == str(theirs.value)


COUNTS = {
    "sum of bools": lambda t: t.tensor([True, True]).sum(),
    "sum of bytes": lambda t: t.tensor([200, 100], dtype=t.uint8).sum(),
    "prod of small integers": lambda t: t.tensor([200, 100], dtype=t.int16).prod(),
    "cumsum of bools": lambda t: t.tensor([True, False, True]).cumsum(0),
    "sum in another dtype": lambda t: t.tensor([1, 2]).sum(dtype=t.float64),
    "max of integers": lambda t: t.tensor([3, 1]).max(),
    "any": lambda t: t.tensor([[0, 1], [0, 0]]).any(1),
    "any of bytes": lambda t: t.tensor([0, 3], dtype=t.uint8).any(),
    "all": lambda t: t.tensor([[1, 1], [0, 1]]).all(0, keepdim=True),
    "count_nonzero": lambda t: t.tensor([[1, 0], [0, 0]]).count_nonzero(0),
    "argmax": lambda t: t.tensor([[1.0, 5.0], [5.0, 2.0]]).argmax(),
    "argmin along a dim": lambda t: t.tensor([[1.0, 5.0], [5.0, 2.0]]).argmin(1, keepdim=True),
    "argmax with nan": lambda t: t.tensor([1.0, math.nan, 5.0]).argmax(),
    "argsort": lambda t: t.tensor([3.0, math.nan, 1.0, 2.0]).argsort(descending=True),
    "unique": lambda t: t.unique(t.tensor([3, 1, 3])),
    "bincount": lambda t: t.bincount(t.tensor([0, 2, 2]), minlength=5),
    "bincount with weights": lambda t: t.bincount(t.tensor([0, 2, 2]), weights=t.tensor([0.5, 1.0, 2.0])),
    "histc": lambda t: t.histc(t.tensor([0.0, 0.5, 1.0, 0.9]), 4),
    "searchsorted": lambda t: t.searchsorted(t.tensor([1.0, 2.0, 3.0]), t.tensor([2.0, 9.0]), right=True),
    "bucketize": lambda t: t.bucketize(t.tensor([2.0, 9.0]), t.tensor([1.0, 2.0, 3.0])),
    "var of one": lambda t: t.tensor([1.0]).var(),
    "mean of nothing": lambda t: t.zeros(0).mean(),
    "sum of nothing": lambda t: t.zeros(0, 3).sum(0),
    "logsumexp of nothing": lambda t: t.zeros(0, 3).logsumexp(0),
    "max of a number": lambda t: t.tensor(2.0).max(0)[1],
    "sort of a number": lambda t: t.tensor(2.0).sort()[0],
    "sort of nothing": lambda t: t.zeros(0).sort()[1],
    "cumsum of a number": lambda t: t.tensor(2.0).cumsum(0),
    "mode of a number": lambda t: t.tensor(2.0).mode()[0],
    "median of nothing": lambda t: t.zeros(0).median(),
    "softmax of minus infinities": lambda t: t.tensor([-math.inf, -math.inf]).softmax(0),
    "softmax in another dtype": lambda t: t.tensor([1, 2]).softmax(0, dtype=t.float64),
    "indices of topk": lambda t: t.tensor([1.0, 3.0, 2.0]).topk(2)[1],
    "indices of cummax": lambda t: t.tensor([1.0, 1.0, math.nan, 2.0]).cummax(0)[1],
}


@pytest.mark.parametrize("name", COUNTS)
def test_dtypes_edges_and_places_are_those_of_pytorch(name):
    theirs, ours = COUNTS[name](torch), COUNTS[name](gt)
    assert str(ours.dtype) == str(theirs.dtype)
    assert tuple(ours.shape) == tuple(theirs.shape)
    np.testing.assert_allclose(ours.numpy(), theirs.numpy(), rtol=1e-6)
