"""What may stand where somebody types: names, attributes, operations. Nothing is evaluated to find out."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from gradcli.autograd import Tensor
from gradcli.explorer import names
from gradcli.explorer.attributes import METHODS, PROPERTIES, member_of
from gradcli.explorer.pythonic import BUILTINS, CONSTANTS, MathModule
from gradcli.ops.catalog import catalog, spelled
from gradcli.torch.namespace import Namespace

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

__all__ = ["complete_expression", "complete_operation"]

TAIL = re.compile(r"[^\W\d][\w.]*\Z")
TENSOR = object()  # any of them: what they offer is the same
STILL_TENSORS = frozenset(("T", "H", "mT", "mH", "data", "grad"))
WORDS = (
    "and", "def", "del", "else", "elif", "False", "for", "if", "in", "lambda", "None", "not", "or",
    "pass", "print", "return", "True", "while", "with",
)  # fmt: skip


def complete_expression(text: str, values: Mapping[str, Any]) -> tuple[int, list[str]]:
    """Returns how many characters at the end of a text are being typed, and what they may become.

    Args:
        text: up to the cursor.
        values: the names that are bound.
    """
    tail = TAIL.search(text)
    if tail is None or (tail.start() and text[tail.start() - 1] == "."):
        return 0, []
    owner, dot, prefix = tail.group().rpartition(".")
    known = _attributes(owner.split("."), values) if dot else [*values, *WORDS, *_names()]
    return len(prefix), _matching(prefix, known)


def complete_operation(prefix: str) -> list[str]:
    """Returns the operations whose names begin so."""
    return _matching(prefix, (record.name for record in catalog().values() if record.spellings()))


def _matching(prefix: str, known: Iterable[str]) -> list[str]:
    return sorted({name for name in known if name.startswith(prefix) and not name.startswith("_")})


def _names() -> list[str]:
    """What expressions may use without binding it."""
    found = ["math", *CONSTANTS, *names.MODULES, *BUILTINS]
    for path in names.SEARCHED:
        found += Namespace(path)
    return found


def _attributes(path: list[str], values: Mapping[str, Any]) -> Iterable[str]:
    """What a dotted name offers."""
    first, *rest = path
    owner = values.get(first)
    if owner is None:  # a name that nothing binds is a leaf by default
        owner = names.resolve(first) if names.known_value(first) else TENSOR
    if isinstance(owner, Tensor):
        owner = TENSOR
    for name in rest:
        if owner is not TENSOR or name not in STILL_TENSORS:
            owner = member_of(owner, name)
    if owner is TENSOR:
        methods = (one.removeprefix("Tensor.") for one in spelled() if one.startswith("Tensor."))
        return (*PROPERTIES, *METHODS, *methods)
    return owner if isinstance(owner, (Namespace, MathModule)) else ()
