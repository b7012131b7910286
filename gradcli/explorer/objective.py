"""A number to be minimised: the expression run again at every point, and its second derivatives there."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from gradcli.autograd import Tensor, backward, context
from gradcli.diagnostics import GradcliError, InputFault
from gradcli.explorer.derivatives import require_scalar
from gradcli.explorer.differentiate import advised, recorded_gradient
from gradcli.explorer.job import named_tensor
from gradcli.explorer.nonfinite import nonfinite_warnings
from gradcli.explorer.objective_plan import planned
from gradcli.explorer.values import array_of, frozen
from gradcli.explorer.workspace import prepare
from gradcli.plan import taped
from gradcli.plan.derivatives import Linear
from gradcli.reports.derivatives import Variable
from gradcli.reports.descent import Progress
from gradcli.reports.evaluation import Evaluation, Root

if TYPE_CHECKING:
    from gradcli.explorer.job import Job
    from gradcli.explorer.nonfinite import Watch

__all__ = ["Objective", "product"]

ITERATIONS = 100  # of the power method
SETTLED = 1e-4  # relative change of its eigenvalue


class Objective:
    """The value of an expression as a function of its variables.

    Attributes:
        variables: what is varied, by name: leaves, changed in place by whoever minimises.

    Raises:
        GradcliError: a binding cannot be computed, or --wrt names what is no variable.
    """

    def __init__(self, job: Job) -> None:
        self._job = job
        self._space = prepare(job)
        self.variables = self._chosen()
        self._given = dict(self._space.values.items())
        self._start = self.point()
        self._plan = planned(self._run, list(self.variables.values()), self._given.values())
        self._works = self._plan is not None

    def parameters(self) -> list[Tensor]:
        """Returns what an optimizer steps: the variables, or one tensor that all of them are parts of."""
        return list(self.variables.values()) if self._plan is None else [self._plan.parameter]

    def at(self, step: int) -> Progress:
        """Returns the loss and the norm of its gradient, which becomes the variables' `.grad`.

        Raises:
            GradcliError: the program cannot run, gives no single number, or has no derivative.
        """
        if self._works and self._plan is not None:
            try:
                return Progress(step, *self._plan.at())
            except Exception:  # noqa: BLE001 - the engine says it in its words, or does it in another way
                self._works = False
        found = self._by_engine(step)
        if self._plan is not None:
            self._plan.share()
        return found

    def _by_engine(self, step: int) -> Progress:
        root = self._run()
        tensors = list(self.variables.values())
        for tensor in tensors:
            tensor.grad = None
        try:
            backward([root], inputs=tensors)
        except GradcliError as error:
            raise advised(error, [root], self._job.programs[0], self._job.programs) from None
        parts = [np.asarray(array_of(t.grad), np.float64).ravel() for t in tensors if t.grad is not None]
        norm = float(np.linalg.norm(np.concatenate(parts))) if parts else 0.0
        return Progress(step, float(array_of(root).reshape(-1)[0]), norm)

    def point(self) -> Any:
        """Returns the variables as one vector of float64."""
        return np.concatenate([np.array(array_of(t), np.float64).ravel() for t in self.variables.values()])

    def move(self, point: Any) -> None:
        """Gives the variables the elements of a vector."""
        start = 0
        for tensor in self.variables.values():
            array = array_of(tensor)
            array[...] = point[start : start + array.size].reshape(array.shape)
            start += array.size

    def rewind(self) -> None:
        """Goes back to where it began."""
        self.move(self._start)

    def gradient(self) -> Any:
        """Returns the gradient that `at` found, as one vector of float64."""
        return np.concatenate(
            [
                np.zeros(array_of(t).size)
                if t.grad is None
                else np.array(array_of(t.grad), np.float64).ravel()
                for t in self.variables.values()
            ]
        )

    def second(self) -> Linear:
        """Returns the gradient here, made linear: what second derivatives are read from."""
        tensors = list(self.variables.values())
        with taped() as tape:
            root = self._run()
            for tensor in tensors:
                tape.input(tensor)
            trace = tape.trace(recorded_gradient([root], tensors, tape))
        return Linear(trace, [array_of(tensor) for tensor in tensors], tape.values(trace))

    def steepest(self) -> float | None:
        """Returns the largest magnitude of an eigenvalue of the Hessian here; None where it is not known.

        By the power method. Source: Golub and Van Loan, Matrix Computations (2013), 7.3.1.
        """
        try:
            linear = self.second()
            vector = np.random.default_rng(0).standard_normal(self._start.size)
            found = 0.0
            for _ in range(ITERATIONS):
                length = float(np.linalg.norm(vector))
                if not length or not np.isfinite(length):
                    break
                vector = product(linear, vector / length)
                before, found = found, float(np.linalg.norm(vector))
                if abs(found - before) <= SETTLED * found:
                    break
        except GradcliError:
            return None  # no second derivative: nothing is known of the curvature
        return found if np.isfinite(found) else None

    def origin(self) -> str:
        """Returns where the nan or inf of the value here first came from; empty where nothing tells."""
        root = Root("", np.asarray(array_of(self._run())), "", None)
        report = Evaluation((root,), (), differentiated=False, defaults=(), default="", notes=())

        def again(watch: Watch) -> None:
            context.watch = watch
            try:
                self._run()
            finally:
                context.watch = None

        for warning in nonfinite_warnings(report, again):
            return warning.message.partition("; ")[2]
        return ""

    def shown_variables(self) -> tuple[Variable, ...]:
        """Returns the variables here as a report has them."""
        return tuple(
            Variable(name, frozen(np.array(array_of(t))), t.dtype.name, default=name in self._space.defaults)
            for name, t in self.variables.items()
        )

    def shown_gradients(self) -> dict[str, Any]:
        """Returns the gradients that `at` found, as a report has them."""
        return {
            name: None if t.grad is None else frozen(np.array(array_of(t.grad)))
            for name, t in self.variables.items()
        }

    def notes(self) -> list[str]:
        """Returns a word on the names that nothing bound."""
        names = [name for name in self._space.defaults if name in self.variables]
        return [f"{', '.join(names)} began at {self._job.request.default}, the default"] if names else []

    def _run(self) -> Tensor:
        """The value here; what a program assigned before is forgotten."""
        for name, value in self._given.items():
            self._space.values[name] = value
        roots = [self._space.root(program) for program in self._job.programs]
        require_scalar(roots, self._job.programs, "a minimisation")
        return roots[0]

    def _chosen(self) -> dict[str, Tensor]:
        leaves = self._space.leaves
        wanted = self._job.request.backward.wrt
        for name in wanted:
            named_tensor(self._space, name, "--wrt")
            if name not in leaves:
                raise InputFault(
                    "E506", f"--wrt: `{name}` is no variable", help=f"bind it with -v: -v {name}=..."
                )
        found = {name: leaves[name] for name in wanted} if wanted else dict(leaves)
        if not found:
            raise InputFault("E506", "there is no variable to vary", help="bind one with -v (not -c): -v x=2")
        return found


def product(linear: Linear, vector: Any) -> Any:
    """Returns the Hessian times a vector, float64, from the gradient made linear."""
    inputs = linear.trace.inputs
    parts, start = [], 0
    for number in inputs:
        like = linear.values[number]
        piece = vector[start : start + like.size].reshape(1, *like.shape)
        parts.append(piece.astype(like.dtype))
        start += like.size
    if linear.can_push():
        found = linear.push(dict(zip(inputs, parts, strict=True)))
    else:  # the Hessian is symmetric
        seeds: dict[int, Any] = {}
        for number, part in zip(linear.trace.outputs, parts, strict=True):
            seeds[number] = seeds[number] + part if number in seeds else part
        found = linear.pull(seeds)
    return np.concatenate(
        [
            np.zeros(part.size) if one is None else np.asarray(one, np.float64).ravel()
            for one, part in zip(found, parts, strict=True)
        ]
    )
