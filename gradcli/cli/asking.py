"""What every command on expressions is asked: bindings and limits, made into a request."""

from __future__ import annotations

from contextlib import AbstractContextManager, nullcontext
from functools import wraps
from typing import TYPE_CHECKING, Annotated, Any, NamedTuple, TypeVar

from gradcli.cli import options  # noqa: TC001 - the annotations are read
from gradcli.cli.declaring import Argument
from gradcli.cli.options import DtypeName
from gradcli.cli.sharing import sharing

if TYPE_CHECKING:
    from collections.abc import Callable

    from gradcli.explorer.request import EvalRequest, Limits

__all__ = ["Asked", "Given", "expression_command", "limited_command", "names"]

Result = TypeVar("Result")
Expressions = Annotated[
    list[str] | None,
    Argument(metavar="EXPR...", help="Expressions; @file or - (standard input) for longer texts."),
]


class Given(NamedTuple):
    """The limits that were given; the others keep the defaults of whoever takes them.

    Attributes:
        language: those of the language.
        sizes: those of tensors, `max_elements` and `max_bytes`, by name.
    """

    language: Limits
    sizes: dict[str, int]


class Asked(NamedTuple):
    """What the shared options ask for.

    Attributes:
        request: the expressions with their bindings and limits.
        seconds: the limit on time; 0 is none.
    """

    request: EvalRequest
    seconds: float

    def backward(self, **how: Any) -> EvalRequest:
        """Returns the request with more said about the backward pass: fields of `Backward`."""
        return self.request._replace(backward=self.request.backward._replace(**how))

    def by(self, command: Callable[..., Any]) -> Asked:
        """Returns the same as asked by a command, which has its module."""
        name = command.__module__.rpartition(".")[2]
        return self._replace(request=self.request._replace(command=name))

    def deadline(self) -> AbstractContextManager[None]:
        """Returns what ends a block when the time is over."""
        if not self.seconds:
            return nullcontext()
        from gradcli.explorer.deadline import deadline  # only a limit needs the timer

        return deadline(self.seconds, "--max-seconds")


def _given(  # noqa: PLR0913 - one option a limit
    *,
    max_elements: options.MaxElements = None,
    max_bytes: options.MaxBytes = None,
    max_text: options.MaxText = None,
    max_nesting: options.MaxNesting = None,
    max_integer_bits: options.MaxIntegerBits = None,
    max_items: options.MaxItems = None,
    max_steps: options.MaxSteps = None,
    max_calls: options.MaxCalls = None,
) -> Given:
    from gradcli.explorer.request import Limits  # after the options were read

    language = _there(
        text=max_text,
        nesting=max_nesting,
        integer_bits=max_integer_bits,
        items=max_items,
        steps=max_steps,
        calls=max_calls,
    )
    return Given(Limits(**language), _there(max_elements=max_elements, max_bytes=max_bytes))


limited_command = sharing(_given)


@limited_command
def _asked(  # noqa: PLR0913 - the options that all share
    given: Given,
    expressions: Expressions = None,
    *,
    var: options.Var = [],  # noqa: B006 - nobody changes it
    const: options.Const = [],  # noqa: B006 - nobody changes it
    default: options.Default = "ones(2, 2)",
    dtype: options.Dtype = DtypeName.float64,
    seed: options.Seed = 0,
    wrt: options.Wrt = [],  # noqa: B006 - nobody changes it
    max_seconds: options.MaxSeconds = 0.0,
) -> Asked:
    from gradcli.explorer.request import Backward, EvalRequest  # after the options were read

    request = EvalRequest(
        expressions=tuple(expressions or ()),
        variables=tuple(var),
        constants=tuple(const),
        default=default,
        backward=Backward(wrt=names(wrt)),
        dtype=dtype.value,
        seed=seed,
        limits=given.language,
        command="eval",
        **given.sizes,
    )
    return Asked(request, max_seconds)


def expression_command(command: Callable[..., Result]) -> Callable[..., Result]:
    """Returns a command with the options that all share, and what they ask for as its first argument."""

    @wraps(command)
    def named(asked: Asked, **values: Any) -> Result:
        return command(asked.by(command), **values)

    return sharing(_asked)(named)


def names(texts: list[str]) -> tuple[str, ...]:
    """Returns names given one by one or with commas, each once."""
    return tuple(dict.fromkeys(name.strip() for text in texts for name in text.split(",") if name.strip()))


def _there(**options: int | None) -> dict[str, int]:
    return {name: value for name, value in options.items() if value is not None}
