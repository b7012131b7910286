"""A Python function of the user's own, a point and the gradient they claim there: what is judged."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from gradcli.checks.subject import Variable
from gradcli.diagnostics import InputFault
from gradcli.explorer.python_file import gradients_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from gradcli.explorer.python_file import OwnFunction

__all__ = ["OwnSubject", "Pair"]


class _Program(NamedTuple):
    """A function as the judges see a trace: one without steps, of which nothing is known."""

    function: Any
    steps: tuple[Any, ...] = ()
    inputs: tuple[int, ...] = ()
    outputs: tuple[int, ...] = (0,)

    def run(self, inputs: Sequence[Any], *_: Any) -> dict[int, Any]:
        """The function's value under the number 0; nan where it fails."""
        try:
            return {0: np.asarray(self.function(*inputs), np.float64)}
        except Exception:  # noqa: BLE001 - whatever the user's code raises outside of its domain
            return {0: np.full((), np.nan)}

    def dependent(self, *_: Any) -> set[int]:
        """Nothing: there are no steps."""
        return set()


class OwnSubject(NamedTuple):
    """A function, its point and the gradient that the user wrote.

    Attributes:
        trace: the function.
        variables: the arguments; the gradient of one whose claim has another shape is nan.
        cotangents: of the value.
        value: the function's value.
        claims: per variable what the gradient function gave, of whatever shape.
    """

    trace: _Program
    variables: tuple[Variable, ...]
    cotangents: tuple[Any, ...]
    value: float
    claims: tuple[Any, ...]

    def point(self) -> list[Any]:
        """The arrays, float64."""
        return [np.asarray(variable.value, np.float64) for variable in self.variables]

    def misshapen(self, i: int) -> bool:
        """Whether a claim has neither the variable's shape nor one number for all."""
        claim = self.claims[i]
        return bool(claim.size != 1 and claim.shape != np.shape(self.variables[i].value))


class Pair(NamedTuple):
    """A function and its gradient.

    Attributes:
        function, derivative: the two.
        names: the variables, in order.
        values: the variables and the constants, by name, as they are bound.
    """

    function: OwnFunction
    derivative: OwnFunction
    names: Sequence[str]
    values: Mapping[str, Any]

    def at(self, point: Mapping[str, Any]) -> OwnSubject:
        """Returns the subject at other values of the variables.

        Raises:
            InputFault: a function fails, or gives no numbers.
        """
        values = {**self.values, **point}
        value = self._number(self.function(self.names, values))
        claims = gradients_of(self.derivative(self.names, values), self.names, self.derivative.text)
        variables = []
        for name, claim in zip(self.names, claims, strict=True):
            array = np.asarray(values[name], np.float64)
            if claim.shape == array.shape:
                gradient = claim
            else:
                gradient = np.full(array.shape, claim.item() if claim.size == 1 else np.nan)
            variables.append(Variable(name, array, gradient))
        program = _Program(self.function.raw(self.names, values))
        return OwnSubject(program, tuple(variables), (np.ones(value.shape),), value.item(), tuple(claims))

    def _number(self, found: Any) -> Any:
        try:
            value = np.asarray(found)
        except ValueError:  # rows of different lengths
            value = np.asarray(None)
        if value.dtype.kind not in "fiub":
            kind = "None" if found is None else type(found).__name__
            what = (
                "complex numbers, where a real one belongs"
                if value.dtype.kind == "c"
                else f"{kind}, where a number belongs"
            )
            raise InputFault("E509", f"{self.function.text} gives {what}", help="return a number")
        if value.size != 1:
            raise InputFault(
                "E509",
                f"{self.function.text} gives an array of shape {list(value.shape)}, where a number belongs",
                help="return its sum",
            )
        return value.astype(np.float64)
