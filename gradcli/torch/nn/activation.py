"""Activation functions as layers: rectifiers, sigmoids and their kin."""

# ruff: noqa: A002, N812 - PyTorch's names; functional is F by custom

from __future__ import annotations

from typing import Any

from gradcli.autograd.inplace import become
from gradcli.autograd.writable import check_writable
from gradcli.diagnostics import ValueFault
from gradcli.ops.devices import check_device
from gradcli.torch.creation import empty
from gradcli.torch.nn import functional as F
from gradcli.torch.nn.init import constant_
from gradcli.torch.nn.module import Module
from gradcli.torch.nn.parameter import Parameter

__all__ = [
    "CELU",
    "ELU",
    "GELU",
    "GLU",
    "SELU",
    "Hardshrink",
    "Hardsigmoid",
    "Hardswish",
    "Hardtanh",
    "LeakyReLU",
    "LogSigmoid",
    "LogSoftmax",
    "Mish",
    "PReLU",
    "RReLU",
    "ReLU",
    "ReLU6",
    "SiLU",
    "Sigmoid",
    "Softmax",
    "Softmax2d",
    "Softmin",
    "Softplus",
    "Softshrink",
    "Softsign",
    "Tanh",
    "Tanhshrink",
    "Threshold",
]  # fmt: skip


class _Function(Module):
    """A function of nn.functional as a layer.

    Attributes:
        function: its name there.
        settings: names and defaults of the settings, in the order of PyTorch's signature.
        unnamed: whether the text shows the value of its setting alone.
        changing: whether it takes `inplace` last.
        told: whether the text then says so.
    """

    function = ""
    settings: tuple[tuple[str, Any], ...] = ()
    unnamed = False
    changing = False
    told = True

    def __init__(self, *args: Any, **named: Any) -> None:
        super().__init__()
        known = [*self.settings, ("inplace", False)] if self.changing else list(self.settings)
        given = dict(zip((name for name, _ in known), args, strict=False)) | named
        if len(args) > len(known) or not given.keys() <= dict(known).keys():
            from gradcli.torch.nn.naming import misfit  # only when something went wrong

            raise misfit(self._get_name(), known, args, named)
        self.__dict__.update(dict(known) | given)

    def forward(self, input: Any) -> Any:
        """The function of the input; with inplace, the input itself with the new values."""
        own = self.__dict__
        result = getattr(F, self.function)(input, *[own[name] for name, _ in self.settings])
        if not own.get("inplace"):
            return result
        check_writable(input)
        return become(input, result)

    def extra_repr(self) -> str:
        """Its settings."""
        own = self.__dict__
        shown = [f"{name}={own[name]!r}" if not self.unnamed else f"{own[name]}" for name, _ in self.settings]
        if own.get("inplace") and self.told:
            shown.append("inplace=True")
        return ", ".join(shown)


class ReLU(_Function):
    """The larger of x and 0."""

    function, changing = "relu", True


class ReLU6(_Function):
    """x held between 0 and 6."""

    function, changing = "relu6", True


class LeakyReLU(_Function):
    """x, times a slope where it is negative."""

    function, changing, settings = "leaky_relu", True, (("negative_slope", 0.01),)


class ELU(_Function):
    """x, or alpha (exp(x) - 1) where it is negative."""

    function, changing, settings = "elu", True, (("alpha", 1.0),)


class CELU(_Function):
    """x, or alpha (exp(x / alpha) - 1) where it is negative."""

    function, changing, settings = "celu", True, (("alpha", 1.0),)


class SELU(_Function):
    """ELU scaled so that it keeps mean 0 and variance 1."""

    function, changing = "selu", True


class SiLU(_Function):
    """x times its sigmoid."""

    function, changing = "silu", True


class Mish(_Function):
    """x times tanh(softplus(x))."""

    function, changing = "mish", True


class Hardswish(_Function):
    """x times its hard sigmoid."""

    function, changing, told = "hardswish", True, False


class Hardsigmoid(_Function):
    """(x + 3) / 6 held between 0 and 1."""

    function, changing, told = "hardsigmoid", True, False


class Threshold(_Function):
    """x where it is above a threshold, else a value."""

    function, changing, settings = "threshold", True, (("threshold", 0.0), ("value", 0.0))

    def __init__(self, threshold: float, value: float, inplace: bool = False) -> None:
        super().__init__(threshold, value, inplace)


class Hardtanh(_Function):
    """x held between two values."""

    function, changing, settings = "hardtanh", True, (("min_val", -1.0), ("max_val", 1.0))

    def __init__(self, min_val: float = -1.0, max_val: float = 1.0, inplace: bool = False) -> None:
        super().__init__(min_val, max_val, inplace)
        if max_val <= min_val:
            raise ValueFault("E303", f"max_val ({max_val}) must be greater than min_val ({min_val})")


class Sigmoid(_Function):
    """1 / (1 + exp(-x))."""

    function = "sigmoid"


class Tanh(_Function):
    """The hyperbolic tangent."""

    function = "tanh"


class LogSigmoid(_Function):
    """The logarithm of the sigmoid."""

    function = "logsigmoid"


class Softsign(_Function):
    """x / (1 + |x|)."""

    function = "softsign"


class Tanhshrink(_Function):
    """x - tanh(x)."""

    function = "tanhshrink"


class GELU(_Function):
    """x times the normal distribution function of x."""

    function, settings = "gelu", (("approximate", "none"),)

    def forward(self, input: Any) -> Any:
        """The function of the input."""
        return F.gelu(input, approximate=self.approximate)


class GLU(_Function):
    """The first half of a dim times the sigmoid of the second."""

    function, settings = "glu", (("dim", -1),)


class Softplus(_Function):
    """log(1 + exp(beta x)) / beta, and x itself where beta x is above a threshold."""

    function, settings = "softplus", (("beta", 1.0), ("threshold", 20.0))


class Hardshrink(_Function):
    """x, or 0 where it is within lambd of 0."""

    function, settings, unnamed = "hardshrink", (("lambd", 0.5),), True


class Softshrink(_Function):
    """x moved towards 0 by lambd, and 0 where it is within that."""

    function, settings, unnamed = "softshrink", (("lambd", 0.5),), True


class Softmax(_Function):
    """exp(x) over its sum along a dim."""

    function, settings = "softmax", (("dim", None),)


class Softmin(_Function):
    """exp(-x) over its sum along a dim."""

    function, settings = "softmin", (("dim", None),)


class LogSoftmax(_Function):
    """The logarithm of the softmax along a dim."""

    function, settings = "log_softmax", (("dim", None),)


class Softmax2d(Module):
    """The softmax over the channels of (N, C, H, W) or (C, H, W)."""

    def forward(self, input: Any) -> Any:
        """The softmax of the input."""
        if len(input.shape) not in (3, 4):
            raise ValueFault(
                "E301", f"Softmax2d: expected input to be 3D or 4D, got {len(input.shape)}D instead"
            )
        return F.softmax(input, -3)


class RReLU(_Function):
    """x, times a random slope where it is negative, or the mean slope outside of training."""

    function, changing, settings = "rrelu", True, (("lower", 1.0 / 8), ("upper", 1.0 / 3))

    def forward(self, input: Any) -> Any:
        """The function of the input."""
        return F.rrelu(input, self.lower, self.upper, self.training, self.inplace)


class PReLU(Module):
    """x, times a learnt slope where it is negative; one slope, or one per channel."""

    def __init__(
        self, num_parameters: int = 1, init: float = 0.25, device: Any = None, dtype: Any = None
    ) -> None:
        super().__init__()
        check_device(device)
        self.num_parameters, self.init = num_parameters, init
        self.weight = Parameter(empty((num_parameters,), dtype=dtype))
        self.reset_parameters()

    def reset_parameters(self) -> None:
        """Sets all slopes to the first one."""
        constant_(self.weight, self.init)

    def forward(self, input: Any) -> Any:
        """The function of the input."""
        return F.prelu(input, self.weight)

    def extra_repr(self) -> str:
        """The number of slopes."""
        return f"num_parameters={self.num_parameters}"
