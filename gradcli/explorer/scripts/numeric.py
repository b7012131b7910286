"""`import numpy as np`: the few functions that programs use beside tensors, on wrapped arrays."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from gradcli.autograd import Tensor, context
from gradcli.diagnostics import TypeFault
from gradcli.explorer.scripts.arrays import Array, bare, wrapped
from gradcli.explorer.scripts.callables import Kind, Routine

if TYPE_CHECKING:
    from collections.abc import Callable

    from gradcli.explorer.scripts.builtins import Builtins

__all__ = ["numpy_table"]

CONSTANTS = ("pi", "e", "inf", "nan")
DTYPES = ("float32", "float64", "int32", "int64", "bool_")
# Functions of arrays whose results are no bigger than what they are given.
ELEMENTWISE = (
    "abs", "allclose", "argmax", "argmin", "array_equal", "ceil", "clip", "cos", "cosh", "exp", "floor",
    "isclose", "isfinite", "isnan", "log", "log10", "log2", "max", "maximum", "mean", "min", "minimum",
    "prod", "round", "sign", "sin", "sinh", "sqrt", "square", "std", "sum", "tan", "tanh", "var",
)  # fmt: skip
FILLED = ("zeros", "ones")


def numpy_table(_: Builtins) -> dict[str, Any]:
    """Returns what `numpy` offers, by name."""
    table: dict[str, Any] = {name: vars(np)[name] for name in CONSTANTS}
    table |= {name: Routine(f"numpy.{name}", _on_arrays(name)) for name in ELEMENTWISE}
    table |= {name: Routine(f"numpy.{name}", _filled(name)) for name in FILLED}
    table |= {name: name.rstrip("_") for name in DTYPES}
    table["array"] = table["asarray"] = Routine("numpy.array", _array)
    table["arange"] = Routine("numpy.arange", _arange)
    table["linspace"] = Routine("numpy.linspace", _linspace)
    table["ndarray"] = Kind("ndarray", Array, _refuse, path="numpy.ndarray")
    return table


def _given(value: Any) -> Any:
    """An argument as NumPy takes it: a tensor as its array, as NumPy itself would have it."""
    if isinstance(value, Tensor):
        return value.numpy()  # which refuses a tensor that requires grad
    if isinstance(value, (list, tuple)):
        return [_given(one) for one in value]
    if value is None or isinstance(value, (bool, int, float, str, Array)):
        return bare(value)
    if isinstance(value, Kind) and value.cls in (int, float, bool):
        return value.cls
    raise TypeFault("E303", f"numpy takes no {type(value).__name__} here")


def _call(function: Callable[..., Any], args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
    if "out" in kwargs:
        raise TypeFault("E303", "out= is not available")
    return wrapped(function(*map(_given, args), **{name: _given(value) for name, value in kwargs.items()}))


def _on_arrays(name: str) -> Callable[..., Any]:
    function = vars(np)[name]
    return lambda *args, **kwargs: _call(function, args, kwargs)


def _filled(name: str) -> Callable[..., Any]:
    function = vars(np)[name]

    def run(shape: Any, dtype: Any = None) -> Any:
        context.budget.ask(tuple(shape) if isinstance(shape, (list, tuple)) else (shape,))
        return _call(function, (shape,), {"dtype": dtype})

    return run


def _array(data: Any, dtype: Any = None) -> Any:
    array = np.array(_given(data), dtype=_given(dtype))
    if array.dtype.kind not in "biuf":
        raise TypeFault("E303", "an array here holds numbers only")
    return Array(array)


def _arange(*args: Any, dtype: Any = None) -> Any:
    start, stop, step = (0, args[0], 1) if len(args) == 1 else (*args, 1)[:3]
    context.budget.ask((max(int((stop - start) / step), 0),))
    return _call(np.arange, args, {"dtype": dtype})


def _linspace(start: Any, stop: Any, num: int = 50) -> Any:
    context.budget.ask((num,))
    return _call(np.linspace, (start, stop, num), {})


def _refuse(*_: Any, **__: Any) -> Any:
    raise TypeFault("E303", "ndarray() is not available", help="write np.array([...])")
