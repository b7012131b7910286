"""The gradient of a function known by samples, by differences of second order."""

# PyTorch's names and signatures, and formulas that name all they are given:
# ruff: noqa: A002, PLR2004

from __future__ import annotations

from typing import Any

from gradcli.diagnostics import RuntimeFault
from gradcli.ops.record import composite
from gradcli.ops.shapes import dims_from_right

__all__: list[str] = []

FAMILY = "differences"

_SOURCE = "Fornberg, Generation of Finite Difference Formulas on Arbitrarily Spaced Grids (1988)"


def _spacings(spacing: Any, dims: tuple[int, ...], rank: int, *, given: bool) -> list[Any]:
    """One distance, or one tensor of coordinates, for each dim."""
    if not isinstance(spacing, (list, tuple)):
        return [1 if spacing is None else spacing] * len(dims)
    if len(spacing) != len(dims):
        wanted = (
            "torch.gradient expected spacing to be unspecified, a scalar or it's spacing and dim arguments "
            f"to have the same length, but got a spacing argument of length {len(spacing)} and a dim "
            f"argument of length {len(dims)}."
            if given
            else "torch.gradient expected spacing to be unspecified, a scalar, or a list of length equal to "
            f"'self.dim() = {rank}', since dim argument was not given, but got a list of length "
            f"{len(spacing)}"
        )
        raise RuntimeFault("E303", wanted)
    return list(spacing)


def _steps(m: Any, points: Any, dim: int) -> Any:
    """The distances between coordinates, shaped to lie along a dim."""
    size = points.shape[0]
    before = m.slice(points, dim=-1, start=0, stop=size - 1, step=1)
    steps = m.slice(points, dim=-1, start=1, stop=size, step=1) - before
    return m.reshape(steps, shape=(size - 1, *(1,) * (-dim - 1)), rank=1)


def _weights(first: Any, second: Any) -> dict[str, tuple[Any, Any, Any]]:
    """What three neighbours, `first` and `second` apart, count for the slope at each of them."""
    both = first + second
    return {
        "left": (-(first + both) / (first * both), both / (first * second), -first / (second * both)),
        "middle": (-second / (first * both), (second - first) / (first * second), first / (second * both)),
        "right": (second / (first * both), -both / (first * second), (second + both) / (second * both)),
    }


def _along(m: Any, x: Any, dim: int, spacing: Any, edge_order: int) -> Any:
    size = x.shape[dim]

    def part(value: Any, start: int, stop: int) -> Any:
        return m.slice(value, dim=dim, start=start, stop=stop, step=1)

    apart = hasattr(spacing, "shape") and len(spacing.shape) == 1
    steps = _steps(m, spacing, dim) if apart else spacing

    def step(start: int, stop: int) -> Any:
        return part(steps, start, stop) if apart else steps

    def slope(place: str, start: int, stop: int) -> Any:
        """The slope from each three neighbours, the first of them from `start` to `stop`."""
        weights = _weights(step(start, stop), step(start + 1, stop + 1))[place]
        return sum(part(x, start + k, stop + k) * weight for k, weight in enumerate(weights))

    def edge(place: str, start: int) -> Any:
        if edge_order == 2:
            return slope(place, min(start, size - 3), min(start, size - 3) + 1)
        return (part(x, start + 1, start + 2) - part(x, start, start + 1)) / step(start, start + 1)

    parts = [edge("left", 0), edge("right", size - 2)]
    if size > 2:
        parts.insert(1, slope("middle", 0, size - 2))
    return m.cat(*parts, dim=dim)


@composite(
    "gradient",
    faces="torch",
    family=FAMILY,
    summary="The partial derivatives of sampled values along each dim, or along those given.",
    source=_SOURCE,
    example="gradient(x)",
)
def gradient(m: Any, input: Any, *, spacing: Any = 1, dim: Any = None, edge_order: int = 1) -> Any:
    rank = len(input.shape)
    if edge_order not in {1, 2}:
        raise RuntimeFault("E303", "torch.gradient only supports edge_order=1 and edge_order=2.")
    dims = dims_from_right(dim, rank)
    distances = _spacings(spacing, dims, rank, given=dim is not None)
    if any(input.shape[at] < edge_order + 1 for at in dims):
        raise RuntimeFault("E301", "torch.gradient expected each dimension size to be at least edge_order+1")
    return [_along(m, input, at, step, edge_order) for at, step in zip(dims, distances, strict=True)]
