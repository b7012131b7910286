"""What the tests of autograd's semantics are given; tests/oracle/test_autograd_oracle.py gives PyTorch's own.

Each test is a little program with what PyTorch does written down, and runs under both.
"""

from __future__ import annotations

import pytest

import gradcli.torch
from gradcli.autograd import session


@pytest.fixture
def torch():
    with session():
        yield gradcli.torch


@pytest.fixture
def message():
    """Returns the words of the error that a call ends in."""

    def words(kind, call):
        with pytest.raises(kind) as caught:
            call()
        return str(caught.value)

    return words


@pytest.fixture
def graph():
    """Returns a graph's text: each node's name, in brackets its next functions; `-` where there is none."""

    def text(node):
        if node is None:
            return "-"
        name = node.name().rpartition("::")[2]
        below = ", ".join(text(following) for following, _ in node.next_functions)
        return f"{name}({below})" if below else name

    return text
