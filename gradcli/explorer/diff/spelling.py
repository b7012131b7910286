"""Records as calls: how each is written, by the parameters that it has."""

# Spellings take their records' parameters:
# ruff: noqa: PLR0913

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from gradcli.explorer.diff.spelling_tensors import TENSORS
from gradcli.explorer.terms import ATOM, POWER, RELATION, SUM, Factor, exact

if TYPE_CHECKING:
    from collections.abc import Callable

    from gradcli.explorer.diff.terms import Term
    from gradcli.explorer.diff.writing import Writer
    from gradcli.ops.record import Record

__all__ = ["SPELLED", "spelled_name"]


def spelled_name(record: Record) -> str | None:
    """Returns what a function of values alone is called; None where it cannot be called."""
    if record.front is not None and record.kind != "elementwise":
        return None
    faces = record.faces.split()
    if "torch" in faces:
        return record.name
    if "F" in faces:
        return f"F.{record.name}"
    return f"special.{record.name}" if "special" in faces else None


def _reduced(name: str) -> Callable[..., Factor]:
    def write(writer: Writer, term: Term, *, dims: Any, keepdim: bool = False, full: bool = False) -> Factor:
        del full
        (x,) = term.args
        return writer.call(name, writer.text(x), writer.dims(dims, x.ndim), writer.keepdim(keep=keepdim))

    return write


def _along(name: str) -> Callable[..., Factor]:
    def write(writer: Writer, term: Term, *, dims: Any) -> Factor:
        (x,) = term.args
        along = f"{writer.language.dim}={dims[0] + x.ndim}" if dims else ""
        return writer.call(name, writer.text(x), along)

    return write


def _logsumexp(writer: Writer, term: Term, *, dims: Any, keepdim: bool = False) -> Factor:
    (x,) = term.args
    found = sorted(dim + x.ndim for dim in dims)
    which = f"{writer.language.dim}={found[0] if len(found) == 1 else tuple(found)}"
    return writer.call("logsumexp", writer.text(x), which, writer.keepdim(keep=keepdim))


def _moment(name: str) -> Callable[..., Factor]:
    def write(writer: Writer, term: Term, *, dims: Any, keepdim: bool, correction: float) -> Factor:
        (x,) = term.args
        free = (
            "" if correction == 1 and writer.language.correction == "correction" else str(exact(correction))
        )
        which = [writer.dims(dims, x.ndim), free and f"{writer.language.correction}={free}"]
        return writer.call(name, writer.text(x), *which, writer.keepdim(keep=keepdim))

    return write


def _norm(writer: Writer, term: Term, *, dims: Any, keepdim: bool, order: float, form: str) -> Factor:
    del form
    (x,) = term.args
    which = writer.dims(dims, x.ndim)
    keep = writer.keepdim(keep=keepdim)
    if order == 2:  # noqa: PLR2004 - Euclid's
        return writer.call("norm", writer.text(x), which, keep)
    powers = f"{writer.call('abs', writer.text(x)).text}**{exact(order)}"
    return Factor(f"{writer.call('sum', powers, which, keep).text}**(1/{exact(order)})", POWER)


def _running(name: str) -> Callable[..., Factor]:
    def write(writer: Writer, term: Term, *, dim: int | None, reverse: bool = False) -> Factor:
        (x,) = term.args
        if dim is None:
            return writer.factor(x)
        along = dim + x.ndim
        if not reverse:
            return writer.call(name, writer.text(x), f"{writer.language.dim}={along}")
        flipped = writer.call("flip", writer.text(x), f"({along},)").text
        return writer.call(
            "flip", writer.call(name, flipped, f"{writer.language.dim}={along}").text, f"({along},)"
        )

    return write


def _rectified(writer: Writer, term: Term) -> Factor:
    shown = writer.text(term.args[0])
    return writer.call("relu", shown) if writer.has("relu") else writer.call("maximum", shown, "0")


def _clamped(writer: Writer, term: Term, **bounds: Any) -> Factor:
    low, high = bounds.get("low", bounds.get("min")), bounds.get("high", bounds.get("max"))
    if not writer.has("clamp"):
        return writer.call("clip", writer.text(term.args[0]), str(low), str(high))
    parts = [f"min={low}" if low is not None else "", f"max={high}" if high is not None else ""]
    return writer.call("clamp", writer.text(term.args[0]), *parts)


def _joined(writer: Writer, term: Term, *, dim: int) -> Factor:
    parts = ", ".join(map(writer.text, term.args))
    return writer.call(
        "cat", f"[{parts}]", f"{writer.language.dim}={dim + term.ndim}" if dim + term.ndim else ""
    )


def _slice_put(
    writer: Writer, term: Term, *, shape: Any, dim: int, start: int, stop: int, step: int
) -> Factor:
    """A range between zeros."""
    (x,) = term.args
    if step != 1:
        writer.unspelled["slice_put"] = None
    before, after = list(shape), list(shape)
    before[dim], after[dim] = start, shape[dim] - stop
    zeros = [writer.call("zeros", str(tuple(size))).text for size in (before, after)]
    parts = [zeros[0]] * bool(start) + [writer.text(x)] + [zeros[1]] * (stop < shape[dim])
    along = dim + len(shape)
    return writer.call("cat", f"[{', '.join(parts)}]", f"{writer.language.dim}={along}" if along else "")


def _power_of(writer: Writer, term: Term) -> Factor:
    base, exponent = (writer.factor(one) for one in term.args)
    return Factor(f"{base.within(ATOM)}**{exponent.within(ATOM)}", POWER)


def _power_base(writer: Writer, term: Term, *, base: Any) -> Factor:
    return Factor(f"{exact(base)}**{writer.factor(term.args[0]).within(ATOM)}", POWER)


def _plain(name: str) -> Callable[..., Factor]:
    return lambda writer, term: writer.call(name, *map(writer.text, term.args))


def _triangle(name: str) -> Callable[..., Factor]:
    def write(writer: Writer, term: Term, *, diagonal: int) -> Factor:
        return writer.call(name, writer.text(term.args[0]), str(diagonal) if diagonal else "")

    return write


def _flip(writer: Writer, term: Term, *, dims: Any) -> Factor:
    (x,) = term.args
    return writer.call("flip", writer.text(x), str(tuple(sorted(dim + x.ndim for dim in dims))))


def _diagonal(writer: Writer, term: Term, *, offset: int, dim1: int, dim2: int) -> Factor:
    del dim1, dim2
    return writer.call("diagonal", writer.text(term.args[0]), str(offset) if offset else "")


def _softplus(writer: Writer, term: Term, *, beta: Any = 1, threshold: Any = 20) -> Factor:
    del threshold
    shown = writer.text(term.args[0])
    if beta == 1 and not writer.has("F.softplus"):
        return writer.call("logaddexp", shown, "0")
    return writer.call("F.softplus", shown, "" if beta == 1 else f"beta={beta}")


def _not(writer: Writer, term: Term) -> Factor:
    (x,) = term.args
    if x.dtype.kind == "b":
        return Factor(f"~{writer.inside(x, ATOM)}", POWER)
    return Factor(f"{writer.inside(x, SUM)} == 0", RELATION)


def _both(sign: str) -> Callable[..., Factor]:
    def write(writer: Writer, term: Term) -> Factor:
        parts = [writer.inside(one, ATOM) for one in term.args]
        return Factor(f" {sign} ".join(parts), RELATION)

    return write


def _leaky(writer: Writer, term: Term, *, slope: Any) -> Factor:
    return writer.call("F.leaky_relu", writer.text(term.args[0]), str(slope))


SPELLED: dict[str, Callable[..., Factor]] = {
    **TENSORS,
    "prod_dims": _reduced("prod"),
    "amax": _reduced("amax"),
    "amin": _reduced("amin"),
    "max_all": _reduced("amax"),
    "min_all": _reduced("amin"),
    "logsumexp": _logsumexp,
    "softmax_dims": _along("softmax"),
    "log_softmax_dims": _along("log_softmax"),
    "norm_dims": _norm,
    "var_dims": _moment("var"),
    "std_dims": _moment("std"),
    "cumsum": _running("cumsum"),
    "cumprod": _running("cumprod"),
    "relu": _rectified,
    "clamp_number": _clamped,
    "clamp_min": _clamped,
    "clamp_max": _clamped,
    "cat": _joined,
    "slice_put": _slice_put,
    "pow_both": _power_of,
    "pow_base": _power_base,
    "det": _plain("det"),
    "slogdet": _plain("linalg.slogdet"),
    "cholesky": lambda writer, term, **_: writer.call("linalg.cholesky", writer.text(term.args[0])),
    "solve_matrix": _plain("linalg.solve"),
    "solve_vector": _plain("linalg.solve"),
    "trace": _plain("trace"),
    "tril": _triangle("tril"),
    "triu": _triangle("triu"),
    "flip": _flip,
    "diagonal": _diagonal,
    "softplus": _softplus,
    "logical_not": _not,
    "logical_and": _both("&"),
    "logical_or": _both("|"),
    "leaky_relu": _leaky,
}
