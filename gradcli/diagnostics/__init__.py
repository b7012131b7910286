"""What went wrong, as data: spans, diagnostics, did-you-mean, and the errors."""

from gradcli.diagnostics.diagnostic import (
    AttributeFault,
    Diagnostic,
    GradcliError,
    IndexFault,
    InputFault,
    Label,
    LimitFault,
    NameFault,
    NotImplementedFault,
    RuntimeFault,
    SyntaxFault,
    TypeFault,
    ValueFault,
)
from gradcli.diagnostics.span import Source, Span
from gradcli.diagnostics.suggest import did_you_mean, nearest

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
    "Source",
    "Span",
    "SyntaxFault",
    "TypeFault",
    "ValueFault",
    "did_you_mean",
    "nearest",
]
