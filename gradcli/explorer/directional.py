"""`jvp` and `hvp`: how do values, or gradients, change along one direction?"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from gradcli.autograd import Tensor
from gradcli.diagnostics import InputFault, NotImplementedFault, Source, Span, ValueFault
from gradcli.explorer.bindings import Value, constant, no_variable, read_value
from gradcli.explorer.derivatives import Written, said, warn_nonfinite, write_down
from gradcli.explorer.job import Job, read_job
from gradcli.explorer.values import array_of, frozen, kind_name
from gradcli.explorer.workspace import located, whole
from gradcli.plan.derivatives_matrix import FORWARD, REVERSE, jacobian
from gradcli.reports.derivatives import Directional, Moved

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from gradcli.diagnostics import Diagnostic
    from gradcli.explorer.request import EvalRequest

__all__ = ["explore_hvp", "explore_jvp"]

SHOWN = 6  # elements of an example in a message


def explore_jvp(
    request: EvalRequest, tangents: Sequence[str], mode: str | None, warn: Callable[[Diagnostic], None]
) -> Directional:
    """Returns the derivative of each root along the tangents, NAME=VALUE texts.

    Args:
        request: the expressions, their bindings and what they are differentiated for.
        tangents: one text per variable that moves.
        mode: `forward` or `reverse` (all rows of the Jacobian, times the tangent); None: forward, where every
            operation can.
        warn: told of what stops nothing.

    Raises:
        GradcliError: a text cannot be read or run, a tangent does not fit, or there is no derivative.
    """
    with said(request, warn):
        job = read_job(request)
        written = write_down(job, "a tangent")
        direction = _direction(tangents, "--tangent", job, written)
        chosen = _chosen(written, mode)
        walk = _pushed if chosen == FORWARD else _by_rows
        found = walk(written, direction)
        roots = written.shown_roots(job)
        results = tuple(
            Moved(root.expression, root.array, frozen(part)) for root, part in zip(roots, found, strict=True)
        )
        warn_nonfinite(
            job, roots, {"the root along it": _joined(found)}, warn, lambda: walk(written, direction)
        )
    how = "forward mode: one tangent, values and derivatives in one walk"
    if chosen == REVERSE:
        reason = "as asked for" if mode else "an operation has no forward rule"
        rows = sum(root.array.size for root in roots)
        how = f"reverse mode: {rows} row{'s' * (rows != 1)} of the Jacobian, times the tangent ({reason})"
    return Directional(
        "jvp", roots, _moved(written, direction), results, chosen, how, notes=_notes(written, direction, job)
    )


def explore_hvp(
    request: EvalRequest, vectors: Sequence[str], mode: str | None, warn: Callable[[Diagnostic], None]
) -> Directional:
    """Returns the product of the root's Hessian with a vector, given as NAME=VALUE texts.

    Raises:
        GradcliError: a text cannot be read or run, the value is not one number, a vector does not fit, or
            there is no derivative.
    """
    with said(request, warn):
        job = read_job(request)
        written = write_down(job, "a Hessian", seconds=True)
        direction = _direction(vectors, "--vector", job, written)
        chosen = _chosen(written, mode)
        walk = _pushed if chosen == FORWARD else _pulled
        found = walk(written, direction)
        roots = written.shown_roots(job)
        warn_nonfinite(
            job,
            roots,
            dict(zip(written.variables, found, strict=True)),
            warn,
            lambda: walk(written, direction),
        )
    results = tuple(
        Moved(one.name, one.array, frozen(part))
        for one, part in zip(written.shown_variables(), found, strict=True)
    )
    along, product = _joined(list(direction.values())), _joined(found)
    length = float(along @ along)
    reason = "as asked for" if mode else "the Hessian itself is never made"
    return Directional(
        "hvp",
        roots,
        _moved(written, direction),
        results,
        chosen,
        f"{chosen} over reverse mode: one vector ({reason})",
        slope=float(_joined(list(written.gradient)) @ along),
        curvature=float(along @ product) / length if length else None,
        notes=_notes(written, direction, job),
    )


def _chosen(written: Written, mode: str | None) -> str:
    """The mode to walk in."""
    can_push = written.linear.can_push()
    if mode == FORWARD and not can_push:
        raise NotImplementedFault(
            "E403", "an operation of the program has no forward rule", help="use --mode reverse"
        )
    return mode or (FORWARD if can_push else REVERSE)


def _pushed(written: Written, direction: Mapping[str, Any]) -> list[Any]:
    linear = written.linear
    seeds = dict(zip(linear.trace.inputs, (part[np.newaxis] for part in direction.values()), strict=True))
    found = linear.push(seeds)
    return _filled(found, [linear.values[number] for number in linear.trace.outputs])


def _pulled(written: Written, direction: Mapping[str, Any]) -> list[Any]:
    """A Hessian is symmetric: the vector is pulled back through the gradient."""
    linear = written.linear
    seeds: dict[int, Any] = {}
    for number, part in zip(linear.trace.outputs, direction.values(), strict=True):
        batch = part[np.newaxis]
        seeds[number] = seeds[number] + batch if number in seeds else batch
    return _filled(linear.pull(seeds), [linear.values[number] for number in linear.trace.inputs])


def _by_rows(written: Written, direction: Mapping[str, Any]) -> list[Any]:
    """The Jacobian by reverse mode, times the tangent."""
    outputs = [written.linear.values[number] for number in written.linear.trace.outputs]
    rows = jacobian(written.linear, REVERSE).blocks
    found = []
    for y, row in zip(outputs, rows, strict=True):
        terms = [np.tensordot(one, t, t.ndim) for one, t in zip(row, direction.values(), strict=True)]
        found.append(np.asarray(sum(terms[1:], terms[0]), y.dtype))
    return found


def _filled(found: list[Any], like: list[Any]) -> list[Any]:
    return [np.zeros_like(y) if part is None else part[0] for part, y in zip(found, like, strict=True)]


def _joined(parts: list[Any]) -> Any:
    return np.concatenate([np.asarray(part, np.float64).ravel() for part in parts])


def _moved(written: Written, direction: Mapping[str, Any]) -> tuple[Moved, ...]:
    return tuple(Moved(one.name, one.array, frozen(direction[one.name])) for one in written.shown_variables())


def _notes(written: Written, direction: Mapping[str, Any], job: Job) -> tuple[str, ...]:
    found = written.notes(job)
    still = [name for name, part in direction.items() if not part.any()]
    if still:
        found.append(f"{', '.join(still)} {'stands' if len(still) == 1 else 'stand'} still")
    return tuple(found)


def _direction(texts: Sequence[str], option: str, job: Job, written: Written) -> dict[str, Any]:
    """A part of the direction for each variable, of its shape and dtype; zeros where none is given.

    Raises:
        InputFault: there is none at all, or one has no `=`, no variable's name, or one given before.
        ValueFault: it has another shape than its variable.
    """
    variables = written.variables
    if not texts:
        raise InputFault("E506", f"{option} is missing", help=f'write {option} "{_example(written)}"')
    given: dict[str, Any] = {}
    for text in texts:
        name, equals, rest = text.partition("=")
        source = Source(option, text)
        if not equals:
            raise InputFault(
                "E501",
                f"{option} needs NAME=VALUE",
                span=Span(source, 0, len(text)),
                help=f'write for example {option} "{_example(written)}"',
            )
        start = len(name) - len(name.lstrip())
        name = name.strip()
        place = Span(source, start, start + max(len(name), 1))
        if name not in variables:
            raise no_variable("E505", option, name, list(variables), place)
        if name in given:
            raise InputFault("E502", f"{option}: `{name}` is given twice", span=place)
        value = read_value(Source(f"{option} {name}", rest), job.request.limits)
        given[name] = _part(value, name, written)
    return {
        name: given.get(name, np.zeros(tensor.shape, tensor.dtype.dtype))
        for name, tensor in variables.items()
    }


def _part(value: Value, name: str, written: Written) -> Any:
    like = written.variables[name]
    with located(value):
        held = constant(written.space.compute(value))
        array = np.asarray(array_of(held) if isinstance(held, Tensor) else held)
        if array.dtype.kind not in "fiub":
            raise ValueFault("E503", f"a direction must be numbers, not {kind_name(held)}", span=whole(value))
        if array.shape not in {(), tuple(like.shape)}:
            raise ValueFault(
                "E301",
                f"the direction has shape {list(array.shape)}, and `{name}` has shape {list(like.shape)}",
                help="give it the variable's shape; one number stands for all elements",
            )
    return np.array(np.broadcast_to(array, tuple(like.shape)), like.dtype.dtype)


def _example(written: Written) -> str:
    """A direction that fits the first variable."""
    name, tensor = next(iter(written.variables.items()))
    shape = tuple(tensor.shape)
    if len(shape) > 1 or (shape and shape[0] > SHOWN):
        return f"{name}=ones({', '.join(map(str, shape))})"
    return f"{name}=[{','.join(['1'] * shape[0])}]" if shape else f"{name}=1"
