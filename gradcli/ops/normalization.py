"""Normalisation layers: PyTorch's fronts over the kernels in `standardize`."""

# PyTorch's names and signatures, and formulas that name all they are given:
# ruff: noqa: A002, ARG001, PLR0913, PLR2004

from __future__ import annotations

import math
from typing import Any

from gradcli.diagnostics import RuntimeFault, ValueFault
from gradcli.ops.dims import check_float
from gradcli.ops.record import composite
from gradcli.ops.shapes import Shape, size_text
from gradcli.ops.standardize import fixed_norm, group_statistics_norm

__all__: list[str] = []

FAMILY = "normalization"


def _affine(m: Any, x: Any, weight: Any, bias: Any, shape: Shape) -> tuple[Any, ...]:
    """Scale and shift as the kernels take them: none, the scale, or both."""
    if weight is None and bias is None:
        return ()
    if bias is None:
        return (weight,)
    return (m.zeros(shape, x) + 1 if weight is None else weight, bias)


def _channels(shape: Shape) -> Shape:
    """The shape under which one number per channel broadcasts with the input."""
    return tuple(size if i == 1 else 1 for i, size in enumerate(shape))


def _last(name: str, x: Any, normalized_shape: Any, weight: Any) -> Shape:
    """The sizes normalised over, as a tuple; raises PyTorch's errors where they do not fit."""
    sizes = (normalized_shape,) if isinstance(normalized_shape, int) else tuple(normalized_shape)
    shape = tuple(x.shape)
    if not sizes:
        raise RuntimeFault(
            "E301",
            "Expected normalized_shape to be at least 1-dimensional, i.e., containing at least "
            f"one element, but got normalized_shape = {size_text(sizes)}",
        )
    if weight is not None and tuple(weight.shape) != sizes:
        raise RuntimeFault(
            "E301",
            f"Expected weight to be of same shape as normalized_shape, but got weight of shape "
            f"{size_text(weight.shape)} and normalized_shape = {size_text(sizes)}",
        )
    if shape[len(shape) - len(sizes) :] != sizes:
        stars = size_text(("*", *sizes))  # type: ignore[arg-type] # PyTorch's wording
        raise RuntimeFault(
            "E301",
            f"Given normalized_shape={size_text(sizes)}, expected input with shape {stars}, but got input of "
            f"size{size_text(shape)}",
            help=f"{name} normalises over the last dims: give their sizes",
        )
    return sizes


@composite(
    "layer_norm",
    faces="F",
    aliases=("layer_norm",),
    family=FAMILY,
    summary="Normalisation over the last dims.",
    source="Ba, Kiros, Hinton, Layer Normalization (2016)",
    example="F.layer_norm(randn(2, 3), (3,))",
)
def layer_norm(
    m: Any,
    input: Any,
    normalized_shape: Any,
    weight: Any = None,
    bias: Any = None,
    eps: float = 1e-5,
    cudnn_enable: bool = True,
) -> Any:
    check_float(input, "\"LayerNormKernelImpl\" not implemented for '{}'", missing=True)
    sizes, shape = _last("layer_norm", input, normalized_shape, weight), tuple(input.shape)
    params = {
        "shape": shape,
        "groups": shape,
        "dims": tuple(range(-len(sizes), 0)),
        "kind": "Layer",
        "eps": float(eps),
        "places": (1,) * (len(shape) - len(sizes)) + sizes,
        "affine_rank": len(sizes),
    }
    return m.apply(group_statistics_norm, (input, *_affine(m, input, weight, bias, sizes)), params)


@composite(
    "rms_norm",
    faces="F",
    aliases=("rms_norm",),
    family=FAMILY,
    summary="The input over its root mean square over the last dims.",
    source="Zhang and Sennrich, Root Mean Square Layer Normalization (2019)",
    example="F.rms_norm(randn(2, 3), (3,))",
)
def rms_norm(m: Any, input: Any, normalized_shape: Any, weight: Any = None, eps: Any = None) -> Any:
    sizes = _last("rms_norm", input, normalized_shape, weight)
    squares = m.mean_dims(m.pow(input, 2), dims=tuple(range(-len(sizes), 0)), keepdim=True, full=False)
    normal = input * m.rsqrt(squares + (m.eps(input) if eps is None else eps))
    return normal if weight is None else normal * weight


def _check_channel(shape: Shape) -> None:
    if len(shape) > 1 and math.prod(shape) == shape[1]:
        raise ValueFault(
            "E301",
            f"Expected more than 1 value per channel when training, got input size torch.Size({list(shape)})",
        )


def _follow(m: Any, x: Any, running: tuple[Any, Any], momentum: float, *, instances: bool = False) -> None:
    """Moves running mean and variance towards those of x, in place as PyTorch does."""
    plain, rank = x.detach(), len(x.shape)
    over = tuple(dim for dim in range(-rank, 0) if dim != 1 - rank and not (instances and dim == -rank))
    params = {"dims": over, "keepdim": False, "correction": 1.0}
    found = m.var_mean_dims(plain, **params)
    for kept, new in zip(running, (found[1], found[0]), strict=True):
        if kept is not None:
            mean = m.mean_dims(new, dims=(-2,), keepdim=False, full=False) if instances else new
            kept.mul_(1 - momentum).add_(mean * momentum)


@composite(
    "batch_norm",
    faces="F",
    aliases=("batch_norm",),
    family=FAMILY,
    summary="Normalisation of each channel over the batch, or by running statistics outside training.",
    source="Ioffe and Szegedy, Batch Normalization (2015)",
    example="F.batch_norm(randn(4, 3), None, None, training=True)",
)
def batch_norm(
    m: Any,
    input: Any,
    running_mean: Any,
    running_var: Any,
    weight: Any = None,
    bias: Any = None,
    training: bool = False,
    momentum: float = 0.1,
    eps: float = 1e-5,
) -> Any:
    shape = tuple(input.shape)
    if 0 in shape:
        scaled = m.clone(input) if weight is None else input * m.select_at(weight, dim=-1, index=0)
        return scaled if bias is None else scaled + m.select_at(bias, dim=-1, index=0)
    named = {"running_mean": running_mean, "running_var": running_var, "weight": weight, "bias": bias}
    for name, value in named.items():
        if value is not None and math.prod(value.shape) != shape[1]:
            raise RuntimeFault(
                "E301", f"{name} should contain {shape[1]} elements not {math.prod(value.shape)}"
            )
    if training:
        _check_channel(shape)
        if running_mean is not None or running_var is not None:
            _follow(m, input, (running_mean, running_var), momentum)
    elif running_mean is None or running_var is None:
        raise RuntimeFault(
            "E303",
            f"running_{'mean' if running_mean is None else 'var'} must be defined in evaluation mode",
            help="give training=True to normalise by the batch itself",
        )
    affine = _affine(m, input, weight, bias, (shape[1],))
    if not training:
        params = {"places": _channels(shape), "eps": float(eps)}
        return m.apply(fixed_norm, (input, running_mean, running_var, *affine), params)
    dims = tuple(dim for dim in range(-len(shape), 0) if dim != 1 - len(shape))
    return m.apply(group_statistics_norm, (input, *affine), _per_channel(shape, shape, dims, "Batch", eps))


def _per_channel(shape: Shape, groups: Shape, dims: tuple[int, ...], kind: str, eps: float) -> dict[str, Any]:
    return {
        "shape": shape,
        "groups": groups,
        "dims": dims,
        "places": _channels(shape),
        "affine_rank": 1,
        "eps": float(eps),
        "kind": kind,
    }


@composite(
    "group_norm",
    faces="F",
    aliases=("group_norm",),
    family=FAMILY,
    summary="Normalisation over groups of channels.",
    source="Wu and He, Group Normalization (2018)",
    example="F.group_norm(randn(2, 4, 3), 2)",
)
def group_norm(
    m: Any, input: Any, num_groups: int, weight: Any = None, bias: Any = None, eps: float = 1e-5
) -> Any:
    shape = tuple(input.shape)
    if len(shape) < 2:
        raise RuntimeFault(
            "E301", "Expected at least 2 dimensions for input tensor but received " + str(len(shape))
        )
    if num_groups < 1:
        raise RuntimeFault("E303", f"Expected num groups to be greater than 0, got {num_groups}")
    if shape[1] % num_groups:
        raise RuntimeFault(
            "E301",
            "Expected number of channels in input to be divisible by num_groups, but got input of shape "
            f"{size_text(shape)} and num_groups={num_groups}",
        )
    groups = (shape[0], num_groups, math.prod(shape[1:]) // num_groups)
    affine = _affine(m, input, weight, bias, (shape[1],))
    return m.apply(group_statistics_norm, (input, *affine), _per_channel(shape, groups, (-1,), "Group", eps))


@composite(
    "instance_norm",
    faces="F",
    aliases=("instance_norm",),
    family=FAMILY,
    summary="Normalisation of each channel of each instance.",
    source="Ulyanov, Vedaldi, Lempitsky, Instance Normalization (2016)",
    example="F.instance_norm(randn(2, 3, 4))",
)
def instance_norm(
    m: Any,
    input: Any,
    running_mean: Any = None,
    running_var: Any = None,
    weight: Any = None,
    bias: Any = None,
    use_input_stats: bool = True,
    momentum: float = 0.1,
    eps: float = 1e-5,
) -> Any:
    shape = tuple(input.shape)
    if use_input_stats:
        if math.prod(shape[2:]) == 1:
            raise ValueFault(
                "E301",
                "Expected more than 1 spatial element when training, got input size "
                f"torch.Size({list(shape)})",
            )
        if running_mean is not None or running_var is not None:
            _follow(m, input, (running_mean, running_var), momentum, instances=True)
    rows = shape[0] * shape[1]

    def repeated(part: Any) -> Any:
        if part is None:
            return None
        return m.reshape(m.expand(part, shape=shape[:2], rank=1), shape=(rows,), rank=2)

    stats = (None, None) if use_input_stats else (repeated(running_mean), repeated(running_var))
    x = m.reshape(input, shape=(1, rows, *shape[2:]), rank=len(shape))
    found = batch_norm.front(m, x, *stats, repeated(weight), repeated(bias), use_input_stats, momentum, eps)  # type: ignore[misc] # a composite has a front
    return m.reshape(found, shape=shape, rank=len(shape))


@composite(
    "local_response_norm",
    faces="F",
    family=FAMILY,
    summary="The input over a power of the mean square of neighbouring channels.",
    source="Krizhevsky, Sutskever, Hinton, ImageNet Classification (2012), 3.3",
    example="F.local_response_norm(randn(1, 4, 2), 3)",
)
def local_response_norm(
    m: Any, input: Any, size: int, alpha: float = 1e-4, beta: float = 0.75, k: float = 1.0
) -> Any:
    shape = tuple(input.shape)
    if len(shape) < 3:
        raise ValueFault(
            "E301",
            "Expected 3D or higher dimensionality"
            f"                          input (got {len(shape)} dimensions)",
        )
    at = 1 - len(shape)
    squares = m.mul(input, input)
    margins = [m.zeros((shape[0], width, *shape[2:]), input) for width in (size // 2, (size - 1) // 2)]
    padded = m.cat(margins[0], squares, margins[1], dim=at)
    total = m.slice(padded, dim=at, start=0, stop=shape[1], step=1)
    for first in range(1, size):
        total = total + m.slice(padded, dim=at, start=first, stop=first + shape[1], step=1)
    return input / m.pow(total * (alpha / size) + k, beta)
