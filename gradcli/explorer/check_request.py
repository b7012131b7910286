"""What `check` is asked: a gradient, as eval is asked for one, and how to judge it."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from gradcli.checks.witnesses import WITNESSES

if TYPE_CHECKING:
    from gradcli.explorer.request import EvalRequest

__all__ = ["WITNESSES", "CheckRequest", "Judging"]


class Judging(NamedTuple):
    """How a gradient is judged.

    Attributes:
        witnesses: which are heard.
        rtol, atol: what difference is none. Without an atol (None) it is 1e-9, and for a claim of a
            derivative whose largest element is less than 1, in proportion.
        sample: how many elements of each variable the costly witnesses look at; 0: as many as is quick.
        max_time: seconds for each of the witnesses.
    """

    witnesses: tuple[str, ...] = WITNESSES
    rtol: float = 1e-6
    atol: float | None = None
    sample: int = 0
    max_time: float = 10.0


class CheckRequest(NamedTuple):
    """One `check`.

    Attributes:
        what: the expressions, their bindings, and how the gradient is asked for.
        judging: how it is judged.
        against: NAME=FORMULA texts, the user's own derivatives; empty: autograd's gradient is judged.
        order: 1, or 2 for the gradient of the gradient.
        points: how many random points besides the bindings.
    """

    what: EvalRequest
    judging: Judging = Judging()
    against: tuple[str, ...] = ()
    order: int = 1
    points: int = 0
