"""torch.Generator, and the state of the default one."""

from __future__ import annotations

from typing import Any

from gradcli.autograd.context import context
from gradcli.autograd.dense import CPU, Device
from gradcli.autograd.generator import PYTORCH_DEFAULT_SEED
from gradcli.autograd.generator import Generator as _Generator
from gradcli.autograd.tensor import Tensor, make
from gradcli.diagnostics import RuntimeFault, TypeFault

__all__ = ["Generator", "get_rng_state", "seed", "set_rng_state"]


class Generator(_Generator):
    """A stream of random numbers of one's own; unseeded it always is the same one."""

    __slots__ = ()

    def __init__(self, device: Any = "cpu") -> None:
        if Device(device).type != "cpu":
            raise RuntimeFault("E303", f"there is no device `{device}`", help="write torch.Generator()")
        super().__init__(PYTORCH_DEFAULT_SEED)

    @property
    def device(self) -> Device:
        """The CPU."""
        return CPU

    def seed(self) -> int:
        """Starts the stream of a seed drawn from the default generator, and returns the seed."""
        chosen = seed()
        self.manual_seed(chosen)
        return chosen

    def get_state(self) -> Any:
        """The state as a tensor of bytes."""
        return make(super().get_state())

    def set_state(self, state: Any) -> Any:
        """Itself, continuing from a state."""
        super().set_state(_bytes(state))
        return self

    def __repr__(self) -> str:
        return f"<torch._C.Generator object at {hex(id(self))}>"


def _bytes(state: Any) -> Any:
    if not isinstance(state, Tensor):
        raise TypeFault("E303", "expected a torch.ByteTensor, but got " + type(state).__name__)
    return state._array  # noqa: SLF001 - one package


def get_rng_state() -> Tensor:
    """Returns the state of the default generator as a tensor of bytes."""
    return make(_Generator.get_state(context.generator))


def set_rng_state(new_state: Any) -> None:
    """Lets the default generator continue from a state."""
    _Generator.set_state(context.generator, _bytes(new_state))


def seed() -> int:
    """Starts the stream of a new seed, and returns the seed.

    It is drawn from the stream so far, never from the clock: what is printed can be printed again.
    """
    chosen = int(context.generator.randint(0, 2**62, ()))
    context.generator.manual_seed(chosen)
    return chosen
