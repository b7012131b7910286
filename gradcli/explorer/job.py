"""A request whose texts have been read: programs, bindings and gradients, ready to run at any time."""

from __future__ import annotations

import warnings
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, NamedTuple

from gradcli.autograd import Tensor, session
from gradcli.autograd.budget import Budget
from gradcli.diagnostics import Diagnostic, InputFault, Source, did_you_mean
from gradcli.explorer.bindings import Binding, Value, read_bindings, read_value
from gradcli.explorer.values import kind_name
from gradcli.language.program import Program, parse
from gradcli.ops.dtypes import NAMES

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from gradcli.explorer.request import EvalRequest
    from gradcli.explorer.workspace import Workspace

__all__ = ["Job", "job_session", "named_tensor", "passing_on", "read_job"]

NEEDED = {  # options that a command cannot do without
    "jvp": ' --tangent "x=ones(2, 2)"',
    "hvp": ' --vector "x=ones(2, 2)"',
    "plot": " --over x=-3:3",
}


class Job(NamedTuple):
    """A request whose texts have been read."""

    request: EvalRequest
    programs: tuple[Program, ...]
    bindings: tuple[Binding, ...]
    default: Value
    seeds: tuple[Value, ...]


def job_session(request: EvalRequest) -> Any:
    """Returns the context manager of fresh ambient state as the request wants it."""
    budget = Budget(request.max_elements, request.max_bytes)
    return session(default_dtype=NAMES[request.dtype], budget=budget, seed=request.seed)


@contextmanager
def passing_on(warn: Callable[[Diagnostic], None]) -> Iterator[None]:
    """Tells `warn` of PyTorch's warnings once the block is through; Python would show them in its own way."""
    with warnings.catch_warnings(record=True) as said:
        warnings.simplefilter("always")
        yield
    for text in dict.fromkeys(str(one.message) for one in said):
        warn(Diagnostic("W401", text, severity="warning"))


def read_job(request: EvalRequest) -> Job:
    """Returns the request with its texts read; inside a session.

    Raises:
        InputFault: an expression is missing, or standard input is wanted twice.
        SyntaxFault: a text is no program or no value.
    """
    limits, asked = request.limits, request.backward
    if not request.expressions:
        raise InputFault("E500", "an expression is missing", help=_example(request))
    values = [text.partition("=")[2].strip() for text in (*request.variables, *request.constants)]
    values += [text.strip() for text in (request.default, *asked.grad_tensors)]
    if request.expressions.count("-") + values.count("@-") > 1:
        raise InputFault(
            "E504", "standard input can be read once only", help="put one of the texts into a file: @file"
        )
    programs = tuple(
        parse(_source(text, number, request), limits) for number, text in enumerate(request.expressions, 1)
    )
    for program in programs:
        if not program.statements:
            raise InputFault("E500", f"{program.source.name} is empty", help=_example(request))
    bindings = read_bindings(request.constants, request.variables, limits)
    default = read_value(Source("--default", request.default), limits)
    seeds = tuple(read_value(Source("--grad-tensors", text), limits) for text in asked.grad_tensors)
    return Job(request, programs, bindings, default, seeds)


def _example(request: EvalRequest) -> str:
    return f'gradcli {request.command} "mean(x**2)"{NEEDED.get(request.command, "")}'


def _source(text: str, number: int, request: EvalRequest) -> Source:
    if text == "-" or text.startswith("@"):
        from gradcli.explorer.files import read_source  # most expressions stand on the command line

        return read_source(text, request.limits.text)
    return Source("<expr>" if len(request.expressions) == 1 else f"<expr {number}>", text)


def named_tensor(space: Workspace, name: str, option: str) -> Tensor:
    """Returns the tensor that an option names.

    Raises:
        InputFault: nothing has the name, or it is no tensor.
    """
    value = space.values.get(name)
    if isinstance(value, Tensor):
        return value
    tensors = [known for known, held in space.values.items() if isinstance(held, Tensor)]
    if value is None and name not in space.values:
        raise InputFault(
            "E505",
            f"{option}: nothing is called `{name}`",
            label=did_you_mean(name, tensors),
            help=f"the tensors are {', '.join(tensors) or 'none'}",
        )
    raise InputFault(
        "E505",
        f"{option}: `{name}` is no tensor but {kind_name(value)}",
        help=f"bind it with -v; the tensors are {', '.join(tensors) or 'none'}",
    )
