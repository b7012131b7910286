"""The cross-check that a case asks for with `check = true`."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from gradcli.diagnostics import Diagnostic

if TYPE_CHECKING:
    from gradcli.explorer.running.samples import Case

__all__ = ["Verdict", "check_case"]


class Verdict(NamedTuple):
    """What the witnesses say of a case's gradients.

    Attributes:
        status: `passed`, `failed` or `inconclusive`, as of an outcome.
        message: the diagnostic that says why; None where all agree.
    """

    status: str
    message: Diagnostic | None = None


def check_case(case: Case) -> Verdict:
    """Returns what the witnesses say of the gradients of a case; so far there are none, and so it says."""
    return Verdict(
        "inconclusive",
        Diagnostic(
            "E544",
            f"the gradients of `{case.name}` are not judged: no witness is at hand",
            help="expect.grad.NAME compares them with a formula of your own",
        ),
    )
