"""What matrix operations ask of their arguments, in PyTorch's words."""

# PyTorch's names and signatures, and formulas that name all they are given:
# ruff: noqa: PLR2004

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from gradcli.diagnostics import NotImplementedFault, RuntimeFault, TypeFault
from gradcli.ops.dtypes import scalar_type

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = [
    "CONVERT",
    "check_dtypes",
    "check_floating",
    "check_matrix",
    "check_square",
    "check_tensors",
    "cpp_name",
    "two_tensors",
]

# The C++ names of dtypes in the messages of matrix products.
_CPP_NAMES = {
    "bool": "bool",
    "uint8": "unsigned char",
    "int8": "signed char",
    "int16": "short int",
    "int32": "int",
    "int64": "long int",
    "float16": "c10::Half",
    "float32": "float",
    "float64": "double",
}

CONVERT = "matrix products do not convert: give both sides one dtype with .double() or .float()"


def check_tensors(name: str, *arguments: tuple[str, Any]) -> None:
    """Returns if every (name, value) is a tensor; raises PyTorch's TypeError for the first that is not."""
    for position, (argument, value) in enumerate(arguments, 1):
        if not hasattr(value, "shape"):
            raise TypeFault(
                "E303",
                f"{name}(): argument '{argument}' (position {position}) must be Tensor, not "
                f"{type(value).__name__}",
                help="multiply by a number with *",
            )


def two_tensors(name: str) -> Callable[..., Any]:
    """Returns the front of an operation on two tensors, which takes no numbers for them, as in PyTorch.

    Its error is PyTorch's TypeError.
    """

    def front(m: Any, input: Any, other: Any) -> Any:  # noqa: A002 - PyTorch's names
        for position, (argument, value) in enumerate((("input", input), ("other", other)), 1):
            if not hasattr(value, "shape"):
                raise TypeFault(
                    "E303",
                    f"{name}(): argument '{argument}' (position {position}) must be Tensor, not "
                    f"{type(value).__name__}",
                    help=f"make a tensor of it: tensor({value})",
                )
        return getattr(m, name)(input, other)

    return front


def cpp_name(dtype: Any) -> str:
    """Returns the name that messages of C++ origin use: `long int` for int64."""
    return _CPP_NAMES.get(dtype.name, str(dtype.name))


def check_dtypes(a: Any, b: Any) -> None:
    """Returns if two factors have one dtype that can be multiplied; raises PyTorch's errors."""
    left, right = a.dtype, b.dtype
    if left is not right and left != right:
        names = [cpp_name(dtype) for dtype in (left, right)]
        raise RuntimeFault(
            "E304",
            f"expected m1 and m2 to have the same dtype, but got: {names[0]} != {names[1]}",
            help=CONVERT,
        )
    if left.kind == "b":
        raise NotImplementedFault(
            "E304",
            "\"addmm_impl_cpu_\" not implemented for 'Bool'",
            help="convert both sides: x.double() @ y.double()",
        )


def check_square(name: str, a: Any) -> None:
    """Returns if `a` is a square matrix or a stack of them; raises PyTorch's errors."""
    check_matrix(name, a)
    if a.shape[-1] != a.shape[-2]:
        raise RuntimeFault(
            "E301",
            f"{name}: A must be batches of square matrices, but they are {a.shape[-2]} by {a.shape[-1]} "
            "matrices",
        )


def check_matrix(name: str, a: Any, argument: str = "A") -> None:
    """Returns if `a` is a matrix or a stack of matrices; raises PyTorch's error."""
    check_tensors(name, ("input", a))
    if len(a.shape) < 2:
        raise RuntimeFault("E301", f"{name}: The input tensor {argument} must have at least 2 dimensions.")


def check_floating(name: str, a: Any) -> None:
    """Returns if `a` is of a floating dtype; raises PyTorch's error."""
    if a.dtype.kind in "biu":
        raise RuntimeFault(
            "E304",
            f"{name}: Expected a floating point or complex tensor as input. Got {scalar_type(a.dtype)}",
            help="convert it first: x.double()",
        )
