"""torch.utils.data.DataLoader: a dataset in batches, in this process."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from gradcli.autograd.algebra import TENSORS
from gradcli.autograd.tensor import Tensor
from gradcli.diagnostics import TypeFault, ValueFault
from gradcli.ops.dtypes import named
from gradcli.torch.data import as_tensor, tensor
from gradcli.torch.datasets import IterableDataset
from gradcli.torch.samplers import BatchSampler, RandomSampler, SequentialSampler, drawn_seed

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

__all__ = ["DataLoader", "default_collate", "default_convert"]


class DataLoader:
    """Batches of a dataset, shuffled as PyTorch shuffles under the same seed.

    Args:
        dataset: has a length and gives an example for a number; or is iterated over.
        batch_size: examples in a batch; None: single examples.
        shuffle: take the examples in random order, a new one in every pass.
        sampler, batch_sampler: what gives the numbers of examples, or of batches, instead.
        collate_fn: what makes a batch of a list of examples.
        drop_last: leave out a last batch that is not full.
        generator: of the random order.

    Raises:
        ValueFault: options that exclude each other.
    """

    def __init__(  # noqa: PLR0913 - PyTorch's signature
        self,
        dataset: Any,
        batch_size: int | None = 1,
        shuffle: bool | None = None,
        sampler: Any = None,
        batch_sampler: Any = None,
        num_workers: int = 0,
        collate_fn: Callable[[list[Any]], Any] | None = None,
        pin_memory: bool = False,
        drop_last: bool = False,
        timeout: float = 0,
        worker_init_fn: Any = None,
        multiprocessing_context: Any = None,
        generator: Any = None,
        *,
        prefetch_factor: int | None = None,
        persistent_workers: bool = False,
        pin_memory_device: str = "",
        in_order: bool = True,
    ) -> None:
        del pin_memory, timeout, worker_init_fn, multiprocessing_context, prefetch_factor, persistent_workers
        del pin_memory_device, in_order
        if num_workers < 0:
            raise ValueFault(
                "E303",
                "num_workers option should be non-negative; use num_workers=0 to disable multiprocessing.",
            )
        self.dataset = dataset
        self.num_workers = num_workers
        self.generator = generator
        self._streams = isinstance(dataset, IterableDataset)
        self._check(shuffle, sampler, batch_sampler, batch_size, drop_last)
        if batch_sampler is not None:
            batch_size, drop_last = None, False
        elif sampler is None and not self._streams:
            sampler = RandomSampler(dataset, generator=generator) if shuffle else SequentialSampler(dataset)
        if batch_sampler is None and batch_size is not None and not self._streams:
            batch_sampler = BatchSampler(sampler, batch_size, drop_last)
        self.batch_size, self.drop_last = batch_size, drop_last
        self.sampler, self.batch_sampler = sampler, batch_sampler
        batched = batch_sampler is not None or (self._streams and batch_size is not None)
        self.collate_fn = collate_fn or (default_collate if batched else default_convert)

    def _check(
        self, shuffle: Any, sampler: Any, batch_sampler: Any, batch_size: int | None, drop_last: bool
    ) -> None:
        if self._streams:
            if shuffle not in (None, False):
                raise ValueFault(
                    "E303",
                    "DataLoader with IterableDataset: expected unspecified shuffle option, but got "
                    f"shuffle={shuffle}",
                )
            if sampler is not None or batch_sampler is not None:
                raise ValueFault(
                    "E303", "DataLoader with IterableDataset: expected unspecified sampler option"
                )
        if shuffle and sampler is not None:
            raise ValueFault("E303", "sampler option is mutually exclusive with shuffle")
        if batch_sampler is not None:
            if batch_size != 1 or shuffle or sampler is not None or drop_last:
                raise ValueFault(
                    "E303",
                    "batch_sampler option is mutually exclusive with batch_size, shuffle, sampler, and "
                    "drop_last",
                )
        elif batch_size is None and drop_last:
            raise ValueFault(
                "E303",
                "batch_size=None option disables auto-batching and is mutually exclusive with drop_last",
            )

    def __iter__(self) -> Iterator[Any]:
        """The batches of one pass."""
        drawn_seed(self.generator)  # of PyTorch's workers; it moves the stream on
        return self._stream() if self._streams else self._batches()

    def _batches(self) -> Iterator[Any]:
        for numbers in self.batch_sampler if self.batch_sampler is not None else self.sampler:
            if self.batch_sampler is None:
                yield self.collate_fn(self.dataset[numbers])
            else:
                yield self.collate_fn([self.dataset[number] for number in numbers])

    def _stream(self) -> Iterator[Any]:
        batch: list[Any] = []
        for example in self.dataset:
            if self.batch_size is None:
                yield self.collate_fn(example)
                continue
            batch.append(example)
            if len(batch) == self.batch_size:
                yield self.collate_fn(batch)
                batch = []
        if batch and not self.drop_last:
            yield self.collate_fn(batch)

    def __len__(self) -> int:
        """How many batches a pass has."""
        if not self._streams:
            return len(self.batch_sampler if self.batch_sampler is not None else self.sampler)
        count = len(self.dataset)
        if self.batch_size is None:
            return count
        return count // self.batch_size + (not self.drop_last and count % self.batch_size > 0)


def default_collate(batch: Sequence[Any]) -> Any:  # noqa: PLR0911 - one return per kind
    """Returns a list of examples as one: tensors stacked, numbers a tensor, tuples and dicts by their parts.

    Raises:
        TypeFault: an example is something else.
    """
    first = batch[0]
    if isinstance(first, Tensor):
        return TENSORS.stack(*batch, dim=-first.ndim - 1)
    if isinstance(first, float):
        return tensor(list(batch), dtype=named("float64"))
    if isinstance(first, int):
        return tensor(list(batch))
    if isinstance(first, (str, bytes)):
        return batch
    if isinstance(first, dict):
        return {name: default_collate([one[name] for one in batch]) for name in first}
    if isinstance(first, tuple) and hasattr(first, "_fields"):
        return type(first)(*(default_collate(part) for part in zip(*batch, strict=True)))
    if isinstance(first, (tuple, list)):
        if any(len(one) != len(first) for one in batch):
            raise _Uneven("E303", "each element in list of batch should be of equal size")
        return [default_collate(part) for part in zip(*batch, strict=True)]
    if hasattr(first, "__array__"):
        return default_collate([as_tensor(one) for one in batch])
    raise TypeFault(
        "E303",
        "default_collate: batch must contain tensors, numpy arrays, numbers, dicts or lists; found "
        f"{type(first)}",
        help="give DataLoader a collate_fn",
    )


class _Uneven(ValueFault, RuntimeError):
    """PyTorch's RuntimeError for examples of different lengths."""


def default_convert(data: Any) -> Any:
    """Returns a single example, its arrays as tensors."""
    if isinstance(data, dict):
        return {name: default_convert(value) for name, value in data.items()}
    if isinstance(data, (tuple, list)) and not hasattr(data, "_fields"):
        return [default_convert(value) for value in data]
    if hasattr(data, "__array__") and not isinstance(data, Tensor):
        return as_tensor(data)
    return data
