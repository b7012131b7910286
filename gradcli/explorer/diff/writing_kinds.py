"""How each kind of term is written: transposes, reductions, shapes, conditions, calls."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from gradcli.checks.naming import is_plain
from gradcli.explorer.diff.spelling import SPELLED, spelled_name
from gradcli.explorer.diff.writing_numbers import (
    write_matmul,
    write_multiple,
    write_number,
    write_product,
    write_sum,
)
from gradcli.explorer.terms import ATOM, RELATION, SIGNS, SUM, Factor

if TYPE_CHECKING:
    from collections.abc import Callable

    from gradcli.explorer.diff.terms import Term
    from gradcli.explorer.diff.writing import Writer

__all__ = ["WRITE"]

MATRIX = 2  # dims
MOST = 1000  # elements of a constant that are written out


def _transpose(writer: Writer, term: Term) -> Factor:
    return Factor(f"{writer.inside(term.args[0], ATOM)}.{'T' if term.ndim == MATRIX else 'mT'}")


def _sum(writer: Writer, term: Term) -> Factor:
    (inner,) = term.args
    return writer.call(term.op, writer.text(inner), writer.dims(term.data, inner.ndim))


def _expand(writer: Writer, term: Term) -> Factor:
    (inner,) = term.args
    like = writer.likes.get(term.shape)
    if inner.ndim or inner.dtype.kind == "b":
        return writer.call("broadcast_to", writer.text(inner), writer.shape(term.shape))
    if inner.number == 0:
        return writer.call("zeros_like", like) if like else writer.call("zeros", str(term.shape))
    ones = writer.call("ones_like", like) if like else writer.call("ones", str(term.shape))
    if inner.number == 1:
        return ones
    return write_multiple(writer, inner, ones)


def _unsqueeze(writer: Writer, term: Term) -> Factor:
    marks = ["None" if i in term.data else ":" for i in range(-term.ndim, 0)]
    while marks[-1] == ":" and len(marks) > 1:
        marks.pop()
    return Factor(f"{writer.inside(term.args[0], ATOM)}[{', '.join(marks)}]")


def _squeeze(writer: Writer, term: Term) -> Factor:
    (inner,) = term.args
    marks = ["0" if i in term.data else ":" for i in range(-inner.ndim, 0)]
    while marks[-1] == ":" and len(marks) > 1:
        marks.pop()
    return Factor(f"{writer.inside(inner, ATOM)}[{', '.join(marks)}]")


def _select(writer: Writer, term: Term) -> Factor:
    dim, index = term.data
    (inner,) = term.args
    marks = [":"] * (inner.ndim + dim)
    return Factor(f"{writer.inside(inner, ATOM)}[{', '.join([*marks, str(index)])}]")


def _slice(writer: Writer, term: Term) -> Factor:
    dim, start, stop, step = term.data
    (inner,) = term.args
    end = "" if stop == inner.shape[dim] else "-1" if stop == inner.shape[dim] - 1 > 1 else str(stop)
    shown = f"{start or ''}:{end}{f':{step}' if step != 1 else ''}"
    return Factor(f"{writer.inside(inner, ATOM)}[{', '.join([*[':'] * (inner.ndim + dim), shown])}]")


def _put(writer: Writer, term: Term) -> Factor:
    """Where an index of a dim is the one, the slice; zeros elsewhere."""
    dim, index, shape = term.data
    (inner,) = term.args
    at = f"{writer.function('arange')}({shape[dim]})"
    if dim != -1:
        at += f"[:, {', '.join(['None'] * (-dim - 1))}]"
    value = writer.inside(inner)
    if inner.ndim and inner.op == "expand" and not inner.args[0].ndim:
        value = writer.text(term.m.broadcast(inner.args[0], shape))
    elif inner.ndim and -dim <= inner.ndim:
        marks = [*[":"] * (len(shape) + dim), "None"]
        value = f"{writer.inside(inner, ATOM)}[{', '.join(marks)}]"
    value = f"{value}.0" if value.lstrip("-").isdigit() else value
    return writer.call("where", f"{at} == {index}", value, "0.0")


def _where(writer: Writer, term: Term) -> Factor:
    mask, taken, other = (writer.text(arg) for arg in term.args)
    sides = [f"{one}.0" if one.lstrip("-").isdigit() else one for one in (taken, other)]
    return writer.call("where", mask, *sides)


def _compare(writer: Writer, term: Term) -> Factor:
    left, right = (writer.inside(arg, SUM) for arg in term.args)
    if writer.language.relations:  # arrays of symbols have no signs of comparison
        return writer.call(term.data, left, right)
    return Factor(f"{left} {SIGNS[term.data]} {right}", RELATION)


def _call(writer: Writer, term: Term) -> Factor:
    record, frozen = term.data
    spell = SPELLED.get(record.name)
    params = dict(frozen)
    if spell is not None:
        return spell(writer, term, **params)
    name = spelled_name(record)
    if name is None or params:
        writer.unspelled[record.name] = None
        shown = [f"{key}={value}" for key, value in params.items() if key != "shape" and is_plain(value)]
        return Factor(f"{record.name}({', '.join([*map(writer.text, term.args), *shown])})")
    shown = list(map(writer.text, term.args))
    if not writer.language.closed and (len(shown) > 1 or not writer.language.numbers):
        shown = [  # PyTorch's functions of several tensors take no numbers
            writer.call("tensor", f"float({text})").text if one.op == "number" else text
            for one, text in zip(term.args, shown, strict=True)
        ]
    return writer.call(name, *shown)


def _array(writer: Writer, term: Term) -> Factor:
    array = term.data.values
    if array.size > MOST:
        writer.unspelled["constants that are not bound by -c"] = None
        return Factor("constant")
    return writer.call("tensor", str(array.tolist()))


def _stack(writer: Writer, term: Term) -> Factor:
    parts = [
        writer.call("tensor", f"{writer.text(one)}.0").text if one.number is not None else writer.text(one)
        for one in term.args
    ]
    dim = "" if term.data == -term.ndim else f"{writer.language.dim}={term.data + term.ndim}"
    return writer.call("stack", f"[{', '.join(parts)}]", dim)


def _steps(writer: Writer, term: Term) -> Factor:
    (size,) = term.args
    backwards, _ = term.data
    shown = writer.text(size)
    return writer.call("arange", *([shown, "0", "-1"] if backwards else ["1", f"{shown} + 1"]))


def _one_hot(writer: Writer, term: Term) -> Factor:
    (index,) = term.args
    if writer.has("F.one_hot"):
        return writer.call("F.one_hot", writer.text(index), str(term.data))
    return Factor(f"{writer.call('eye', str(term.data)).text}[{writer.text(index)}]")


def _item(writer: Writer, term: Term) -> Factor:
    return Factor(f"{writer.inside(term.args[0], ATOM)}[{term.data}]")


WRITE: dict[str, Callable[[Writer, Any], Factor]] = {
    "leaf": lambda _, term: Factor(term.data),
    "number": write_number,
    "count": lambda writer, term: Factor(writer.counts.get(term.data[0]) or str(term.data[1])),
    "named": lambda writer, term: Factor(writer.function(term.data)),
    "array": _array,
    "eye": lambda writer, term: writer.call("eye", str(term.data)),
    "detach": lambda writer, term: writer.factor(term.args[0]),
    "add": write_sum,
    "mul": write_product,
    "matmul": write_matmul,
    "outer": lambda writer, term: writer.call("outer", *map(writer.text, term.args)),
    "transpose": _transpose,
    "permute": lambda writer, term: writer.call("permute", writer.text(term.args[0]), str(term.data)),
    "expand": _expand,
    "unsqueeze": _unsqueeze,
    "squeeze": _squeeze,
    "reshape": lambda writer, term: writer.call(
        "reshape", writer.text(term.args[0]), writer.shape(term.shape)
    ),
    "sum": _sum,
    "mean": _sum,
    "steps": _steps,
    "where": _where,
    "compare": _compare,
    "inv": lambda writer, term: writer.call("inv", writer.text(term.args[0])),
    "select": _select,
    "slice": _slice,
    "put": _put,
    "stack": _stack,
    "one_hot": _one_hot,
    "diag": lambda writer, term: writer.call("diag", writer.text(term.args[0])),
    "call": _call,
    "calls": _call,
    "item": _item,
}
