"""The checked tree, expressions of classes and of f-strings: in normal form, each node knowing its place."""

from __future__ import annotations

from gradcli.language.tree.expressions import Expression, Node


class Super(Expression):
    """`super()` in a method, or `super(owner, instance)`; without an owner it is the class around."""

    __slots__ = ("instance", "owner")

    def __init__(self, place: tuple[int, int], owner: Expression | None, instance: Expression) -> None:
        super().__init__(place)
        self.owner = owner
        self.instance = instance


class ClassOf(Expression):
    """`value.__class__`, which is `type(value)`."""

    __slots__ = ("value",)

    def __init__(self, place: tuple[int, int], value: Expression) -> None:
        super().__init__(place)
        self.value = value


class Field(Node):
    """`{value!conversion:spec}` in an f-string; `conversion` is `s`, `r`, `a` or nothing."""

    __slots__ = ("conversion", "spec", "value")

    def __init__(
        self, place: tuple[int, int], value: Expression, conversion: str, spec: Template | None
    ) -> None:
        super().__init__(place)
        self.value = value
        self.conversion = conversion
        self.spec = spec


class Template(Expression):
    """An f-string: texts and fields, one after the other."""

    __slots__ = ("parts",)

    def __init__(self, place: tuple[int, int], parts: list[str | Field]) -> None:
        super().__init__(place)
        self.parts = parts
