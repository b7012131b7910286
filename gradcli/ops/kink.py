"""What is taken as the derivative where there is none: a sentence, and the same in a form that is checked."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from typing import Self

__all__ = ["Kink"]


class Kink(str):
    """A sentence about kinks, and per argument which derivative is taken there.

    Attributes:
        takes: one word per argument of the record (the last stands for those that follow; empty: it has no
            kink). Of the derivatives to the left and to the right of an element, with the others fixed:

            `zero`              none of them: 0
            `left`, `right`     the one named
            `smaller`, `larger` the one of smaller or larger magnitude
            `half`              their mean
            `none`              nan
            `hole`              0 at this one point, though to both sides it is the same and another
            `either`            one of the two
            `even`              every tied element an even share of the cotangent
            `picked`            the element that the operation says it picked, all of it
            `ends`              anything where the first argument, a probability, is 0 or 1 but for rounding
    """

    __slots__ = ("takes",)
    takes: tuple[str, ...]

    def __new__(cls, sentence: str, *takes: str) -> Self:
        """The sentence with its words."""
        kink = super().__new__(cls, sentence)
        kink.takes = takes
        return kink
