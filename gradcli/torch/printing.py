"""torch.set_printoptions and what belongs to it."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from gradcli.autograd.print_options import print_options, set_print_options

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["get_printoptions", "printoptions", "set_printoptions"]


def set_printoptions(  # noqa: PLR0913 - PyTorch's signature
    precision: int | None = None,
    threshold: float | None = None,
    edgeitems: int | None = None,
    linewidth: int | None = None,
    profile: str | None = None,
    sci_mode: bool | None = None,
) -> None:
    """Sets how tensors are printed; what is not given stays, but for `sci_mode`.

    Args:
        precision: digits after the point.
        threshold: elements above which only some are shown.
        edgeitems: how many are shown at each end of a dim then.
        linewidth: characters of a line.
        profile: `default`, `short` or `full`, set before the others.
        sci_mode: scientific notation always, never, or (None) where the numbers ask for it.

    Raises:
        TypeFault, ValueFault: a number will not do, or there is no such profile.
    """
    set_print_options(print_options().changed(precision, threshold, edgeitems, linewidth, profile, sci_mode))


def get_printoptions() -> dict[str, Any]:
    """Returns how tensors are printed, by name."""
    return asdict(print_options())


@contextmanager
def printoptions(**options: Any) -> Iterator[None]:
    """Prints in another way inside a `with` block."""
    before = print_options()
    set_printoptions(**options)
    try:
        yield
    finally:
        set_print_options(before)
