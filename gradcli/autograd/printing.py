"""The text of a tensor, to the character as PyTorch prints it.

Reference: PyTorch 2.13's `torch/_tensor_str.py`. Of a big tensor only the elements that are shown are
looked at: they alone decide the notation and the width, as they do in PyTorch.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from gradcli.diagnostics import LimitFault, TypeFault, ValueFault

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = [
    "PrintOptions",
    "format_spec",
    "number_text",
    "parameter_text",
    "scalar_text",
    "size_text",
    "tensor_text",
]

Array = NDArray[Any]

LONGEST_RATIO = 1000.0  # between the sizes of numbers, above which the notation is scientific
LARGEST, SMALLEST = 1.0e8, 1.0e-4  # and the sizes beyond which it is
WIDEST = 1000  # digits or columns of one number: a format must not make a text of any length


@dataclass(frozen=True, slots=True)
class PrintOptions:
    """How tensors are printed: `torch.set_printoptions`.

    `precision` digits follow the point; above `threshold` elements only `edgeitems` at each end of a
    dimension are shown; lines are broken at `linewidth`; `sci_mode` forces or forbids the scientific
    notation, and None lets the numbers decide.
    """

    precision: int = 4
    threshold: float = 1000
    edgeitems: int = 3
    linewidth: int = 80
    sci_mode: bool | None = None

    def __post_init__(self) -> None:
        whole = {"precision": self.precision, "edgeitems": self.edgeitems, "linewidth": self.linewidth}
        for name, number in {**whole, "threshold": self.threshold}.items():
            if isinstance(number, bool) or not isinstance(number, int if name in whole else int | float):
                message = f"{name} must be a {'whole ' * (name in whole)}number, not {type(number).__name__}"
                raise TypeFault("E340", message, help="`torch.set_printoptions(precision=6, linewidth=120)`")
            if number < 0:
                raise ValueFault("E340", f"{name} must not be negative, got {number}", help="give 0 or more")
        if self.precision > WIDEST:
            raise LimitFault("E640", f"a precision of {self.precision} digits", help=f"give at most {WIDEST}")

    def changed(  # noqa: PLR0913 - PyTorch's arguments
        self,
        precision: int | None = None,
        threshold: float | None = None,
        edgeitems: int | None = None,
        linewidth: int | None = None,
        profile: str | None = None,
        sci_mode: bool | None = None,
    ) -> PrintOptions:
        """Returns the options that `torch.set_printoptions` would leave behind.

        Args:
            precision: digits after the point; like the next three, None keeps it.
            threshold: of elements.
            edgeitems: at each end.
            linewidth: in characters.
            profile: `default`, `short` or `full`, set before the four above.
            sci_mode: set always, also to None.

        Raises:
            TypeFault: a number is not one.
            ValueFault: it is negative, or the profile is unknown.
        """
        if profile is not None and profile not in PROFILES:
            raise ValueFault("E340", f"no print profile is called '{profile}'", help="default, short or full")
        base = self if profile is None else PROFILES[profile]
        given = {
            "precision": precision,
            "threshold": threshold,
            "edgeitems": edgeitems,
            "linewidth": linewidth,
        }
        changes: dict[str, Any] = {name: value for name, value in given.items() if value is not None}
        return replace(base, **changes, sci_mode=sci_mode)


PROFILES = {
    "default": PrintOptions(),
    "short": PrintOptions(precision=2, edgeitems=2),
    "full": PrintOptions(threshold=math.inf),
}


def tensor_text(  # noqa: PLR0913 - the facts of a tensor
    array: Array,
    *,
    dtype_name: str,
    default_dtype_name: str = "float32",
    grad_fn: str | None = None,
    requires_grad: bool = False,
    prefix: str = "tensor(",
    options: PrintOptions = PROFILES["default"],
) -> str:
    """Returns `repr` of the tensor.

    Args:
        array: its elements: float, complex, int or bool.
        dtype_name: `float32` and so on; named in the text unless it is a default.
        default_dtype_name: the default floating dtype.
        grad_fn: the name of the node that made it (`MulBackward0`), or None.
        requires_grad: whether it requires grad; said of leaves only.
        prefix: what stands before the elements; further lines are indented by its length.
        options: how to print.
    """
    suffixes = _facts(array, dtype_name, default_dtype_name, options)
    if grad_fn is not None:
        suffixes.append(f"grad_fn=<{grad_fn}>")
    elif requires_grad:
        suffixes.append("requires_grad=True")
    return _with_suffixes(prefix + _elements(array, len(prefix), options), suffixes, len(prefix), options)


def parameter_text(
    array: Array,
    *,
    dtype_name: str,
    default_dtype_name: str = "float32",
    requires_grad: bool = True,
    options: PrintOptions = PROFILES["default"],
) -> str:
    """Returns `repr` of an `nn.Parameter` with these elements; the arguments are those of `tensor_text`."""
    text = tensor_text(
        array,
        dtype_name=dtype_name,
        default_dtype_name=default_dtype_name,
        requires_grad=requires_grad,
        options=options,
    )
    return f"Parameter containing:\n{text}"


def size_text(shape: Sequence[int]) -> str:
    """Returns the text of a shape: `torch.Size([2, 3])`."""
    return f"torch.Size({list(shape)})"


def scalar_text(array: Array) -> str:
    """Returns what an f-string shows of a 0-dim tensor: the bare Python number, in full."""
    return str(array.item())


def format_spec(value: Array | complex | str, spec: str, *, kind: str = "Tensor") -> str:
    """Returns `format(value, spec)` for a 0-dim tensor, a Python number or a text.

    Raises:
        TypeFault: the tensor has dimensions, or is of another `kind` than Tensor: PyTorch formats neither.
        ValueFault: Python knows no such format of the value.
        LimitFault: the text would be too wide.
    """
    if isinstance(value, np.ndarray):
        if value.ndim or kind != "Tensor":
            message = f"unsupported format string passed to {kind}.__format__"
            raise TypeFault("E340", message, help="format single elements: `x[0]`, or `x.item()`")
        value = value.item()
    if any(len(digits) > len(str(WIDEST)) or int(digits) > WIDEST for digits in re.findall("[0-9]+", spec)):
        raise LimitFault("E640", f"the format '{spec[:20]}' is too wide", help=f"give at most {WIDEST}")
    try:
        return format(value, spec)
    except ValueError as error:
        raise ValueFault("E340", str(error), help="such as `.4f`, `8.3e`, `>10`") from None


def number_text(number: complex, precision: int) -> str:
    """Returns a number for a table cell: an int or a bool whole, others to `precision` significant digits."""
    whole = isinstance(number, int | np.integer | np.bool)
    return str(number) if whole else f"{number:.{min(precision, WIDEST)}g}"


def _facts(array: Array, dtype_name: str, default_dtype_name: str, options: PrintOptions) -> list[str]:
    """What is said of shape and dtype: where the elements do not tell."""
    facts = []
    if (array.ndim != 1) if array.size == 0 else (options.edgeitems == 0):
        facts.append(f"size={tuple(array.shape)}")
    known = {default_dtype_name}
    if array.size:
        known |= {"int64", "bool", "complex128" if default_dtype_name == "float64" else "complex64"}
    if dtype_name not in known:
        facts.append(f"dtype=torch.{dtype_name}")
    return facts


def _with_suffixes(text: str, suffixes: list[str], indent: int, options: PrintOptions) -> str:
    parts = [text]
    column = len(text) - text.rfind("\n") + 1  # two more than there are, as PyTorch counts them
    for suffix in suffixes:
        if column + len(suffix) + 2 > options.linewidth:
            parts.append(",\n" + " " * indent + suffix)
            column = indent + len(suffix)
        else:
            parts.append(", " + suffix)
            column += len(suffix) + 2
    return "".join(parts) + ")"


def _elements(array: Array, indent: int, options: PrintOptions) -> str:
    if array.size == 0:
        return "[]"
    cut = [False] * array.ndim
    if array.size > options.threshold and array.ndim:
        edge = options.edgeitems
        if edge == 0:
            return "[...]"
        cut = [size > 2 * edge for size in array.shape]
        ends = [
            np.r_[:edge, size - edge : size] if inner else np.arange(size)
            for size, inner in zip(array.shape, cut, strict=True)
        ]
        array = array[np.ix_(*ends)]
    texts, width = _texts(array.reshape(-1), options)
    return _nested(texts, list(zip(array.shape, cut, strict=True)), indent, width, options)


def _nested(
    texts: list[str], dims: list[tuple[int, bool]], indent: int, width: int, options: PrintOptions
) -> str:
    """The texts in brackets. `dims`: how many of each are shown, and whether some in the middle are not."""
    if not dims:
        return texts[0]
    (size, cut), *inner = dims
    if not inner:
        if cut:
            texts = [*texts[: options.edgeitems], " ...", *texts[options.edgeitems :]]
        count = max(1, (options.linewidth - indent) // (width + 2))
        lines = [", ".join(texts[start : start + count]) for start in range(0, len(texts), count)]
        return "[" + (",\n" + " " * (indent + 1)).join(lines) + "]"
    step = len(texts) // size
    slices = [
        _nested(texts[start : start + step], inner, indent + 1, width, options)
        for start in range(0, len(texts), step)
    ]
    if cut:
        slices.insert(options.edgeitems, "...")
    return "[" + ("," + "\n" * len(inner) + " " * (indent + 1)).join(slices) + "]"


def _texts(values: Array, options: PrintOptions) -> tuple[list[str], int]:
    """The text of each element, padded, and the width that counts when lines are broken."""
    if values.dtype.kind == "c":
        real, real_width = _float_texts(values.real, options)
        imaginary, imaginary_width = _float_texts(values.imag, options)
        texts = [a + _signed(b) + "j" for a, b in zip(real, imaginary, strict=True)]
        return texts, real_width + imaginary_width + 1
    if values.dtype.kind == "f":
        return _float_texts(values, options)
    texts = [str(value) for value in values.tolist()]
    width = max(map(len, texts))
    return [text.rjust(width) for text in texts], width


def _signed(text: str) -> str:
    text = text.lstrip()
    return text if text.startswith("-") else "+" + text


def _float_texts(values: Array, options: PrintOptions) -> tuple[list[str], int]:
    numbers = values.astype(np.float64)
    judged = np.isfinite(numbers) & (numbers != 0)
    sizes = np.abs(numbers[judged])
    if _scientific(sizes, options):
        texts = [f"{number:.{options.precision}e}" for number in numbers.tolist()]
    elif np.array_equal(sizes, np.ceil(sizes)):
        texts = [f"{number:.0f}." if math.isfinite(number) else f"{number}" for number in numbers.tolist()]
    else:
        texts = [f"{number:.{options.precision}f}" for number in numbers.tolist()]
    width = max((len(texts[index]) for index in np.flatnonzero(judged)), default=1)
    return [text.rjust(width) for text in texts], width


def _scientific(sizes: Array, options: PrintOptions) -> bool:
    if sizes.size == 0:
        return False
    if options.sci_mode is not None:
        return options.sci_mode
    largest, smallest = float(sizes.max()), float(sizes.min())
    return largest / smallest > LONGEST_RATIO or largest > LARGEST or smallest < SMALLEST
