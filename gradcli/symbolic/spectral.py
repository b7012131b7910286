"""Factorizations and functions of matrices on object arrays: eigenvalues, singular values, QR, exponential.

Eigenvectors and singular vectors start from NumPy's, which decide their order and signs, and are made right
to any number of digits by Newton's method on A v = l v, v.v = 1. Its derivative converges with it, one step
behind, so that what is differentiated through the steps is the derivative of the eigenvector.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from gradcli.diagnostics import NotImplementedFault
from gradcli.symbolic.elimination import solve, stacked
from gradcli.symbolic.real import Real

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["eigh", "expm", "floats", "least_squares", "qr", "svd", "symmetric"]

ROUNDING = 1e-9  # relative; what computes a symmetric matrix may make its triangles differ by so much
GAP = 1e-6  # relative; closer values are taken to coincide, where vectors have no derivative
TERMS = 20  # of the Taylor series, for a norm of 2^-SCALED at most: right to 2^-200 / 20!
SCALED = 10


def floats(x: Any) -> Any:
    """Returns an object array's elements as float64."""
    found = np.empty(x.shape)
    found.ravel()[:] = [float(element) for element in x.ravel().tolist()]
    return found


def _refuse(what: str) -> NotImplementedFault:
    return NotImplementedFault("E308", f"{what}: no derivative in closed form")


def check_size(a: Any) -> None:
    """Returns if an iteration over the elements stays small.

    Raises:
        NotImplementedFault: they are expressions, which double in every step.
    """
    if any(isinstance(x, Real) and not x.assigned for x in a.ravel().tolist()):
        raise _refuse("as one expression")


def _separate(values: Any, what: str) -> None:
    """Returns if no two of the values coincide.

    Raises:
        NotImplementedFault: two do.
    """
    gaps = np.abs(np.diff(np.sort(values)))
    if gaps.size and gaps.min() <= GAP * np.abs(values).max():
        raise _refuse(f"two {what} coincide")


def _newton(start: Any, residual: Callable[[Any], Any], jacobian: Callable[[Any], Any], steps: int) -> Any:
    """A zero of a system, from a start that is right to float64."""
    z = start
    for _ in range(steps):
        z = z - solve(jacobian(z), residual(z)[:, np.newaxis])[:, 0]
    return z


def _object(x: Any) -> Any:
    return np.asarray(x).astype(object)


def symmetric(a: Any, *, upper: bool, mirror: bool) -> Any:
    """Returns (A + A^T) / 2: an operation that reads one triangle has the gradient along symmetric changes.

    Args:
        a: matrices, (..., n, n).
        upper: which triangle is read.
        mirror: what is not symmetric is replaced by that triangle and its image.

    Raises:
        NotImplementedFault: A is not symmetric; then that is no gradient of what is computed.
    """
    numbers = floats(a)
    if mirror:
        half = np.triu(a) if upper else np.tril(a)
        return half + np.swapaxes(np.triu(a, 1) if upper else np.tril(a, -1), -1, -2)
    if not np.allclose(numbers, np.swapaxes(numbers, -1, -2), rtol=ROUNDING, atol=0):
        raise _refuse("one triangle is read of a matrix that is not symmetric")
    return (a + np.swapaxes(a, -1, -2)) / 2


def eigh(a: Any, uplo: Literal["L", "U"], steps: int) -> tuple[Any, Any]:
    """Returns eigenvalues, ascending, and eigenvectors (columns) of symmetric (..., n, n).

    Raises:
        NotImplementedFault: eigenvalues coincide.
    """
    check_size(a)
    found = stacked(lambda one: _eigh(one, uplo, steps), a)
    return found[..., 0, :], found[..., 1:, :]


def _eigh(a: Any, uplo: Literal["L", "U"], steps: int) -> Any:
    values, vectors = np.linalg.eigh(floats(a), UPLO=uplo)
    _separate(values, "eigenvalues")
    pairs = [_eigenpair(a, values[k], vectors[:, k], steps) for k in range(len(values))]
    return np.concatenate([np.array([[z[-1] for z in pairs]]), np.stack([z[:-1] for z in pairs], axis=1)])


def _eigenpair(a: Any, value: float, vector: Any, steps: int) -> Any:
    """The vector and, last, the value."""
    count = len(vector)
    eye = _object(np.eye(count))

    def residual(z: Any) -> Any:
        v = z[:-1]
        return np.append(a @ v - z[-1] * v, (v @ v - 1) / 2)

    def jacobian(z: Any) -> Any:
        v = z[:-1]
        top = np.concatenate([a - z[-1] * eye, -v[:, np.newaxis]], axis=1)
        return np.concatenate([top, np.append(v, 0)[np.newaxis]])

    return _newton(_object(np.append(vector, value)), residual, jacobian, steps)


def svd(a: Any, full: bool, steps: int) -> tuple[Any, Any, Any]:
    """Returns U, the singular values, descending, and V^T of (..., m, n).

    Raises:
        NotImplementedFault: singular values coincide, one is zero, or a full basis is asked for.
    """
    check_size(a)
    rows, columns = a.shape[-2:]
    inner = min(rows, columns)
    if full and rows != columns:
        raise _refuse("a basis beyond the singular vectors is free to turn")
    found = stacked(lambda one: _svd(one, steps), a)  # (..., rows + columns + 1, inner)
    return (
        found[..., :rows, :],
        found[..., -1, :],
        np.swapaxes(found[..., rows:-1, :], -1, -2)[..., :inner, :],
    )


def _svd(a: Any, steps: int) -> Any:
    u, s, vh = np.linalg.svd(floats(a), full_matrices=False)
    _separate(np.append(s, 0.0), "singular values (or one and zero)")
    columns = [_triplet(a, u[:, k], s[k], vh[k], steps) for k in range(len(s))]
    return np.stack(columns, axis=1)


def _triplet(a: Any, u: Any, s: float, v: Any, steps: int) -> Any:
    """U, v and, last, s, of A v = s u, A^T u = s v, u.u + v.v = 2."""
    rows, columns = a.shape
    zero = _object(np.zeros((rows + columns + 1, rows + columns + 1)))

    def parts(z: Any) -> tuple[Any, Any, Any]:
        return z[:rows], z[rows:-1], z[-1]

    def residual(z: Any) -> Any:
        u, v, s = parts(z)
        return np.concatenate([a @ v - s * u, a.T @ u - s * v, [(u @ u + v @ v - 2) / 2]])

    def jacobian(z: Any) -> Any:
        u, v, s = parts(z)
        found = zero.copy()
        found[:rows, rows:-1], found[rows:-1, :rows] = a, a.T
        for k in range(rows + columns):
            found[k, k] = -s
        found[:-1, -1] = -z[:-1]
        found[-1, :rows], found[-1, rows:-1] = u, v
        return found

    return _newton(_object(np.concatenate([u, v, [s]])), residual, jacobian, steps)


def qr(a: Any, mode: str, root: Callable[[Any], Any]) -> tuple[Any, Any]:
    """Returns Q and R of (..., m, n), with NumPy's signs; `root` is the elements' square root.

    Raises:
        NotImplementedFault: a full basis is asked for.
    """
    rows, columns = a.shape[-2:]
    if mode == "complete" and rows > columns:
        raise _refuse("a basis beyond Q is free to turn")
    inner = min(rows, columns)
    found = stacked(lambda one: _qr(one, inner, root), a)  # Q beside R, in rows
    q, r = found[..., :inner], found[..., :inner, inner:]
    return (np.zeros(0) if mode == "r" else q), r


def _qr(a: Any, inner: int, root: Callable[[Any], Any]) -> Any:
    rows, columns = a.shape
    signs = np.sign(np.diagonal(np.linalg.qr(floats(a), mode="r")))
    q = np.zeros((rows, inner), dtype=object)
    r = np.zeros((rows, columns), dtype=object)
    for k in range(inner):
        rest = a[:, k]
        for i in range(k):
            r[i, k] = q[:, i] @ rest
            rest = rest - r[i, k] * q[:, i]
        r[k, k] = root(rest @ rest) * int(signs[k])
        q[:, k] = rest / r[k, k]
    for k in range(inner, columns):
        for i in range(inner):
            r[i, k] = q[:, i] @ a[:, k]
    return np.concatenate([q, r], axis=1)


def least_squares(a: Any, b: Any) -> Any:
    """Returns the X of smallest norm that minimises |A X - B|.

    Raises:
        NotImplementedFault: A is not of full rank.
    """
    rows, columns = a.shape[-2:]
    if (np.linalg.matrix_rank(floats(a)) < min(rows, columns)).any():
        raise _refuse("a matrix is not of full rank")
    turned = np.swapaxes(a, -1, -2)
    if rows >= columns:
        return solve(turned @ a, turned @ b)
    return turned @ solve(a @ turned, b)


def expm(a: Any) -> Any:
    """Returns the exponentials of (..., n, n), by scaling and squaring of the Taylor series."""
    if not a.size:
        return a
    check_size(a)
    return stacked(_expm, a)


def _expm(a: Any) -> Any:
    norm = np.abs(floats(a)).sum(axis=0).max()
    squarings = SCALED + max(0, int(np.ceil(np.log2(norm))) if norm > 0 else 0)
    small = a / 2**squarings
    eye = _object(np.eye(len(a)))
    total = eye
    for k in range(TERMS, 0, -1):  # Horner's scheme
        total = eye + (small @ total) / k
    for _ in range(squarings):
        total = total @ total
    return total
