"""PyTorch's convolution functions, and unfold and fold: their arguments, checks and messages."""

# PyTorch's names and signatures, and formulas that name all they are given:
# ruff: noqa: A002, PLR0913, PLR2004

from __future__ import annotations

from typing import Any

from gradcli.diagnostics import RuntimeFault
from gradcli.ops.convolution import convolve, convolve_transposed
from gradcli.ops.dtypes import scalar_type
from gradcli.ops.operands import CONVERT, check_tensors, cpp_name
from gradcli.ops.patches import Geometry
from gradcli.ops.record import Record, composite
from gradcli.ops.shapes import Shape, size_text

__all__ = ["as_sizes", "batched"]

FAMILY = "convolution"
SOURCE = "Dumoulin and Visin, A guide to convolution arithmetic for deep learning (2016)"


def as_sizes(value: Any, rank: int, name: str) -> tuple[int, ...]:
    """Returns one integer per spatial dim, from one for all or one each; raises PyTorch's error."""
    found = (value,) if isinstance(value, int) else tuple(value)
    if len(found) == 1:
        found = found * rank
    if len(found) != rank or not all(isinstance(one, int) for one in found):
        raise RuntimeFault(
            "E303",
            f"expected {name} to be a single integer value or a list of {rank} values to match the "
            "convolution "
            f"dimensions, but got {name}={size_text(found)}",
        )
    return found


def batched(m: Any, x: Any, rank: int) -> tuple[Any, bool]:
    """Returns x as a batch of (channels, *sizes), and whether it was none."""
    single = len(x.shape) == rank + 1
    return (m.unsqueeze(x, dim=-rank - 2) if single else x), single


def _unbatched(m: Any, y: Any, rank: int, single: bool) -> Any:
    return m.squeeze(y, dims=(-rank - 2,), form=1) if single else y


def _check(name: str, x: Any, w: Any, bias: Any, rank: int) -> None:
    check_tensors(name, ("input", x), ("weight", w))
    if len(x.shape) not in (rank + 1, rank + 2):
        raise RuntimeFault(
            "E301",
            f"Expected {rank + 1}D (unbatched) or {rank + 2}D (batched) input to {name}, but got input "
            "of size: "
            f"{size_text(x.shape)}",
            help=f"the dims are (batch, channels, {', '.join(('depth', 'height', 'width')[-rank:])})",
        )
    if len(w.shape) != rank + 2:
        raise RuntimeFault(
            "E301",
            "weight should have at least three dimensions"
            if len(w.shape) < 3
            else f"Expected {len(w.shape)}-dimensional input for {len(w.shape)}-dimensional weight "
            f"{size_text(w.shape)}, but got {rank + 2}-dimensional input of size {size_text(x.shape)} "
            "instead",
        )
    if x.dtype != w.dtype:
        raise RuntimeFault(
            "E304",
            f"expected scalar type {scalar_type(x.dtype)} but found {scalar_type(w.dtype)}",
            help=CONVERT,
        )
    if bias is not None and bias.dtype != x.dtype:
        raise RuntimeFault(
            "E304",
            f"Input type ({cpp_name(x.dtype)}) and bias type ({cpp_name(bias.dtype)}) should be the same",
            help=CONVERT,
        )


def _check_numbers(stride: Shape, padding: Any, dilation: Shape, groups: int) -> None:
    if groups <= 0:
        raise RuntimeFault("E303", "non-positive groups is not supported")
    if any(one < 0 for pair in padding for one in pair):
        raise RuntimeFault("E303", "negative padding is not supported")
    if any(one <= 0 for one in stride):
        raise RuntimeFault("E303", "non-positive stride is not supported")
    if any(one <= 0 for one in dilation):
        raise RuntimeFault("E303", f"dilation should be greater than zero, but got {size_text(dilation)}")


def _check_channels(x: Any, w: Any, bias: Any, rank: int, groups: int, transposed: bool) -> None:
    given = (
        f"Given {'transposed=1' if transposed else f'groups={groups}'}, weight of size {size_text(w.shape)}"
    )
    if w.shape[0] < groups or w.shape[0] % groups:
        what = "at least" if w.shape[0] < groups else "divisible by"
        size = size_text(w.shape) if w.shape[0] < groups else f"[{size_text(w.shape)}]"
        raise RuntimeFault(
            "E301",
            f"Given groups={groups}, expected weight to be {what} {groups} at dimension 0, but got weight of "
            f"size {size} instead",
        )
    channels = x.shape[-rank - 1]
    expected = w.shape[0] if transposed else w.shape[1] * groups
    if channels != expected:
        raise RuntimeFault(
            "E301",
            f"{given}, expected input{size_text(x.shape)} to have {expected} channels, but got "
            f"{channels} channels "
            "instead",
        )
    outputs = w.shape[1] * groups if transposed else w.shape[0]
    if bias is not None and tuple(bias.shape) != (outputs,):
        given = given if transposed else f"Given weight of size {size_text(w.shape)}"
        raise RuntimeFault(
            "E301",
            f"{given}, expected bias to be 1-dimensional with {outputs} elements, but got bias of size "
            f"{size_text(bias.shape)} instead",
        )


def _padding(padding: Any, kernel: Shape, stride: Shape, dilation: Shape) -> tuple[tuple[int, int], ...]:
    """Pads before and after each dim; 'same' puts what cannot be halved after."""
    if not isinstance(padding, str):
        return tuple((one, one) for one in as_sizes(padding, len(kernel), "padding"))
    if padding == "valid":
        return ((0, 0),) * len(kernel)
    if padding != "same":
        raise RuntimeFault(
            "E303", f"Invalid padding string: '{padding}'", help="write 'same', 'valid' or a number"
        )
    if any(one != 1 for one in stride):
        raise RuntimeFault("E303", "padding='same' is not supported for strided convolutions")
    totals = [d * (k - 1) for d, k in zip(dilation, kernel, strict=True)]
    return tuple((total // 2, total - total // 2) for total in totals)


def _times(sizes: Any) -> str:
    return "(" + " x ".join(map(str, sizes)) + ")"


def _conv(rank: int, dims: str) -> Record:
    name = f"conv{rank}d"

    @composite(
        name,
        args=("input", "weight", "bias"),
        faces="F torch",
        family=FAMILY,
        source=SOURCE,
        example=f"F.{name}(ones(1, 1{', 3' * rank}), ones(1, 1{', 2' * rank}))",
        summary=f"Convolution over {dims}: sums of products of a kernel with every window.",
    )
    def conv(
        m: Any,
        input: Any,
        weight: Any,
        bias: Any = None,
        stride: Any = 1,
        padding: Any = 0,
        dilation: Any = 1,
        groups: int = 1,
    ) -> Any:
        _check(name, input, weight, bias, rank)
        kernel, stride = tuple(weight.shape[2:]), as_sizes(stride, rank, "stride")
        dilation = as_sizes(dilation, rank, "dilation")
        pads = _padding(padding, kernel, stride, dilation)
        _check_numbers(stride, pads, dilation, groups)
        x, single = batched(m, input, rank)
        _check_channels(x, weight, bias, rank, groups, transposed=False)
        sizes = [n + sum(pad) for n, pad in zip(x.shape[2:], pads, strict=True)]
        reach = [d * (k - 1) + 1 for d, k in zip(dilation, kernel, strict=True)]
        if any(n < k for n, k in zip(sizes, reach, strict=True)):
            raise RuntimeFault(
                "E301",
                f"Calculated padded input size per channel: {_times(sizes)}. Kernel size: "
                f"{_times(reach)}. Kernel size "
                "can't be greater than actual input size",
                help="give padding=, or a smaller kernel",
            )
        geometry = Geometry(kernel, stride, dilation, pads)
        return _unbatched(m, convolve(m, x, weight, bias, geometry, groups), rank, single)

    return conv


def _check_output_padding(extra: Shape, stride: Shape, dilation: Shape) -> None:
    if any(e < 0 for e in extra):
        raise RuntimeFault("E303", "negative output_padding is not supported")
    if all(e < max(s, d) for e, s, d in zip(extra, stride, dilation, strict=True)):
        return
    labels = ("depth", "height", "width")[-len(extra) :] if len(extra) > 1 else ("height", "width")
    shown = [
        one if len(extra) > 1 else (neutral, *one)
        for one, neutral in ((extra, 0), (stride, 1), (dilation, 1))
    ]
    parts = [
        f"{what}_{label}: {size}"
        for what, sizes in zip(("output_padding", "stride", "dilation"), shown, strict=True)
        for label, size in zip(labels, sizes, strict=True)
    ]
    raise RuntimeFault(
        "E303", "output padding must be smaller than either stride or dilation, but got " + " ".join(parts)
    )


def _conv_transpose(rank: int, dims: str) -> Record:
    name = f"conv_transpose{rank}d"

    @composite(
        name,
        args=("input", "weight", "bias"),
        faces="F torch",
        family=FAMILY,
        source=SOURCE,
        example=f"F.{name}(ones(1, 1{', 2' * rank}), ones(1, 1{', 2' * rank}))",
        summary=f"Transposed convolution over {dims}: every element spreads a multiple of the kernel.",
    )
    def conv_transpose(
        m: Any,
        input: Any,
        weight: Any,
        bias: Any = None,
        stride: Any = 1,
        padding: Any = 0,
        output_padding: Any = 0,
        groups: int = 1,
        dilation: Any = 1,
    ) -> Any:
        _check(name, input, weight, bias, rank)
        kernel, stride = tuple(weight.shape[2:]), as_sizes(stride, rank, "stride")
        dilation, extra = (
            as_sizes(dilation, rank, "dilation"),
            as_sizes(output_padding, rank, "output_padding"),
        )
        pads = tuple((one, one) for one in as_sizes(padding, rank, "padding"))
        _check_numbers(stride, pads, dilation, groups)
        _check_output_padding(extra, stride, dilation)
        x, single = batched(m, input, rank)
        _check_channels(x, weight, bias, rank, groups, transposed=True)
        sizes = tuple(
            (n - 1) * s - sum(pad) + d * (k - 1) + e + 1
            for n, s, pad, d, k, e in zip(x.shape[2:], stride, pads, dilation, kernel, extra, strict=True)
        )
        if any(n <= 0 for n in sizes):
            raise RuntimeFault(
                "E301",
                f"Given input size per channel: {_times(x.shape[2:])}. Calculated output size per channel: "
                f"{_times(sizes)}. Output size is too small",
            )
        geometry = Geometry(kernel, stride, dilation, pads)
        return _unbatched(m, convolve_transposed(m, x, weight, bias, geometry, groups, sizes), rank, single)

    return conv_transpose


conv1d, conv2d, conv3d = _conv(1, "one dim"), _conv(2, "two dims"), _conv(3, "three dims")
conv_transpose1d = _conv_transpose(1, "one dim")
conv_transpose2d = _conv_transpose(2, "two dims")
conv_transpose3d = _conv_transpose(3, "three dims")
