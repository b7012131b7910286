"""A host around a host: it lets the program run as it did and writes down what it does."""

from __future__ import annotations

from functools import partial
from time import monotonic
from typing import TYPE_CHECKING, Any

from gradcli.autograd import Tensor, context
from gradcli.diagnostics import GradcliError
from gradcli.explorer.why.losses import switched_off
from gradcli.explorer.why.notebook import Failed, Notebook, parameters_of
from gradcli.torch.nn.module import Module
from gradcli.torch.optim.optimizer import Optimizer

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from contextlib import AbstractContextManager

    from gradcli.diagnostics import Span

__all__ = ["Enough", "Trace"]

SECONDS = 3.0  # an explanation is not worth waiting longer for
MOST_METHODS = 256  # that were read and not yet called
NAMED = ("Function", "Kind", "Routine")  # our callables, which know what the user calls them


class Enough(BaseException):
    """Ends a traced run: its time is up, or what was sought is found. No program can catch it."""


class Trace:
    """A host that delegates to another and keeps a notebook.

    What it does not know it leaves to the host that it is laid over.
    """

    def __init__(self, notebook: Notebook | None = None, seconds: float = SECONDS) -> None:
        self.notebook = Notebook() if notebook is None else notebook
        self._host: Any = None
        self._methods: dict[int, tuple[Any, Any, str]] = {}
        self._deadline = monotonic() + seconds

    def over(self, host: Any) -> Trace:
        """Returns itself, laid over a host whose program is about to run; hears of backward passes too."""
        self._host = host
        context.journal = self.notebook
        return self

    def __getattr__(self, name: str) -> Any:
        if name == "_host":
            raise AttributeError(name)
        found = getattr(self._host, name)  # a host's own method, named by our code
        return partial(self._call_method, found) if name == "call_method" else found

    def _run(self, act: Callable[[], Any], operands: tuple[Any, ...], word: str) -> Any:
        """The result of an operation on operands; what changed is noted, and what failed."""
        if monotonic() > self._deadline:
            raise Enough
        book, span = self.notebook, context.span
        before = book.counters(operands, word)
        try:
            result = act()
        except GradcliError as error:
            if book.failed is None or book.failed.error is not error:
                book.failed = Failed(error, word, operands)
            raise
        book.compare(before, word, span)
        return result

    def _make(self, act: Callable[[], Any], operands: tuple[Any, ...], word: str) -> Any:
        """As `_run`, of what makes new values."""
        span = context.span
        result = self._run(act, operands, word)
        self.notebook.made(result, operands, word, span)
        return result

    def _of_two(self, function: Callable[[Any, Any], Any], symbol: str) -> Callable[[Any, Any], Any]:
        return lambda a, b: self._make(lambda: function(a, b), (a, b), symbol)

    def binary(self, symbol: str) -> Callable[[Any, Any], Any]:
        """As `Host.binary`."""
        return self._of_two(self._host.binary(symbol), symbol)

    def inplace(self, symbol: str) -> Callable[[Any, Any], Any]:
        """As `Host.inplace`."""
        return self._of_two(self._host.inplace(symbol), f"{symbol}=")

    def compare(self, symbol: str) -> Callable[[Any, Any], Any]:
        """As `Host.compare`."""
        return self._of_two(self._host.compare(symbol), symbol)

    def unary(self, symbol: str) -> Callable[[Any], Any]:
        """As `Host.unary`."""
        function = self._host.unary(symbol)
        return lambda a: self._make(lambda: function(a), (a,), symbol)

    def iterate(self, value: Any) -> Iterator[Any]:
        """As `Host.iterate`."""
        span = context.span
        for item in self._host.iterate(value):
            if isinstance(value, Tensor):
                self.notebook.made(item, (value,), "", span)
            yield item

    def index(self, value: Any, key: Any) -> Any:
        """As `Host.index`."""
        # An item of what is no tensor was made elsewhere.
        run = self._make if isinstance(value, Tensor) else self._run
        return run(lambda: self._host.index(value, key), (value, key), "[]")

    def set_index(self, value: Any, key: Any, new: Any) -> None:
        """As `Host.set_index`."""
        self._run(lambda: self._host.set_index(value, key, new), (value, key, new), "[]=")

    def attribute(self, value: Any, name: str) -> Any:
        """As `Host.attribute`."""
        span = context.span
        result = self._run(lambda: self._host.attribute(value, name), (value,), name)
        if isinstance(value, Tensor):
            if name == "grad":
                self.notebook.read(value, result)
            if isinstance(result, Tensor):
                self.notebook.made(result, (value,), name, span)
        if type(result).__name__ in NAMED or (callable(result) and not isinstance(result, Module)):
            if len(self._methods) > MOST_METHODS:
                self._methods.clear()
            self._methods[id(result)] = (result, value, name)
        return result

    def set_attribute(self, value: Any, name: str, new: Any) -> None:
        """As `Host.set_attribute`."""
        book, span = self.notebook, context.span
        self._run(lambda: self._host.set_attribute(value, name, new), (value, new), f".{name}=")
        if isinstance(value, Tensor):
            fact = book.facts.of(value)
            if name == "grad" and new is None:
                fact.cleared = span
            elif name == "data":
                book.overwritten(value, span)
            elif name == "requires_grad":
                fact.lost = None if new else switched_off(span, "requires_grad = False")
        elif isinstance(new, (Tensor, Module)) and span is not None and span.text.endswith(f".{name}"):
            book.named(span.text, new)

    def call(self, function: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        """As `Host.call`."""
        owner, word, operands = self._parts(function, args, kwargs)
        return self._called(lambda: self._host.call(function, args, kwargs), owner, word, operands)

    def _call_method(
        self, inner: Callable[..., Any], value: Any, name: str, args: tuple[Any, ...], kwargs: dict[str, Any]
    ) -> Any:
        """As `call_method` of the hosts that have it."""
        operands = (value, *args, *kwargs.values())
        return self._called(lambda: inner(value, name, args, kwargs), value, name, operands)

    def _called(self, act: Callable[[], Any], owner: Any, word: str, operands: tuple[Any, ...]) -> Any:
        book, span = self.notebook, context.span
        if word == "zero_grad":
            self._clearing(owner, span)
        enabled = context.grad_enabled
        result = self._make(act, operands, word)
        if enabled and not context.grad_enabled and span is not None:
            book.modes = {span: None}  # set_grad_enabled(False)
        elif type(result).__name__ in {"no_grad", "inference_mode"} and span is not None:
            book.modes[span] = None
        if word == "requires_grad_" and isinstance(owner, Tensor):
            off = not owner.requires_grad
            book.facts.of(owner).lost = switched_off(span, "requires_grad_(False)") if off else None
        return result

    def _parts(
        self, function: Any, args: tuple[Any, ...], kwargs: dict[str, Any]
    ) -> tuple[Any, str, tuple[Any, ...]]:
        """Whose method is called, under which name, and all that it may use."""
        known, owner, word = self._methods.get(id(function), (None, None, ""))
        given = (*args, *kwargs.values())
        if known is function:
            return owner, word, (owner, *given)
        if isinstance(function, Module):
            return None, "", (function, *given)
        word = function.name if type(function).__name__ in NAMED else ""
        return None, word.rpartition(".")[2], given

    def _clearing(self, owner: Any, span: Span | None) -> None:
        """Notes whose gradients a zero_grad is about to take away."""
        params: Sequence[Any] = ()
        if isinstance(owner, Optimizer):
            params = parameters_of(owner)
        elif isinstance(owner, Module):
            params = list(owner.parameters())
        for param in params:
            if param._grad is not None:  # noqa: SLF001 - a friend of Tensor
                self.notebook.facts.of(param).cleared = span

    def manager(self, value: Any) -> AbstractContextManager[Any]:
        """As `Host.manager`."""
        return _Block(self._host.manager(value), self.notebook, context.span)

    def assigned(self, name: str, value: Any) -> None:
        """As `Host.assigned`."""
        self._host.assigned(name, value)
        self.notebook.named(name, value)


class _Block:
    """A `with` block that turns recording off, and where it was entered."""

    def __init__(self, inner: AbstractContextManager[Any], book: Notebook, span: Span | None) -> None:
        self._inner = inner
        self._book = book
        self._span = span

    def __enter__(self) -> Any:
        result = self._inner.__enter__()
        if self._span is not None and not context.grad_enabled:
            self._book.blocks.append(self._span)
        else:
            self._span = None
        return result

    def __exit__(self, *error: Any) -> bool | None:  # noqa: PYI036 - handed on
        if self._span is not None:
            self._book.blocks.pop()
        return self._inner.__exit__(*error)
