"""What both namespaces offer to a record's `sympy=` form on arrays, besides scalar functions."""

from __future__ import annotations

from typing import Any

import numpy as np

from gradcli.symbolic import elimination, spectral
from gradcli.symbolic.real import Real

__all__ = ["ArrayForms", "rounded"]


class ArrayForms:
    """Order and linear algebra on object arrays; elements compare by their numbers."""

    mirror = False  # whether one triangle of a matrix that is not symmetric stands for both
    newton_steps = 5  # from float64's 16 digits, each doubles them, and the derivative's one later

    def sqrt(self, x: Any) -> Any:
        """The square root of one element."""
        raise NotImplementedError

    def nsimplify(self, value: Any) -> Any:
        """A parameter as an exact number."""
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

    def eigh(self, a: Any, uplo: Any) -> tuple[Any, Any]:
        """Eigenvalues and eigenvectors of symmetric matrices.

        What moves such a matrix off symmetry has no derivative but by convention, here and in PyTorch not
        the same; elements that can tell (`Real.mirrored`) are told of their counterparts.
        """
        turned = np.swapaxes(a, -1, -2)
        for one, other in zip(a.ravel().tolist(), turned.ravel().tolist(), strict=True):
            if isinstance(one, Real):
                one.mirrored(other)
        return spectral.eigh(self.symmetric(a, uplo == "U"), uplo, self.newton_steps)

    def svd(self, a: Any, full: bool) -> tuple[Any, Any, Any]:
        """Singular values and vectors."""
        return spectral.svd(a, full, self.newton_steps)

    def qr(self, a: Any, mode: str) -> tuple[Any, Any]:
        """Orthogonal and triangular factors."""
        return spectral.qr(a, mode, self.sqrt)

    def least_squares(self, a: Any, b: Any) -> Any:
        """X that minimises |A X - B|."""
        return spectral.least_squares(a, b)

    def symmetric(self, a: Any, upper: bool) -> Any:
        """The symmetric part of matrices that are symmetric."""
        return spectral.symmetric(a, upper=upper, mirror=self.mirror)

    def expm(self, a: Any) -> Any:
        """Exponentials of matrices."""
        return spectral.expm(a)

    def floats(self, x: Any) -> Any:
        """The numbers of the elements, float64: for what they decide."""
        return spectral.floats(x)

    def tied(self, x: Any, where: Any) -> None:
        """Told of elements of x (at a mask) between which a decision could as well go the other way."""
        for element in x[where].tolist():
            if isinstance(element, Real):
                element.tie()

    def norm(self, x: Any, dims: Any, order: float) -> Any:
        """The p-norm over dims, which stay with size 1."""
        size = np.vectorize(abs, otypes=[object])(x)
        if order == np.inf:
            return self.reduce_max(size, dims, True)
        power = self.nsimplify(order)
        total = np.add.reduce(size**power, axis=dims, keepdims=True)
        return total if order == 1 else total ** (1 / power)


def rounded(image: Any) -> bool:
    """Whether a NumPy form made floats of objects, as np.linalg does without a word: the digits are gone."""
    data = np.asarray(image)
    if data.dtype == object:
        flat = data.ravel().tolist()  # whole floats may be constants, and so may some among others
        return all(isinstance(x, float) for x in flat) and not all(x.is_integer() for x in flat)
    return data.dtype.kind == "f" and data.size > 0
