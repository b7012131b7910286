"""torch.testing.assert_close."""

from __future__ import annotations

from typing import Any

import numpy as np

from gradcli.autograd.tensor import Tensor
from gradcli.diagnostics import GradcliError, TypeFault, ValueFault
from gradcli.ops.dtypes import FLOAT32, FLOAT64
from gradcli.ops.layout import memory
from gradcli.torch.data import as_tensor

__all__ = ["ClosenessFault", "assert_close"]

# Relative and absolute tolerance; both 0 for other dtypes.
TOLERANCES = {np.dtype(np.float16): (1e-3, 1e-5), FLOAT32: (1.3e-6, 1e-5), FLOAT64: (1e-7, 1e-7)}


class ClosenessFault(GradcliError, AssertionError):
    """PyTorch's AssertionError for values that are not close."""


def assert_close(  # noqa: PLR0913 - PyTorch's signature
    actual: Any,
    expected: Any,
    *,
    allow_subclasses: bool = True,
    rtol: float | None = None,
    atol: float | None = None,
    equal_nan: bool = False,
    check_device: bool = True,
    check_dtype: bool = True,
    check_layout: bool = True,
    check_stride: bool = False,
    msg: Any = None,
) -> None:
    """Returns if |actual - expected| <= atol + rtol * |expected| everywhere, for tensors and trees of them.

    The tolerances default to what the dtype allows. `msg` is said instead, or makes the message.

    Raises:
        ClosenessFault: the values, shapes or dtypes differ.
        ValueFault: only one of the tolerances is given.
        TypeFault: the values are of no kind that is compared.
    """
    del allow_subclasses, check_device, check_layout, check_stride
    if (rtol is None) != (atol is None):
        raise ValueFault(
            "E303",
            "Both 'rtol' and 'atol' must be either specified or omitted, but got no "
            f"{'rtol' if rtol is None else 'atol'}.",
        )
    found = _difference(actual, expected, rtol, atol, equal_nan=equal_nan, check_dtype=check_dtype)
    if found:
        if msg is not None:
            found = msg(found) if callable(msg) else str(msg)
        raise ClosenessFault("E303", found)


def _difference(  # noqa: PLR0913 - the options of `assert_close`
    actual: Any, expected: Any, rtol: Any, atol: Any, *, equal_nan: bool, check_dtype: bool
) -> str:
    """What differs, in PyTorch's words; nothing if the values are close."""
    if isinstance(actual, dict) and isinstance(expected, dict):
        if actual.keys() != expected.keys():
            raise ClosenessFault(
                "E303",
                "The keys of the mappings do not match:\n"
                f"Missing keys in the actual mapping: {sorted(expected.keys() - actual.keys())}\n"
                f"Additional keys in the actual mapping: {sorted(actual.keys() - expected.keys())}",
            )
        pairs = [(key, actual[key], expected[key]) for key in actual]
    elif isinstance(actual, (tuple, list)) and isinstance(expected, (tuple, list)):
        if len(actual) != len(expected):
            raise ClosenessFault(
                "E303", f"The length of the sequences mismatch: {len(actual)} != {len(expected)}"
            )
        pairs = [(place, *pair) for place, pair in enumerate(zip(actual, expected, strict=True))]
    else:
        return _of_values(actual, expected, rtol, atol, equal_nan=equal_nan, check_dtype=check_dtype)
    for key, one, other in pairs:
        found = _difference(one, other, rtol, atol, equal_nan=equal_nan, check_dtype=check_dtype)
        if found:
            return f"{found}\n\nThe failure occurred for item {[key]}"
    return ""


def _of_values(  # noqa: PLR0913 - as above
    actual: Any, expected: Any, rtol: Any, atol: Any, *, equal_nan: bool, check_dtype: bool
) -> str:
    if actual is None and expected is None:
        return ""
    numbers = all(isinstance(one, (bool, int, float)) for one in (actual, expected))
    odd = [one for one in (actual, expected) if not isinstance(one, (Tensor, bool, int, float, np.ndarray))]
    if odd or isinstance(actual, Tensor) != isinstance(expected, Tensor):
        raise TypeFault(
            "E303",
            f"No comparison pair was able to handle inputs of type {type(actual)} and {type(expected)}.",
        )
    left, right = (np.asarray(memory(one)) for one in (actual, expected))
    if left.shape != right.shape:
        return (
            f"The values for attribute 'shape' do not match: {as_tensor(left).shape} != "
            f"{as_tensor(right).shape}."
        )
    if check_dtype and not numbers and left.dtype != right.dtype:
        return f"The values for attribute 'dtype' do not match: {actual.dtype} != {expected.dtype}."
    limits = [TOLERANCES.get(one.dtype, (0.0, 0.0)) for one in (left, right)]
    relative = max(limit[0] for limit in limits) if rtol is None else rtol
    absolute = max(limit[1] for limit in limits) if atol is None else atol
    return _report(left, right, relative, absolute, equal_nan=equal_nan)


def _report(left: Any, right: Any, rtol: float, atol: float, *, equal_nan: bool) -> str:
    if left.dtype.kind == "b":
        left, right = left.astype(np.int64), right.astype(np.int64)
    with np.errstate(all="ignore"):
        apart = np.abs(left - right)
        wide = not left.ndim  # PyTorch computes with Python's numbers then
        whole = apart.dtype.kind != "f"
        share = (apart.astype(FLOAT64) if wide else apart.astype(FLOAT32) if whole else apart) / np.abs(
            right.astype(FLOAT64) if wide else right.astype(FLOAT32) if whole else right
        )
    close = np.isclose(left, right, rtol=rtol, atol=atol, equal_nan=equal_nan)
    if close.all():
        return ""
    apart, share = (np.where(close & ~np.isfinite(one), 0, one) for one in (apart, share))
    what = "Tensor-likes"
    kind = "close" if rtol or atol else "equal"
    limits = (atol, rtol) if rtol or atol else (None, None)
    if not left.ndim:
        lines = [f"Expected {right.item()} but got {left.item()}."]
        what = "Scalars"
        lines += [
            _line("Absolute", apart.item(), None, limits[0]),
            _line("Relative", share.item(), None, limits[1]),
        ]
    else:
        missed = int((~close).sum())
        where = [
            np.unravel_index(int(np.argmax(np.where(close, -1, one))), one.shape) for one in (apart, share)
        ]
        lines = [
            f"Mismatched elements: {missed} / {close.size} ({missed / close.size:.1%})",
            _line("Greatest absolute", apart[where[0]].item(), tuple(map(int, where[0])), limits[0]),
            _line("Greatest relative", share[where[1]].item(), tuple(map(int, where[1])), limits[1]),
        ]
    return f"{what} are not {kind}!\n\n" + "\n".join(lines)


def _line(kind: str, value: float, where: Any, limit: float | None) -> str:
    at = f" at index {where}" if where is not None else ""
    allowed = "" if limit is None else f" (up to {limit} allowed)"
    return f"{kind} difference: {value}{at}{allowed}"
