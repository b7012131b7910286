"""NumPy's singular value decomposition with PyTorch's words where there is none."""

from __future__ import annotations

from typing import Any

import numpy as np

from gradcli.diagnostics import RuntimeFault
from gradcli.ops.linalg import batch_note

__all__ = ["decomposed"]


def decomposed(a: Any, **how: Any) -> Any:
    """Returns what `np.linalg.svd` returns.

    Raises:
        RuntimeFault: a matrix has no decomposition, in PyTorch's words.
    """
    try:
        return np.linalg.svd(a, **how)
    except np.linalg.LinAlgError:
        finite = np.isfinite(a).all((-2, -1))
        number = batch_note(a.shape, int(np.argmin(finite)))
        values = (
            "contained non-finite values" if not finite.all() else "has too many repeated singular values"
        )
        raise RuntimeFault(
            "E305",
            f"linalg.svd: {number}The algorithm failed to converge because the input matrix {values}.",
            help="look for the nan or inf in its elements: isfinite(...)" if not finite.all() else "",
        ) from None
