"""torch.autograd.gradcheck and gradgradcheck: PyTorch's questions, answered by gradcli's witnesses.

The function runs once under a tape, and what was written down is judged: steps follow the curvature, kinks
are told from mistakes, and a rule that only lost digits passes. `eps` and `fast_mode` therefore change
nothing.
"""

# PyTorch's signatures: `eps`, `fast_mode` and what speaks of layouts and batches are taken and not needed.
# ruff: noqa: ARG001, PLR0913

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from gradcli.autograd.context import context
from gradcli.autograd.functions import grad
from gradcli.autograd.tensor import Tensor
from gradcli.diagnostics import RuntimeFault, TypeFault, ValueFault

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from gradcli.checks.hearing import Asked
    from gradcli.checks.subject import Subject
    from gradcli.plan import Trace

__all__ = ["GradcheckError", "gradcheck", "gradgradcheck"]

NO_INPUT = (
    "gradcheck expects at least one input tensor to require gradient, but none of them have "
    "requires_grad=True."
)
NOT_DOUBLE = (
    "Input #{index} requires gradient and is not a double precision floating point or complex. This check "
    "will likely fail if all the inputs are not of double precision floating point or complex. "
)
MISMATCH = (
    "Jacobian {how}mismatch for output {output} with respect to input {input},\n"
    "numerical:{numerical}\nanalytical:{analytical}\n"
)
FORWARD = "computed with forward mode "
DIRECTIONS = 2  # random weights of the outputs that are tried


class GradcheckError(RuntimeFault):
    """A gradient is not what the function's values say."""


def gradcheck(
    func: Callable[..., Any],
    inputs: Any,
    *,
    eps: float = 1e-6,
    atol: float = 1e-5,
    rtol: float = 1e-3,
    raise_exception: bool = True,
    nondet_tol: float = 0.0,
    check_undefined_grad: bool = True,
    check_grad_dtypes: bool = False,
    check_batched_grad: bool = False,
    check_batched_forward_grad: bool = False,
    check_forward_ad: bool = False,
    check_backward_ad: bool = True,
    fast_mode: bool = False,
    masked: bool | None = None,
) -> bool:
    """Returns whether a function's gradients agree with its values; False only without `raise_exception`.

    Args:
        func: takes the inputs, gives a tensor or a tuple of tensors.
        inputs: a tensor or a tuple; those that require grad are differentiated for.
        eps: PyTorch's step; not used, since the steps follow the function.
        atol: absolute difference that is none.
        rtol: relative difference that is none.
        raise_exception: raise where they disagree.
        nondet_tol: how far two runs may differ.
        check_undefined_grad: as in PyTorch; not used.
        check_grad_dtypes: as in PyTorch; not used.
        check_batched_grad: as in PyTorch; not used.
        check_batched_forward_grad: as in PyTorch; not used.
        check_forward_ad: judge forward mode too.
        check_backward_ad: judge reverse mode.
        fast_mode: as in PyTorch; not used, since all elements are judged anyway.
        masked: as in PyTorch; not used.

    Raises:
        GradcheckError: they disagree, in PyTorch's words.
        ValueFault: no input requires grad.
    """
    from gradcli.checks.hearing import Asked  # programs that check nothing do without

    given = (inputs,) if isinstance(inputs, Tensor) else tuple(inputs)
    asked = Asked(witnesses=("complex", "fd"), rtol=rtol, atol=atol)
    _check_inputs(given)
    try:
        outputs = _Traced(func, given, nondet_tol)
        for number in range(len(outputs.tensors)):
            outputs.judge(number, asked, backward=check_backward_ad, forward=check_forward_ad)
    except GradcheckError:
        if raise_exception:
            raise
        return False
    return True


def gradgradcheck(
    func: Callable[..., Any],
    inputs: Any,
    grad_outputs: Any = None,
    *,
    eps: float = 1e-6,
    atol: float = 1e-5,
    rtol: float = 1e-3,
    gen_non_contig_grad_outputs: bool = False,
    raise_exception: bool = True,
    nondet_tol: float = 0.0,
    check_undefined_grad: bool = True,
    check_grad_dtypes: bool = False,
    check_batched_grad: bool = False,
    check_fwd_over_rev: bool = False,
    check_rev_over_rev: bool = True,
    fast_mode: bool = False,
    masked: bool = False,
) -> bool:
    """Returns whether a function's second derivatives agree with its first ones.

    What is judged is the gradient as a function of the inputs and of `grad_outputs`, which are drawn where
    they are not given; arguments and errors are those of `gradcheck`.
    """
    given = (inputs,) if isinstance(inputs, Tensor) else tuple(inputs)
    _check_inputs(given)
    outputs = _differentiable(func(*given))
    weights = _drawn(outputs) if grad_outputs is None else _as_tuple(grad_outputs)
    count = len(given)

    def gradient(*arguments: Any) -> tuple[Any, ...]:
        again, seeds = arguments[:count], arguments[count:]
        wanted = [one for one in again if isinstance(one, Tensor) and one.requires_grad]
        found = grad(_differentiable(func(*again)), wanted, seeds, create_graph=True, allow_unused=True)
        return tuple(one for one in found if one is not None)

    return gradcheck(
        gradient,
        (*given, *weights),
        atol=atol,
        rtol=rtol,
        raise_exception=raise_exception,
        nondet_tol=nondet_tol,
        check_forward_ad=check_fwd_over_rev,
        check_backward_ad=check_rev_over_rev,
    )


def _check_inputs(given: Sequence[Any]) -> None:
    found = [(i, one) for i, one in enumerate(given) if isinstance(one, Tensor) and one.requires_grad]
    if not found:
        raise ValueFault("E401", NO_INPUT, help="make one with requires_grad=True")
    for i, one in found:
        if one.dtype.name != "float64":
            from warnings import warn  # rare

            warn(NOT_DOUBLE.format(index=i), UserWarning, stacklevel=3)


def _as_tuple(value: Any) -> tuple[Any, ...]:
    return tuple(value) if isinstance(value, (tuple, list)) else (value,)


def _differentiable(outputs: Any) -> list[Tensor]:
    """The outputs that require grad."""
    found = _as_tuple(outputs)
    for one in found:
        if not isinstance(one, Tensor):
            raise TypeFault("E303", f"gradcheck expects tensors as outputs, but got {type(one).__name__}")
    return [one for one in found if one.requires_grad]


def _drawn(outputs: Sequence[Tensor]) -> tuple[Tensor, ...]:
    """Random weights for the outputs, which require grad themselves; not by the program's generator."""
    random = np.random.default_rng(0)
    return tuple(
        Tensor(random.standard_normal(one.shape).astype(one.dtype.dtype), requires_grad=True)
        for one in outputs
    )


class _Traced:
    """A function run under a tape."""

    def __init__(self, func: Callable[..., Any], given: Sequence[Any], nondet_tol: float) -> None:
        from gradcli.plan import taped  # as above

        places = [i for i, one in enumerate(given) if isinstance(one, Tensor) and one.requires_grad]
        self.places = places
        self.inputs = [given[i] for i in places]
        before, context.grad_enabled = context.grad_enabled, True
        try:
            with taped() as tape:
                for tensor in self.inputs:
                    tape.input(tensor)
                self.tensors = _differentiable(func(*given))
            self.trace: Trace = tape.trace(self.tensors)
            again = _differentiable(func(*given))
        finally:
            context.grad_enabled = before
        for one, other in zip(self.tensors, again, strict=True):
            difference = float(np.max(np.abs(_array(one) - _array(other)), initial=0.0))
            if difference > nondet_tol:
                raise GradcheckError(
                    "E410",
                    f"the function is not deterministic: two runs differ by {difference:.6g}",
                    help="seed it inside the function, or give nondet_tol",
                )

    def judge(self, number: int, asked: Asked, *, backward: bool, forward: bool) -> None:
        """Returns if the gradient of one output is right for all inputs; raises PyTorch's error if not."""
        from gradcli.checks.account import judged
        from gradcli.checks.judge import judge
        from gradcli.checks.witnesses.forward import transposition

        random = np.random.default_rng(number)
        for _ in range(DIRECTIONS):
            subject = self._subject(number, random.standard_normal(self.tensors[number].shape))
            if backward:
                for place, variable in zip(self.places, judged(judge(subject, asked)), strict=True):
                    if variable.verdict == "wrong":
                        raise self._mismatch(number, place, "")
            if forward:
                found = transposition(subject)
                for place, agrees in zip(self.places, found.agrees, strict=False):
                    if not agrees:
                        raise self._mismatch(number, place, FORWARD)

    def _subject(self, number: int, weights: Any) -> Subject:
        from gradcli.checks.subject import Subject, Variable

        root = self.tensors[number]
        seed = Tensor(weights.astype(root.dtype.dtype))
        found = grad([root], self.inputs, [seed], retain_graph=True, allow_unused=True)
        variables = tuple(
            Variable(f"input {place}", _array(tensor), np.zeros(tensor.shape) if one is None else _array(one))
            for place, tensor, one in zip(self.places, self.inputs, found, strict=True)
        )
        trace = self.trace._replace(outputs=self.trace.outputs[number : number + 1]).pruned()
        return Subject(trace, variables, (np.asarray(weights, np.float64),))

    def _mismatch(self, number: int, place: int, how: str) -> GradcheckError:
        """The error with both Jacobians, inputs down and outputs across, as PyTorch shows them."""
        from gradcli.checks.witnesses import differences

        position = self.places.index(place)
        numerical, analytical = [], []
        shape = self.tensors[number].shape
        for at in range(int(np.prod(shape))):
            weights = np.zeros(shape)
            weights.flat[at] = 1.0
            subject = self._subject(number, weights)
            sample = tuple(np.arange(np.size(variable.value)) for variable in subject.variables)
            numerical.append(differences.testify(subject, sample).words[position].values.ravel())
            analytical.append(np.asarray(subject.variables[position].gradient).ravel())
        dtype = self.inputs[position].dtype.dtype
        text = MISMATCH.format(
            how=how,
            output=number,
            input=place,
            numerical=Tensor(np.stack(numerical, 1).astype(dtype)),
            analytical=Tensor(np.stack(analytical, 1).astype(dtype)),
        )
        return GradcheckError(
            "E410", text, help="compare the columns: each is the gradient of one output element"
        )


def _array(tensor: Tensor) -> Any:
    return tensor._array  # noqa: SLF001 - a friend of Tensor
