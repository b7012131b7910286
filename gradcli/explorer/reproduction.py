"""The command line that shows a failure again."""

from __future__ import annotations

import shlex
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

    from gradcli.explorer.check_request import CheckRequest

__all__ = ["command_line"]

LARGEST = 64  # elements of a variable that are written out


def command_line(request: CheckRequest, point: Mapping[str, Any]) -> str:
    """Returns the `gradcli check` that judges a request at a point; empty where that would be too long.

    Args:
        request: what was checked.
        point: the variables' values, float64.
    """
    if any(value.size > LARGEST for value in point.values()):
        return ""
    what = request.what
    words = ["gradcli", "check", *what.expressions]
    for name, value in point.items():
        words += ["-v", f"{name}={value.tolist()}"]
    bound = set(point)
    words += [
        word
        for text in what.variables
        if text.partition("=")[0].strip() not in bound
        for word in ("-v", text)
    ]
    for option, texts in (("-c", what.constants), ("--grad-tensors", what.backward.grad_tensors)):
        words += [word for text in texts for word in (option, text)]
    if what.backward.wrt:
        words += ["--wrt", ",".join(what.backward.wrt)]
    if request.order > 1:
        words += ["--order", str(request.order)]
    for text in request.against:
        words += ["--against", text]
    if what.dtype != "float64":
        words += ["--dtype", what.dtype]
    if what.seed:
        words += ["--seed", str(what.seed)]
    return shlex.join(words)
