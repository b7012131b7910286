"""Where a sampled function is not smooth: kinks, jumps, poles, edges of its domain.

Between two samples of a smooth function the slope changes little, and the value by the mean slope times
the distance; both defects shrink with the distance. Each interval is divided again and again, its roughest
part kept: where that stays as rough as the whole, something stands in it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from gradcli.reports.plots import Mark

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

__all__ = ["find_marks"]

PARTS = 9  # odd, so that the middle of an interval, where a kink likes to stand, is not hit
ROUNDS = 12  # PARTS**ROUNDS is beyond what float64 tells apart in a range
PERSISTENT = 1 / 3  # of the roughness before, above the 1/PARTS that a smooth function keeps
BESIDE = 1e-9  # of the range: how far to the left and right a mark is looked at
FURTHER = 1e3  # times that, for growth
GROWTH = 5.0  # of what grows without bound between the two: at least like distance**(-1/4)
DIFFERENT = 1e-5  # relative difference of slopes that makes a kink
SUDDEN = 1e-6  # difference of values, in units of their median, that makes a jump


def find_marks(
    at: Callable[[Any], Sequence[Any]], points: Any, values: Any, slopes: Any, most: int = 0
) -> list[Mark]:
    """Returns the marks from left to right; of several between two points, one.

    Args:
        at: the values and slopes for an array of points.
        points: rising.
        values: of the function there.
        slopes: its first derivative there.
        most: look into so many intervals only, the roughest; 0: into all.
    """
    with np.errstate(all="ignore"):
        return _marks(at, points, values, slopes, most)


def _marks(
    at: Callable[[Any], Sequence[Any]], points: Any, values: Any, slopes: Any, most: int
) -> list[Mark]:
    intervals = _intervals(np.isfinite(values) & np.isfinite(slopes))
    if most:
        rough = _roughness(points[intervals], values[intervals], slopes[intervals])[:, 0]
        intervals = intervals[np.sort(np.argsort(-rough, kind="stable")[:most])]
    low, high = _narrowed(at, *points[intervals].T)
    reach = float(points[-1] - points[0])
    places = _places(low, high, reach)
    if not places.size:
        return []
    near, far = BESIDE * reach, BESIDE * FURTHER * reach
    offsets = np.array([-far, -near, 0.0, near, far])
    around = (places[:, None] + offsets).ravel()
    f, d = (part.reshape(-1, len(offsets)) for part in at(around))
    inside = (around.reshape(f.shape) >= points[0]) & (around.reshape(f.shape) <= points[-1])
    scale = _median(values), _median(slopes) / FURTHER + _largest(slopes) * BESIDE
    d = np.where(np.isnan(f), np.nan, d)  # a formula may have a slope where the function has no value
    found = []
    for place, value, slope, there in zip(places.tolist(), f, d, inside, strict=True):
        kind = _kind(value, slope, there, near, scale)
        if kind:
            found.append(
                Mark(kind, place, value[2].item(), slope[1].item(), slope[3].item(), slope[2].item())
            )
    return found


def _intervals(finite: Any) -> Any:
    """The first and last sample of each interval; a single one that is not finite stands inside one."""
    lone = ~finite[1:-1] & finite[:-2] & finite[2:]
    kept = np.flatnonzero(np.concatenate([[True], ~lone, [True]]))
    pairs = np.stack([kept[:-1], kept[1:]], 1)
    return pairs[finite[pairs].any(axis=1)]


def _narrowed(at: Callable[[Any], Sequence[Any]], low: Any, high: Any) -> tuple[Any, Any]:
    """The intervals that stay rough, narrowed to their roughest parts."""
    before = None
    shares = np.arange(PARTS + 1) / PARTS
    for _ in range(ROUNDS):
        if not low.size:
            break
        grid = low[:, None] + (high - low)[:, None] * shares
        grid[:, -1] = high
        f, d = (part.reshape(grid.shape) for part in at(grid.ravel()))
        rough = _roughness(grid, f, d)
        pick = rough.argmax(axis=1)[:, None]
        now = np.take_along_axis(rough, pick, 1)[:, 0]
        wide = np.spacing(np.maximum(np.abs(low), np.abs(high))) * PARTS < high - low
        next_low = np.take_along_axis(grid, pick, 1)[:, 0]
        next_high = np.take_along_axis(grid, pick + 1, 1)[:, 0]
        low, high = np.where(wide, next_low, low), np.where(wide, next_high, high)
        keep = (now > 0) if before is None else ~wide | (now > before * PERSISTENT) | np.isinf(now)
        low, high, before = low[keep], high[keep], now[keep]
    return low, high


def _roughness(grid: Any, f: Any, d: Any) -> Any:
    """How much slope and value change between neighbours, beyond what smoothness and rounding explain."""
    step = np.maximum(np.diff(grid), np.finfo(float).tiny)
    size = np.abs(f[..., :-1]) + np.abs(f[..., 1:])
    defect = np.abs(np.diff(f) - step * (d[..., :-1] + d[..., 1:]) / 2) - 4 * np.finfo(float).eps * size
    # The sum: beside a pole the slope changes as much on either side of it, the defect more across it.
    rough = np.abs(np.diff(d)) + np.maximum(defect, 0) / step
    finite = np.isfinite(f) & np.isfinite(d)
    rough = np.where(finite[..., :-1] & finite[..., 1:], rough, 0.0)
    return np.where(finite[..., :-1] != finite[..., 1:], np.inf, rough)


def _places(low: Any, high: Any, reach: float) -> Any:
    """Where the marks stand: the roundest number of each interval; those that meet are one."""
    found: list[float] = []
    room = BESIDE / 100 * reach
    for left, right in zip(low.tolist(), high.tolist(), strict=True):
        place = _roundest(left - room, right + room)
        if not found or place - found[-1] > 2 * room:
            found.append(place)
    return np.array(found)


def _roundest(low: float, high: float) -> float:
    """The number of fewest decimals between two."""
    middle = (low + high) / 2
    for digits in range(17):
        number = round(middle, digits)
        if low <= number <= high:
            return number + 0.0
    return middle


def _kind(f: Any, d: Any, inside: Any, near: float, scale: tuple[float, float]) -> str:
    """What stands at a place, from values and slopes far left, near left, there, near right, far right."""
    left, right = np.isfinite(f[1]), np.isfinite(f[3])
    sides = [(f[one], f[two]) for one, two in ((1, 0), (3, 4))]
    grown = any(abs(one) > GROWTH * abs(two) and abs(one) > GROWTH * scale[0] for one, two in sides)
    if grown or any(np.isinf(f[i]) for i in (1, 2, 3)):
        return "pole"
    if not (left and right):
        return "edge" if inside[1] and inside[3] else ""
    steep = max(abs(d[1]), abs(d[3]))
    if abs(f[3] - f[1]) > SUDDEN * scale[0] and abs(f[3] - f[1]) > 2 * GROWTH * steep * near:
        return "jump"
    if not (inside[1] and inside[3]):
        return ""
    if any(not np.isfinite(d[i]) or abs(d[i]) > GROWTH * abs(d[j]) for i, j in ((1, 0), (3, 4))) and (
        steep > GROWTH * FURTHER * scale[1]
    ):
        return "vertical" if d[1] * d[3] > 0 else "cusp"
    return "kink" if abs(d[3] - d[1]) > DIFFERENT * (steep + scale[1]) else ""


def _median(values: Any) -> float:
    """The median magnitude of what is finite."""
    finite = np.abs(values[np.isfinite(values)])
    return float(np.median(finite)) if finite.size else 0.0


def _largest(values: Any) -> float:
    return float(np.max(np.abs(values), initial=0.0, where=np.isfinite(values)))
