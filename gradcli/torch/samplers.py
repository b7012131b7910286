"""torch.utils.data: samplers, which say in which order examples are taken."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from gradcli.autograd.context import context
from gradcli.autograd.generator import Generator
from gradcli.autograd.tensor import Tensor
from gradcli.diagnostics import TypeFault, ValueFault
from gradcli.ops.dtypes import FLOAT64, INT64
from gradcli.torch.data import as_tensor
from gradcli.torch.filling import random_

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

__all__ = [
    "BatchSampler", "RandomSampler", "Sampler", "SequentialSampler", "SubsetRandomSampler",
    "WeightedRandomSampler", "drawn_seed",
]  # fmt: skip

CHUNK = 32  # numbers that RandomSampler draws at a time with replacement


def drawn_seed(generator: Any = None) -> int:
    """Returns the number that `torch.empty((), dtype=int64).random_()` draws: two words of the stream."""
    drawn: Any = random_(Tensor(np.zeros((), INT64)), generator=generator)
    return int(drawn)


class Sampler:
    """Base of samplers: write `__iter__` (and `__len__`), which gives the numbers of examples."""

    def __init__(self, data_source: Any = None) -> None:
        del data_source

    def __class_getitem__(cls, item: Any) -> Any:
        return cls  # Sampler[int] in annotations

    def __iter__(self) -> Iterator[Any]:
        raise NotImplementedError


class SequentialSampler(Sampler):
    """All examples in order."""

    def __init__(self, data_source: Any) -> None:
        self.data_source = data_source

    def __iter__(self) -> Iterator[int]:
        return iter(range(len(self.data_source)))

    def __len__(self) -> int:
        return len(self.data_source)


class RandomSampler(Sampler):
    """Examples in random order, or drawn with replacement."""

    def __init__(
        self,
        data_source: Any,
        replacement: bool = False,
        num_samples: int | None = None,
        generator: Any = None,
    ) -> None:
        if not isinstance(replacement, bool):
            raise TypeFault(
                "E303", f"replacement should be a boolean value, but got replacement={replacement}"
            )
        self.data_source = data_source
        self.replacement = replacement
        self.generator = generator
        self._num_samples = num_samples
        if not isinstance(self.num_samples, int) or self.num_samples < 0:
            raise ValueFault(
                "E303",
                f"num_samples should be a non-negative integer value, but got num_samples={self.num_samples}",
            )

    @property
    def num_samples(self) -> int:
        """How many examples one pass takes."""
        return len(self.data_source) if self._num_samples is None else self._num_samples

    def __iter__(self) -> Iterator[int]:
        count = len(self.data_source)
        context.budget.ask((count,))
        source = self.generator
        if source is None:
            source = Generator(drawn_seed())
        if self.replacement:
            for start in range(0, self.num_samples, CHUNK):
                size = min(CHUNK, self.num_samples - start)
                yield from source.randint(0, count, (size,)).tolist()
            return
        for _ in range(self.num_samples // count if count else 0):
            yield from source.randperm(count).tolist()
        yield from source.randperm(count).tolist()[: self.num_samples % count if count else 0]

    def __len__(self) -> int:
        return self.num_samples


class SubsetRandomSampler(Sampler):
    """The examples at given numbers in random order."""

    def __init__(self, indices: Sequence[int], generator: Any = None) -> None:
        self.indices = indices
        self.generator = generator

    def __iter__(self) -> Iterator[int]:
        for place in (self.generator or context.generator).randperm(len(self.indices)).tolist():
            yield self.indices[place]

    def __len__(self) -> int:
        return len(self.indices)


class WeightedRandomSampler(Sampler):
    """Examples drawn with given weights."""

    def __init__(
        self, weights: Any, num_samples: int, replacement: bool = True, generator: Any = None
    ) -> None:
        if not isinstance(num_samples, int) or isinstance(num_samples, bool) or num_samples <= 0:
            raise ValueFault(
                "E303", f"num_samples should be a positive integer value, but got num_samples={num_samples}"
            )
        self.weights: Any = Tensor(np.asarray(as_tensor(weights), FLOAT64))
        self.num_samples = num_samples
        self.replacement = replacement
        self.generator = generator

    def __iter__(self) -> Iterator[int]:
        context.budget.ask((self.num_samples,))
        source = self.generator or context.generator
        drawn = source.multinomial(self.weights.numpy(), self.num_samples, replacement=self.replacement)
        yield from drawn.tolist()

    def __len__(self) -> int:
        return self.num_samples


class BatchSampler(Sampler):
    """What another sampler gives, in lists."""

    def __init__(self, sampler: Iterable[Any], batch_size: int, drop_last: bool) -> None:
        if not isinstance(batch_size, int) or isinstance(batch_size, bool) or batch_size <= 0:
            raise ValueFault(
                "E303", f"batch_size should be a positive integer value, but got batch_size={batch_size}"
            )
        if not isinstance(drop_last, bool):
            raise ValueFault("E303", f"drop_last should be a boolean value, but got drop_last={drop_last}")
        self.sampler: Any = sampler
        self.batch_size = batch_size
        self.drop_last = drop_last

    def __iter__(self) -> Iterator[list[Any]]:
        batch: list[Any] = []
        for number in self.sampler:
            batch.append(number)
            if len(batch) == self.batch_size:
                yield batch
                batch = []
        if batch and not self.drop_last:
            yield batch

    def __len__(self) -> int:
        whole = len(self.sampler) // self.batch_size
        return whole if self.drop_last or len(self.sampler) % self.batch_size == 0 else whole + 1
