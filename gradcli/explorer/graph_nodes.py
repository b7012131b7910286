"""A node of the graph as plain data."""

# ruff: noqa: SLF001 - a friend of Tensor

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from gradcli.autograd import Tensor
from gradcli.autograd.node import AccumulateGrad, Node, RecordNode, type_name
from gradcli.explorer.graph_kinks import kinks_at
from gradcli.explorer.graph_labels import UNNAMED
from gradcli.explorer.term_algebra import Terms
from gradcli.ops.dtypes import dtype_of
from gradcli.reports.graphs import Flow, GraphNode, Kept, Result

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from gradcli.autograd.node import Saved
    from gradcli.explorer.graph_journey import Journey
    from gradcli.explorer.graph_labels import Labels
    from gradcli.explorer.graph_recorder import Origin, Recorder
    from gradcli.explorer.graph_rules import Rule

__all__ = ["describe"]


def describe(  # noqa: PLR0913 - what is known of a run
    node: Node,
    numbers: Mapping[Node, int],
    labels: Labels,
    recorder: Recorder,
    journey: Journey,
    formulas: Mapping[Node, str],
    rules: Mapping[Node, Sequence[Rule]],
) -> GraphNode:
    """Returns the report of a node, after backward."""
    origin = recorder.origins.get(node)
    leaf = isinstance(node, AccumulateGrad)
    saved = _saved(node, journey.saved.get(node, ()), labels, origin)
    return GraphNode(
        number=numbers[node],
        name=type_name(node),
        variable=labels.of[node] if leaf else "",
        operation=origin.record.name if origin is not None else "",
        text="" if node.span is None else node.span.text,
        label=labels.of[node],
        formula=formulas.get(node, ""),
        results=tuple(
            _result(node, output, labels, recorder, journey) for output in range(len(node.outputs))
        ),
        flows=_flows(node, numbers, labels, journey, rules.get(node, ()), origin),
        saved=saved,
        again=_again(node, saved),
        kinks=kinks_at(origin) if origin is not None else (),
        visited=node in journey.seen,
    )


def _result(node: Node, output: int, labels: Labels, recorder: Recorder, journey: Journey) -> Result:
    shape, dtype = node.outputs[output]
    array = node.variable._array if isinstance(node, AccumulateGrad) else recorder.values.get((node, output))
    value = None if array is None else journey.frozen(array)
    return Result(
        labels.value(node, output), shape, _dtype_name(dtype), value, journey.arrived.get((node, output))
    )


def _dtype_name(dtype: Any) -> str:
    return dtype_of(np.empty(0, dtype)).name


def _flows(  # noqa: PLR0913 - as describe
    node: Node,
    numbers: Mapping[Node, int],
    labels: Labels,
    journey: Journey,
    rules: Sequence[Rule],
    origin: Origin | None,
) -> tuple[Flow, ...]:
    sent = journey.sent.get(node, ())
    found = []
    place = 0  # among the edges: next_functions counts the inputs without a gradient too
    for entry, (target, output) in enumerate(node.next_functions):
        if target is None:
            found.append(Flow(None, 0, _constant(node, entry, labels, origin)))
            continue
        given = sent[entry] if entry < len(sent) else None
        rule = rules[place] if place < len(rules) else None
        found.append(
            Flow(
                to=numbers[target],
                output=output,
                operand=labels.value(target, output),
                rule="" if rule is None else rule.whole,
                local="" if rule is None else rule.local,
                factor=None if rule is None or rule.factor is None else journey.frozen(rule.factor),
                sent=given,
                dims=() if given is None else _summed(given.shape, target.outputs[output][0]),
            )
        )
        place += 1
    return tuple(found)


def _constant(node: Node, entry: int, labels: Labels, origin: Origin | None) -> str:
    """The name of an input without a gradient, where the operation tells."""
    if origin is None or not isinstance(node, RecordNode):
        return ""
    differentiable = [i for i in range(node.rule.arity) if node.record.rule(i) is not None]
    operand = origin.operands[differentiable[entry]]
    return labels.operand(Terms(), operand).text if isinstance(operand.value, Tensor) else str(operand.value)


def _summed(shape: tuple[int, ...], wanted: tuple[int, ...]) -> tuple[int, ...]:
    """The dims of a cotangent that are summed over on its way to an input of another shape."""
    lead = len(shape) - len(wanted)
    return tuple(
        dim for dim in range(len(shape)) if dim < lead or (wanted[dim - lead] == 1 and shape[dim] != 1)
    )


def _saved(node: Node, before: Sequence[Saved], labels: Labels, origin: Origin | None) -> tuple[Kept, ...]:
    """What the node had saved `before` backward, and what became of it."""
    if not isinstance(node, RecordNode):
        return ()
    found = []
    for slot, (value, _, version, expected, _) in zip(node.rule.save, before, strict=False):
        changed = version is not None and version[0] != expected
        tensor = isinstance(value, np.ndarray)
        array = np.asarray(value)
        found.append(
            Kept(
                name=_name(node, slot, labels, origin),
                shape=array.shape,
                dtype=_dtype_name(array.dtype) if tensor else "number",
                nbytes=array.nbytes if tensor else 0,
                version=None if version is None else version[0],
                expected=expected,
                memory=array.__array_interface__["data"][0] if tensor else 0,
                status="freed" if node.saved is None else "changed" if changed else "kept",
            )
        )
    return tuple(found)


def _name(node: RecordNode, slot: int, labels: Labels, origin: Origin | None) -> str:
    if slot < 0:
        return labels.value(node, ~slot)
    operand = None if origin is None or slot >= len(origin.operands) else origin.operands[slot]
    if operand is None:
        return node.record.argument(slot)
    if operand.edge is not None and operand.edge[0] in labels.of:
        return labels.value(*operand.edge)
    if isinstance(operand.value, Tensor):
        text = labels.operand(Terms(), operand).text
        return node.record.argument(slot) if text == UNNAMED else text
    return str(operand.value)


def _again(node: Node, saved: Sequence[Kept]) -> str:
    """Why a second backward raises at this node; empty where it does not."""
    if any(one.status == "changed" for one in saved):
        return "changed in place since it was saved"
    freed = any(one.status == "freed" for one in saved) or getattr(node, "freed", False) is True
    return "freed by the first backward" if freed else ""
