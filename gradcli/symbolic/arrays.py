"""What both namespaces offer to a record's `sympy=` form on arrays, besides scalar functions."""

from __future__ import annotations

from typing import Any

import numpy as np

from gradcli.symbolic import elimination

__all__ = ["ArrayForms", "rounded"]


class ArrayForms:
    """Order and linear algebra on object arrays; elements compare by their numbers."""

    def sqrt(self, x: Any) -> Any:
        """The square root of one element."""
        raise NotImplementedError

    def reduce_max(self, x: Any, dims: Any, keepdim: Any = False) -> Any:
        """The largest elements over dims."""
        return np.maximum.reduce(x, axis=dims, keepdims=keepdim)

    def reduce_min(self, x: Any, dims: Any, keepdim: Any = False) -> Any:
        """The smallest elements over dims."""
        return np.minimum.reduce(x, axis=dims, keepdims=keepdim)

    def solve(self, a: Any, b: Any) -> Any:
        """X of A X = B."""
        return elimination.solve(a, b)

    def det(self, a: Any) -> Any:
        """Determinants of matrices."""
        return elimination.det(a)

    def inv(self, a: Any) -> Any:
        """Inverses of matrices."""
        return elimination.inv(a)

    def cholesky(self, a: Any) -> Any:
        """Lower triangular factors of positive definite matrices."""
        return elimination.cholesky(a, self.sqrt)


def rounded(image: Any) -> bool:
    """Whether a NumPy form made floats of objects, as np.linalg does without a word: the digits are gone."""
    data = np.asarray(image)
    if data.dtype == object:
        flat = data.ravel().tolist()  # whole floats may be constants, and so may some among others
        return all(isinstance(x, float) for x in flat) and not all(x.is_integer() for x in flat)
    return data.dtype.kind == "f" and data.size > 0
