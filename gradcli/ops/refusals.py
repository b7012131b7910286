"""Operations that PyTorch has for floating numbers only, or for all but truth values, and its words."""

from __future__ import annotations

from typing import Any

import numpy as np

from gradcli.diagnostics import NotImplementedFault, RuntimeFault
from gradcli.ops.dtypes import scalar_type

__all__ = ["check_kind"]

# By record, the kernel that the message names: these take no integers and no truth values,
FLOATING = {
    "gelu": "GeluKernelImpl", "softplus": "softplus_cpu", "elu": "elu_cpu", "celu": "elu_cpu",
    "leaky_relu": "leaky_relu_cpu", "silu": "silu_cpu", "mish": "mish_cpu", "glu": "glu_cpu",
    "hardsigmoid": "hardsigmoid_cpu", "hardswish": "hardswish_cpu", "logsigmoid": "log_sigmoid_cpu",
    "softshrink": "softshrink_check", "hardshrink": "hardshrink_cpu", "frac": "frac_cpu",
    "hypot": "hypot_cpu", "logaddexp": "logaddexp_cpu", "logaddexp2": "logaddexp2_cpu",
    "nextafter": "nextafter_cpu", "smooth_l1": "smooth_l1_cpu", "huber": "huber_cpu",
    "binary_entropy": "binary_cross_entropy", "rrelu": "leaky_relu_cpu",
    "binary_entropy_of_logits": "log_sigmoid_cpu",
}  # fmt: skip
# and these no truth values.
COUNTING = {
    "abs": "abs_cpu", "ceil": "ceil_vml_cpu", "floor": "floor_vml_cpu", "round": "round_vml_cpu",
    "trunc": "trunc_vml_cpu", "median": "median_cpu", "nanmedian": "median_cpu", "trace": "trace",
    "pow_both": "pow", "pow": "pow", "remainder": "remainder_cpu", "fmod": "fmod_cpu",
    "floor_divide": "div_floor_cpu", "dot": "dot", "bitwise_left_shift": "lshift_cpu",
    "bitwise_right_shift": "rshift_cpu", "remainder_by": "remainder_cpu", "fmod_by": "fmod_cpu",
    "remainder_of": "remainder_cpu", "floor_divide_by": "div_floor_cpu",
    "floor_divide_of": "div_floor_cpu", "threshold": "threshold_cpu",
}  # fmt: skip
DIVISIONS = frozenset(("remainder", "fmod", "floor_divide"))


def check_kind(name: str, dtype: Any, arrays: list[Any]) -> None:
    """Returns if an operation takes values of an integer dtype or truth values, its common dtype.

    Raises:
        NotImplementedFault: PyTorch has no such kernel.
        RuntimeFault: integers are divided by zero.
    """
    kernel = FLOATING.get(name) or (COUNTING.get(name) if dtype.kind == "b" else None)
    if kernel is not None:
        raise NotImplementedFault(
            "E304",
            f"\"{kernel}\" not implemented for '{scalar_type(dtype)}'",
            help="convert it first: x.float()",
        )
    base = name.removesuffix("_by").removesuffix("_of")
    if base in DIVISIONS and len(arrays) > 1 and not np.all(arrays[1]):
        raise RuntimeFault("E303", "ZeroDivisionError", help="no integer is the result of a division by 0")
