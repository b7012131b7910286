"""One gradcheck: the function on a tape, its gradients judged, and PyTorch's errors where they fail."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple, NoReturn

import numpy as np

from gradcli.autograd.context import context
from gradcli.autograd.tensor import Tensor
from gradcli.diagnostics import RuntimeFault, TypeFault
from gradcli.torch.gradcheck_jacobians import FORWARD, Jacobians, Mismatch, array_of, backward, mismatch

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from gradcli.checks.judge import Judgement
    from gradcli.checks.subject import Subject
    from gradcli.plan import Trace

__all__ = ["GradcheckError", "Terms", "Trial", "as_tuple", "differentiable"]

NOT_MULTIPLIED = "backward not multiplied by grad_output"
NOT_REENTRANT = """\
Backward is not reentrant, i.e., running backward with same input and grad_output multiple times gives \
different values, although analytical gradient matches numerical gradient.\
The tolerance for nondeterminism was {tolerance}.

NOTE: If your op relies on non-deterministic operations i.e., it is listed here:
https://pytorch.org/docs/stable/generated/torch.use_deterministic_algorithms.html
this failure might be expected.

If you are adding a new operator, please file an issue and then use one of the
workarounds. The workaround depends on how your test invokes gradcheck/gradgradcheck.
If the test
- manually invokes gradcheck/gradgradcheck, then call gradcheck/gradgradcheck
  with `nondet_tol=<tol>` as a keyword argument.
- is OpInfo-based (e.g., in test_ops_gradients.py), then modify the OpInfo for the test
  to have `gradcheck_nondet_tol=<tol>`.
- is a Module test (e.g., in common_nn.py), then modify the corresponding
  module_test entry to have `gradcheck_nondet_tol=<tol>`
"""
DIRECTIONS = 2  # random weights of the outputs that are tried
PATIENCE = 2.0  # seconds for a witness: what takes longer is decided as PyTorch does


class GradcheckError(RuntimeFault):
    """A gradient is not what the function's values say."""


def as_tuple(value: Any) -> tuple[Any, ...]:
    """Returns one value or several as a tuple."""
    return tuple(value) if isinstance(value, (tuple, list)) else (value,)


def differentiable(outputs: Any) -> list[Tensor]:
    """Returns the outputs that require grad.

    Raises:
        TypeFault: one is no tensor.
    """
    found = as_tuple(outputs)
    for one in found:
        if not isinstance(one, Tensor):
            raise TypeFault("E303", f"gradcheck expects tensors as outputs, but got {type(one).__name__}")
    return [one for one in found if one.requires_grad]


class Terms(NamedTuple):
    """What difference is none, and how the rest is told."""

    eps: float
    atol: float
    rtol: float
    nondet_tol: float
    fast_mode: bool

    def close(self, analytical: Any, numerical: Any) -> bool:
        """PyTorch's criterion."""
        return bool(np.isclose(analytical, numerical, self.rtol, self.atol).all())


class Trial:
    """A function run under a tape."""

    def __init__(self, func: Callable[..., Any], given: Sequence[Any], terms: Terms) -> None:
        from gradcli.plan import taped  # as the judges below: for those who check alone

        self.terms = terms
        self.places = [i for i, one in enumerate(given) if isinstance(one, Tensor) and one.requires_grad]
        self.inputs = [given[i] for i in self.places]

        def outputs() -> list[Tensor]:
            before, context.grad_enabled = context.grad_enabled, True
            try:
                return differentiable(func(*given))
            finally:
                context.grad_enabled = before

        with taped() as tape:
            for tensor in self.inputs:
                tape.input(tensor)
            self.tensors = outputs()
        self.trace: Trace = tape.trace(self.tensors)
        self.jacobians = Jacobians(
            lambda: [array_of(one) for one in outputs()], self.inputs, self.tensors, terms.eps
        )
        for one, other in zip(self.tensors, outputs(), strict=True):
            difference = float(np.max(np.abs(array_of(one) - array_of(other)), initial=0.0))
            if difference > terms.nondet_tol:
                raise GradcheckError(
                    "E410",
                    f"the function is not deterministic: two runs differ by {difference:.6g}",
                    help="seed it inside the function, or give nondet_tol",
                )

    def judge_backward(self) -> None:
        """Returns if the gradients of all outputs are right for all inputs; raises PyTorch's error if not."""
        found = []
        for number in range(len(self.tensors)):
            for position in self._disputed(number):
                if not self.terms.fast_mode:
                    self._refuse(number, position, "")
                found.append((position, number))
        for position, number in sorted(found):  # fast mode goes by inputs
            self._refuse(number, position, "")

    def judge_forward(self) -> None:
        """Returns if forward mode agrees with reverse mode; raises PyTorch's error if not."""
        from gradcli.checks.witnesses.forward import transposition

        for number in range(len(self.tensors)):
            random = np.random.default_rng(number)
            for _ in range(DIRECTIONS):
                found = transposition(self._subject(number, random))
                for position, agrees in enumerate(found.agrees):
                    if not agrees:
                        self._refuse(number, position, FORWARD)

    def judge_zeros(self) -> None:
        """Returns if backward gives zeros where it gets zeros; raises PyTorch's error if not."""
        for tensor in self.tensors:
            for gradient in backward(tensor, self.inputs, np.zeros(tensor.shape)):
                if np.any(gradient != 0):
                    raise GradcheckError("E410", NOT_MULTIPLIED, help="multiply each gradient by grad_output")

    def _disputed(self, number: int) -> list[int]:
        """The inputs for which the gradient of an output is wrong, to the witnesses or to PyTorch."""
        from gradcli.checks.hearing import Asked  # with all that judging needs
        from gradcli.checks.judge import judge

        asked = Asked(("complex", "fd"), self.terms.rtol, self.terms.atol, max_time=PATIENCE)
        random = np.random.default_rng(number)
        judgements = [judge(self._subject(number, random), asked) for _ in range(DIRECTIONS)]
        return [position for position in range(len(self.inputs)) if self._wrong(number, position, judgements)]

    def _wrong(self, number: int, position: int, judgements: list[Judgement]) -> bool:
        settled = np.ones(self.inputs[position].shape, bool)
        for judgement in judgements:
            verdicts = judgement.findings[position].verdicts
            if (verdicts == "wrong").any():
                return True
            finite = np.isfinite(judgement.subject.variables[position].gradient)
            settled &= np.isin(verdicts.astype(str), ("agrees", "kink")) & finite
        rows = np.flatnonzero(~settled)
        if not rows.size:
            return False
        analytical = self.jacobians.analytical(number, position)[rows]
        return not self.terms.close(analytical, self.jacobians.numerical(number, position, rows))

    def _subject(self, number: int, random: np.random.Generator) -> Subject:
        """An output under random weights, with its gradient.

        Raises:
            GradcheckError: a second backward gives another gradient.
        """
        root = self.tensors[number]
        weights = random.standard_normal(root.shape)
        first, second = (backward(root, self.inputs, weights) for _ in range(2))
        allowed = self.terms.nondet_tol * max(1.0, float(np.abs(weights).sum()))
        for one, other in zip(first, second, strict=True):
            if np.max(np.abs(one - other), initial=0.0) > allowed:
                raise GradcheckError(
                    "E410",
                    NOT_REENTRANT.format(tolerance=self.terms.nondet_tol),
                    help="make backward deterministic, or give nondet_tol",
                )
        return self._weighted(number, weights, first)

    def _weighted(self, number: int, weights: Any, gradients: Sequence[Any]) -> Subject:
        from gradcli.checks.subject import Subject, Variable

        variables = tuple(
            Variable(f"input {place}", array_of(tensor), gradient)
            for place, tensor, gradient in zip(self.places, self.inputs, gradients, strict=True)
        )
        trace = self.trace._replace(outputs=self.trace.outputs[number : number + 1]).pruned()
        return Subject(trace, variables, (np.asarray(weights, np.float64),))

    def _refuse(self, number: int, position: int, how: str) -> NoReturn:
        """Raises the error with both Jacobians, inputs down and outputs across, as PyTorch shows them."""
        numerical = self.jacobians.numerical(number, position)
        analytical = self.jacobians.analytical(number, position)
        close = self.terms.close(analytical, numerical)
        if close and not how:
            self.judge_zeros()
            numerical = self._witnessed(number, position)
        along = self.jacobians.along(number, position, how) if self.terms.fast_mode else None
        text = mismatch(Mismatch(numerical, analytical, how, along, close), number, self.places[position])
        raise GradcheckError(
            "E410", text, help="compare the columns: each is the gradient of one output element"
        )

    def _witnessed(self, number: int, position: int) -> Any:
        """The Jacobian by steps that follow the function, where PyTorch's step does not show the mistake."""
        from gradcli.checks.witnesses import differences

        shape = self.tensors[number].shape
        columns = []
        for unit in np.eye(int(np.prod(shape))).reshape(-1, *shape):
            subject = self._weighted(number, unit, backward(self.tensors[number], self.inputs, unit))
            sample = tuple(np.arange(np.size(variable.value)) for variable in subject.variables)
            columns.append(differences.testify(subject, sample).words[position].values.ravel())
        return np.stack(columns, 1).astype(self.inputs[position].dtype.dtype)
