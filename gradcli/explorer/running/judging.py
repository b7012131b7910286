"""One case: evaluated, and its values, gradients or error compared with what it expects."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from gradcli.autograd import session
from gradcli.autograd.budget import Budget
from gradcli.diagnostics import Diagnostic, GradcliError, InputFault, Source, SyntaxFault
from gradcli.explorer.bindings import read_bindings, read_value
from gradcli.explorer.evaluate import evaluate
from gradcli.explorer.running.rewording import reworded
from gradcli.explorer.values import as_tensor
from gradcli.explorer.workspace import Workspace, located
from gradcli.language.program import parse
from gradcli.ops.dtypes import NAMES

if TYPE_CHECKING:
    from gradcli.explorer.running.places import Path
    from gradcli.explorer.running.samples import Case
    from gradcli.reports.evaluation import Evaluation

__all__ = ["Finding", "judge"]

TOLERANCES = {"float64": (1e-6, 1e-9), "float32": (1e-4, 1e-6), "float16": (1e-2, 1e-3)}
DIGITS = 9
ROWS = 4  # elements of a tensor that are shown


class Finding(NamedTuple):
    """What became of a case: a status of an outcome, and what is to be said, the decisive thing last."""

    status: str
    messages: tuple[Diagnostic, ...] = ()


def judge(case: Case) -> Finding:
    """Returns whether a case gives what it expects."""
    warnings: list[Diagnostic] = []
    try:
        report = evaluate(case.request, warnings.append)
    except GradcliError as error:
        return _judged_error(case, error, tuple(warnings))
    said = tuple(reworded(warning, case) for warning in warnings)
    if case.expected.error is not None:
        return Finding("failed", (*said, _no_error(case)))
    try:
        different = _difference(case, report)
    except GradcliError as error:
        return Finding("error", (*said, reworded(error.diagnostic, case)))
    if different is not None:
        return Finding("failed", (*said, different))
    if case.check:
        from gradcli.explorer.running.checking import check_case  # only cases that ask pay for it

        verdict = check_case(case)
        found = () if verdict.message is None else (reworded(verdict.message, case, ("check",)),)
        return Finding(verdict.status, (*said, *found))
    return Finding("passed", said)


def _judged_error(case: Case, error: GradcliError, warnings: tuple[Diagnostic, ...]) -> Finding:
    expected = case.expected.error
    found = reworded(error.diagnostic, case)
    said = tuple(reworded(warning, case) for warning in warnings)
    if expected is None:
        status = "error" if isinstance(error, (SyntaxFault, InputFault)) else "failed"
        return Finding(status, (*said, found))
    if expected in error.diagnostic.message:
        return Finding("passed", said)
    other = Diagnostic("E543", "another error than expected", label="this is not in its text")
    return Finding("failed", (*said, reworded(other, case, ("expect", "error")), found))


def _no_error(case: Case) -> Diagnostic:
    missing = Diagnostic("E542", "an error is expected, and there is none", label="nothing of the kind")
    return reworded(missing, case, ("expect", "error"))


def _difference(case: Case, report: Evaluation) -> Diagnostic | None:
    """The first thing that differs from what is expected.

    Raises:
        GradcliError: an expected value cannot be computed.
    """
    values, expected = _Expectations(case), case.expected
    for number, (text, root) in enumerate(zip(expected.values, report.roots, strict=False)):
        several = len(report.roots) > 1
        what = f"the value of root {number + 1}" if several else "the value"
        path: Path = ("expect", "value", number) if several else ("expect", "value")
        found = _compared(case, what, path, values.array(text, "expect.value"), root.array, root.dtype)
        if found is not None:
            return found
    rows = {row.name: row for row in report.gradients}
    for name, text in expected.gradients:
        path = ("expect", "grad", name)
        wanted = values.array(text, f"expect.grad.{name}")
        if name not in rows:
            known = ", ".join(rows) or "none"
            missing = Diagnostic(
                "E541", f"there is no gradient for `{name}`", help=f"there are gradients for: {known}"
            )
            return reworded(missing, case, path)
        row = rows[name]
        if wanted is None or row.grad is None:
            if wanted is None and row.grad is None:
                continue
            message = (
                f"a gradient for `{name}` is there, and None is expected"
                if wanted is None
                else f"the gradient of `{name}` is None: {row.absent}"
            )
            return reworded(Diagnostic("E541", message), case, path)
        found = _compared(case, f"the gradient of `{name}`", path, wanted, row.grad, row.dtype)
        if found is not None:
            return found
    return None


class _Expectations:
    """Computes what is expected; the case's own names are bound once an expectation uses one."""

    def __init__(self, case: Case) -> None:
        self._case = case
        self._request = case.request
        self._space: Workspace | None = None

    def array(self, text: str, name: str) -> Any:
        """Returns the value of an expression as an array; None stands for no gradient."""
        try:
            return np.array(float(text))  # most are numbers: nothing to parse, no session to open
        except ValueError:
            pass
        request = self._request
        budget = Budget(request.max_elements, request.max_bytes)
        with session(default_dtype=NAMES[request.dtype], budget=budget, seed=request.seed):
            value = read_value(Source(name, text), request.limits)
            if self._space is None:
                self._space = Workspace()
                if value.program is not None and value.program.free_names():
                    self._bind(self._space)
            with located(value):
                computed = self._space.compute(value)
                if computed is None or isinstance(computed, np.ndarray):
                    return computed
                return np.array(as_tensor(computed)._array)  # noqa: SLF001 - a friend of Tensor

    def _bind(self, space: Workspace) -> None:
        request = self._request
        space.bind(read_bindings(request.constants, request.variables, request.limits))
        programs = [
            parse(Source("<expr>", text), request.limits)
            for text in request.expressions
            if not text.strip().startswith("@")
        ]
        space.bind_defaults(programs, read_value(Source("--default", request.default), request.limits))


def _compared(  # noqa: PLR0913 - what is compared, and how it is called
    case: Case, what: str, path: Path, wanted: Any, given: Any, dtype: str
) -> Diagnostic | None:
    """What differs, if anything does. A single number stands for every element."""
    if wanted is None:
        return reworded(Diagnostic("E541", f"{what} is there, and None is expected"), case, path)
    if wanted.ndim and wanted.shape != given.shape:
        message = f"{what} has shape {list(given.shape)}, and {list(wanted.shape)} is expected"
        return reworded(Diagnostic("E541", message, notes=(f"it is {_shown(given)}",)), case, path)
    rtol, atol = TOLERANCES.get(dtype, (0.0, 0.0))
    rtol = rtol if case.rtol is None else case.rtol
    atol = atol if case.atol is None else case.atol
    wanted = np.broadcast_to(wanted, given.shape)
    with np.errstate(all="ignore"):
        same = np.isclose(given.astype(np.float64), wanted.astype(np.float64), rtol, atol, equal_nan=True)
    if same.all():
        return None
    index = tuple(map(int, np.argwhere(~same)[0]))
    at = f" at {list(index)}" if index else ""
    several = f", the first of {int((~same).sum())} different elements" if same.size > 1 else ""
    return reworded(
        Diagnostic(
            "E541",
            f"{what} is {_number(given[index])}{at}, not {_number(wanted[index])}{several}",
            notes=(
                *((f"it is {_shown(given)}", f"expected is {_shown(wanted)}") if same.size > 1 else ()),
                f"the tolerance is {atol:g} + {rtol:g}·|expected|",
            ),
        ),
        case,
        path,
    )


def _number(element: Any) -> str:
    number = element.item()
    return f"{number:.{DIGITS}g}" if isinstance(number, float) else str(number)


def _shown(array: Any) -> str:
    """A tensor in one line, its first elements at least."""
    numbers = [_number(element) for element in array.ravel()[: ROWS * ROWS]]
    dots = ", ..." if array.size > len(numbers) else ""
    shape = f" of shape {list(array.shape)}" if array.ndim > 1 else ""
    return f"[{', '.join(numbers)}{dots}]{shape}" if array.ndim else numbers[0]
