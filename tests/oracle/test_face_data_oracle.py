"""torch.utils.data, torch.testing and layers of lists against PyTorch: orders, batches, texts, messages."""

# Each case is one expression run with both modules; any error of theirs is compared.
# ruff: noqa: BLE001, E402, E501, PLC3002

from __future__ import annotations

import warnings
from typing import Any

import pytest

torch = pytest.importorskip("torch")

from gradcli import torch as gt

pytestmark = pytest.mark.oracle

KINDS = (
    NotImplementedError,
    RuntimeError,
    KeyError,
    IndexError,
    AttributeError,
    ValueError,
    TypeError,
    AssertionError,
)


def told(expression: Any, module: Any) -> str:
    """What an expression gives as text, or the message of its error; the same stream of numbers for both."""
    module.manual_seed(0)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            return str(expression(module))
        except Exception as error:
            kind = next((one.__name__ for one in KINDS if isinstance(error, one)), "?")
            return f"{kind}: {error}"


def pairs(t: Any) -> Any:
    return t.utils.data.TensorDataset(t.arange(10.0).reshape(10, 1), t.arange(10))


def passes(t: Any, **options: Any) -> Any:
    """Two passes over ten examples, and a number drawn after them."""
    loader = t.utils.data.DataLoader(pairs(t), **options)
    return len(loader), list(loader), list(loader), t.rand(1)


def rows(t: Any) -> Any:
    class Rows(t.utils.data.Dataset):
        def __len__(self) -> int:
            return 5

        def __getitem__(self, i: int) -> Any:
            return {"a": t.tensor([i, i]), "b": i, "c": float(i), "d": str(i), "e": (i, [i])}

    return Rows()


def stream(t: Any) -> Any:
    class Stream(t.utils.data.IterableDataset):
        def __iter__(self) -> Any:
            return iter(range(5))

    return Stream()


def load(t: Any, dataset: Any, **options: Any) -> Any:
    return list(t.utils.data.DataLoader(dataset, **options))


def encoded(t: Any, **options: Any) -> Any:
    t.manual_seed(0)
    layer = t.nn.TransformerEncoderLayer(4, 2, 8, **{"dropout": 0.0} | options)
    return layer, layer(t.arange(24.0).reshape(3, 2, 4).sin()).detach().mul(1000).round()


def bagged(t: Any, **options: Any) -> Any:
    t.manual_seed(0)
    bag = t.nn.EmbeddingBag(5, 3, **options)
    return (
        bag,
        bag(t.tensor([0, 2, 2, 4]), t.tensor([0, 2])).detach(),
        bag(t.tensor([[1, 2], [3, 4]])).detach(),
    )


DATA = {
    "in order": lambda t: passes(t, batch_size=4),
    "shuffled": lambda t: passes(t, batch_size=4, shuffle=True),
    "shuffled, full batches": lambda t: passes(t, batch_size=4, shuffle=True, drop_last=True),
    "shuffled one by one": lambda t: passes(t, shuffle=True),
    "without batches": lambda t: passes(t, batch_size=None),
    "by a generator": lambda t: passes(t, batch_size=3, shuffle=True, generator=t.Generator().manual_seed(7)),
    "with replacement": lambda t: passes(t, batch_size=5, sampler=t.utils.data.RandomSampler(pairs(t), replacement=True, num_samples=12)),
    "more than there are": lambda t: passes(t, batch_size=5, sampler=t.utils.data.RandomSampler(pairs(t), num_samples=23)),
    "by batches of numbers": lambda t: passes(t, batch_sampler=t.utils.data.BatchSampler(t.utils.data.SequentialSampler(pairs(t)), 3, True)),
    "of a subset": lambda t: passes(t, sampler=t.utils.data.SubsetRandomSampler([1, 3, 5])),
    "by weights": lambda t: passes(t, batch_size=6, sampler=t.utils.data.WeightedRandomSampler([0.1] * 5 + [0.9] * 5, 6)),
    "by weights, each once": lambda t: passes(t, batch_size=6, sampler=t.utils.data.WeightedRandomSampler([0.1] * 5 + [0.9] * 5, 6, replacement=False)),
    "collated by hand": lambda t: passes(t, batch_size=3, collate_fn=len),
    "examples of all kinds": lambda t: load(t, rows(t), batch_size=2),
    "a stream": lambda t: (load(t, stream(t), batch_size=2), load(t, stream(t), batch_size=2, drop_last=True), load(t, stream(t), batch_size=None)),
    "lists": lambda t: (load(t, [1, 2, 3], batch_size=2), load(t, [(1, 2.0), (3, 4.0)], batch_size=2)),
    "split": lambda t: [part.indices for part in t.utils.data.random_split(pairs(t), [7, 3])],
    "split by fractions": lambda t: [part.indices for part in t.utils.data.random_split(pairs(t), [0.33, 0.33, 0.34], generator=t.Generator().manual_seed(42))],
    "split wrongly": lambda t: t.utils.data.random_split(pairs(t), [7, 4]),
    "parts": lambda t: (t.utils.data.Subset(pairs(t), [1, 2])[0], (pairs(t) + pairs(t))[-1], len(t.utils.data.ConcatDataset([pairs(t), pairs(t)]))),
    "shuffle and sampler": lambda t: passes(t, shuffle=True, sampler=t.utils.data.SequentialSampler(pairs(t))),
    "batches of none": lambda t: passes(t, batch_size=0),
    "batches twice": lambda t: passes(t, batch_size=2, batch_sampler=[[1]]),
    "no batches to drop": lambda t: passes(t, batch_size=None, drop_last=True),
    "fewer than no workers": lambda t: passes(t, num_workers=-1),
    "tensors of two lengths": lambda t: t.utils.data.TensorDataset(t.ones(3), t.ones(2)),
    "an unwritten dataset": lambda t: t.utils.data.Dataset()[0],
    "a shuffled stream": lambda t: load(t, stream(t), shuffle=True),
    "lists of two lengths": lambda t: t.utils.data.default_collate([[1], [1, 2]]),
    "tensors that do not stack": lambda t: load(t, [t.ones(1), t.ones(2)], batch_size=2),
}  # fmt: skip
CLOSE = {
    "equal": lambda t: (t.tensor([1.0, 2.0]), t.tensor([1.0, 2.0])),
    "apart": lambda t: (t.tensor([[1.0, 2.0], [3.0, 5.0]]), t.tensor([[1.0, 2.5], [3.0, 4.0]])),
    "of two shapes": lambda t: (t.tensor([1.0, 2.0]), t.tensor([1.0, 2.0, 3.0])),
    "of two dtypes": lambda t: (t.tensor([1.0, 2.0]), t.tensor([1, 2])),
    "scalars": lambda t: (t.tensor(1.0), t.tensor(2.0)),
    "numbers": lambda t: (1.0, 2.0),
    "whole numbers": lambda t: (1, 2),
    "integers": lambda t: (t.tensor([1, 2]), t.tensor([1, 3])),
    "truth": lambda t: (t.tensor([True]), t.tensor([False])),
    "lists": lambda t: ([t.tensor(1.0), t.tensor(2.0)], [t.tensor(1.0), t.tensor(3.0)]),
    "lists of two lengths": lambda t: ((1,), (1, 2)),
    "dicts": lambda t: ({"a": t.tensor(1.0)}, {"a": t.tensor(2.0)}),
    "dicts with other keys": lambda t: ({"a": t.tensor(1.0)}, {"b": t.tensor(1.0)}),
    "nan": lambda t: (t.tensor([float("nan")]), t.tensor([float("nan")])),
    "near zero": lambda t: (t.tensor([1.0, 0.0]), t.tensor([1.0, 1e-3])),
    "infinite": lambda t: (t.tensor([float("inf"), 1.0]), t.tensor([float("inf"), 2.0])),
}  # fmt: skip
IMAGES = {
    "ZeroPad2d(1)": lambda nn: nn.ZeroPad2d(1), "ZeroPad2d((1, 2, 0, 1))": lambda nn: nn.ZeroPad2d((1, 2, 0, 1)),
    "ConstantPad2d": lambda nn: nn.ConstantPad2d(1, 3.5), "ReflectionPad2d": lambda nn: nn.ReflectionPad2d(2),
    "ReplicationPad2d": lambda nn: nn.ReplicationPad2d((1, 0, 2, 0)), "CircularPad2d": lambda nn: nn.CircularPad2d(1),
    "Unfold": lambda nn: nn.Unfold((2, 3), stride=2), "PixelUnshuffle": lambda nn: nn.PixelUnshuffle(2),
    "Upsample": lambda nn: nn.Upsample(scale_factor=2), "Upsample to a size": lambda nn: nn.Upsample(size=(3, 3)),
    "Upsample in lines": lambda nn: nn.Upsample(scale_factor=2, mode="bilinear"),
    "UpsamplingNearest2d": lambda nn: nn.UpsamplingNearest2d(size=(4, 4)),
}  # fmt: skip
HOLDERS = {
    "an encoder layer": lambda t: [encoded(t, **options) for options in ({}, {"batch_first": True}, {"norm_first": True}, {"activation": "gelu"}, {"dropout": 0.3})],
    "an encoder layer of no function": lambda t: encoded(t, activation="x"),
    "an encoder": lambda t: (lambda e: (e, e(t.arange(24.0).reshape(3, 2, 4).sin(), mask=t.triu(t.full((3, 3), float("-inf")), 1)).detach()))(t.nn.TransformerEncoder(t.nn.TransformerEncoderLayer(4, 2, 8, dropout=0.0), 2, norm=t.nn.LayerNorm(4))),
    "pools undone": lambda t: (t.nn.MaxUnpool2d(2), t.nn.MaxUnpool2d(2)(*t.nn.MaxPool2d(2, return_indices=True)(t.arange(16.0).reshape(1, 1, 4, 4))), t.nn.MaxUnpool1d(3, stride=2, padding=1)),
    "pools of powers": lambda t: (t.nn.LPPool2d(2, 2), t.nn.LPPool2d(2, 2)(t.arange(16.0).reshape(1, 1, 4, 4)), t.nn.LPPool1d(1, 2, 1)(t.arange(8.0).reshape(1, 2, 4))),
    "bags": lambda t: [bagged(t, **options) for options in ({}, {"mode": "sum", "padding_idx": 2}, {"mode": "max"})],
    "CTC": lambda t: (t.nn.CTCLoss(), t.nn.CTCLoss()(t.arange(24.0).reshape(4, 2, 3).sin().log_softmax(2), t.tensor([[1, 2], [2, 1]]), t.tensor([4, 4]), t.tensor([2, 1]))),
    "triples": lambda t: (t.nn.TripletMarginWithDistanceLoss(), t.nn.TripletMarginWithDistanceLoss(distance_function=lambda a, b: (a - b).abs().sum(1))(t.eye(3), t.ones(3, 3), t.zeros(3, 3))),
    "fold": lambda t: (t.nn.Fold((3, 3), 2), t.nn.Fold((3, 3), 2)(t.nn.Unfold(2)(t.arange(9.0).reshape(1, 1, 3, 3)))),
    "shuffles": lambda t: (t.nn.PixelShuffle(2), t.nn.PixelShuffle(2)(t.arange(16.0).reshape(1, 4, 2, 2)), t.nn.ChannelShuffle(2), t.nn.ChannelShuffle(2)(t.arange(8.0).reshape(1, 4, 1, 2))),
    "pads of one dim": lambda t: [(m, m(t.arange(8.0).reshape(1, 2, 4))) for m in (t.nn.ZeroPad1d(1), t.nn.ReflectionPad1d(2), t.nn.ConstantPad1d((1, 2), 2), t.nn.ReplicationPad1d(1), t.nn.CircularPad1d(2))],
    "pads of three dims": lambda t: [(m, m(t.arange(8.0).reshape(1, 1, 2, 2, 2))) for m in (t.nn.ZeroPad3d(1), t.nn.ReplicationPad3d(1))],
    "a list of parameters": lambda t: (lambda p: (p, len(p), p[0], p[-1], list(p.state_dict()), p[1:], p.append(t.ones(4))))(t.nn.ParameterList([t.ones(2), t.zeros(2, 3)])),
    "beyond a list of parameters": lambda t: t.nn.ParameterList([t.ones(2)])[9],
    "a dict of parameters": lambda t: (lambda p: (p, len(p), p["a"], list(p), "a" in p, list(p.state_dict()), p.a, list(p.keys()), p.get("z"), p.pop("a"), p))(t.nn.ParameterDict({"a": t.ones(2), "b": t.zeros(1)})),
    "beyond a dict of parameters": lambda t: t.nn.ParameterDict()["a"],
    "padded sequences": lambda t: [t.nn.utils.rnn.pad_sequence([t.ones(2, 2), t.zeros(3, 2) + 2], **options) for options in ({}, {"batch_first": True, "padding_value": -1.0}, {"batch_first": True, "padding_side": "left"})],
    "unpadded sequences": lambda t: t.nn.utils.rnn.unpad_sequence(t.arange(12.0).reshape(2, 3, 2), t.tensor([2, 3]), batch_first=True),
}  # fmt: skip


@pytest.mark.parametrize("name", DATA)
def test_a_loader_gives_what_it_gives_in_pytorch(name: str) -> None:
    assert told(DATA[name], gt) == told(DATA[name], torch)


@pytest.mark.parametrize(
    "options", [{}, {"rtol": 0, "atol": 0.2}, {"equal_nan": True}, {"rtol": 0.1}, {"msg": "so"}], ids=str
)
@pytest.mark.parametrize("name", CLOSE)
def test_values_are_close_where_they_are_in_pytorch(name: str, options: dict[str, Any]) -> None:
    if "rtol" in options and ("lists" in name or "dicts" in name):
        return  # PyTorch looks at the options of each pair; they are said once here

    def run(t: Any) -> Any:
        return t.testing.assert_close(*CLOSE[name](t), **options)

    assert told(run, gt) == told(run, torch)


@pytest.mark.parametrize("name", IMAGES)
def test_a_layer_rearranges_an_image_as_in_pytorch(name: str) -> None:
    def run(t: Any) -> Any:
        layer = IMAGES[name](t.nn)
        x = t.arange(36.0, dtype=t.float64).reshape(1, 1, 6, 6).requires_grad_()
        y = layer(x)
        (y * y).sum().backward()
        return layer, y.detach(), x.grad

    assert told(run, gt) == told(run, torch)


@pytest.mark.parametrize("name", HOLDERS)
def test_a_holder_gives_what_it_gives_in_pytorch(name: str) -> None:
    assert told(HOLDERS[name], gt) == told(HOLDERS[name], torch)
