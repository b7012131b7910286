"""torch.utils.data: datasets, and parts of them."""

from __future__ import annotations

import bisect
from itertools import accumulate
from typing import TYPE_CHECKING, Any

from gradcli.autograd.context import context
from gradcli.diagnostics import GradcliError, NotImplementedFault, ValueFault

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from gradcli.autograd.tensor import Tensor

__all__ = [
    "ChainDataset", "ConcatDataset", "Dataset", "IterableDataset", "StackDataset", "Subset", "TensorDataset",
    "random_split",
]  # fmt: skip

TWO_FORMS = (
    "Supported either ``tuple``- (via ``args``) or ``dict``- (via ``kwargs``) like input/output, but both "
    "types are given."
)


class SizeFault(GradcliError, AssertionError):
    """PyTorch's AssertionError for tensors of different lengths."""


class Dataset:
    """Base of things with a length that give an example for a number: write `__len__` and `__getitem__`."""

    def __getitem__(self, index: Any) -> Any:
        raise NotImplementedFault("E204", "Subclasses of Dataset should implement __getitem__.")

    def __add__(self, other: Any) -> ConcatDataset:
        return ConcatDataset([self, other])

    def __class_getitem__(cls, item: Any) -> Any:
        return cls  # Dataset[Tensor] in annotations

    def __iter__(self) -> Iterator[Any]:
        """Its examples one by one, until it says that there is none."""
        index = 0
        while True:
            try:
                example = self[index]
            except IndexError:
                return
            yield example
            index += 1


class IterableDataset(Dataset):
    """Base of datasets that give their examples one by one: write `__iter__`."""

    def __add__(self, other: Any) -> Any:
        return ChainDataset([self, other])

    def __iter__(self) -> Iterator[Any]:
        raise NotImplementedFault("E204", "Subclasses of IterableDataset should implement __iter__.")


class TensorDataset(Dataset):
    """Examples are tuples of the tensors' slices along their first dim."""

    def __init__(self, *tensors: Tensor) -> None:
        if any(tensor.shape[0] != tensors[0].shape[0] for tensor in tensors):
            raise SizeFault("E303", "Size mismatch between tensors", help="their first dims must be equal")
        self.tensors = tensors

    def __getitem__(self, index: Any) -> tuple[Any, ...]:
        return tuple(tensor[index] for tensor in self.tensors)  # type: ignore[index] # a method that methods.py adds

    def __len__(self) -> int:
        return self.tensors[0].shape[0]  # type: ignore[no-any-return] # a size


class StackDataset(Dataset):
    """Examples are tuples (or dicts) of the examples of several datasets."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        if bool(args) == bool(kwargs):
            raise ValueFault("E303", TWO_FORMS if args else "At least one dataset should be passed")
        self.datasets: Any = args or kwargs
        parts = list(args or kwargs.values())
        if any(len(part) != len(parts[0]) for part in parts):
            raise ValueFault("E303", "Size mismatch between datasets")
        self._length = len(parts[0])

    def __getitem__(self, index: Any) -> Any:
        if isinstance(self.datasets, dict):
            return {name: part[index] for name, part in self.datasets.items()}
        return tuple(part[index] for part in self.datasets)

    def __len__(self) -> int:
        return self._length


class ConcatDataset(Dataset):
    """Several datasets one after the other."""

    def __init__(self, datasets: Iterable[Any]) -> None:
        self.datasets = list(datasets)
        if not self.datasets:
            raise SizeFault("E303", "datasets should not be an empty iterable")
        self.cumulative_sizes = list(accumulate(len(part) for part in self.datasets))

    def __len__(self) -> int:
        return self.cumulative_sizes[-1]

    def __getitem__(self, idx: int) -> Any:
        if idx < 0:
            if -idx > len(self):
                raise ValueFault("E302", "absolute value of index should not exceed dataset length")
            idx += len(self)
        place = bisect.bisect_right(self.cumulative_sizes, idx)
        return self.datasets[place][idx - (self.cumulative_sizes[place - 1] if place else 0)]


class ChainDataset(IterableDataset):
    """Several iterable datasets one after the other."""

    def __init__(self, datasets: Iterable[Any]) -> None:
        self.datasets = list(datasets)

    def __iter__(self) -> Iterator[Any]:
        for part in self.datasets:
            yield from part

    def __len__(self) -> int:
        return sum(len(part) for part in self.datasets)


class Subset(Dataset):
    """The examples of a dataset at given numbers."""

    def __init__(self, dataset: Any, indices: Sequence[int]) -> None:
        self.dataset = dataset
        self.indices = indices

    def __getitem__(self, idx: Any) -> Any:
        if isinstance(idx, list):
            return self.dataset[[self.indices[i] for i in idx]]
        return self.dataset[self.indices[idx]]

    def __len__(self) -> int:
        return len(self.indices)


def random_split(dataset: Any, lengths: Sequence[float], generator: Any = None) -> list[Subset]:
    """Returns random parts of a dataset that do not overlap, of the given lengths or fractions.

    Raises:
        ValueFault: they do not add up.
    """
    sizes = [*lengths]
    if abs(sum(sizes) - 1) <= 1e-9 and sum(sizes) <= 1 + 1e-9:  # noqa: PLR2004 - math.isclose's tolerance
        sizes = _shares(sizes, len(dataset))
    if sum(sizes) != len(dataset):
        raise ValueFault("E303", "Sum of input lengths does not equal the length of the input dataset!")
    context.budget.ask((int(sum(sizes)),))
    order = (generator or context.generator).randperm(int(sum(sizes))).tolist()
    ends = list(accumulate(int(size) for size in sizes))
    return [Subset(dataset, order[end - int(size) : end]) for end, size in zip(ends, sizes, strict=True)]


def _shares(fractions: list[float], total: int) -> list[float]:
    """Lengths of the given fractions; what is left over goes to the first ones."""
    sizes: list[float] = []
    for place, fraction in enumerate(fractions):
        if not 0 <= fraction <= 1:
            raise ValueFault("E303", f"Fraction at index {place} is not between 0 and 1")
        sizes.append(int(total * fraction))
    for extra in range(total - int(sum(sizes))):
        sizes[extra % len(sizes)] += 1
    return sizes
