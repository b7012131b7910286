"""Calls that do not fit a signature, in PyTorch's words: loaded where one went wrong, and not before.

Source: PyTorch 2.13's torch/csrc/utils/python_arg_parser.cpp and invalid_arguments.cpp.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

from gradcli.diagnostics import GradcliError, TypeFault

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

__all__ = ["invalid_combination", "mend", "mismatch", "overloads", "superfluous"]

OVERLOADS = Path(__file__).with_name("overloads.txt")
FACTORY = (
    "torch.dtype dtype = None, torch.layout layout = None, torch.device device = None, "
    "bool pin_memory = False, bool requires_grad = False"
)
# What Python says of arguments that do not fit: a missing one, too many, an unknown name.
MISFIT = re.compile(r"[\w.<>]+\(\) ((?:missing|takes|got an unexpected|got multiple|got some) .*)")
QUOTED = re.compile(r"'(\w+)'")
COUNTS = re.compile(r"takes (?:from (\d+) to )?(\d+) positional arguments? but (\d+) (?:was|were)")
# The functions of nn.functional that PyTorch has compiled; the others' messages are Python's own.
COMPILED = frozenset(
    (
        "adaptive_avg_pool1d", "avg_pool1d", "avg_pool2d", "avg_pool3d", "bilinear", "celu_",
        "channel_shuffle", "conv1d", "conv2d", "conv3d", "conv_transpose1d", "conv_transpose2d",
        "conv_transpose3d", "cosine_similarity", "elu_", "gelu", "hardshrink", "hardtanh_", "leaky_relu_",
        "linear", "logsigmoid", "one_hot", "pairwise_distance", "pdist", "pixel_shuffle", "pixel_unshuffle",
        "prelu", "relu_", "scaled_dot_product_attention", "selu_", "softplus", "softshrink", "threshold_",
    )
)  # fmt: skip
# Records' names of what PyTorch calls by another.
NAMES = {"x": "input", "a": "input", "b": "other"}


def overloads(name: str) -> tuple[str, ...]:
    """Returns the signatures of an operation that has several; `Tensor.sum` is a method."""
    found: list[str] = []
    inside = False
    for line in OVERLOADS.read_text(encoding="utf-8").splitlines():
        if not line.startswith(" "):
            inside = line == name
        elif inside:
            found.append(line[1:].replace("FACTORY", FACTORY))
    return tuple(found)


def _misfit(error: TypeError) -> str | None:
    """What Python says of a call's arguments, without the function's name; None: of something else."""
    found = MISFIT.fullmatch(str(error))
    return found[1] if found else None


def mend(  # noqa: PLR0913 - a call
    error: TypeError,
    function: Callable[..., Any],
    name: str,
    args: tuple[Any, ...],
    kwargs: dict[str, Any],
    *,
    method: bool = False,
    less: int | None = None,
) -> Any:
    """Returns what a call with `out=` gives, which few functions know themselves.

    `less` arguments that Python counts are not the program's; None: those of a record's function.

    Raises:
        TypeError: the call does not fit, in PyTorch's words; or the error as it is, where it says
            something else or comes from deeper inside.
    """
    text = _misfit(error)
    if isinstance(error, GradcliError) or text is None or not _shallow(error):
        raise error
    if "'out'" in text and kwargs.get("out") is not None:
        from gradcli.autograd.output import into  # a rare argument

        rest = {key: value for key, value in kwargs.items() if key != "out"}
        return into(name, function, args, rest, kwargs["out"])
    less = 1 + method if less is None else less
    raise _call_fault(name, text, args[method:], kwargs, method=method, less=less) from None


def _shallow(error: BaseException) -> bool:
    """Whether the call itself failed, and nothing that the function called."""
    frame = error.__traceback__.tb_next if error.__traceback__ else None
    while frame is not None and frame.tb_frame.f_code.co_name in WRAPPERS:
        frame = frame.tb_next
    return frame is None


WRAPPERS = ("renamed", "checked", "method", "function", "make")


def mismatch(
    function: Callable[..., Any],
    name: str,
    names: Sequence[str],
    args: tuple[Any, ...],
    kwargs: dict[str, Any],
) -> Any:
    """Returns what a call of a plain operation with `out=` gives.

    Raises:
        TypeFault: too many, too few or unknown arguments.
    """
    if kwargs.get("out") is not None and "out" not in names:
        from gradcli.autograd.output import into  # a rare argument

        rest = {key: value for key, value in kwargs.items() if key != "out"}
        return into(name, function, args, rest, kwargs["out"])
    if "out" in kwargs:
        return function(*args, **{key: value for key, value in kwargs.items() if key != "out"})
    if overloads(name):
        raise invalid_combination(name, args, kwargs)
    unknown = [key for key in kwargs if key not in names]
    if len(args) > len(names):
        count, verb = len(names), "was" if len(args) == 1 else "were"
        text = f"takes {count} positional argument{'s' * (count != 1)} but {len(args)} {verb} given"
    elif unknown:
        text = f"got an unexpected keyword argument '{unknown[0]}'"
    else:
        missing = [one for one in names[len(args) :] if one not in kwargs]
        text = _missing(missing)
    raise TypeFault("E303", f"{name}() {text}")


def superfluous(name: str, args: Sequence[Any]) -> TypeFault:
    """Returns the error of a method that takes nothing."""
    return TypeFault("E303", f"TensorBase.{name}() takes no arguments ({len(args)} given)")


def _call_fault(  # noqa: PLR0913 - a call
    name: str, text: str, args: Sequence[Any], kwargs: Mapping[str, Any], *, method: bool, less: int
) -> TypeFault:
    """Returns PyTorch's error for a call that Python refused with a text.

    `args` are those that the program gave; a method's are without its tensor.
    """
    short = name.removeprefix("nn.functional.")
    if short != name and short not in COMPILED:
        return TypeFault("E303", f"{short}() {_less(text, less)}")
    if overloads(f"Tensor.{short}" if method else short):
        return invalid_combination(short, args, kwargs, method=method)
    return TypeFault("E303", f"{short}() {_plain(text, less)}")


def _plain(text: str, less: int) -> str:
    """Python's words as PyTorch's parser says them."""
    if text.startswith("missing"):
        return _missing([NAMES.get(one, one) for one in QUOTED.findall(text)])
    return _less(text, less).partition(". Did you mean")[0]


def _missing(names: Sequence[str]) -> str:
    # PyTorch's plural is the other way round.
    quoted = ", ".join(f'"{one}"' for one in names)
    return f"missing {len(names)} required positional argument{'s' * (len(names) == 1)}: {quoted}"


def _less(text: str, less: int) -> str:
    """Counts of arguments without those that are not the program's: an algebra, a method's tensor."""
    counts = COUNTS.match(text)
    if not counts:
        return text
    least, most, given = (None if one is None else int(one) - less for one in counts.groups())
    many = f"from {least} to {most}" if least is not None and least != most else f"{most}"
    plural = "" if most == 1 and (least is None or least == most) else "s"
    return f"takes {many} positional argument{plural} but {given} {'was' if given == 1 else 'were'} given"


def invalid_combination(
    name: str, args: Sequence[Any], kwargs: Mapping[str, Any], *, method: bool = False
) -> TypeFault:
    """Returns the error that lists an operation's signatures beside the kinds of what was given."""
    given = [_kind(one) for one in args]
    named = {key: _kind(kwargs[key]) for key in sorted(kwargs)}
    shown = ", ".join([*given, *[f"{key}={kind}" for key, kind in named.items()]])
    if named and not given:
        shown += ", "
    head = f"{name}() received an invalid combination of arguments - got ({shown}), but expected "
    options = overloads(f"Tensor.{name}" if method else name)
    if len(options) == 1:
        return TypeFault("E303", head + options[0])
    lines = [f" * {option}\n{_reason(option, args, named)}" for option in options]
    return TypeFault("E303", f"{head}one of:\n{''.join(lines)}")


def _reason(option: str, args: Sequence[Any], named: Mapping[str, str]) -> str:
    """Why an overload of as many arguments does not fit; nothing for one of another number."""
    parts = [part for part in option[1:-1].split(", ") if part]  # PyTorch counts the star, too
    if len(parts) != len(args) + len(named):
        return ""
    known = {part.partition(" = ")[0].rpartition(" ")[2] for part in parts}
    wrong = [key for key in named if key not in known]
    if wrong:
        return f"      didn't match because some of the keywords were incorrect: {', '.join(wrong)}\n"
    kinds = []
    for place, part in enumerate(parts):
        wanted, _, key = part.partition(" = ")[0].rpartition(" ")
        kind = _detailed(args[place]) if place < len(args) else named[key]
        shown = kind if _fits(kind, wanted) else f"!{kind}!"
        kinds.append(shown if place < len(args) else f"{key}={shown}")
    return f"      didn't match because some of the arguments have invalid types: ({', '.join(kinds)})\n"


# The kinds that fit a parameter, where they are not its own.
FITTING = {
    "Number": ("int", "float", "bool"),
    "float": ("int", "float"),
    "Tensor": ("Tensor", "Parameter"),
    "tuple of ints": ("tuple of (int)", "tuple of (int, int)", "list of [int]", "list of [int, int]"),
}


def _fits(kind: str, wanted: str) -> bool:
    return kind in FITTING.get(wanted, (wanted,))


def _kind(value: Any) -> str:
    kind = type(value)
    shown = f"{value.__class__.__name__}"
    return {"DType": "torch.dtype", "Device": "torch.device", "Layout": "torch.layout"}.get(
        kind.__name__, shown
    )


def _detailed(value: Any) -> str:
    if isinstance(value, (list, tuple)):
        ends = "()" if isinstance(value, tuple) else "[]"
        inner = ", ".join(_kind(one) for one in value)
        return f"{type(value).__name__} of {ends[0]}{inner}{ends[1]}"
    return _kind(value)
