"""PyTorch's CPU generator of random numbers: the same seed gives the same numbers.

The words are MT19937's with its original seeding. Sources: M. Matsumoto and T. Nishimura, "Mersenne
Twister", ACM TOMACS 8 (1998); for what is made of the words, PyTorch 2.13's headers
ATen/core/DistributionsHelper.h, ATen/core/TransformationHelper.h, ATen/native/DistributionTemplates.h and
ATen/native/cpu/DistributionTemplates.h. Integers and uniforms agree bit for bit, normals to a few units in
the last place.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import DTypeLike, NDArray

from gradcli.autograd.random import bounds
from gradcli.autograd.random.boxmuller import BLOCK, normal_blocks, normal_pairs
from gradcli.autograd.random.fused import affine
from gradcli.autograd.random.shuffle import shuffled
from gradcli.autograd.random.state import State, pack, unpack
from gradcli.diagnostics import NotImplementedFault

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.random import RandomState

__all__ = ["PYTORCH_DEFAULT_SEED", "Generator"]

Array = NDArray[Any]
DType = np.dtype[Any]

PYTORCH_DEFAULT_SEED = 67280421310721  # of a `torch.Generator()` that nobody seeded

SINGLE, DOUBLE = np.dtype(np.float32), np.dtype(np.float64)
WIDE_RANGE = 2**28  # from here on an integer takes two words, so that the remainder is hardly skewed
LONG_PERMUTATION = (2**32 - 1) // 20  # from here on PyTorch shuffles in another way
CHUNK = 2**15  # uniforms made at a time: their words stay in the cache


class Generator:
    """A stream of random numbers that depends on its seed alone.

    The default seed is 0, never the clock: what gradcli prints can be printed again. Shapes are those of
    contiguous tensors; a strided one is filled in the order of its memory.
    """

    __slots__ = ("_engine", "_normal", "_seed")

    def __init__(self, seed: int = 0) -> None:
        self._seed = 0
        self._engine: RandomState | None = None  # made by the first draw
        self._normal: float | None = None  # the second of a pair, kept for the next call
        self.manual_seed(seed)

    def manual_seed(self, seed: int) -> Generator:
        """Starts the stream of `seed`, forgets the kept normal, and returns the generator itself.

        Args:
            seed: a whole number from -2**63 to 2**64 - 1; a negative one stands for itself plus 2**64.

        Raises:
            RuntimeFault: the seed is not a whole number.
            ValueFault: it is out of range.
        """
        self._seed = bounds.seed_bits(seed)
        self._engine = None
        self._normal = None
        return self

    def initial_seed(self) -> int:
        """Returns the seed of the stream, from 0 to 2**64 - 1."""
        return self._seed

    def get_state(self) -> NDArray[np.uint8]:
        """Returns where the stream stands: the 5056 bytes of PyTorch's `get_rng_state`."""
        engine = self._engine or self._seeded()
        state = engine.get_state(legacy=False)["state"]
        return pack(State(self._seed, state["key"], state["pos"] if self._engine else 0, self._normal))

    def set_state(self, state: NDArray[np.uint8]) -> None:
        """Puts the stream, its seed and the kept normal where they stood at `get_state`.

        Raises:
            TypeFault: the state is no array of bytes.
            RuntimeFault: it has another length than PyTorch's, or no stream can stand there.
        """
        seed, words, used, normal = unpack(state)
        self.manual_seed(seed)
        self._normal = normal
        self._engine = self._seeded()
        self._engine.set_state(("MT19937", words, used or words.size, 0, 0.0))

    def uniform(
        self, shape: Sequence[int], dtype: DTypeLike = np.float32, low: float = 0.0, high: float = 1.0
    ) -> Array:
        """Returns uniforms in [low, high), as `rand` and `uniform_` draw them.

        The real and the imaginary part of a complex number are both uniform.

        Raises:
            RuntimeFault: a bound is out of the dtype's range, or `low` is above `high`.
            NotImplementedFault: the dtype is neither floating nor complex.
        """
        dtype, low, high, count = np.dtype(dtype), float(low), float(high), bounds.element_count(shape)
        if dtype.kind == "c":
            if count == 0:
                return np.empty(shape, dtype)
            return _complex(self.uniform((*shape, 2), _part(dtype), low, high), dtype)
        bounds.uniform_bounds(low, high, dtype)
        values = self._unit(count, max(dtype, SINGLE))
        of_dtype = values.dtype.type
        values = affine(values, float(of_dtype(high) - of_dtype(low)), low)
        values = values.astype(dtype, copy=False)
        values[values == high] = low  # rounding may reach the bound that is left out
        return values.reshape(shape)

    def normal(
        self,
        shape: Sequence[int],
        dtype: DTypeLike = np.float32,
        mean: float = 0.0,
        std: float = 1.0,
        *,
        contiguous: bool = True,
    ) -> Array:
        """Returns normals, as `randn` and `normal_` draw them.

        A complex number's parts have the variance std**2 / 2 each.

        Args:
            shape: of the result.
            dtype: floating or complex.
            mean: the mean.
            std: the standard deviation, 0 or more.
            contiguous: whether the tensor to be filled is: 16 and more elements are drawn in blocks only
                then. The result is in the order of the tensor's memory.

        Raises:
            RuntimeFault: `std` is negative.
            NotImplementedFault: the dtype is neither floating nor complex.
        """
        bounds.spread(std)
        dtype, count = np.dtype(dtype), bounds.element_count(shape)
        if count == 0:
            return np.empty(shape, dtype)
        if dtype.kind == "c":
            std /= np.sqrt(2.0)
            return _complex(self.normal((*shape, 2), _part(dtype), mean, std, contiguous=contiguous), dtype)
        bounds.require_floating(dtype, "normal_kernel_cpu")
        values = self._blocks(count, dtype) if count >= BLOCK and contiguous else self._pairs(count)
        return _cast(affine(values, std, mean), dtype).reshape(shape)

    def randint(self, low: int, high: int, shape: Sequence[int], dtype: DTypeLike = np.int64) -> Array:
        """Returns whole numbers from `low` to `high` - 1, as `randint` and `random_` draw them.

        Raises:
            RuntimeFault: the range is empty or leaves the dtype's.
            ValueFault: a bound does not fit in 64 bits.
        """
        dtype = np.dtype(dtype)
        low, high = bounds.integer_bounds(low, high, dtype)
        count = bounds.element_count(shape)
        words = self._words(count) if high - low < WIDE_RANGE else self._double_words(count)
        # Above 2**63 the remainder wraps to a negative number, and adding `low` wraps it back.
        values = (words % words.dtype.type(high - low)).astype(np.int64) + low
        return values.astype(dtype, copy=False).reshape(shape)

    def randperm(self, n: int) -> NDArray[np.int64]:
        """Returns 0, 1, ..., n-1 in random order.

        Raises:
            RuntimeFault: `n` is negative.
            NotImplementedFault: `n` is so big that PyTorch shuffles in another way.
        """
        bounds.element_count((n,))
        if n >= LONG_PERMUTATION:
            message = f"randperm of {n} elements is not implemented"
            raise NotImplementedFault("E342", message, help=f"`n` is below {LONG_PERMUTATION}")
        place = np.arange(n)
        partner = place.copy()
        partner[:-1] += self._words(max(n - 1, 0)) % (n - place[:-1])
        return shuffled(partner)

    def bernoulli(self, p: float | Array, shape: Sequence[int], dtype: DTypeLike = np.float32) -> Array:
        """Returns 1 with probability p and 0 otherwise, as `bernoulli`, `bernoulli_` and dropout draw them.

        Args:
            p: one probability, or an array of them that broadcasts to the shape: PyTorch draws a double for
                the former and for float64, a float for the other floating dtypes.
            shape: of the result.
            dtype: of the result.

        Raises:
            RuntimeFault: a probability is outside [0, 1].
            NotImplementedFault: the array's dtype is not floating, or `dtype` is complex.
        """
        dtype, count = np.dtype(dtype), bounds.element_count(shape)
        bounds.probability(p, dtype, count)
        unit = self._unit(count, max(p.dtype, SINGLE) if isinstance(p, np.ndarray) else DOUBLE)
        return np.asarray(unit.reshape(shape) < p, dtype)

    def exponential(self, shape: Sequence[int], dtype: DTypeLike = np.float32, rate: float = 1.0) -> Array:
        """Returns exponentials of mean 1/rate, as `exponential_` draws them.

        Raises:
            RuntimeFault: `rate` is not above 0, or the dtype is not floating.
        """
        dtype, count = np.dtype(dtype), bounds.element_count(shape)
        bounds.rate_of(rate, dtype, count)
        clocks = np.log1p(-self._unit(count, DOUBLE))
        return _cast(affine(clocks, -1.0 / rate, 0.0), dtype).reshape(shape)

    def multinomial(
        self, weights: Array, num_samples: int, *, replacement: bool = False
    ) -> NDArray[np.int64]:
        """Returns category numbers drawn with the given weights, as `multinomial` draws them.

        Args:
            weights: (categories,) or (rows, categories), floating; rows need not sum to one.
            num_samples: drawn from each row; the result is (num_samples,) or (rows, num_samples).
            replacement: whether a category can be drawn more than once.

        Raises:
            RuntimeFault: the weights or the number of samples are unusable.
        """
        bounds.weights(weights, num_samples, replacement=replacement)
        if weights.size == 0:
            return np.empty((*weights.shape[:-1], num_samples), np.int64)
        if num_samples == 1 or not replacement:
            # Exponential clocks: category i rings first with probability weights[i] / their sum.
            speed = weights / self.exponential(weights.shape, weights.dtype)
            return np.argsort(-speed, axis=-1, kind="stable")[..., :num_samples]
        cumulative = np.cumsum(weights, axis=-1, dtype=weights.dtype)
        cumulative /= cumulative[..., -1:].copy()
        cumulative[..., -1] = 1.0
        points = self._unit(weights.size // weights.shape[-1] * num_samples, DOUBLE)
        rows = zip(np.atleast_2d(cumulative), points.reshape(-1, num_samples), strict=True)
        drawn = np.stack([np.searchsorted(row, point) for row, point in rows])
        return drawn.reshape((*weights.shape[:-1], num_samples))

    def _seeded(self) -> RandomState:
        from numpy.random import RandomState  # 16 ms that a run without random numbers does not pay

        return RandomState(self._seed & 0xFFFFFFFF)

    def _words(self, count: int) -> NDArray[np.uint32]:
        if count == 0:
            return np.empty(0, np.uint32)
        if self._engine is None:
            self._engine = self._seeded()
        # The full range of 32 bits is the engine's words as they are, in a stream that is frozen (NEP 19).
        return self._engine.randint(0, 2**32, size=count, dtype=np.uint32)

    def _double_words(self, count: int) -> NDArray[np.uint64]:
        high, low = self._words(2 * count).reshape(-1, 2).T
        return high.astype(np.uint64) << np.uint64(32) | low

    def _unit(self, count: int, dtype: DType) -> Array:
        """Uniforms in [0, 1), of the low 24 bits of a word (float32) or the low 53 bits of two (float64)."""
        values = np.empty(count, dtype)
        for start in range(0, count, CHUNK):
            part = values[start : start + CHUNK]
            if dtype == DOUBLE:
                high, low = self._words(2 * part.size).reshape(-1, 2).T
                part[:] = (high & 0x1FFFFF) * 2.0**32 + low
                part *= 2.0**-53
            else:
                part[:] = self._words(part.size) & 0xFFFFFF
                part *= 2.0**-24
        return values

    def _blocks(self, count: int, dtype: DType) -> Array:
        """Normals in blocks of 16; where the last is not full, the last 16 are drawn once more."""
        whole = count - count % BLOCK
        # Halves are made of floats, block by block: PyTorch draws none for the last, broken block.
        uniforms = self._unit(whole if dtype == np.float16 else count, max(dtype, SINGLE))
        values = np.empty(count, uniforms.dtype)
        values[:whole] = normal_blocks(uniforms[:whole])
        if whole != count:
            values[-BLOCK:] = normal_blocks(self._unit(BLOCK, uniforms.dtype))
        return values

    def _pairs(self, count: int) -> NDArray[np.float64]:
        """Normals two by two; the second of a pair that is not asked for is kept for the next call."""
        kept = [] if self._normal is None else [self._normal]
        drawn = normal_pairs(self._unit((count - len(kept) + 1) // 2 * 2, DOUBLE))
        values = np.concatenate([kept, drawn])
        self._normal = float(values[count]) if values.size > count else None
        return values[:count]


def _part(dtype: DType) -> DType:
    """The dtype of a complex number's parts."""
    return SINGLE if dtype.itemsize == 8 else DOUBLE  # noqa: PLR2004 - complex64's bytes


@np.errstate(over="ignore")  # PyTorch gives inf in silence
def _cast(values: Array, dtype: DType) -> Array:
    return values.astype(dtype, copy=False)


def _complex(parts: Array, dtype: DType) -> Array:
    return np.asarray(parts.view(dtype)[..., 0])
