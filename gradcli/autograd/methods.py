"""Tensor's operators and methods: PyTorch's surface, laid over the records.

Called once, when `gradcli.autograd` is imported, to complete the class; a record whose spelling
is `Tensor.name` becomes the method `name`.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any

import numpy as np

from gradcli.autograd.attributes import METHODS, PROPERTIES, SETTERS
from gradcli.autograd.augmented import augmented, overwriting
from gradcli.autograd.calling import call, function_of, method_of
from gradcli.autograd.context import context
from gradcli.autograd.functions import tensor_backward
from gradcli.autograd.inplace import become, before
from gradcli.autograd.subscript import get_item, set_item
from gradcli.autograd.tensor import Tensor, apply
from gradcli.autograd.writable import check_writable
from gradcli.diagnostics import TypeFault
from gradcli.ops import shape
from gradcli.ops.catalog import catalog, spelled
from gradcli.ops.dtypes import BOOL, FLOATS, DType

if TYPE_CHECKING:
    from collections.abc import Callable

    from gradcli.ops.record import Record

__all__ = ["call", "complete", "function_of", "offer"]


def _resize() -> Callable[..., Any]:
    from gradcli.autograd.reshaping import resize_  # rare; not worth the start-up

    return resize_


# Methods that the package's own modules call on tensors, whether or not a program has named them.
OWN = (
    "add_", "any", "celu_", "chunk", "clone", "elu_", "flatten", "hardsigmoid_", "hardswish_", "hardtanh_",
    "leaky_relu_", "mean", "mish_", "mul_", "relu", "relu_", "repeat", "reshape", "round", "selu_", "sigmoid",
    "silu_", "squeeze", "tanh", "threshold_", "to", "transpose", "unbind", "unflatten", "unsqueeze",
)  # fmt: skip
# Methods that a layer above gives, by name, and rare ones: what loads each when it is first asked for.
_offers: dict[str, Callable[[], Callable[..., Any]]] = {}


def view(self: Tensor, *shape: Any, **named: Any) -> Tensor:
    """The tensor under another shape, or its bytes under another dtype; memory is shared."""
    dtype = named.get("dtype", shape[0] if shape else None)
    if isinstance(dtype, DType):
        from gradcli.autograd.reshaping import reinterpreted  # rare; not worth the start-up

        return reinterpreted(self, dtype)
    return function_of(catalog()["view"])(self, *shape, **named)  # type: ignore[no-any-return] # a tensor


def _check_view(self: Tensor) -> None:
    """Returns if a view is no result of a program's own operation, whose node says so by having a context."""
    if self._edge is not None and context.grad_enabled and hasattr(self._edge[0], "ctx"):
        from gradcli.autograd.custom import check_view  # it imports much of this package

        check_view(self)


def _set_item(self: Tensor, key: Any, value: Any) -> None:
    if self._base is not None:
        _check_view(self)
    set_item(self, key, value)


def _del_item(self: Tensor, key: Any) -> None:
    del self, key
    raise TypeFault(
        "E303", "Tensor does not support deleting items", help="keep the others: torch.cat([x[:1], x[2:]])"
    )


def _in_place(record: Record, function: Callable[..., Any]) -> Callable[..., Any]:
    composite = record.kind == "composite"

    def method(self: Tensor, *args: Any, **kwargs: Any) -> Tensor:
        if self._base is not None:
            _check_view(self)
        check_writable(self)
        # A composite's steps and a tangent's formula save the tensor, whose values are about to change.
        alone = not (context.attended and context.dual) and not (composite and self.requires_grad)
        result = function(self if alone else before(self), *args, **kwargs)
        return become(self, result) if result is not NotImplemented else result

    return method


def _augmented(pair: Callable[[str], tuple[Callable[..., Any], ...]], record: Record) -> Callable[..., Any]:
    return augmented(record, _in_place(record, pair(record.name)[0]))


def _binary(name: str) -> tuple[Callable[..., Any], Callable[..., Any]]:
    """The operator of a two-argument record, and its reflected form."""
    record, subtracts = catalog()[name], name == "sub"

    def forward(self: Tensor, other: Any) -> Any:
        if other.__class__ is float and not subtracts:  # the usual case, and nothing to ask
            return apply(record, (self, other))
        if isinstance(other, OPERANDS):
            if (other.__class__ is int and not LEAST <= other <= MOST) or (
                subtracts
                and (self._array.dtype is BOOL or getattr(other, "_array", self._array).dtype is BOOL)
            ):
                _check_operand(self, other, subtracts=subtracts)
            return apply(record, (self, other))
        found = _ours(other)
        return NotImplemented if found is None else forward(self, found)

    def reflected(self: Tensor, other: Any) -> Any:
        if isinstance(other, OPERANDS):
            return apply(record, (other, self))
        found = _ours(other)
        return NotImplemented if found is None else reflected(self, found)

    # PyTorch's 2 * x is x * 2, which shows in the order of a node's next functions.
    return forward, forward if name in COMMUTATIVE else reflected


def _power(name: str) -> tuple[Callable[..., Any], Callable[..., Any]]:
    """The same for pow, shorter where a float tensor is raised to a number."""
    record, (general, reflected) = catalog()["pow_scalar"], _fronted(name)

    def forward(self: Tensor, other: Any) -> Any:
        if other.__class__ in (int, float) and self._array.dtype in FLOATS:
            return apply(record, (self,), {"exponent": other})
        return general(self, other)

    return forward, reflected


def _ours(other: Any) -> Any:
    """NumPy's numbers as Python's and its arrays as tensors; None for what is no operand."""
    if isinstance(other, np.generic):
        return other.item()
    return Tensor(other) if isinstance(other, np.ndarray) else None


def _reflected(function: Callable[[Tensor, Any], Any]) -> Callable[[Tensor, Any], Any]:
    return lambda self, other: function(self, other) if isinstance(other, OPERANDS) else NotImplemented


def _fronted(name: str) -> tuple[Callable[..., Any], Callable[..., Any]]:
    """The same for a record whose front chooses between forms (pow, //)."""
    function = function_of(catalog()[name])

    def forward(self: Tensor, other: Any) -> Any:
        found = other if isinstance(other, OPERANDS) else _ours(other)
        return NotImplemented if found is None else function(self, found)

    def reflected(self: Tensor, other: Any) -> Any:
        found = other if isinstance(other, OPERANDS) else _ours(other)
        return NotImplemented if found is None else function(found, self)

    return forward, reflected


OPERANDS = (Tensor, int, float)

PLAIN = {"add": "add", "sub": "sub", "mul": "mul", "truediv": "div_true"}
FRONTED = {
    "pow": "pow",
    "floordiv": "floor_divide",
    "mod": "remainder",
    "matmul": "matmul",
    "and": "bitwise_and",
    "or": "bitwise_or",
    "xor": "bitwise_xor",
    "lshift": "bitwise_left_shift",
    "rshift": "bitwise_right_shift",
}
LEAST, MOST = -(2**63), 2**63 - 1  # of the integers that PyTorch computes with
# Records whose result is a view that PyTorch can also make of the tensor itself.
RESHAPING = frozenset(("squeeze_", "swapaxes_", "swapdims_", "t_", "transpose_", "unsqueeze_"))
# Records without an in-place form of their own whose result PyTorch can also write over the first argument.
WRITABLE = frozenset(
    (
        "divide_", "eq_", "ge_", "greater_", "greater_equal_", "gt_", "igamma_", "le_", "less_",
        "less_equal_", "logical_and_", "logical_not_", "logical_or_", "logical_xor_", "lt_", "multiply_",
        "ne_", "negative_", "not_equal_", "subtract_", "true_divide_",
    )
)  # fmt: skip
COMMUTATIVE = ("add", "mul")
COMPARISONS = {"lt": "lt", "le": "le", "gt": "gt", "ge": "ge", "eq": "eq", "ne": "ne"}
UNARY = {"neg": "neg", "abs": "abs", "invert": "bitwise_not"}


def complete() -> None:
    """Gives Tensor its operators and its own methods; those of records come when `find_method` is asked.

    A class with `__getattr__` would find them without being asked, but Python reads every attribute of such
    a class slowly, which costs each operation 6 %. So whoever names methods asks: programs through their
    tables of names, and Python's users, through `gradcli.torch`, for all at once. A second call changes
    nothing.
    """
    if hasattr(Tensor, "backward"):
        return
    for dunder, build in _operators().items():
        setattr(Tensor, dunder, _later(dunder, build))
    tensor_backward.__qualname__ = "Tensor.backward"  # what Python's own messages about its arguments call it
    own: dict[str, Callable[..., Any]] = {
        "__pos__": lambda self: self,
        "__getitem__": get_item,
        "__setitem__": _set_item,
        "__delitem__": _del_item,
        "backward": tensor_backward,
        "view": view,
    }
    for name in OWN:
        _stand_in(name)
    offer("resize_", _resize)
    for name, method in (METHODS | own).items():
        setattr(Tensor, name, method)
    # NumPy's arrays leave operators to the side of the higher priority.
    Tensor.__array_priority__ = 1000  # type: ignore[attr-defined] # an attribute that NumPy asks for
    for name, getter in PROPERTIES.items():
        setattr(Tensor, name, property(getter, SETTERS.get(name)))


@cache
def complete_all() -> None:
    """Gives Tensor the methods of all records: for whoever asks in Python, by attributes."""
    for name in (*RESHAPING, *WRITABLE):
        find_method(name)
    for spelling in spelled():
        if spelling.startswith("Tensor."):
            find_method(spelling.removeprefix("Tensor."))


def offer(name: str, load: Callable[[], Callable[..., Any]]) -> None:
    """Lets a layer above, which this one must not import, give Tensor a method when it is first asked for."""
    _offers[name] = load
    _stand_in(name)


def find_method(name: str) -> bool:
    """Returns whether a record gives Tensor a method (or property) of this name; sets it if so."""
    if name in vars(Tensor) and not hasattr(vars(Tensor)[name], "stands_in"):
        return True
    if name in _offers:
        setattr(Tensor, name, _offers[name]())
        return True
    plain = name.removesuffix("_") if name in RESHAPING or name in WRITABLE else name
    record = spelled().get(f"Tensor.{plain}")
    if record is None:
        return False
    if name in RESHAPING:
        from gradcli.autograd.reshaping import reshaping  # as in view

        setattr(Tensor, name, reshaping(function_of(record)))
    elif name in WRITABLE:
        setattr(Tensor, name, _in_place(record, function_of(record)))
    elif name in shape.PROPERTIES:
        setattr(Tensor, name, property(method_of(record)))
    elif record.inplace and name.endswith("_"):
        setattr(Tensor, name, overwriting(record, _in_place(record, function_of(record))))
    else:
        setattr(Tensor, name, method_of(record, name))
    return True


def _stand_in(name: str) -> None:
    """Gives Tensor a method that finds the real one when it is called."""

    def method(self: Tensor, *args: Any, **kwargs: Any) -> Any:
        find_method(name)
        return vars(Tensor)[name](self, *args, **kwargs)

    method.stands_in = True  # type: ignore[attr-defined] # a mark of ours
    setattr(Tensor, name, method)


def _operators() -> dict[str, Callable[[], Callable[..., Any]]]:
    """Per special method, what makes it; made when first used, because it loads the record's family."""
    made: dict[str, Callable[[], Callable[..., Any]]] = {}
    for symbol, name in (PLAIN | FRONTED).items():
        pair = _power if symbol == "pow" else _fronted if symbol in FRONTED else _binary
        made[f"__{symbol}__"] = lambda pair=pair, name=name: pair(name)[0]  # type: ignore[misc]
        made[f"__r{symbol}__"] = lambda pair=pair, name=name: pair(name)[1]  # type: ignore[misc]
        made[f"__i{symbol}__"] = lambda pair=pair, name=name: _augmented(pair, catalog()[name])  # type: ignore[misc]
    for symbol, name in COMPARISONS.items():
        made[f"__{symbol}__"] = lambda name=name: _binary(name)[0]  # type: ignore[misc]
    for symbol, name in UNARY.items():
        made[f"__{symbol}__"] = lambda name=name: method_of(catalog()[name])  # type: ignore[misc]
    made["__rsub__"] = _reversed
    made["__neg__"] = _negation
    made["__rtruediv__"] = lambda: _reflected(
        lambda self, other: apply(catalog()["reciprocal"], (self,)) * other
    )
    return made


def _check_operand(self: Tensor, other: Any, *, subtracts: bool) -> None:
    from gradcli.autograd.operands import check_operand  # where something is odd; not worth the start-up

    check_operand(self, other, subtracts=subtracts)


def _negation() -> Callable[..., Any]:
    record = catalog()["neg"]
    careful = function_of(record)
    return lambda self: careful(self) if self._array.dtype is BOOL else apply(record, (self,))


def _reversed() -> Callable[..., Any]:
    number, tensors = catalog()["rsub_number"], catalog()["rsub"]

    def reversed_(self: Tensor, other: Any) -> Any:
        if (
            self._array.dtype is BOOL
            or isinstance(other, Tensor)
            or (other.__class__ is int and not LEAST <= other <= MOST)
        ):
            _check_operand(self, other, subtracts=True)
        return apply(tensors if isinstance(other, Tensor) else number, (self, other))

    return _reflected(reversed_)


def _later(dunder: str, build: Callable[[], Callable[..., Any]]) -> Callable[..., Any]:
    """A special method that puts the real one in its place when it is first called."""

    def first(self: Tensor, *args: Any) -> Any:
        made = build()
        setattr(Tensor, dunder, made)
        return made(self, *args)

    return first
