"""torch.nn.utils: gradients clipped, and parameters as one vector."""

# ruff: noqa: SLF001 - Tensor's and Module's fields are this package's own

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from gradcli.autograd.algebra import TENSORS
from gradcli.autograd.tensor import Tensor, apply, make
from gradcli.diagnostics import RuntimeFault, TypeFault
from gradcli.ops.record import Record
from gradcli.torch.nn.state import overwrite

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = [
    "clip_grad_norm_", "clip_grad_value_", "clip_grads_with_norm_", "get_total_norm", "parameters_to_vector",
    "vector_to_parameters",
]  # fmt: skip

SMALL = 1e-6  # added to the norm, so that none divides by zero


def _norm(array: Any, order: float) -> Any:
    with np.errstate(all="ignore"):  # an overflowing norm is inf, in silence
        return np.asarray(np.linalg.norm(np.ravel(array), order), array.dtype)


def _total(*arrays: Any, order: float) -> Any:
    norms = [_norm(array, order) for array in arrays]
    return _norm(np.array(norms, np.result_type(*norms)), order)


def _clipped(array: Any, norm: Any, *, most: float) -> Any:
    with np.errstate(all="ignore"):
        scale = np.minimum(most / (norm + norm.dtype.type(SMALL)), norm.dtype.type(1))
    return array * scale.astype(array.dtype)


# Operations without a derivative that no program calls by name: so a tape hears of them.
TOTAL = Record(
    "general",
    "total_norm",
    args=("*xs",),
    numpy=_total,
    promote="keep",
    infer=lambda *_, order: (),  # noqa: ARG005
)
CLIPPED = Record("general", "clipped_by_norm", args=("x", "norm"), numpy=_clipped, promote="keep")


def _gradients(parameters: Any) -> list[Tensor]:
    given = [parameters] if isinstance(parameters, Tensor) else list(parameters)
    return [param._grad for param in given if param._grad is not None]


def get_total_norm(
    tensors: Any, norm_type: float = 2.0, error_if_nonfinite: bool = False, foreach: bool | None = None
) -> Tensor:
    """Returns the norm of all tensors' elements together, as the norm of their norms.

    Raises:
        RuntimeFault: it is not finite, and `error_if_nonfinite` was given.
    """
    del foreach
    given = [tensors] if isinstance(tensors, Tensor) else list(tensors)
    order = float(norm_type)
    if not given:
        return make(np.array(0.0, np.float32))
    total: Tensor = apply(TOTAL, given, {"order": order})
    if error_if_nonfinite and not np.isfinite(total._disclosed):
        raise RuntimeFault(
            "E303",
            f"The total norm of order {order} for gradients from `parameters` is non-finite, so it cannot be "
            "clipped. To disable this error and scale the gradients by the non-finite norm anyway, set "
            "`error_if_nonfinite=False`",
        )
    return total


def clip_grads_with_norm_(
    parameters: Any, max_norm: float, total_norm: Tensor, foreach: bool | None = None
) -> None:
    """Scales gradients by max_norm over a total norm, where that makes them smaller."""
    del foreach
    for grad in _gradients(parameters):
        overwrite(grad, apply(CLIPPED, (grad, total_norm), {"most": float(max_norm)}))


def clip_grad_norm_(
    parameters: Any,
    max_norm: float,
    norm_type: float = 2.0,
    error_if_nonfinite: bool = False,
    foreach: bool | None = None,
) -> Tensor:
    """Returns the norm of all gradients together, after they were scaled so that it is at most max_norm.

    Raises:
        RuntimeFault: the norm is not finite, and `error_if_nonfinite` was given.
    """
    given = [parameters] if isinstance(parameters, Tensor) else list(parameters)
    total = get_total_norm(_gradients(given), norm_type, error_if_nonfinite, foreach)
    clip_grads_with_norm_(given, max_norm, total, foreach)
    return total


def clip_grad_value_(parameters: Any, clip_value: float, foreach: bool | None = None) -> None:
    """Holds every element of every gradient between -clip_value and clip_value."""
    del foreach
    bound = float(clip_value)
    for grad in _gradients(parameters):
        overwrite(grad, TENSORS.clamp(grad, -bound, bound))


def parameters_to_vector(parameters: Iterable[Tensor]) -> Any:
    """Returns all elements of all parameters in one vector, as part of the graph."""
    return TENSORS.cat(*[_flat(param) for param in parameters], dim=-1)


def _flat(param: Tensor) -> Any:
    return TENSORS.reshape(param, shape=(param._array.size,), rank=param.ndim)


def vector_to_parameters(vec: Any, parameters: Iterable[Tensor]) -> None:
    """Makes consecutive stretches of a vector the values of parameters; they share its memory.

    Raises:
        TypeFault: the vector is no tensor.
    """
    if not isinstance(vec, Tensor):
        raise TypeFault("E303", f"expected torch.Tensor, but got: {type(vec).__name__}")
    at = 0
    for param in parameters:
        size = param._array.size
        part = vec._array[at : at + size]
        if part.size != size:
            raise RuntimeFault(
                "E301", f"shape '{list(param.shape)}' is invalid for input of size {part.size}"
            )
        param.data = make(np.reshape(part, param._array.shape))  # type: ignore[attr-defined] # a property that methods.py adds
        at += size
