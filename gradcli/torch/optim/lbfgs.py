"""L-BFGS. Source: Nocedal and Wright, Numerical Optimization, 2nd edition, algorithms 7.4 and 7.5."""

# ruff: noqa: PLR0913, SLF001 - PyTorch's signatures; Tensor's and Module's fields are this package's own

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from gradcli.autograd.tensor import make
from gradcli.diagnostics import RuntimeFault, TypeFault, ValueFault
from gradcli.torch.nn.state import overwrite
from gradcli.torch.optim.line_search import Point, strong_wolfe
from gradcli.torch.optim.optimizer import Array, Optimizer, State, kept, not_negative, number, with_grad

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

__all__ = ["LBFGS"]

CURVED = 1e-10  # y·s above which a pair is kept: below, the curvature is noise or negative


class LBFGS(Optimizer):
    """Steps along the gradient times an inverse Hessian built of the last steps; needs a closure.

    Raises:
        ValueFault: the learning rate is negative, or there are several groups.
    """

    def __init__(
        self,
        params: Iterable[Any],
        lr: Any = 1,
        max_iter: int = 20,
        max_eval: int | None = None,
        tolerance_grad: float = 1e-7,
        tolerance_change: float = 1e-9,
        history_size: int = 100,
        line_search_fn: str | None = None,
    ) -> None:
        not_negative(learning_rate=lr)
        defaults = {
            "lr": lr,
            "max_iter": max_iter,
            "max_eval": max_iter * 5 // 4 if max_eval is None else max_eval,
            "tolerance_grad": tolerance_grad,
            "tolerance_change": tolerance_change,
            "history_size": history_size,
            "line_search_fn": line_search_fn,
        }
        super().__init__(params, defaults)
        if len(self.param_groups) != 1:
            raise ValueFault("E303", "LBFGS doesn't support per-parameter options (parameter groups)")
        self._params = self.param_groups[0]["params"]

    def _gradient(self) -> Array:
        """All gradients in one vector, zeros where there is none."""
        return np.concatenate(
            [
                np.zeros(param._array.size, param._array.dtype)
                if param._grad is None
                else np.ravel(param._grad._array)
                for param in self._params
            ]
        )

    def _move(self, length: float, direction: Array) -> None:
        at = 0
        for param in self._params:
            array = param._array
            part = np.reshape(direction[at : at + array.size], array.shape)
            overwrite(param, array + part * length)
            at += array.size

    def step(self, closure: Callable[[], Any] | None = None) -> Any:
        """Iterates until it converges or has used its iterations; returns the closure's first loss.

        Raises:
            TypeFault: no closure was given.
            RuntimeFault: the line search is unknown.
        """
        if closure is None:
            raise TypeFault(
                "E303",
                "LBFGS.step() missing 1 required positional argument: 'closure'",
                help="def closure(): opt.zero_grad(); loss = ...; loss.backward(); return loss",
            )
        group = self.param_groups[0]
        self.stepped = True
        state = self.state.setdefault(self._params[0], {"func_evals": 0, "n_iter": 0})
        first = with_grad(closure)
        loss, gradient = float(first), self._gradient()
        state["func_evals"] += 1
        if not np.abs(gradient).max() <= group["tolerance_grad"]:
            self._iterate(closure, loss, gradient, state, group)
        return first

    def _iterate(
        self, closure: Callable[[], Any], loss: float, gradient: Array, state: State, group: dict[str, Any]
    ) -> None:
        lr, searched = number(group["lr"]), group["line_search_fn"] is not None
        evaluations = 1
        for iteration in range(1, group["max_iter"] + 1):
            state["n_iter"] += 1
            direction = _direction(gradient, state, group["history_size"])
            state["prev_flat_grad"], state["prev_loss"], state["d"] = make(gradient), loss, make(direction)
            length = lr
            if state["n_iter"] == 1:
                length = min(1.0, float(1.0 / np.abs(gradient).sum())) * lr
            state["t"] = length
            slope = float(gradient @ direction)
            if slope > -group["tolerance_change"]:
                break
            used, before = 0, loss
            if searched:
                if group["line_search_fn"] != "strong_wolfe":
                    raise RuntimeFault("E303", "only 'strong_wolfe' is supported")
                start = Point(0, loss, gradient, slope)
                found, used = self._searched(
                    closure, start, length, direction, group, group["max_eval"] - evaluations
                )
                state["t"], loss, gradient = found.step, found.value, found.gradient
                self._move(found.step, direction)
            else:
                self._move(length, direction)
                if iteration != group["max_iter"]:
                    loss, gradient, used = float(with_grad(closure)), self._gradient(), 1
            evaluations += used
            state["func_evals"] += used
            if (
                evaluations >= group["max_eval"]
                or np.abs(gradient).max() <= group["tolerance_grad"]
                or np.abs(direction * state["t"]).max() <= group["tolerance_change"]
                or abs(loss - before) < group["tolerance_change"]
            ):
                break

    def _searched(
        self,
        closure: Callable[[], Any],
        start: Point,
        length: float,
        direction: Array,
        group: dict[str, Any],
        most: int,
    ) -> tuple[Point, int]:
        origin = [np.array(param._array) for param in self._params]

        def evaluate(step: float) -> Point:
            self._move(step, direction)
            value, gradient = float(with_grad(closure)), self._gradient()
            for param, array in zip(self._params, origin, strict=True):
                overwrite(param, array)
            return Point(step, value, gradient, float(gradient @ direction))

        size = float(np.abs(direction).max())
        return strong_wolfe(evaluate, start, length, size, group["tolerance_change"], most)


def _direction(gradient: Array, state: State, most: int) -> Array:
    """The negative gradient times the inverse Hessian of the remembered steps, now with the last."""
    if state["n_iter"] == 1:
        state |= {"old_dirs": [], "old_stps": [], "ro": [], "H_diag": 1}
        return -gradient
    changes, steps, scales = state["old_dirs"], state["old_stps"], state["ro"]
    change = gradient - state["prev_flat_grad"]._array
    step = state["d"]._array * state["t"]
    curvature = change @ step
    if curvature > CURVED:
        if len(changes) == most:
            for oldest in (changes, steps, scales):
                oldest.pop(0)
        changes.append(kept(change))
        steps.append(kept(step))
        scales.append(make(1.0 / curvature))
        state["H_diag"] = make(curvature / (change @ change))
    shares = []
    direction = -gradient
    for y, s, scale in zip(reversed(changes), reversed(steps), reversed(scales), strict=True):
        share = s._array @ direction * scale._array
        shares.append(share)
        direction = direction - y._array * share
    diagonal = state["H_diag"]
    direction = direction * (diagonal if isinstance(diagonal, int) else diagonal._array)
    for y, s, scale, share in zip(changes, steps, scales, reversed(shares), strict=True):
        direction = direction + s._array * (share - y._array @ direction * scale._array)
    return direction
