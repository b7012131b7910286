"""The arguments of random numbers, checked in PyTorch's order and words."""

from __future__ import annotations

import math
import operator
from typing import TYPE_CHECKING, Any

import numpy as np

from gradcli.diagnostics import NotImplementedFault, RuntimeFault, ValueFault

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

__all__ = [
    "element_count",
    "integer_bounds",
    "probability",
    "rate_of",
    "require_floating",
    "seed_bits",
    "spread",
    "uniform_bounds",
    "weights",
]

DType = np.dtype[Any]

INT64_MIN, INT64_MAX = -(2**63), 2**63 - 1

KIND = {
    "float16": "Half",
    "float32": "Float",
    "float64": "Double",
    "complex64": "ComplexFloat",
    "complex128": "ComplexDouble",
    "bool": "Bool",
    "uint8": "Byte",
    "int8": "Char",
    "int16": "Short",
    "int32": "Int",
    "int64": "Long",
}
C_NAME = {
    "float16": "c10::Half",
    "float32": "float",
    "float64": "double",
    "bool": "bool",
    "uint8": "unsigned char",
    "int8": "signed char",
    "int16": "short int",
    "int32": "int",
    "int64": "long int",
}
DIGITS = {"float16": 11, "float32": 24, "float64": 53}
CATEGORIES = 2**24
FLOATING = "give a floating dtype such as float32 or float64"


def seed_bits(seed: int) -> int:
    """Returns the seed as an unsigned number of 64 bits.

    Raises:
        RuntimeFault: the seed is not a whole number.
        ValueFault: it is not from -2**63 to 2**64 - 1.
    """
    help_ = "a seed is a whole number from -2**63 to 2**64 - 1"
    if isinstance(seed, bool) or not hasattr(seed, "__index__"):
        message = f"manual_seed expected a long, but got {type(seed).__name__}"
        raise RuntimeFault("E341", message, help=help_)
    seed = operator.index(seed)
    if not -(2**63) <= seed < 2**64:
        raise ValueFault("E341", "Overflow when unpacking long long", help=help_)
    return seed % 2**64


def element_count(shape: Sequence[int]) -> int:
    """Returns the number of elements.

    Raises:
        RuntimeFault: a dimension is negative.
    """
    for size in shape:
        if size < 0:
            message = f"Trying to create tensor with negative dimension {size}: {list(shape)}"
            raise RuntimeFault("E340", message, help="every dimension is 0 or more")
    return math.prod(shape)


def require_floating(dtype: DType, kernel: str) -> None:
    """Raises NotImplementedFault, naming PyTorch's kernel, unless the dtype is a real floating one."""
    if dtype.kind != "f":
        message = f"\"{kernel}\" not implemented for '{_kind(dtype)}'"
        raise NotImplementedFault("E342", message, help=FLOATING)


def spread(std: float) -> None:
    """Raises RuntimeFault unless the standard deviation is 0 or more."""
    if not std >= 0.0:
        message = f"normal expects std >= 0.0, but found std {std:g}"
        raise RuntimeFault("E340", message, help="a standard deviation is 0 or more")


def rate_of(rate: float, dtype: DType, count: int) -> None:
    """Raises RuntimeFault unless the rate is above 0 and the dtype floating (of no elements, any)."""
    if not rate > 0.0:
        message = f"exponential_ expects lambda > 0.0, but found lambda={rate:g}"
        raise RuntimeFault("E340", message, help="the rate is above 0")
    if count and dtype.kind != "f":
        message = (
            "Exponential distribution is a continuous probability distribution. dtype must be a floating "
            f"point but you specified {_kind(dtype)}"
        )
        raise RuntimeFault("E342", message, help=FLOATING)


def probability(p: float | NDArray[Any], dtype: DType, count: int) -> None:
    """Checks one probability or an array of them, and the dtype of `count` results.

    Raises:
        RuntimeFault: a probability is not from 0 to 1.
        NotImplementedFault: the array's dtype is not floating, or `dtype` is complex.
    """
    inside = bool(np.all((p >= 0) & (p <= 1)))
    help_ = "a probability is from 0 to 1"
    if isinstance(p, np.ndarray):
        if count == 0:
            return
        if dtype.kind == "c":
            require_floating(dtype, "bernoulli_tensor_cpu_self_")
        require_floating(p.dtype, "bernoulli_tensor_cpu_p_")
        if not inside:
            message = (
                "Expected p_in >= 0 && p_in <= 1 to be true, but got false.  (Could this error message be "
                "improved?  If so, please report an enhancement request to PyTorch.)"
            )
            raise RuntimeFault("E340", message, help=help_)
        return
    if not inside:
        message = f"bernoulli_ expects p to be in [0, 1], but got p={p:g}"
        raise RuntimeFault("E340", message, help=help_)
    if count and dtype.kind == "c":
        require_floating(dtype, "bernoulli_scalar_cpu_")


def weights(values: NDArray[Any], num_samples: int, *, replacement: bool) -> None:
    """Raises RuntimeFault unless `num_samples` categories of each row can be drawn by these weights."""
    problem = _unusable_call(values, num_samples, replacement=replacement)
    if not problem and values.size:
        problem = _unusable_values(values, fast=num_samples == 1 or not replacement)
    if problem:
        raise RuntimeFault(
            "E340", problem, help="weights are 0 or more, finite, and some above 0 in each row"
        )


def _unusable_call(values: NDArray[Any], num_samples: int, *, replacement: bool) -> str:
    if values.ndim not in {1, 2}:
        return "prob_dist must be 1 or 2 dim"
    if values.dtype.kind != "f":
        return f"multinomial only supports floating-point dtypes for input, got: {_kind(values.dtype)}"
    if num_samples <= 0:
        return "cannot sample n_sample <= 0 samples"
    if not replacement and num_samples > values.shape[-1]:
        return "cannot sample n_sample > prob_dist.size(-1) samples without replacement"
    if values.shape[-1] > CATEGORIES:
        return "number of categories cannot exceed 2^24"
    return ""


def _unusable_values(values: NDArray[Any], *, fast: bool) -> str:
    positive, finite = values >= 0, values < np.inf
    if fast and not (positive & finite).all():
        return "probability tensor contains either `inf`, `nan` or element < 0"
    if not positive.all():
        return "invalid multinomial distribution (encountering probability entry < 0)"
    if not finite.all():
        return "invalid multinomial distribution (encountering probability entry = infinity or NaN)"
    if not values.any(axis=-1).all():
        return "invalid multinomial distribution (sum of probabilities <= 0)"
    return ""


def uniform_bounds(low: float, high: float, dtype: DType) -> None:
    """Checks that [low, high) is a range of the floating dtype.

    Raises:
        RuntimeFault: it is not.
        NotImplementedFault: the dtype is not floating.
    """
    require_floating(dtype, "check_uniform_bounds")
    largest = float(np.finfo(dtype).max)
    for name, bound in (("from", low), ("to", high)):
        if not -largest <= bound <= largest:
            message = f"{name} is out of bounds for {C_NAME[dtype.name]}"
            raise RuntimeFault("E340", message, help=f"{dtype} ends at {largest:g}")
    if low > high:
        message = f"uniform_ expects to return a [from, to) range, but found from={low:g} > to={high:g}"
        raise RuntimeFault("E340", message, help="give the lower bound first")
    if high - low > largest:
        message = (
            f"uniform_ expects to-from <= std::numeric_limits<{_kind(dtype)}>::max(), but found to={high:g} "
            f"and from={low:g} which result in to-from to exceed the limit"
        )
        raise RuntimeFault("E340", message, help="give a narrower range")


def integer_bounds(low: int, high: int, dtype: DType) -> tuple[int, int]:
    """Returns the range [low, high) of whole numbers that stays inside when converted to the dtype.

    A floating dtype narrows it to numbers that it holds exactly.

    Raises:
        ValueFault: a bound does not fit in 64 bits.
        RuntimeFault: the range is empty, or it leaves the dtype's.
    """
    if not (INT64_MIN <= low <= INT64_MAX and INT64_MIN <= high <= INT64_MAX):
        raise ValueFault("E340", "Overflow when unpacking long long", help="the bounds are 64-bit integers")
    if low >= high:
        message = f"random_ expects 'from' to be less than 'to', but got from={low} >= to={high}"
        raise RuntimeFault("E340", message, help="`high` itself is never drawn: it must be above `low`")
    if dtype.kind == "c":
        message = "check_random_bounds handles only integral, floating-point and boolean types"
        raise RuntimeFault("E342", message, help="draw real numbers and convert them")
    if dtype.kind == "f":
        low, high = _narrowed(low, high, dtype)
    smallest, largest = _ends(dtype)
    for name, bound in (("from", low), ("to - 1", high - 1)):
        if not smallest <= bound <= largest:
            message = f"{name} is out of bounds for {C_NAME[dtype.name]}"
            raise RuntimeFault("E340", message, help=f"{dtype} goes from {smallest:g} to {largest:g}")
    return low, high


def _kind(dtype: DType) -> str:
    """PyTorch's name of the scalar type: `Float`, `Long`."""
    return KIND.get(dtype.name, dtype.name)


def _ends(dtype: DType) -> tuple[float, float]:
    if dtype.kind == "b":
        return 0, 1
    if dtype.kind == "f":
        return float(np.finfo(dtype).min), float(np.finfo(dtype).max)
    return int(np.iinfo(dtype).min), int(np.iinfo(dtype).max)


def _narrowed(low: int, high: int, dtype: DType) -> tuple[int, int]:
    above, below = _rounded(low + 1, dtype), _rounded(high - 1, dtype)
    start, stop = low, high
    if above < low:
        start = above + _spacing(low + 1, dtype)
    if below >= high:
        stop = below - _spacing(high - 1, dtype)
    if start >= stop:
        message = (
            "random_ expects 'from' casted to dtype to be less than 'to' casted to dtype, but got "
            f"from={start} >= to={stop}"
        )
        raise RuntimeFault("E340", message, help=f"{dtype} holds no number of that range")
    return start, stop


def _rounded(number: int, dtype: DType) -> int:
    """The nearest number of the dtype, as the processor turns it back into 64 bits."""
    with np.errstate(over="ignore"):
        value = float(np.float64(number).astype(dtype))
    return int(value) if INT64_MIN <= value < 2.0**63 else INT64_MIN


def _spacing(number: int, dtype: DType) -> int:
    exponent = abs(number).bit_length() - DIGITS[dtype.name]
    return 1 << exponent if exponent >= 0 else 0
