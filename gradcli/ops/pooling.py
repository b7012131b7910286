"""Average pools: plain, adaptive, and power averages (lp_pool)."""

# PyTorch's names and signatures, and formulas that name all they are given:
# ruff: noqa: A002, PLR0913

from __future__ import annotations

import math
from typing import Any

from gradcli.diagnostics import IndexFault, RuntimeFault
from gradcli.ops.record import Record, composite
from gradcli.ops.taps import Tap, ceil_windows

__all__ = ["as_window", "check_window", "pool_input"]

FAMILY = "pooling"
SOURCE = "PyTorch reference, torch.nn.functional: pooling functions"
WORDS = {1: "one int", 2: "two ints", 3: "three ints"}
SHOWN = ("depth", "height", "width")


def as_window(name: str, what: str, value: Any, rank: int) -> tuple[int, ...]:
    """Returns one integer per spatial dim; raises PyTorch's error where there are too many or too few."""
    found = (value,) if isinstance(value, int) else tuple(value)
    if len(found) not in (1, rank):
        raise RuntimeFault("E303", f"{name}: {what} must either be a single int, or a tuple of {WORDS[rank]}")
    return found if len(found) == rank else found * rank


def check_window(
    kernel: tuple[int, ...], stride: tuple[int, ...], pad: tuple[int, ...], dilation: tuple[int, ...]
) -> None:
    """Returns if windows can lie so; raises PyTorch's errors."""
    if any(one == 0 for one in stride):
        raise RuntimeFault("E303", "stride should not be zero")
    if any(one <= 0 for one in kernel):
        raise RuntimeFault(
            "E303", "kernel size should be greater than zero, but got " + " ".join(map(str, kernel))
        )
    for k, p, d in zip(kernel, pad, dilation, strict=True):
        if p < 0:
            raise RuntimeFault("E303", f"pad must be non-negative, but got pad: {p}")
        if p > ((k - 1) * d + 1) // 2:
            raise RuntimeFault(
                "E303",
                f"pad should be at most half of effective kernel size, but got pad={p}, kernel_size={k} "
                f"and dilation={d}",
            )


def pool_input(name: str, x: Any, rank: int) -> None:
    """Returns if x is (batch, channels, *sizes) or lacks the batch; raises PyTorch's errors."""
    if len(x.shape) in (rank + 1, rank + 2):
        return
    if rank == 1:
        raise RuntimeFault(
            "E301",
            f"{name}: Expected 2D or 3D (batch mode) tensor with optional 0 dim batch size for input, "
            "but got:"
            f"[{', '.join(map(str, x.shape))}]",
        )
    if name.startswith("avg") and len(x.shape) < rank + 1:
        raise IndexFault(
            "E302",
            f"Dimension out of range (expected to be in range of [-{len(x.shape)}, {len(x.shape) - 1}], "
            "but got "
            f"{-rank - 1})",
            help=f"the dims are (batch, channels, {', '.join(SHOWN[-rank:])})",
        )
    raise RuntimeFault("E301", f"non-empty {rank + 1}D or {rank + 2}D (batch mode) tensor expected for input")


def check_windows(x: Any, found: tuple[int, ...]) -> None:
    """Returns if every dim has a window; raises PyTorch's error."""
    if min(found) < 1:
        sizes, result = (
            "x".join(map(str, (x.shape[-len(found) - 1], *s))) for s in (x.shape[-len(found) :], found)
        )
        raise RuntimeFault(
            "E301",
            f"Given input size: ({sizes}). Calculated output size: ({result}). Output size is too small",
        )


def in_plane(m: Any, x: Any, rank: int, function: Any) -> Any:
    """Returns a pool of a line computed in a plane of height 1, as in PyTorch; others as they are."""
    if rank > 1:
        return function(x)
    found = function(m.unsqueeze(x, dim=-2))
    if isinstance(found, tuple):
        return tuple(m.squeeze(one, dims=(-2,), form=1) for one in found)
    return m.squeeze(found, dims=(-2,), form=1)


def _avg_pool(rank: int, dims: str) -> Record:
    name = f"avg_pool{rank}d"

    @composite(
        name,
        args=("input",),
        faces="F torch" if rank == 1 else "F",
        family=FAMILY,
        source=SOURCE,
        example=f"F.{name}(ones(1, 1{', 4' * rank}), 2)",
        summary=f"Means of windows over {dims}.",
    )
    def avg_pool(
        m: Any,
        input: Any,
        kernel_size: Any,
        stride: Any = None,
        padding: Any = 0,
        ceil_mode: bool = False,
        count_include_pad: bool = True,
        divisor_override: int | None = None,
    ) -> Any:
        pool_input(name, input, rank)
        kernel = as_window(name, "kernel_size", kernel_size, rank)
        steps = kernel if stride is None or stride in ((), []) else as_window(name, "stride", stride, rank)
        pad = as_window(name, "padding", padding, rank)
        check_window(kernel, steps, pad, (1,) * rank)
        if divisor_override == 0:
            raise RuntimeFault("E303", "divisor must be not zero")
        sizes = tuple(input.shape[-rank:])
        found = tuple(
            ceil_windows(n, k, s, 1, p, ceil_mode)
            for n, k, s, p in zip(sizes, kernel, steps, pad, strict=True)
        )
        check_windows(input, found)
        plan = tuple(
            Tap("window" if divisor_override is None else "sum", n, o, (k, s, 1, p, int(count_include_pad)))
            for n, o, k, s, p in zip(sizes, found, kernel, steps, pad, strict=True)
        )
        if rank == 1:
            plan = (Tap("window", 1, 1, (1, 1, 1, 0, 1)), *plan)
        params = {"plan": plan, "name": f"AvgPool{max(rank, 2)}D", "divisor": divisor_override or 1}
        return in_plane(m, input, rank, lambda x: m.resample(x, **params))

    return avg_pool


avg_pool1d, avg_pool2d, avg_pool3d = (
    _avg_pool(1, "one dim"),
    _avg_pool(2, "two dims"),
    _avg_pool(3, "three dims"),
)


def targets(name: str, output_size: Any, sizes: tuple[int, ...]) -> tuple[int, ...]:
    """Returns the sizes that an adaptive pool is to give; None keeps the input's."""
    rank = len(sizes)
    asked = (
        (output_size,) * rank if output_size is None or isinstance(output_size, int) else tuple(output_size)
    )
    if len(asked) != rank:
        raise RuntimeFault("E303", f"{name}: output_size must be {rank}")
    found = tuple(size if one is None else one for one, size in zip(asked, sizes, strict=True))
    if min(found) < 0:
        raise RuntimeFault("E303", f"{name}(): elements of output_size must be greater than or equal to 0 ")
    return found


def check_adaptive(name: str, x: Any, rank: int) -> None:
    """Returns if an adaptive pool takes x; raises PyTorch's error."""
    if len(x.shape) not in (rank + 1, rank + 2):
        raise RuntimeFault(
            "E301",
            f"{name}(): Expected {rank + 1}D or {rank + 2}D tensor, but got [{', '.join(map(str, x.shape))}]",
        )


def _adaptive_avg_pool(rank: int, dims: str) -> Record:
    name = f"adaptive_avg_pool{rank}d"

    @composite(
        name,
        args=("input",),
        faces="F torch" if rank == 1 else "F",
        family=FAMILY,
        source=SOURCE,
        example=f"F.{name}(ones(1, 1{', 4' * rank}), 2)",
        summary=f"Means of as many windows over {dims} as the result is to have.",
    )
    def adaptive_avg_pool(m: Any, input: Any, output_size: Any) -> Any:
        check_adaptive(name, input, rank)
        sizes = tuple(input.shape[-rank:])
        found = targets(name, output_size, sizes)
        plan = tuple(Tap("adaptive", n, o) for n, o in zip(sizes, found, strict=True))
        if rank == 1:
            plan = (Tap("adaptive", 1, 1), *plan)
        if all(o == 1 for o in found):
            over = tuple(range(-max(rank, 2), 0))
            return in_plane(m, input, rank, lambda x: m.mean_dims(x, dims=over, keepdim=True, full=False))
        params = {"plan": plan, "name": f"AdaptiveAvgPool{max(rank, 2)}D", "divisor": 1}
        return in_plane(m, input, rank, lambda x: m.resample(x, **params))

    return adaptive_avg_pool


adaptive_avg_pool1d = _adaptive_avg_pool(1, "one dim")
adaptive_avg_pool2d = _adaptive_avg_pool(2, "two dims")
adaptive_avg_pool3d = _adaptive_avg_pool(3, "three dims")


def _lp_pool(rank: int, dims: str, average: Record) -> Record:
    name = f"lp_pool{rank}d"

    @composite(
        name,
        args=("input",),
        faces="F",
        family=FAMILY,
        source=SOURCE,
        example=f"F.{name}(ones(1, 1{', 4' * rank}), 2, 2)",
        summary=f"Power sums of windows over {dims}: the p-th root of the sum of p-th powers.",
    )
    def lp_pool(
        m: Any,
        input: Any,
        norm_type: float,
        kernel_size: Any,
        stride: Any = None,
        ceil_mode: bool = False,
    ) -> Any:
        kernel = as_window(name, "kernel_size", kernel_size, rank)
        powers = m.pow(input, norm_type)
        found = average.front(m, powers, kernel_size, stride, 0, ceil_mode)  # type: ignore[misc] # it has one
        return m.pow(m.sign(found) * m.relu(m.abs(found)) * math.prod(kernel), 1 / norm_type)

    return lp_pool


lp_pool1d = _lp_pool(1, "one dim", avg_pool1d)
lp_pool2d = _lp_pool(2, "two dims", avg_pool2d)
lp_pool3d = _lp_pool(3, "three dims", avg_pool3d)
