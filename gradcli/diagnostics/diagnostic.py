"""What went wrong, as data, and the errors that carry it.

Each error class also is the built-in exception that PyTorch raises in the same
place, so that Python users of `gradcli.torch` and scripts with `except RuntimeError`
both catch what they expect; `str(error)` is the message alone, in PyTorch's words
where PyTorch has them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from gradcli.diagnostics.span import Span

__all__ = [
    "AttributeFault",
    "Diagnostic",
    "GradcliError",
    "IndexFault",
    "InputFault",
    "Label",
    "LimitFault",
    "NameFault",
    "NotImplementedFault",
    "RuntimeFault",
    "SyntaxFault",
    "TypeFault",
    "ValueFault",
]


class Label(NamedTuple):
    """A second place that matters, with what to say about it."""

    span: Span
    text: str


class Diagnostic(NamedTuple):
    """One problem: a stable code, the message, the place, and a way out.

    `label` is the short text beside the carets; `notes` add facts; `help` says what to
    write instead. `severity` is `error`, `warning` or `note`.
    """

    code: str
    message: str
    span: Span | None = None
    label: str = ""
    notes: tuple[str, ...] = ()
    help: str = ""
    related: tuple[Label, ...] = ()
    severity: str = "error"


class GradcliError(Exception):
    """Base of every error that gradcli raises on purpose.

    Codes: E1xx syntax, E2xx names and attributes, E3xx operations (shapes, dtypes,
    arguments), E4xx autograd, E5xx files, options and bindings, E6xx limits.
    """

    def __init__(  # noqa: PLR0913 - the fields of a Diagnostic
        self,
        code: str,
        message: str,
        *,
        span: Span | None = None,
        label: str = "",
        notes: tuple[str, ...] = (),
        help: str = "",  # noqa: A002 - the word the user reads
        related: tuple[Label, ...] = (),
    ) -> None:
        super().__init__(message)
        self.diagnostic = Diagnostic(code, message, span, label, notes, help, related)

    def locate(self, span: Span | None) -> None:
        """Gives the error the place where it happened, unless it already has one."""
        if span is not None and self.diagnostic.span is None:
            self.diagnostic = self.diagnostic._replace(span=span)

    def advise(self, help: str) -> None:  # noqa: A002 - the word the user reads
        """Gives the error a way out, unless it already has one."""
        if not self.diagnostic.help:
            self.diagnostic = self.diagnostic._replace(help=help)


class RuntimeFault(GradcliError, RuntimeError):
    """PyTorch's RuntimeError."""


class ValueFault(GradcliError, ValueError):
    """PyTorch's ValueError."""


class TypeFault(GradcliError, TypeError):
    """PyTorch's TypeError."""


class IndexFault(GradcliError, IndexError):
    """PyTorch's IndexError."""


class AttributeFault(GradcliError, AttributeError):
    """A value has no attribute of that name."""


class NameFault(GradcliError, NameError):
    """Nothing has that name."""


class NotImplementedFault(GradcliError, NotImplementedError):
    """PyTorch can do it, gradcli cannot."""


class SyntaxFault(GradcliError, SyntaxError):
    """The text is not a program of the language."""

    # SyntaxError formats itself from its own fields; the message alone is wanted.
    def __str__(self) -> str:
        return self.diagnostic.message


class InputFault(GradcliError):
    """A file, an option or a binding is unusable."""


class LimitFault(GradcliError):
    """A budget (bytes, steps, depth, digits) would be exceeded."""
