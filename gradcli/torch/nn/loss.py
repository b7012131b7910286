"""Loss functions as layers."""

# ruff: noqa: N812 - functional is F by custom

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from gradcli.diagnostics import TypeFault, ValueFault
from gradcli.torch.nn import functional as F
from gradcli.torch.nn.module import Module

if TYPE_CHECKING:
    from gradcli.autograd.tensor import Tensor

__all__ = [
    "BCELoss", "BCEWithLogitsLoss", "CosineEmbeddingLoss", "CrossEntropyLoss", "GaussianNLLLoss",
    "HingeEmbeddingLoss", "HuberLoss", "KLDivLoss", "L1Loss", "MSELoss", "MarginRankingLoss",
    "MultiLabelMarginLoss", "MultiLabelSoftMarginLoss", "MultiMarginLoss", "NLLLoss", "PoissonNLLLoss",
    "SmoothL1Loss", "SoftMarginLoss", "TripletMarginLoss",
]  # fmt: skip

REDUCTION: tuple[str, Any] = ("reduction", "mean")


class _Loss(Module):
    """A loss of nn.functional as a layer.

    Attributes:
        function: its name there.
        settings: names and defaults of the settings, in the order of PyTorch's signature.
        tensors: those settings that are tensors, and part of the module's state.
    """

    function = ""
    settings: tuple[tuple[str, Any], ...] = ()
    tensors: tuple[str, ...] = ()

    def __init__(self, *args: Any, **named: Any) -> None:
        super().__init__()
        old = (named.pop("size_average", None), named.pop("reduce", None))
        given = dict(zip((name for name, _ in self.settings), args, strict=False)) | named
        if len(args) > len(self.settings) or not given.keys() <= dict(self.settings).keys():
            from gradcli.torch.nn.naming import misfit  # only when something went wrong

            raise misfit(self._get_name(), self.settings, args, named)
        for name, value in (dict(self.settings) | given).items():
            if name in self.tensors:
                self.register_buffer(name, value)
            else:
                self.__dict__[name] = value
        if old != (None, None):
            self.__dict__["reduction"] = _reduction(*old)

    def forward(self, *values: Any) -> Any:
        """The loss of predictions and targets."""
        chosen = {name: getattr(self, name) for name, _ in self.settings}
        try:
            return getattr(F, self.function)(*values, **chosen)
        except TypeFault as fault:
            start = f"{self.function}() missing"
            if str(fault).startswith(start):
                own = f"{self._get_name()}.forward() missing"
                raise TypeFault("E303", str(fault).replace(start, own)) from None
            raise


def _reduction(size_average: bool | None, reduce: bool | None) -> str:
    """What `size_average` and `reduce`, which came before `reduction`, ask for."""
    from warnings import warn  # an old program; not worth the start-up

    size_average, reduce = size_average is not False, reduce is not False
    found = "none" if not reduce else "mean" if size_average else "sum"
    warn(
        f"size_average and reduce args will be deprecated, please use reduction='{found}' instead.",
        UserWarning,
        stacklevel=3,
    )
    return found


class L1Loss(_Loss):
    """Absolute differences."""

    function, settings = "l1_loss", (REDUCTION,)


class MSELoss(_Loss):
    """Squared differences."""

    function, settings = "mse_loss", (REDUCTION,)


class HuberLoss(_Loss):
    """Squared differences up to delta, absolute ones beyond."""

    function, settings = "huber_loss", (REDUCTION, ("delta", 1.0))


class SmoothL1Loss(_Loss):
    """Squared differences over beta up to beta, absolute ones beyond."""

    function, settings = "smooth_l1_loss", (REDUCTION, ("beta", 1.0))


class NLLLoss(_Loss):
    """Negative log-likelihoods of classes, from log-probabilities."""

    function, tensors = "nll_loss", ("weight",)
    settings = (("weight", None), ("ignore_index", -100), REDUCTION)


class CrossEntropyLoss(_Loss):
    """Cross entropies of classes, from logits."""

    function, tensors = "cross_entropy", ("weight",)
    settings = (("weight", None), ("ignore_index", -100), REDUCTION, ("label_smoothing", 0.0))


class PoissonNLLLoss(_Loss):
    """Negative log-likelihoods of counts."""

    function = "poisson_nll_loss"
    settings = (("log_input", True), ("full", False), ("eps", 1e-8), REDUCTION)


class GaussianNLLLoss(_Loss):
    """Negative log-likelihoods of normals of given mean and variance."""

    function = "gaussian_nll_loss"
    settings = (("full", False), ("eps", 1e-6), REDUCTION)


class KLDivLoss(_Loss):
    """Kullback-Leibler divergences, from log-probabilities."""

    function, settings = "kl_div", (REDUCTION, ("log_target", False))


class BCELoss(_Loss):
    """Binary cross entropies, from probabilities."""

    function, settings, tensors = "binary_cross_entropy", (("weight", None), REDUCTION), ("weight",)


class BCEWithLogitsLoss(_Loss):
    """Binary cross entropies, from logits."""

    function, tensors = "binary_cross_entropy_with_logits", ("weight", "pos_weight")
    settings = (("weight", None), REDUCTION, ("pos_weight", None))


class HingeEmbeddingLoss(_Loss):
    """Distances that shall be small for labels 1 and beyond a margin for labels -1."""

    function, settings = "hinge_embedding_loss", (("margin", 1.0), REDUCTION)


class MultiLabelMarginLoss(_Loss):
    """Hinge losses between the classes that apply and those that do not."""

    function, settings = "multilabel_margin_loss", (REDUCTION,)


class MultiLabelSoftMarginLoss(_Loss):
    """One-against-all cross entropies of several labels."""

    function, tensors = "multilabel_soft_margin_loss", ("weight",)
    settings = (("weight", None), REDUCTION)


class SoftMarginLoss(_Loss):
    """Logistic losses of labels 1 and -1."""

    function, settings = "soft_margin_loss", (REDUCTION,)


class CosineEmbeddingLoss(_Loss):
    """Cosines between pairs that shall be 1 for labels 1 and below a margin for labels -1."""

    function, settings = "cosine_embedding_loss", (("margin", 0.0), REDUCTION)


class MarginRankingLoss(_Loss):
    """Hinge losses of pairs in the wrong order."""

    function, settings = "margin_ranking_loss", (("margin", 0.0), REDUCTION)


class MultiMarginLoss(_Loss):
    """Hinge losses between the class that applies and all others.

    Raises:
        ValueFault: p is neither 1 nor 2.
    """

    function, tensors = "multi_margin_loss", ("weight",)
    settings = (("p", 1), ("margin", 1.0), ("weight", None), REDUCTION)

    def __init__(self, p: int = 1, margin: float = 1.0, weight: Tensor | None = None, **named: Any) -> None:
        super().__init__(p, margin, weight, **named)
        if p not in (1, 2):
            raise ValueFault("E303", "only p == 1 and p == 2 supported")


class TripletMarginLoss(_Loss):
    """How much nearer the positive is to the anchor than the negative, up to a margin.

    Raises:
        ValueFault: the margin is not above 0.
    """

    function = "triplet_margin_loss"
    settings = (("margin", 1.0), ("p", 2.0), ("eps", 1e-6), ("swap", False), REDUCTION)

    def __init__(self, margin: float = 1.0, *args: Any, **named: Any) -> None:
        if margin <= 0:
            raise ValueFault(
                "E303", f"TripletMarginLoss: expected margin to be greater than 0, got {margin} instead"
            )
        super().__init__(margin, *args, **named)
