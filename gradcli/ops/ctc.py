"""ctc_loss: the likelihood of label sequences under all their alignments with a longer sequence.

The labels are interleaved with blanks, b l1 b l2 b ..., and a path may stay, step, or skip a blank
between two different labels. All is done for a whole batch at once, a step of time after another.
"""

# PyTorch's names and signatures, and formulas that name all they are given:
# ruff: noqa: PLR0913

from __future__ import annotations

from typing import Any

import numpy as np

from gradcli.diagnostics import RuntimeFault, TypeFault
from gradcli.ops.layout import memory
from gradcli.ops.loss_reduction import check_reduction
from gradcli.ops.record import composite, general

__all__: list[str] = []

FAMILY = "loss"
SOURCE = "Graves et al., Connectionist temporal classification (2006), 4.1"


def _moves(labels: Any, blank: int) -> tuple[Any, Any]:
    """The labels interleaved with blanks, and which of them a path may reach by skipping a blank."""
    count, longest = labels.shape
    path = np.full((count, 2 * longest + 1), blank, labels.dtype)
    path[:, 1::2] = labels
    skips = np.zeros(path.shape, bool)
    skips[:, 3::2] = labels[:, 1:] != labels[:, :-1]
    return path, skips


def _shifted(x: Any, by: int) -> Any:
    """Rows moved right by so many places (left where negative), with log 0 coming in."""
    full = np.full_like(x, -np.inf)
    if by > 0:
        full[:, by:] = x[:, :-by]
    else:
        full[:, :by] = x[:, -by:]
    return full


def _together(*terms: Any) -> Any:
    return np.logaddexp.reduce(terms)


def _forward(scores: Any, skips: Any, steps: Any) -> Any:
    """alpha[t]: the log-likelihood of the paths up to t that end at each place; frozen past the end."""
    alpha = np.full_like(scores, -np.inf)
    if not len(scores):
        return alpha
    alpha[0, :, :2] = scores[0, :, :2]
    for t in range(1, len(scores)):
        before = alpha[t - 1]
        skipped = np.where(skips, _shifted(before, 2), -np.inf)
        alpha[t] = _together(before, _shifted(before, 1), skipped) + scores[t]
        alpha[t] = np.where((t < steps)[:, np.newaxis], alpha[t], before)
    return alpha


def _backward(scores: Any, skips: Any, steps: Any, sizes: Any) -> Any:
    """beta[t]: the log-likelihood of the rest of the paths that are at each place at t, t left out."""
    beta = np.full_like(scores, -np.inf)
    places = np.arange(scores.shape[2])
    ends = (places == 2 * sizes[:, np.newaxis]) | (places == 2 * sizes[:, np.newaxis] - 1)
    for t in reversed(range(len(scores))):
        last = (t == steps - 1)[:, np.newaxis]
        if t + 1 < len(scores):
            after = beta[t + 1] + scores[t + 1]
            skipped = _shifted(np.where(skips, after, -np.inf), -2)
            beta[t] = _together(after, _shifted(after, -1), skipped)
        beta[t] = np.where(last, np.where(ends, 0, -np.inf), beta[t])
    return beta


def _scores(x: Any, path: Any) -> Any:
    return np.take_along_axis(x, np.broadcast_to(path, (len(x), *path.shape)), 2)


def _losses(x: Any, labels: Any, steps: Any, sizes: Any, *, blank: int) -> Any:
    path, skips = _moves(labels, blank)
    if not len(x):
        return np.where(sizes == 0, 0, np.inf).astype(x.dtype)
    # Past its last step a sequence's alpha stays, so that the last one is that of every sequence.
    last = _forward(_scores(x, path), skips, steps)[-1]
    ends = np.take_along_axis(last, 2 * sizes[:, np.newaxis], 1)[:, 0]
    labelled = np.take_along_axis(last, np.maximum(2 * sizes - 1, 0)[:, np.newaxis], 1)[:, 0]
    found = -np.logaddexp(ends, np.where(sizes > 0, labelled, -np.inf))
    return np.where(steps > 0, found, np.where(sizes == 0, 0, np.inf)).astype(x.dtype)


def _zeroed_losses(x: Any, labels: Any, steps: Any, sizes: Any, *, blank: int, zero_infinity: bool) -> Any:
    found = _losses(x, labels, steps, sizes, blank=blank)
    return np.where(np.isinf(found), 0, found).astype(x.dtype) if zero_infinity else found


def _likelihoods(S: Any, x: Any, path: Any, skips: Any, steps: Any) -> tuple[Any, Any]:
    """The probabilities of the path's labels, and those of the paths up to t that end at each place."""
    scores = np.vectorize(S.exp, otypes=[object])(_scores(x, path))
    alpha = np.zeros(scores.shape, dtype=object)
    alpha[0, :, :2] = scores[0, :, :2]
    for t in range(1, len(scores)):
        before = alpha[t - 1]
        one, two = np.zeros_like(before), np.zeros_like(before)
        one[:, 1:], two[:, 2:] = before[:, :-1], before[:, :-2]
        moved = (before + one + np.where(skips, two, 0)) * scores[t]
        alpha[t] = np.where((t < steps)[:, np.newaxis], moved, before)
    return scores, alpha


def _losses_symbols(
    S: Any, x: Any, labels: Any, steps: Any, sizes: Any, *, blank: int, zero_infinity: bool
) -> Any:
    """The same in probabilities, which cannot underflow there."""
    number = _zeroed_losses(S.floats(x), labels, steps, sizes, blank=blank, zero_infinity=zero_infinity)
    if not len(x) or not np.isfinite(number).all():
        return number  # nothing to differentiate, or no path
    path, skips = _moves(labels, blank)
    last = _likelihoods(S, x, path, skips, steps)[1][-1]
    losses = [
        -S.log(row[2 * size] + (row[2 * size - 1] if size else 0)) if step else found
        for row, size, step, found in zip(last, sizes, steps, number, strict=True)
    ]
    return np.array([*losses, None], dtype=object)[:-1]


def _posterior(x: Any, labels: Any, steps: Any, sizes: Any, *, blank: int, zero_infinity: bool) -> Any:
    path, skips = _moves(labels, blank)
    scores = _scores(x, path)
    joint = _forward(scores, skips, steps) + _backward(scores, skips, steps, sizes)
    total = -_losses(x, labels, steps, sizes, blank=blank)
    share = np.exp(joint - total[:, np.newaxis])  # nan without a path, as in PyTorch
    share = np.where((np.arange(len(x))[:, np.newaxis] < steps)[..., np.newaxis], share, 0)
    if zero_infinity:
        share = np.where(np.isinf(total)[:, np.newaxis], 0, share)
    full = np.zeros_like(x)
    t, n = np.ogrid[: x.shape[0], : x.shape[1]]
    np.add.at(full, (t[..., np.newaxis], n[..., np.newaxis], path), share)
    return full


def _posterior_symbols(
    S: Any, x: Any, labels: Any, steps: Any, sizes: Any, *, blank: int, zero_infinity: bool
) -> Any:
    """The same in probabilities: of the paths through a place at a time, among all paths."""
    number = _posterior(S.floats(x), labels, steps, sizes, blank=blank, zero_infinity=zero_infinity)
    if not len(x) or not np.isfinite(number).all():
        return number
    path, skips = _moves(labels, blank)
    scores, alpha = _likelihoods(S, x, path, skips, steps)
    full = np.zeros(x.shape, dtype=object)
    for n, size in enumerate(sizes):
        ends = [2 * size, 2 * size - 1][: 2 if size else 1]
        total = sum(alpha[-1, n, end] for end in ends)
        after = np.zeros(path.shape[1] + 2, dtype=object)  # of the paths from a place on, t left out
        after[ends] = 1
        for t in reversed(range(steps[n])):
            for place, label in enumerate(path[n]):
                full[t, n, label] = full[t, n, label] + alpha[t, n, place] * after[place] / total
            here = after.copy()
            here[:-2] = after[:-2] * scores[t, n]
            over = np.append(np.where(skips[n], here[:-2], 0)[2:], [0, 0])
            after[:-2] = here[:-2] + here[1:-1] + over
    return full


def _no_derivative(m: Any) -> Any:  # noqa: ARG001 - the form of a formula
    raise RuntimeFault("E407", "derivative for aten::_ctc_loss_backward is not implemented")


def _samples(s: Any) -> Any:
    values = (s.normal(5, 2, 3), np.array([[1, 2], [1, 1]]), np.array([5, 4]), np.array([2, 1]))
    return [(values, {"blank": 0, "zero_infinity": False})]


ctc_losses = general(
    "ctc_losses",
    args=("x", "labels", "steps", "sizes"),
    discrete=("labels", "steps", "sizes"),
    node="CtcLossBackward0",
    numpy=_zeroed_losses,
    complex=False,
    sympy=_losses_symbols,
    vjps=(
        lambda m, g, x, labels, steps, sizes, blank, zero_infinity: (
            -m.ctc_posterior(x, labels, steps, sizes, blank=blank, zero_infinity=zero_infinity)
            * m.unsqueeze_last(g)
        ),
        None,
        None,
        None,
    ),
    jvps=(
        lambda m, t, x, labels, steps, sizes, blank, zero_infinity: m.sum_dims(
            -m.ctc_posterior(x, labels, steps, sizes, blank=blank, zero_infinity=zero_infinity) * t,
            dims=(-3, -1),
            keepdim=False,
        ),
        None,
        None,
        None,
    ),
    promote="keep",
    stacks=False,
    infer=lambda x, labels, steps, sizes, *, blank, zero_infinity: (x[1],),
    faces="",
    family=FAMILY,
    samples=_samples,
    summary="Minus the log-likelihood of each sequence of labels, summed over all alignments.",
    source=SOURCE,
)

ctc_posterior = general(
    "ctc_posterior",
    args=("x", "labels", "steps", "sizes"),
    discrete=("labels", "steps", "sizes"),
    node="NotImplemented",
    numpy=_posterior,
    complex=False,
    sympy=_posterior_symbols,
    vjps=(_no_derivative, None, None, None),
    jvps=(_no_derivative, None, None, None),
    promote="keep",
    stacks=False,
    infer=lambda x, labels, steps, sizes, *, blank, zero_infinity: x,
    faces="",
    family=FAMILY,
    samples=_samples,
    kinks=("has no derivative in PyTorch: a second backward through it raises",),
    summary="How likely each label is at each time, given the sequence of labels.",
    source=SOURCE,
)


def _lengths(name: str, lengths: Any, count: int) -> Any:
    found = np.asarray(memory(lengths)).reshape(-1)
    if found.dtype.kind not in "iu":
        raise RuntimeFault("E304", f"{name} must be integral")
    if found.size != count:
        raise RuntimeFault("E301", f"{name} must be of size batch_size")
    return found.astype(np.int64)


def _check_longest(lengths: Any, longest: int) -> None:
    for value in lengths[lengths > longest][:1]:
        raise RuntimeFault(
            "E303",
            f"Expected input_lengths to have value at most {longest}, but got value {value} (while checking "
            "arguments for ctc_loss_allocate_outputs)",
        )


def _padded(targets: Any, sizes: Any) -> Any:
    """The labels as a row per sequence, those of a one-dimensional tensor one after another."""
    longest = int(sizes.max(initial=0))
    if targets.ndim == 1:
        if targets.size != sizes.sum():
            raise RuntimeFault(
                "E301", f"ctc_loss: the targets are {targets.size}, their lengths add up to {sizes.sum()}"
            )
        full = np.zeros((sizes.size, longest), np.int64)
        full[np.arange(longest) < sizes[:, np.newaxis]] = targets
        return full
    if targets.ndim != 2 or len(targets) != sizes.size:  # noqa: PLR2004 - a row per sequence
        raise RuntimeFault("E301", f"ctc_loss: expected a row of targets for each of {sizes.size} sequences")
    if targets.shape[1] < longest:
        raise RuntimeFault(
            "E301",
            f"Expected tensor to have size at least {longest} at dimension 1, but got size "
            f"{targets.shape[1]} for argument #2 'targets' (while checking arguments for "
            "ctc_loss_allocate_outputs)",
        )
    return np.where(np.arange(longest) < sizes[:, np.newaxis], targets[:, :longest], 0).astype(np.int64)


def _normalizer(m: Any, x: Any, counted: Any) -> Any:
    """Zeros whose derivative is exp(x).

    PyTorch's gradient is that of normalised log-probabilities, whose sum of exp(x) stays 1; with this term
    it is so for tensors that are not made by log_softmax too.
    """
    mask = m.array(np.broadcast_to(counted[..., np.newaxis], tuple(x.shape)), like=x)
    return m.sum_dims((m.exp(x) - m.array(np.exp(memory(x)), like=x)) * mask, dims=(-3, -1), keepdim=False)


@composite(
    "ctc_loss",
    args=("log_probs", "targets", "input_lengths", "target_lengths"),
    faces="torch F",
    family=FAMILY,
    example="F.ctc_loss(log_softmax(ones(4, 1, 3), 2), tensor([[1, 2]]), (4,), (2,))",
    source=SOURCE,
    summary="Minus the log-likelihood of sequences of labels under all alignments with their inputs.",
)
def ctc_loss(
    m: Any,
    log_probs: Any,
    targets: Any,
    input_lengths: Any,
    target_lengths: Any,
    blank: int = 0,
    reduction: Any = "mean",
    zero_infinity: bool = False,
) -> Any:
    if reduction in (0, 1, 2):
        reduction = ("none", "mean", "sum")[reduction]
    check_reduction(reduction)
    x, labels = log_probs, memory(targets)
    if not hasattr(x, "shape") or not hasattr(targets, "shape"):
        raise TypeFault("E303", "ctc_loss(): log_probs and targets must be Tensors")
    single = len(x.shape) == 2  # noqa: PLR2004 - one sequence without a batch
    if single:
        x, labels = m.unsqueeze(x, dim=-2), labels.reshape(1, -1)
    if len(x.shape) != 3:  # noqa: PLR2004 - time, batch, labels
        raise RuntimeFault(
            "E301",
            f"Expected 3-dimensional tensor, but got {len(x.shape)}-dimensional tensor for argument #1 "
            "'log_probs' (while checking arguments for ctc_loss_allocate_outputs)",
        )
    longest, count, classes = x.shape
    steps = _lengths("input_lengths", input_lengths, count)
    sizes = _lengths("target_lengths", target_lengths, count)
    if not 0 <= blank < classes:
        raise RuntimeFault("E303", "blank must be in label range")
    _check_longest(steps, longest)
    labels = _padded(labels, sizes)
    if labels.size and not (labels.min() >= 0 and labels.max() < classes):
        raise RuntimeFault("E302", f"ctc_loss: the targets must be labels from 0 to {classes - 1}")
    losses = m.apply(ctc_losses, (x, labels, steps, sizes), {"blank": blank, "zero_infinity": zero_infinity})
    counted = np.arange(longest)[:, np.newaxis] < steps
    if zero_infinity:
        counted = counted & np.isfinite(_losses(memory(x), labels, steps, sizes, blank=blank))
    losses = losses + _normalizer(m, x, counted)
    if single and reduction == "none":
        return m.squeeze(losses, dims=(-1,), form=1)
    if reduction == "mean":
        losses = losses / m.array(np.maximum(sizes, 1), like=x)
    return losses if reduction == "none" else m.mean(losses) if reduction == "mean" else m.sum(losses)
