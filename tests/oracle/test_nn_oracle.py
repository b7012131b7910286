"""Layers, losses, containers and initialisation against PyTorch: numbers, gradients, texts, messages."""

# Tables of cases, one a line; any error of PyTorch is compared.
# ruff: noqa: E501, E402, BLE001, SIM905

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

torch = pytest.importorskip("torch")

from gradcli import torch as gt

# PyTorch warns of some uses that gradcli allows in silence; what warnings say is tested elsewhere.
pytestmark = [pytest.mark.oracle, pytest.mark.filterwarnings("ignore::UserWarning")]

BOTH = (gt, torch)
INT = "int"  # a shape that begins with it is filled with class numbers


def call(layer: Any, *values: Any) -> Any:
    return layer(*values)


def numpy(tensor: Any) -> Any:
    return np.asarray(tensor.detach().numpy())


def flat(result: Any) -> list[Any]:
    if isinstance(result, (tuple, list)):
        return [one for part in result for one in flat(part)]
    return [] if result is None else [result]


def arrays(shapes: tuple[Any, ...]) -> list[Any]:
    draw = np.random.default_rng(3)
    return [
        draw.integers(0, 5, size=shape[1:]) if shape[:1] == (INT,) else draw.normal(size=shape)
        for shape in shapes
    ]


def run(module: Any, make: Any, use: Any, values: list[Any], *, train: bool) -> dict[str, Any]:
    """All that there is to compare of a layer: its beginning, text, results, gradients, state."""
    module.manual_seed(1)
    layer = make(module.nn)
    begins = [numpy(param).copy() for param in layer.parameters()]
    layer.double()
    layer.train(train)
    tensors = [module.tensor(value) for value in values]
    for tensor in tensors:
        if tensor.is_floating_point():
            tensor.requires_grad_()
    results = flat(use(layer, *tensors))
    sum((result * result).sum() for result in results).backward()
    grads = [leaf.grad for leaf in [*layer.parameters(), *tensors]]
    return {
        "text": repr(layer),
        "names": list(layer.state_dict()),
        "begins": begins,
        "results": [numpy(result) for result in results],
        "grads": [None if grad is None else numpy(grad) for grad in grads],
        "state": [numpy(tensor) for tensor in layer.state_dict().values()],
    }


def compare(make: Any, use: Any, shapes: tuple[Any, ...], *, train: bool = True) -> None:
    mine, theirs = (run(module, make, use, arrays(shapes), train=train) for module in BOTH)
    assert mine["text"] == theirs["text"]
    assert mine["names"] == theirs["names"]
    for own, other in zip(mine["begins"], theirs["begins"], strict=True):
        np.testing.assert_allclose(own, other, rtol=1e-6, atol=1e-7)
    for what in ("results", "grads", "state"):
        for own, other in zip(mine[what], theirs[what], strict=True):
            assert (own is None) == (other is None)
            if own is not None:
                # Layers begin in float32, so that normals may differ in its last places.
                np.testing.assert_allclose(own, other, rtol=1e-6, atol=1e-8)


def dims(k: int, size: int) -> tuple[int, ...]:
    return (size,) * k


LAYERS: list[Any] = [
    (lambda n: n.Linear(3, 4), ((5, 3),)), (lambda n: n.Linear(3, 4, bias=False), ((3,),)),
    (lambda n: n.Bilinear(3, 4, 2), ((5, 3), (5, 4))), (lambda n: n.Embedding(6, 3, padding_idx=-2), ((INT, 2, 4),)),
    (lambda n: n.Identity(3, a=4), ((2,),)), (lambda n: n.Flatten(0), ((2, 3),)), (lambda n: n.Unflatten(1, (2, 2)), ((3, 4),)),
    (lambda n: n.Conv2d(2, 4, (3, 2), padding="same", groups=2, dilation=2), ((2, 2, 6, 6),)),
    (lambda n: n.Conv2d(2, 4, 3, padding=(1, 2), padding_mode="reflect", bias=False), ((2, 2, 6, 6),)),
    (lambda n: n.Conv1d(2, 4, 4, padding="same", padding_mode="circular"), ((2, 2, 6),)),
    (lambda n: n.BatchNorm1d(3, track_running_stats=False), ((4, 3),)), (lambda n: n.BatchNorm1d(3, momentum=None, affine=False), ((4, 3),)),
    (lambda n: n.LayerNorm((2, 3)), ((4, 2, 3),)), (lambda n: n.LayerNorm(3, elementwise_affine=False), ((4, 3),)),
    (lambda n: n.LayerNorm(3, bias=False), ((4, 3),)), (lambda n: n.RMSNorm(3), ((4, 3),)), (lambda n: n.GroupNorm(2, 4), ((3, 4, 2),)),
    (lambda n: n.LocalResponseNorm(2), ((3, 4, 2),)), (lambda n: n.Dropout(0.3), ((5, 7),)), (lambda n: n.Dropout(1.0), ((5, 7),)),
    (lambda n: n.AlphaDropout(0.3), ((5, 7),)), (lambda n: n.FeatureAlphaDropout(0.3), ((5, 4, 2),)), (lambda n: n.Dropout1d(0.5), ((8, 2),)),
    (lambda n: n.Threshold(0.1, 20), ((3, 4),)), (lambda n: n.GELU(approximate="tanh"), ((3, 4),)), (lambda n: n.Softmax2d(), ((2, 3, 2, 2),)),
    (lambda n: n.Softmax(1), ((3, 4),)), (lambda n: n.Softmin(dim=0), ((3, 4),)), (lambda n: n.LogSoftmax(-1), ((3, 4),)),
    (lambda n: n.CosineSimilarity(), ((3, 4), (3, 4))), (lambda n: n.PairwiseDistance(), ((3, 4), (3, 4))),
    (lambda n: n.RNN(3, 4, nonlinearity="relu"), ((5, 2, 3),)), (lambda n: n.RNNCell(3, 4, nonlinearity="relu"), ((2, 3),)),
    (lambda n: n.LSTM(3, 4, 2, proj_size=2, bidirectional=True), ((5, 2, 3),)), (lambda n: n.GRU(3, 4), ((5, 3), (1, 4))),
    (lambda n: n.MultiheadAttention(4, 2), ((6, 2, 4), (3, 2, 4), (3, 2, 4))), (lambda n: n.MultiheadAttention(4, 2, bias=False), ((6, 4), (3, 4), (3, 4))),
    (lambda n: n.MultiheadAttention(4, 2, kdim=3, vdim=5), ((6, 2, 4), (3, 2, 3), (3, 2, 5))),
    (lambda n: n.MultiheadAttention(4, 2, add_bias_kv=True, add_zero_attn=True), ((6, 2, 4), (3, 2, 4), (3, 2, 4))),
    (lambda n: n.MultiheadAttention(4, 2, 0.3, batch_first=True), ((2, 6, 4), (2, 3, 4), (2, 3, 4))),
]  # fmt: skip
for k in (1, 2, 3):
    LAYERS += [
        (lambda n, k=k: getattr(n, f"Conv{k}d")(2, 4, 3, padding=1, stride=2), ((2, 2, *dims(k, 6)),)),
        (lambda n, k=k: getattr(n, f"ConvTranspose{k}d")(2, 4, 3, 2, 1, 1), ((2, 2, *dims(k, 4)),)),
        (lambda n, k=k: getattr(n, f"MaxPool{k}d")(2), ((2, 2, *dims(k, 4)),)),
        (lambda n, k=k: getattr(n, f"AvgPool{k}d")(2, 1, 1), ((2, 2, *dims(k, 4)),)),
        (lambda n, k=k: getattr(n, f"AdaptiveAvgPool{k}d")(3), ((2, 2, *dims(k, 5)),)),
        (lambda n, k=k: getattr(n, f"AdaptiveMaxPool{k}d")(3), ((2, 2, *dims(k, 5)),)),
        (lambda n, k=k: getattr(n, f"BatchNorm{k}d")(2), ((3, 2, *dims(k, 3)),)),
        (lambda n, k=k: getattr(n, f"InstanceNorm{k}d")(2, affine=True, track_running_stats=True), ((3, 2, *dims(k, 3)),)),
        (lambda n, k=k: getattr(n, f"Dropout{k}d")(0.4), ((3, 4, *dims(k, 3)),)),
    ]  # fmt: skip
for name in ("RNN", "LSTM", "GRU"):
    LAYERS += [
        (lambda n, name=name: getattr(n, name)(3, 4), ((5, 2, 3),)),
        (lambda n, name=name: getattr(n, name)(3, 4, 2, batch_first=True, bidirectional=True, dropout=0.4), ((2, 5, 3),)),
        (lambda n, name=name: getattr(n, name)(3, 4, bias=False), ((5, 3),)),
        (lambda n, name=name: getattr(n, f"{name}Cell")(3, 4), ((2, 3),)),
        (lambda n, name=name: getattr(n, f"{name}Cell")(3, 4, bias=False), ((3,),)),
    ]  # fmt: skip
PLAIN = (
    "ReLU ReLU6 SELU SiLU Mish Hardswish Hardsigmoid Sigmoid Tanh LogSigmoid Softsign Tanhshrink GELU GLU Softplus "
    "Hardshrink Softshrink RReLU PReLU LeakyReLU ELU CELU Hardtanh"
).split()
IN_PLACE = "ReLU ReLU6 SELU SiLU Mish Hardswish Hardsigmoid LeakyReLU ELU CELU Hardtanh RReLU".split()


@pytest.mark.parametrize("number", range(len(LAYERS)))
def test_a_layer_gives_pytorchs_numbers(number):
    make, shapes = LAYERS[number]
    compare(make, call, shapes)


@pytest.mark.parametrize("number", range(len(LAYERS)))
def test_a_layer_gives_pytorchs_numbers_outside_of_training(number):
    make, shapes = LAYERS[number]
    compare(make, call, shapes, train=False)


@pytest.mark.parametrize("name", PLAIN)
def test_an_activation_gives_pytorchs_numbers(name):
    compare(lambda n: getattr(n, name)(), call, ((3, 4, 2),))


@pytest.mark.parametrize("name", IN_PLACE)
def test_an_activation_in_place_gives_pytorchs_numbers(name):
    compare(lambda n: getattr(n, name)(inplace=True), lambda layer, x: layer(x * 1), ((3, 4),))


USES: dict[str, Any] = {
    "two batches": (lambda n: n.BatchNorm1d(3, momentum=None), lambda m, x: (m(x), m(2 * x)), ((4, 3),)),
    "dropout in place": (lambda n: n.Dropout(0.3, inplace=True), lambda m, x: m(x * 1), ((5, 7),)),
    "an asked size": (lambda n: n.ConvTranspose2d(2, 4, 3, stride=2), lambda m, x: m(x, output_size=(10, 9)), ((2, 2, 4, 4),)),
    "a first state": (lambda n: n.LSTM(3, 4), lambda m, x, h, c: m(x, (h, c)), ((5, 2, 3), (1, 2, 4), (1, 2, 4))),
    "no weights": (lambda n: n.MultiheadAttention(4, 2), lambda m, *x: m(*x, need_weights=False), ((6, 2, 4), (3, 2, 4), (3, 2, 4))),
    "all weights": (lambda n: n.MultiheadAttention(4, 2), lambda m, *x: m(*x, average_attn_weights=False), ((6, 2, 4), (3, 2, 4), (3, 2, 4))),
}  # fmt: skip


@pytest.mark.parametrize("name", USES)
def test_a_layer_used_otherwise_gives_pytorchs_numbers(name):
    compare(*USES[name])


def test_masked_attention_gives_pytorchs_numbers():
    def masked(layer: Any, *values: Any) -> Any:
        module = gt if type(layer).__module__.startswith("gradcli") else torch
        ahead = module.tensor([[False, True, False]] * 6)
        padding = module.tensor([[False, False, True], [False, False, False]])
        return layer(*values, attn_mask=ahead, key_padding_mask=padding)

    compare(lambda n: n.MultiheadAttention(4, 2, add_bias_kv=True), masked, ((6, 2, 4), (3, 2, 4), (3, 2, 4)))


LOSSES: list[Any] = [
    *[(lambda n, name=name, way=way: getattr(n, name)(reduction=way), lambda m, x, y: m(x, y.detach()), ((3, 4), (3, 4)))
      for name in ("L1Loss", "MSELoss", "HuberLoss", "SmoothL1Loss", "HingeEmbeddingLoss", "PoissonNLLLoss", "BCEWithLogitsLoss",
                   "SoftMarginLoss", "MultiLabelSoftMarginLoss") for way in ("mean", "sum", "none")],
    (lambda n: n.CrossEntropyLoss(), call, ((3, 5), (INT, 3))), (lambda n: n.NLLLoss(ignore_index=2), call, ((3, 5), (INT, 3))),
    (lambda n: n.CrossEntropyLoss(label_smoothing=0.1, reduction="sum"), call, ((3, 5), (INT, 3))), (lambda n: n.MultiMarginLoss(2), call, ((3, 5), (INT, 3))),
    (lambda n: n.KLDivLoss(reduction="batchmean"), lambda m, x, y: m(x, y.detach().exp()), ((3, 5), (3, 5))),
    (lambda n: n.TripletMarginLoss(swap=True), call, ((3, 5), (3, 5), (3, 5))), (lambda n: n.BCELoss(), lambda m, x, y: m(x.sigmoid(), y.detach().sigmoid()), ((3, 5), (3, 5))),
    (lambda n: n.GaussianNLLLoss(), lambda m, x, y, z: m(x, y, z**2), ((3, 5), (3, 5), (3, 5))), (lambda n: n.MarginRankingLoss(0.3), call, ((3,), (3,), (3,))),
    (lambda n: n.CosineEmbeddingLoss(0.3), lambda m, x, y, z: m(x, y, z.detach().sign()), ((3, 5), (3, 5), (3,))), (lambda n: n.MultiLabelMarginLoss(), call, ((3, 5), (INT, 3, 5))),
]  # fmt: skip


@pytest.mark.parametrize("number", range(len(LOSSES)))
def test_a_loss_gives_pytorchs_numbers(number):
    compare(*LOSSES[number])


def net(module: Any) -> Any:
    nn = module.nn

    class Net(nn.Module):  # type: ignore[misc,name-defined] # a namespace's attribute
        def __init__(self) -> None:
            super().__init__()
            self.a = nn.Linear(2, 3)
            self.rows = nn.ModuleList([nn.Linear(1, 1), nn.Linear(1, 1), nn.Dropout()])
            self.table = nn.ModuleDict({"x": nn.Tanh(), "y": nn.Sequential(nn.Linear(1, 2))})
            self.p = nn.Parameter(module.ones(2))
            self.register_buffer("buf", module.zeros(2))
            self.register_buffer("tmp", module.zeros(1), persistent=False)
            self.k = 3
            self.register_parameter("q", None)

    return Net()


def assigned(module: Any, name: str, value: Any) -> Any:
    made = net(module)
    setattr(made, name, value)
    return made, [key for key, _ in made.named_parameters()], list(made.state_dict())


def loaded(module: Any, change: Any, **how: Any) -> Any:
    layer = module.nn.Sequential(module.nn.Linear(1, 2), module.nn.BatchNorm1d(2))
    state = layer.state_dict()
    change(module, state)
    return layer.load_state_dict(state, **how)


TOLD: list[Any] = [
    net, lambda t: [name for name, _ in net(t).named_modules()], lambda t: [name for name, _ in net(t).named_parameters()],
    lambda t: [name for name, _ in net(t).named_buffers()], lambda t: [name for name, _ in net(t).named_children()], lambda t: list(net(t).state_dict()),
    lambda t: net(t).nope, lambda t: assigned(t, "a", None), lambda t: assigned(t, "a", 3), lambda t: assigned(t, "p", t.ones(2)), lambda t: assigned(t, "p", None),
    lambda t: assigned(t, "buf", 3), lambda t: assigned(t, "buf", None), lambda t: assigned(t, "buf", t.ones(1)), lambda t: assigned(t, "k", t.nn.Linear(1, 1)),
    lambda t: assigned(t, "a", t.nn.Parameter(t.ones(1))), lambda t: assigned(t, "q", t.nn.Parameter(t.ones(1))), lambda t: assigned(t, "b", t.nn.Buffer(t.ones(1))),
    lambda t: net(t).register_parameter("k", None), lambda t: net(t).register_parameter("a.b", None), lambda t: net(t).register_parameter("", None),
    lambda t: net(t).register_parameter(3, None), lambda t: net(t).register_parameter("z", t.ones(1)), lambda t: net(t).register_parameter("train", None),
    lambda t: net(t).register_buffer("p", t.ones(1)), lambda t: net(t).register_buffer("zz", 3), lambda t: net(t).add_module("zz", 3),
    lambda t: net(t).add_module("p", t.nn.ReLU()), lambda t: net(t).add_module("p.q", t.nn.ReLU()), lambda t: net(t).to(t.int64), lambda t: net(t).double().p,
    lambda t: net(t).to(t.float64).a.weight.dtype, lambda t: net(t).train(3), lambda t: [module.training for module in net(t).eval().modules()],
    lambda t: t.nn.Parameter(t.tensor([1])), lambda t: t.nn.Parameter(t.tensor([1]), requires_grad=False), lambda t: t.nn.Parameter(t.ones(2, 2)),
    lambda t: loaded(t, lambda t, s: None), lambda t: loaded(t, lambda t, s: s.pop("0.bias")), lambda t: loaded(t, lambda t, s: s.update({"0.weight": 3})),
    lambda t: loaded(t, lambda t, s: (s.pop("0.bias"), s.update(x=t.ones(1)), s.update({"0.weight": t.ones(3, 1)}))),
    lambda t: loaded(t, lambda t, s: (s.pop("0.bias"), s.update(x=t.ones(1))), strict=False), lambda t: t.nn.Linear(1, 1).load_state_dict(3),
    lambda t: t.nn.Sequential(t.nn.ReLU(), t.nn.Tanh())[5], lambda t: t.nn.Sequential(t.nn.ReLU(), t.nn.Tanh(), t.nn.ELU())[1:], lambda t: t.nn.Sequential(3), lambda t: t.nn.ModuleList(3),
    lambda t: t.nn.ModuleList([t.nn.ReLU(), t.nn.Tanh()])[1:], lambda t: t.nn.ModuleList([t.nn.Sequential(t.nn.Linear(1, 1)), t.nn.Sequential(t.nn.Linear(1, 1))]), lambda t: t.nn.ModuleList(),
    lambda t: t.nn.Dropout(2), lambda t: t.nn.Conv2d(3, 4, 2, groups=2), lambda t: t.nn.Conv2d(2, 4, 2, padding="same", stride=2), lambda t: t.nn.LSTM(3, 4)(t.ones(2, 2, 5)),
    lambda t: t.nn.LSTM(3, 4)(t.ones(2, 2, 3), (t.ones(1, 1, 4), t.ones(1, 2, 4))), lambda t: t.nn.LSTM(3, 4)(t.ones(2, 2, 3), (t.ones(1, 4), t.ones(1, 2, 4))), lambda t: t.nn.GRU(3, 4)(t.ones(3)),
    lambda t: t.nn.RNN(3, 4, nonlinearity="x"), lambda t: t.nn.LSTM(3, 4)(t.ones(2, 2, 3).double()), lambda t: t.nn.LSTMCell(3, 4)(t.ones(2, 2, 3)), lambda t: t.nn.GRU(3, 0), lambda t: t.nn.GRU(3, 4, proj_size=1),
    lambda t: t.nn.BatchNorm1d(3)(t.ones(3)), lambda t: t.nn.BatchNorm2d(3)(t.ones(3)), lambda t: t.nn.LayerNorm(3)(t.ones(2)), lambda t: t.nn.GroupNorm(2, 3), lambda t: t.nn.Linear(2, 3)(t.ones(3)),
    lambda t: t.nn.Embedding(3, 2)(t.tensor([5])), lambda t: t.nn.init.xavier_uniform_(t.ones(3)), lambda t: t.nn.init.calculate_gain("x"), lambda t: t.nn.init.calculate_gain("leaky_relu", 0.2),
    lambda t: t.nn.init.eye_(t.ones(3)), lambda t: t.nn.init.eye_(t.ones(3, 2)), lambda t: t.nn.init.dirac_(t.ones(4, 2, 3), 2), lambda t: t.nn.Unflatten(0, 3), lambda t: t.nn.MultiheadAttention(0, 2),
    lambda t: t.nn.functional.dropout(t.ones(2), 2.0), lambda t: t.nn.functional.dropout1d(t.ones(2), 0.5), lambda t: t.nn.utils.clip_grad_norm_([t.ones(2, requires_grad=True)], 1.0),
]  # fmt: skip


def told(module: Any, action: Any) -> tuple[str, str]:
    """The text of a result, or kind and text of an error."""
    module.manual_seed(0)
    try:
        return "", repr(action(module))
    except Exception as error:
        kind = next(one.__name__ for one in type(error).__mro__ if one.__module__ == "builtins")
        return kind, str(error.args[0]) if type(error) is KeyError else str(error)


@pytest.mark.parametrize("number", range(len(TOLD)))
def test_texts_and_messages_are_pytorchs(number):
    mine, theirs = (told(module, TOLD[number]) for module in BOTH)
    assert mine == theirs


@pytest.mark.parametrize("shape", [(4, 5), (5, 4), (6, 3)])
@pytest.mark.parametrize(
    "fill",
    [
        lambda i, w: i.uniform_(w), lambda i, w: i.normal_(w), lambda i, w: i.xavier_uniform_(w, 2.0), lambda i, w: i.xavier_normal_(w),
        lambda i, w: i.kaiming_uniform_(w), lambda i, w: i.kaiming_normal_(w, mode="fan_out", nonlinearity="relu"),
        lambda i, w: i.orthogonal_(w, 1.5), lambda i, w: i.trunc_normal_(w), lambda i, w: i.trunc_normal_(w, 0, 1, 3, 4),
        lambda i, w: i.sparse_(w, 0.3), lambda i, w: i.uniform_(w.t()), lambda i, w: i.normal_(w.t()), lambda i, w: i.normal_(w[:, 1:]),
    ],
)  # fmt: skip
def test_initialisation_gives_pytorchs_numbers(fill, shape):
    found = []
    for module in BOTH:
        module.manual_seed(3)
        weight = module.zeros(*shape, dtype=module.float64)
        fill(module.nn.init, weight)
        found.append(numpy(weight))
    np.testing.assert_allclose(*found, rtol=1e-12, atol=1e-13)


@pytest.mark.parametrize(
    "use",
    [
        lambda u, w: u.clip_grad_norm_(w, 1.0), lambda u, w: u.clip_grad_norm_(w, 100.0), lambda u, w: u.clip_grad_norm_(w, 1.0, float("inf")),
        lambda u, w: u.clip_grad_norm_(w, 1.0, 1), lambda u, w: u.clip_grad_value_(w, 2.5), lambda u, w: u.parameters_to_vector(w),
        lambda u, w: (u.vector_to_parameters(w[0].detach().repeat(2), w), w), lambda u, w: u.get_total_norm(w),
    ],
)  # fmt: skip
def test_gradients_are_clipped_as_pytorch_clips(use):
    found = []
    for module in BOTH:
        w = [module.tensor(data, requires_grad=True) for data in ([3.0, 4.0], 2.0, 1.0)]
        ((w[0] ** 2).sum() + w[1] ** 3).backward()
        found.append(repr((use(module.nn.utils, w), [leaf.grad for leaf in w])))
    assert found[0] == found[1]
