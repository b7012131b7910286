"""What is known of a wrong claim at one point, and when two arrays are one."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

__all__ = ["Evidence", "Factor", "agrees", "close", "spread"]

RTOL = 1e-6


class Factor(NamedTuple):
    """What a chain rule may multiply by, at one point.

    Attributes:
        text: an operation as it stands in the program.
        values: d result / d argument of it, per element.
        is_value: whether it is the operation's result instead.
    """

    text: str
    values: Any
    is_value: bool = False

    @property
    def words(self) -> str:
        """What it is called."""
        return f"`{self.text}`" if self.is_value else f"the derivative of `{self.text}`"


class Evidence(NamedTuple):
    """One point.

    Attributes:
        claim: what the user says, as it came, of any shape.
        truth: the derivative, of the variable's shape.
        factors: local derivatives of the program's operations there; the same ones, in order, at every point.
        counts: how many elements the program's means (name `mean`) and sums (`sum`) run over, and what it
            divides by (`division`); empty where nothing is known of it.
        divides: whether the claim holds a mean or a division, as far as is known.
    """

    claim: Any
    truth: Any
    factors: tuple[Factor, ...] = ()
    counts: tuple[tuple[str, int], ...] = ()
    divides: bool = True


def close(a: Any, b: Any, rtol: float = RTOL) -> bool:
    """Returns whether two arrays of one shape agree, relative to the largest element; nan agrees with nan."""
    if np.shape(a) != np.shape(b):
        return False
    finite = np.isfinite(b)
    scale = float(np.max(np.abs(b[finite]), initial=0.0)) if np.ndim(b) else abs(float(b))
    atol = rtol * scale if np.isfinite(scale) else 0.0
    return bool(np.allclose(a, b, rtol=rtol, atol=atol, equal_nan=True))


def agrees(one: Evidence) -> bool:
    """Returns whether a claim is true at a point."""
    return close(spread(one), one.truth)


def spread(one: Evidence) -> Any:
    """Returns the claim in the variable's shape: scalars broadcast."""
    return np.broadcast_to(one.claim, one.truth.shape) if one.claim.size == 1 else one.claim
