"""The queue of a backward pass: whatever order nodes come in, they leave by falling sequence."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from gradcli.autograd.node import Node
from gradcli.autograd.waiting import Waiting


def node(sequence):
    found = Node()
    found.sequence = sequence
    return found


@given(st.lists(st.integers(0, 10**6), unique=True))
def test_nodes_leave_by_falling_sequence(sequences):
    waiting = Waiting()
    for sequence in sequences:
        waiting.push(node(sequence))
    left = [waiting.pop().sequence for _ in sequences]
    assert left == sorted(sequences, reverse=True)


@given(st.lists(st.tuples(st.integers(0, 10**6), st.booleans()), unique_by=lambda step: step[0]))
def test_nodes_that_come_in_between_leave_in_their_turn(steps):
    waiting, inside = Waiting(), set()
    for sequence, leaves in steps:
        waiting.push(node(sequence))
        inside.add(sequence)
        if leaves:
            assert waiting.pop().sequence == max(inside)
            inside.remove(max(inside))
