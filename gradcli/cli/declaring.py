"""What a command says of its options, once; typer is told only when it is asked: it takes 25 ms to import."""

from __future__ import annotations

import inspect
from typing import TYPE_CHECKING, Annotated, Any, get_args, get_origin

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["Argument", "Option", "declared", "for_typer"]


class Option:
    """An option of a command, in an `Annotated`; as typer's own.

    Attributes:
        names: how it is written; none: as the parameter, with hyphens.
        details: what else typer is told.
    """

    __slots__ = ("details", "names")

    def __init__(self, *names: str, **details: Any) -> None:
        self.names = names
        self.details = details


class Argument(Option):
    """The words of a command that belong to no option."""

    __slots__ = ()


def declared(parameter: inspect.Parameter) -> tuple[Any, Option]:
    """Returns a parameter's type, and what is said of it."""
    kind, said = get_args(parameter.annotation)
    return kind, said


def for_typer(command: Callable[..., Any]) -> Callable[..., Any]:
    """Returns the command with its options in typer's terms."""
    import typer  # plain command lines do without

    def told(parameter: inspect.Parameter) -> inspect.Parameter:
        if get_origin(parameter.annotation) is not Annotated:
            return parameter
        kind, said = declared(parameter)
        make = typer.Argument if isinstance(said, Argument) else typer.Option
        return parameter.replace(annotation=Annotated[kind, make(*said.names, **said.details)])

    def called(**values: Any) -> Any:
        return command(**values)

    signature = inspect.signature(command, eval_str=True)
    parameters = [told(parameter) for parameter in signature.parameters.values()]
    called.__signature__ = signature.replace(parameters=parameters)  # type: ignore[attr-defined] # what typer reads
    called.__name__, called.__doc__ = command.__name__, command.__doc__
    return called
