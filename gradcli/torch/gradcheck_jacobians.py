"""PyTorch's own two sides of a gradcheck: central differences of a fixed step, and rows of backward.

They decide where no witness can, and they are what PyTorch's messages show.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from gradcli.autograd.functions import grad
from gradcli.autograd.generator import PYTORCH_DEFAULT_SEED, Generator
from gradcli.autograd.tensor import Tensor

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

__all__ = ["FORWARD", "Jacobians", "Mismatch", "array_of", "backward", "mismatch"]

MISMATCH = (
    "Jacobian {how}mismatch for output {output} with respect to input {input},\n"
    "numerical:{numerical}\nanalytical:{analytical}\n"
)
FORWARD = "computed with forward mode "
IN_FAST_MODE = """
The above quantities relating the numerical and analytical jacobians are computed \n\
in fast mode. See: https://github.com/pytorch/pytorch/issues/53876 for more background \n\
about fast mode. Below, we recompute numerical and analytical jacobians in slow mode:

Numerical:
 {numerical}
Analytical:
{analytical}

The max per-element difference (slow mode) is: {difference}.
"""
SLOW_MODE_PASSES = """\
Fast gradcheck failed but element-wise differences are small. This means that the
test might've passed in slow_mode!

If you are adding a new operator, please file an issue and then use one of the
workarounds. The workaround depends on how your test invokes gradcheck/gradgradcheck:

If the test
- manually invokes gradcheck/gradgradcheck, then call gradcheck/gradgradcheck
  with `fast_mode=False` as a keyword argument.
- is OpInfo-based (e.g., in test_ops_gradients.py), then modify the OpInfo for the test
  to have `gradcheck_fast_mode=False`
- is a Module test (e.g., in common_nn.py), then modify the corresponding
  module_test entry to have `gradcheck_fast_mode=False`"""


def array_of(tensor: Tensor) -> Any:
    """Returns a tensor's array."""
    return tensor._disclosed  # noqa: SLF001 - a friend of Tensor


def backward(root: Tensor, inputs: Sequence[Tensor], weights: Any) -> list[Any]:
    """Returns the gradients of <weights, root> as arrays; zeros for inputs that are not used."""
    seed = Tensor(weights.astype(root.dtype.dtype))
    found = grad([root], inputs, [seed], retain_graph=True, allow_unused=True)
    return [
        np.zeros(tensor.shape) if one is None else array_of(one)
        for tensor, one in zip(inputs, found, strict=True)
    ]


class Jacobians(NamedTuple):
    """The Jacobians of a function: (elements of an input, elements of an output).

    Attributes:
        evaluate: gives the differentiable outputs anew, as arrays.
        inputs: the tensors that are differentiated for.
        outputs: the differentiable outputs.
        eps: the step of the differences.
    """

    evaluate: Callable[[], list[Any]]
    inputs: Sequence[Tensor]
    outputs: Sequence[Tensor]
    eps: float

    def numerical(self, number: int, position: int, rows: Any = None) -> Any:
        """Differences of an output by an input, for some of its elements or for all."""
        tensor = self.inputs[position]
        chosen = range(array_of(tensor).size) if rows is None else rows
        found = [self._difference(position, row, 1.0)[number] for row in chosen]
        size = array_of(self.outputs[number]).size
        return np.reshape(found, (len(found), size)).astype(tensor.dtype.dtype)

    def analytical(self, number: int, position: int) -> Any:
        """What backward says of an output and an input."""
        root = self.outputs[number]
        units = np.eye(array_of(root).size).reshape(-1, *root.shape)
        columns = [backward(root, self.inputs, unit)[position].ravel() for unit in units]
        size = array_of(self.inputs[position]).size
        return np.reshape(columns, (len(columns), size)).T.astype(self.inputs[position].dtype.dtype)

    def along(self, number: int, position: int, how: str) -> tuple[Any, Any]:
        """Both sides along the random directions of fast mode; weighted too where reverse mode is judged."""
        random = Generator(PYTORCH_DEFAULT_SEED)
        directions = [_direction(random, tensor) for tensor in self.inputs]
        numerical = self._difference(position, slice(None), directions[position])[number]
        if how == FORWARD:
            return numerical, directions[position] @ self.analytical(number, position)
        weights = [_direction(random, tensor) for tensor in self.outputs][number]
        root = self.outputs[number]
        row = backward(root, self.inputs, weights.reshape(root.shape))[position]
        return np.sum(weights * numerical), row.ravel() @ directions[position]

    def _difference(self, position: int, row: Any, direction: Any) -> list[Any]:
        """The slopes of all outputs as elements of an input are moved, (M,) each."""
        tensor = self.inputs[position]
        whole = array_of(tensor)
        ends = []
        try:
            for sign in (-1.0, 1.0):
                moved = whole.copy()
                moved.flat[row] += sign * self.eps * direction
                tensor._array = moved  # noqa: SLF001 - the very tensor, which the function may hold itself
                ends.append([value.copy().ravel() for value in self.evaluate()])
        finally:
            tensor._array = whole  # noqa: SLF001 - as above
        return [(after - before) / (2 * self.eps) for before, after in zip(*ends, strict=True)]


class Mismatch(NamedTuple):
    """What a message shows.

    Attributes:
        numerical, analytical: the two Jacobians.
        how: `FORWARD`, or nothing.
        along: both along random directions, in fast mode.
        close: whether the Jacobians agree all the same.
    """

    numerical: Any
    analytical: Any
    how: str
    along: tuple[Any, Any] | None
    close: bool


def _direction(random: Generator, tensor: Tensor) -> Any:
    """A random vector of length 1, as PyTorch draws it."""
    drawn = random.uniform((array_of(tensor).size,)).astype(tensor.dtype.dtype)
    return drawn / np.linalg.norm(drawn)


def mismatch(found: Mismatch, number: int, place: int) -> str:
    """Returns PyTorch's message for an output and an input."""
    first, second = found.numerical, found.analytical
    if found.along is not None:
        first, second = found.along
    text = MISMATCH.format(
        how=found.how, output=number, input=place, numerical=_shown(first), analytical=_shown(second)
    )
    if found.along is None:
        return text
    apart = np.max(np.abs(found.numerical - found.analytical))
    slow = (_shown(found.numerical), _shown(found.analytical), _shown(apart))
    text += IN_FAST_MODE.format(numerical=slow[0], analytical=slow[1], difference=slow[2])
    return text + (SLOW_MODE_PASSES if found.close else "")


def _shown(values: Any) -> str:
    return f"{Tensor(np.asarray(values))}"
