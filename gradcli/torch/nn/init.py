"""torch.nn.init: how parameters begin. Each function fills a tensor in place, unrecorded, and returns it."""

# ruff: noqa: PLR0913, SLF001 - PyTorch's signatures; Tensor's and Module's fields are this package's own

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np

from gradcli.autograd.context import context
from gradcli.diagnostics import ValueFault
from gradcli.torch.nn.filling import fill_normal, fill_uniform
from gradcli.torch.nn.state import overwrite

if TYPE_CHECKING:
    from gradcli.autograd.tensor import Tensor

__all__ = [
    "calculate_gain", "constant_", "dirac_", "eye_", "fans", "kaiming_normal_", "kaiming_uniform_", "normal_",
    "ones_", "orthogonal_", "sparse_", "trunc_normal_", "uniform_", "xavier_normal_", "xavier_uniform_",
    "zeros_",
]  # fmt: skip

GAINS = {"tanh": 5.0 / 3, "relu": math.sqrt(2.0), "selu": 3.0 / 4, "sigmoid": 1.0, "linear": 1.0} | {
    f"conv{kind}{dims}d": 1.0 for kind in ("", "_transpose") for dims in (1, 2, 3)
}
DIMS = (3, 4, 5)  # of a convolution's weight
MATRIX = 2
LIKELY = 0.3  # of a draw to fall inside the bounds: below, truncated normals are drawn another way


def calculate_gain(nonlinearity: str, param: Any = None) -> float:
    """Returns by how much a nonlinearity shrinks what passes it, for the initialisation to make up.

    Raises:
        ValueFault: the nonlinearity is unknown, or the slope no number.
    """
    if nonlinearity == "leaky_relu":
        slope = 0.01 if param is None else param
        if isinstance(slope, bool) or not isinstance(slope, (int, float)):
            raise ValueFault("E303", f"negative_slope {param} not a valid number")
        return math.sqrt(2.0 / (1 + slope**2))
    if nonlinearity not in GAINS:
        known = ", ".join(["leaky_relu", *list(GAINS)[:5]])
        raise ValueFault("E303", f"Unsupported nonlinearity {nonlinearity}", help=f"one of {known}")
    return GAINS[nonlinearity]


def fans(tensor: Tensor) -> tuple[int, int]:
    """Returns how many inputs an output of a weight has, and how many outputs an input.

    Raises:
        ValueFault: the tensor has fewer than two dims.
    """
    shape = tensor._array.shape
    if len(shape) < MATRIX:
        raise ValueFault(
            "E301", "Fan in and fan out can not be computed for tensor with fewer than 2 dimensions"
        )
    field = math.prod(shape[2:])
    return shape[1] * field, shape[0] * field


def uniform_(tensor: Tensor, a: float = 0.0, b: float = 1.0, generator: Any = None) -> Tensor:
    """Fills with uniforms in [a, b)."""
    return fill_uniform(tensor, a, b, generator)


def normal_(tensor: Tensor, mean: float = 0.0, std: float = 1.0, generator: Any = None) -> Tensor:
    """Fills with normals."""
    return fill_normal(tensor, mean, std, generator)


def constant_(tensor: Tensor, val: float) -> Tensor:
    """Fills with one value."""
    return overwrite(tensor, val)


def ones_(tensor: Tensor) -> Tensor:
    """Fills with ones."""
    return overwrite(tensor, 1.0)


def zeros_(tensor: Tensor) -> Tensor:
    """Fills with zeros."""
    return overwrite(tensor, 0.0)


def eye_(tensor: Tensor) -> Tensor:
    """Makes a matrix the identity.

    Raises:
        ValueFault: it is no matrix.
    """
    shape = _matrix(tensor)
    return overwrite(tensor, np.eye(*shape))


def _matrix(tensor: Tensor) -> tuple[int, int]:
    shape = tensor._array.shape
    if len(shape) != MATRIX:
        raise ValueFault("E301", "Only tensors with 2 dimensions are supported")
    return shape[0], shape[1]


def dirac_(tensor: Tensor, groups: int = 1) -> Tensor:
    """Makes the weight of a convolution one that passes as many channels as it can through unchanged.

    Raises:
        ValueFault: it has not 3, 4 or 5 dims, or dim 0 is no multiple of the groups.
    """
    shape = tensor._array.shape
    if len(shape) not in DIMS:
        raise ValueFault("E301", "Only tensors with 3, 4, or 5 dimensions are supported")
    if shape[0] % groups:
        raise ValueFault("E301", "dim 0 must be divisible by groups")
    weight, each = np.zeros(shape), shape[0] // groups
    channel = np.arange(min(each, shape[1]))
    centre = tuple(size // 2 for size in shape[2:])
    for group in range(groups):
        weight[(group * each + channel, channel, *centre)] = 1
    return overwrite(tensor, weight)


def xavier_uniform_(tensor: Tensor, gain: float = 1.0, generator: Any = None) -> Tensor:
    """Fills with uniforms of variance 2 gain² / (fan_in + fan_out) (Glorot and Bengio 2010)."""
    bound = math.sqrt(3.0) * (gain * math.sqrt(2.0 / float(sum(fans(tensor)))))
    return fill_uniform(tensor, -bound, bound, generator)


def xavier_normal_(tensor: Tensor, gain: float = 1.0, generator: Any = None) -> Tensor:
    """Fills with normals of variance 2 gain² / (fan_in + fan_out) (Glorot and Bengio 2010)."""
    return fill_normal(tensor, 0.0, gain * math.sqrt(2.0 / float(sum(fans(tensor)))), generator)


def kaiming_uniform_(
    tensor: Tensor,
    a: float = 0,
    mode: str = "fan_in",
    nonlinearity: str = "leaky_relu",
    generator: Any = None,
) -> Tensor:
    """Fills with uniforms of variance gain² / fan (He et al. 2015)."""
    if not tensor._array.size:
        return _no_op(tensor)
    bound = math.sqrt(3.0) * _kaiming_std(tensor, a, mode, nonlinearity)
    return fill_uniform(tensor, -bound, bound, generator)


def kaiming_normal_(
    tensor: Tensor,
    a: float = 0,
    mode: str = "fan_in",
    nonlinearity: str = "leaky_relu",
    generator: Any = None,
) -> Tensor:
    """Fills with normals of variance gain² / fan (He et al. 2015)."""
    if not tensor._array.size:
        return _no_op(tensor)
    return fill_normal(tensor, 0.0, _kaiming_std(tensor, a, mode, nonlinearity), generator)


def _no_op(tensor: Tensor) -> Tensor:
    from warnings import warn  # a mistake; not worth the start-up

    warn("Initializing zero-element tensors is a no-op", UserWarning, stacklevel=3)
    return tensor


def _kaiming_std(tensor: Tensor, a: float, mode: str, nonlinearity: str) -> float:
    modes = ["fan_in", "fan_out"]
    if mode.lower() not in modes:
        raise ValueFault("E303", f"Mode {mode.lower()} not supported, please use one of {modes}")
    return calculate_gain(nonlinearity, a) / math.sqrt(fans(tensor)[modes.index(mode.lower())])


def orthogonal_(tensor: Tensor, gain: float = 1, generator: Any = None) -> Tensor:
    """Makes a matrix, of the first dim by all others, orthonormal in rows or columns (Saxe et al. 2013).

    Raises:
        ValueFault: it has fewer than two dims.
    """
    array = tensor._array
    if array.ndim < MATRIX:
        raise ValueFault("E301", "Only tensors with 2 or more dimensions are supported")
    if not array.size:
        return tensor
    rows = array.shape[0]
    drawn = (generator or context.generator).normal((rows, array.size // rows), array.dtype)
    wide = drawn.shape[0] < drawn.shape[1]
    q, r = np.linalg.qr(drawn.T if wide else drawn)
    q = q * np.sign(np.diagonal(r))  # a unique Q: without this the signs are LAPACK's
    return overwrite(tensor, np.reshape(q.T if wide else q, array.shape) * array.dtype.type(gain))


def sparse_(tensor: Tensor, sparsity: float, std: float = 0.01, generator: Any = None) -> Tensor:
    """Fills a matrix with normals, and a share of each column with zeros (Martens 2010).

    Raises:
        ValueFault: it is no matrix.
    """
    rows, columns = _matrix(tensor)
    fill_normal(tensor, 0.0, std, generator)
    weight = np.array(tensor._array)
    for column in range(columns):
        weight[context.generator.randperm(rows)[: math.ceil(sparsity * rows)], column] = 0
    return overwrite(tensor, weight)


def trunc_normal_(
    tensor: Tensor,
    mean: float = 0.0,
    std: float = 1.0,
    a: float = -2.0,
    b: float = 2.0,
    generator: Any = None,
) -> Tensor:
    """Fills with normals that lie in [a, b]: those outside are drawn again.

    Where most normals would fall outside, uniforms are accepted by the density's height instead.
    """
    source, dtype, shape = generator or context.generator, tensor._array.dtype, tensor._array.shape
    if _below((b - mean) / std) - _below((a - mean) / std) > LIKELY:
        drawn = source.normal(shape, dtype, mean, std)
        while (outside := (drawn < dtype.type(a)) | (drawn > dtype.type(b))).any():
            drawn = np.where(outside, source.normal(shape, dtype, mean, std), drawn)
        return overwrite(tensor, drawn)
    peak = -0.5 * ((max(a, min(mean, b)) - mean) / std) ** 2
    drawn, pending = source.uniform(shape, dtype, a, b), np.ones(shape, bool)
    trial = drawn
    while True:
        height = np.square((trial - mean) / std) * -0.5 - peak
        with np.errstate(divide="ignore"):  # the logarithm of an exact 0
            pending &= np.log(source.uniform(shape, dtype)) > height
        if not pending.any():
            return overwrite(tensor, drawn)
        trial = source.uniform(shape, dtype, a, b)
        drawn = np.where(pending, trial, drawn)


def _below(x: float) -> float:
    """The standard normal distribution function."""
    return (1.0 + math.erf(x / math.sqrt(2.0))) / 2.0
