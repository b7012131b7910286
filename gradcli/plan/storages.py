"""What is known of the memory that a value of a trace lies in.

A storage is memory that one step fills, or that is given; a value has its place in one. So `y = x[1]`, of
doubles, lies in x's storage, eight bytes behind its beginning. And `z = cat([sin(y), cos(y)])` takes the
storages of both its arguments into its own, so that they are computed where they belong.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from gradcli.plan.operands import OWN

if TYPE_CHECKING:
    from gradcli.plan.operands import Operand
    from gradcli.plan.trace import Step

__all__ = ["Form", "Place", "Storage"]


class Form(NamedTuple):
    """How what a step gives is divided.

    Attributes:
        layouts: the number of the layout of each result.
        offsets: how far behind the beginning each is, in bytes.
        size: of all, in bytes.
    """

    layouts: tuple[int, ...]
    offsets: tuple[int, ...]
    size: int


class Storage:
    """Memory of its own.

    Attributes:
        index: which of all storages it is.
        look: a number, equal for storages that are filled by the same operation.
        form: how it is divided.
        step: what fills it; None where it is given.
        memory: the number of the memory that it is in.
        address: where there; 0 until it has one.
        home: the storage of a join that it is a part of; else itself.
        start: how far behind the beginning of its home, in bytes.
        lasting: nothing else may ever be written here: it is given, or given out, or what it has from the
            run before is not written again.
        shared: the caller may write here between runs.
    """

    __slots__ = (
        "address", "form", "home", "index", "lasting", "look", "memory", "shared", "start", "step",
    )  # fmt: skip

    def __init__(self, index: int, look: int, form: Form, step: Step | None) -> None:
        self.index, self.look, self.form, self.step = index, look, form, step
        self.memory, self.address = OWN, 0
        self.home, self.start = self, 0
        self.lasting = self.shared = False


class Place(NamedTuple):
    """Where a value lies.

    Attributes:
        storage: in which memory.
        offset: how far behind its beginning, in bytes.
        layout: the number of how its elements lie.
    """

    storage: Storage
    offset: int
    layout: int

    def operand(self) -> Operand:
        """Returns it by numbers alone, once its storage's home has an address."""
        storage = self.storage
        home = storage.home
        return home.memory, home.address + storage.start + self.offset, self.layout
