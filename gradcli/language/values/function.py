"""The program's own functions."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from gradcli.diagnostics import GradcliError, TypeFault
from gradcli.language.limits import calls_fault, steps_fault
from gradcli.language.values.variables import Variables

if TYPE_CHECKING:
    from collections.abc import Callable

    from gradcli.language.host import Context
    from gradcli.language.values.meter import Meter

__all__ = ["Function", "Signature"]


class Signature:
    """What a function takes, by its name.

    `positional` in order, the first `nameless` of them not by name; `keyword_only` by name alone; `collect`
    takes the positional ones left over, `collect_keywords` the named ones. `plain` is how many arguments fit
    without a further look, or -1.
    """

    __slots__ = ("collect", "collect_keywords", "keyword_only", "name", "nameless", "plain", "positional")

    def __init__(  # noqa: PLR0913 - the parts of a parameter list
        self,
        name: str,
        positional: tuple[str, ...],
        nameless: int,
        keyword_only: tuple[str, ...],
        collect: str | None,
        collect_keywords: str | None,
    ) -> None:
        self.name = name
        self.positional = positional
        self.nameless = nameless
        self.keyword_only = keyword_only
        self.collect = collect
        self.collect_keywords = collect_keywords
        self.plain = len(positional) if not (keyword_only or collect or collect_keywords) else -1

    def bind(
        self, variables: Variables, args: tuple[Any, ...], kwargs: dict[str, Any], defaults: dict[str, Any]
    ) -> None:
        """Gives every parameter its value.

        Raises:
            TypeFault: the arguments do not fit; in Python's words.
        """
        variables.update(zip(self.positional, args, strict=False))
        if self.collect is not None:
            variables[self.collect] = tuple(args[len(self.positional) :])
        extra = self._bind_named(variables, kwargs)
        if len(args) > len(self.positional) and self.collect is None:
            raise TypeFault("E387", self._too_many(len(args), defaults))
        for names, kind in ((self.positional, "positional"), (self.keyword_only, "keyword-only")):
            missing = [name for name in names if name not in variables and name not in defaults]
            if missing:
                raise TypeFault("E387", self._missing(missing, kind))
        for name, value in defaults.items():
            variables.setdefault(name, value)
        if self.collect_keywords is not None:
            variables[self.collect_keywords] = extra

    def _bind_named(self, variables: Variables, kwargs: dict[str, Any]) -> dict[str, Any]:
        """Gives the parameters that are named their values, and returns those that no parameter takes."""
        nameable = {*self.positional[self.nameless :], *self.keyword_only} if kwargs else ()
        extra: dict[str, Any] = {}
        for name, value in kwargs.items():
            if name not in nameable:
                if self.collect_keywords is None:
                    raise TypeFault("E387", f"{self.name}() got an unexpected keyword argument '{name}'")
                extra[name] = value
            elif name in variables:
                raise TypeFault("E387", f"{self.name}() got multiple values for argument '{name}'")
            else:
                variables[name] = value
        return extra

    def _too_many(self, given: int, defaults: dict[str, Any]) -> str:
        most = len(self.positional)
        least = most - sum(name in defaults for name in self.positional)
        takes = f"from {least} to {most}" if least != most else str(most)
        plural = "" if most == 1 and least == most else "s"
        were = "was" if given == 1 else "were"
        return f"{self.name}() takes {takes} positional argument{plural} but {given} {were} given"

    def _missing(self, names: list[str], kind: str) -> str:
        quoted = [f"'{name}'" for name in names]
        comma = "," if len(quoted) > 2 else ""  # noqa: PLR2004 - as in "a, b, and c"
        listed = quoted[0] if len(quoted) == 1 else f"{', '.join(quoted[:-1])}{comma} and {quoted[-1]}"
        plural = "" if len(names) == 1 else "s"
        return f"{self.name}() missing {len(names)} required {kind} argument{plural}: {listed}"


class Function:
    """A `def` or a lambda at run time. Python code may call it like any function (a hook, a key)."""

    __slots__ = ("_body", "_context", "_defaults", "_meter", "_outer", "_steps", "signature")

    def __init__(  # noqa: PLR0913 - what a closure closes over
        self,
        signature: Signature,
        defaults: dict[str, Any],
        body: Callable[[Variables], Any],
        steps: int,
        outer: Variables,
        meter: Meter,
        context: Context,
    ) -> None:
        self.signature = signature
        self._defaults = defaults
        self._body = body
        self._steps = steps
        self._outer = outer
        self._meter = meter
        self._context = context

    @property
    def name(self) -> str:
        """The name it was defined under, `<lambda>` for a lambda."""
        return self.signature.name

    @property
    def __name__(self) -> str:  # what hooks are called in PyTorch's messages
        return self.signature.name

    def invoke(self, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        """Returns the value of a call from within the program."""
        signature, outer, meter = self.signature, self._outer, self._meter
        variables = Variables()
        variables.outer = outer
        variables.globals = outer.globals
        names, count = signature.positional, len(args)
        if kwargs or count != signature.plain:
            signature.bind(variables, args, kwargs, self._defaults)
        elif count == 1:
            variables[names[0]] = args[0]
        elif count == 2:  # noqa: PLR2004 - few arguments are many calls: no zip is made for them
            variables[names[0]], variables[names[1]] = args
        elif count:
            variables.update(zip(names, args))  # noqa: B905 - as many, and asking costs more than the zip
        meter.left -= self._steps
        if meter.left < 0 or meter.depth >= meter.limits.calls:
            raise steps_fault(meter.limits) if meter.left < 0 else calls_fault(meter.limits)
        meter.depth += 1
        try:
            return self._body(variables)
        except (
            RecursionError
        ):  # calls by way of the host, such as hooks, may reach Python's limit before ours
            raise calls_fault(meter.limits) from None
        finally:
            meter.depth -= 1

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """Returns the value of a call from outside the program: errors are given their place here."""
        context = self._context
        before = context.span
        try:
            return self.invoke(args, kwargs)
        except GradcliError as error:
            error.locate(context.span)
            raise
        finally:
            context.span = before

    def __repr__(self) -> str:
        return f"<function {self.name}>"
