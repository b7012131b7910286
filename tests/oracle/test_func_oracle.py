"""torch.func and torch.autograd.functional against PyTorch: values, structures, histories, messages."""

# Each case is one expression run with both modules; any error of theirs is compared.
# ruff: noqa: BLE001, E402, E501, PLC3002

from __future__ import annotations

import re
import warnings
from typing import Any

import pytest

torch = pytest.importorskip("torch")

from gradcli import torch as gt

pytestmark = pytest.mark.oracle


class World:
    """The names that the cases use, for one of the two modules."""

    def __init__(self, module: Any) -> None:
        self.t = module
        self.f = module.func
        self.F = module.autograd.functional
        self.x = module.tensor([1.0, 2.0], dtype=module.float64)
        self.y = module.tensor([[3.0, 4.0], [5.0, 6.0]], dtype=module.float64)
        self.s = module.tensor(3.0, dtype=module.float64)
        self.r = module.tensor([1.0, 2.0], dtype=module.float64, requires_grad=True)
        self.one = module.ones(2, dtype=module.float64)
        self.ones = module.ones(2, 2, dtype=module.float64)

    @staticmethod
    def square(x: Any) -> Any:
        return x**2

    @staticmethod
    def cube(x: Any) -> Any:
        return (x**3).sum()

    @staticmethod
    def mixed(x: Any, y: Any) -> Any:
        return y @ x, x.sum() * y

    @staticmethod
    def energy(x: Any, y: Any) -> Any:
        return (x.exp() * (y**2).sum(0)).sum()


def told(expression: Any, module: Any) -> str:
    """What an expression gives as text, or the message of its error."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            text = str(expression(World(module)))
        except Exception as error:
            kinds = (NotImplementedError, RuntimeError, ValueError, TypeError, AssertionError)
            kind = next((one.__name__ for one in kinds if isinstance(error, one)), "?")
            return f"{kind}: {error}"
    text = text.replace("ReshapeAliasBackward0", "ViewBackward0")  # of one shape, view and alias are the same
    text = re.sub(r"(Sum|Mul|Stack)Backward\d", "Backward", text)  # the way to a derivative is not the same
    return re.sub(r"(?<![\d.])-(0\.0*)(?!\d)", r" \1", text).replace("[ 0", "[0")


FUNC = {
    "gradient": lambda w: w.f.grad(w.cube)(w.x),
    "gradient of an integer": lambda w: w.f.grad(w.cube)(w.t.tensor([1, 2])),
    "gradient of a number": lambda w: w.f.grad(w.cube)(3.0),
    "gradient of a vector": lambda w: w.f.grad(w.square)(w.x),
    "gradient of no tensor": lambda w: w.f.grad(lambda x: 2.0)(w.x),
    "no such argument": lambda w: w.f.grad(w.cube, argnums=1)(w.x),
    "two arguments": lambda w: w.f.grad(w.energy, argnums=(0, 1))(w.x, w.y),
    "an argument from the end": lambda w: w.f.grad(w.energy, argnums=-1)(w.x, w.y),
    "no arguments": lambda w: w.f.grad(w.cube, argnums=())(w.x),
    "an argument twice": lambda w: w.f.grad(w.energy, argnums=(0, 0))(w.x, w.y),
    "an argument by name": lambda w: w.f.grad(w.energy, argnums="x")(w.x, w.y),
    "gradient with aux": lambda w: w.f.grad(lambda x: (x.sum(), x * 2), has_aux=True)(w.x),
    "aux that is missing": lambda w: w.f.grad(w.cube, has_aux=True)(w.x),
    "gradient and value": lambda w: w.f.grad_and_value(w.cube)(w.x),
    "gradient and value with aux": lambda w: w.f.grad_and_value(lambda x: (x.sum(), {"a": x}), has_aux=True)(w.x),
    "gradient for a dict": lambda w: w.f.grad(lambda d: (d["a"] * d["b"][0]).sum())({"a": w.x, "b": [w.x * 3]}),
    "gradient with keywords": lambda w: w.f.grad(lambda x, k=1: (x * k).sum())(w.x, k=w.x),
    "gradient of an independent function": lambda w: w.f.grad(lambda x: w.r.sum())(w.x),
    "gradient for a leaf that requires grad": lambda w: w.f.grad(w.cube)(w.r),
    "gradient with a captured leaf": lambda w: w.f.grad(lambda x: (x * w.r).sum())(w.x),
    "second gradient": lambda w: w.f.grad(lambda x: w.f.grad(lambda y: y**3)(x))(w.s),
    "third gradient": lambda w: w.f.grad(w.f.grad(w.f.grad(lambda x: x.exp() * x)))(w.s),
    "second gradient of a saved result": lambda w: w.f.grad(lambda x: w.f.grad(lambda y: y.tanh())(x))(w.s),
    "confusion of sums": lambda w: w.f.grad(lambda x: x * w.f.grad(lambda y: x + y)(w.s * 0 + 1))(w.s),
    "confusion of products": lambda w: w.f.grad(lambda x: x * w.f.grad(lambda y: x * y)(w.s * 0 + 1))(w.s),
    "confusion in jvp": lambda w: w.f.jvp(lambda x: x * w.f.jvp(lambda y: x * y, (w.s,), (w.s * 0 + 1,))[1], (w.s,), (w.s * 0 + 1,)),
    "confusion of modes": lambda w: w.f.grad(lambda x: x * w.f.jvp(lambda y: x * y * y, (w.s,), (w.s * 0 + 1,))[1])(w.s),
    "confusion of modes, the other way": lambda w: w.f.jvp(lambda x: x * w.f.grad(lambda y: x * y * y)(w.s), (w.s,), (w.s * 0 + 1,)),
    "vjp": lambda w: w.f.vjp(w.t.sin, w.x)[0],
    "vjp pulled": lambda w: w.f.vjp(w.t.sin, w.x)[1](w.one),
    "vjp of two": lambda w: w.f.vjp(w.mixed, w.x, w.y)[1]((w.one, w.ones)),
    "vjp pulled twice": lambda w: (lambda pull: (pull(w.one), pull(w.x)))(w.f.vjp(w.t.exp, w.x)[1]),
    "vjp of another structure": lambda w: w.f.vjp(w.mixed, w.x, w.y)[1](w.one),
    "vjp of another shape": lambda w: w.f.vjp(w.t.sin, w.x)[1](w.ones),
    "vjp of truth": lambda w: w.f.vjp(lambda x: x > 1, w.x),
    "vjp of nothing": lambda w: w.f.vjp(lambda x: None, w.x),
    "vjp of a number": lambda w: w.f.vjp(lambda x: 3, w.x),
    "vjp with aux": lambda w: w.f.vjp(lambda x: (x * 2, x), w.x, has_aux=True)[2],
    "gradient through a vjp": lambda w: w.f.grad(lambda x: w.f.vjp(w.t.sin, x)[1](w.one)[0].sum())(w.x),
    "jvp": lambda w: w.f.jvp(w.t.sin, (w.x,), (w.one,)),
    "jvp of no tuple": lambda w: w.f.jvp(w.t.sin, w.x, w.one),
    "jvp with too many tangents": lambda w: w.f.jvp(w.t.sin, (w.x,), (w.one, w.one)),
    "jvp with a bare tangent": lambda w: w.f.jvp(w.t.sin, (w.x,), w.one),
    "jvp of another shape": lambda w: w.f.jvp(w.t.sin, (w.x,), (w.ones,)),
    "jvp of a constant": lambda w: w.f.jvp(lambda x: w.one, (w.x,), (w.one,)),
    "jvp of a constant, strictly": lambda w: w.f.jvp(lambda x: w.one, (w.x,), (w.one,), strict=True),
    "jvp with aux": lambda w: w.f.jvp(lambda x: (x * 2, x), (w.x,), (w.one,), has_aux=True),
    "jvp of two": lambda w: w.f.jvp(w.mixed, (w.x, w.y), (w.one, w.ones)),
    "jvp of a number": lambda w: w.f.jvp(lambda x: 3, (w.x,), (w.one,)),
    "jvp of jvp": lambda w: w.f.jvp(lambda x: w.f.jvp(w.t.exp, (x,), (w.x,))[1], (w.x,), (w.one,)),
    "jvp of grad": lambda w: w.f.jvp(w.f.grad(lambda x: x.exp().sum()), (w.x,), (w.one,)),
    "grad of jvp": lambda w: w.f.grad(lambda x: w.f.jvp(w.t.sigmoid, (x,), (w.one,))[1].sum())(w.x),
    "jacrev": lambda w: w.f.jacrev(w.t.sin)(w.x),
    "jacrev of all": lambda w: w.f.jacrev(lambda x, y: (y @ x, {"s": x.sum()}), argnums=(0, 1))(w.x, w.y),
    "jacrev in chunks": lambda w: w.f.jacrev(w.t.sin, chunk_size=1)(w.x),
    "jacrev in no chunks": lambda w: w.f.jacrev(w.t.sin, chunk_size=0),
    "jacrev with aux": lambda w: w.f.jacrev(lambda x: (x * 2, x.sum()), has_aux=True)(w.x),
    "jacfwd": lambda w: w.f.jacfwd(w.t.exp)(w.x),
    "jacfwd of all": lambda w: w.f.jacfwd(lambda x, y: (y @ x, {"s": x.sum()}), argnums=(0, 1))(w.x, w.y),
    "jacfwd with aux": lambda w: w.f.jacfwd(lambda x: (x * 2, x.sum()), has_aux=True)(w.x),
    "hessian": lambda w: w.f.hessian(lambda x: (x.exp() * x).sum())(w.x),
    "hessian for a dict": lambda w: w.f.hessian(lambda d: (d["a"] ** 3).sum())({"a": w.x}),
    "hessian of two": lambda w: w.f.hessian(w.energy, argnums=(0, 1))(w.x, w.y),
    "forward over forward": lambda w: w.f.jacfwd(w.f.jacfwd(lambda x: x.tanh().sum()))(w.x),
    "reverse over reverse": lambda w: w.f.jacrev(w.f.jacrev(lambda x: x.tanh().sum()))(w.x),
    "reverse over forward": lambda w: w.f.jacrev(w.f.jacfwd(lambda x: x.tanh().sum()))(w.x),
    "forward over reverse": lambda w: w.f.jacfwd(w.f.jacrev(lambda x: x.tanh().sum()))(w.x),
    "linearize": lambda w: (lambda value, along: (value, along(w.one), along(w.x)))(*w.f.linearize(w.t.sin, w.x)),
    "vmap": lambda w: w.f.vmap(w.t.dot)(w.y, w.y),
    "vmap is in torch": lambda w: w.t.vmap(lambda x: x * 2)(w.x),
    "vmap of several results under names": lambda w: tuple(w.f.vmap(lambda a: a.max(0))(w.y)),
    "vmap over grad": lambda w: w.f.vmap(w.f.grad(lambda x: x**3))(w.x),
    "vmap over a captured leaf": lambda w: w.f.vmap(lambda x: x * w.r)(w.x),
    "gradient through vmap": lambda w: w.f.grad(lambda x: w.f.vmap(lambda a: a.sin() * a)(x).sum())(w.x),
    "per-sample gradients": lambda w: w.f.vmap(w.f.grad(lambda p, x: ((p * x).sum() - 1) ** 2), in_dims=(None, 0))(w.x, w.y),
    "vmap over hessian": lambda w: w.f.vmap(w.f.hessian(w.cube))(w.y),
    "hessian over vmap": lambda w: w.f.hessian(lambda x: w.f.vmap(lambda a: a**3)(x).sum())(w.x),
    "vmap over jacrev": lambda w: w.f.vmap(w.f.jacrev(w.t.sin))(w.y),
    "vmap in vmap": lambda w: w.f.vmap(w.f.vmap(lambda a, b: a * b, in_dims=(None, 0)), in_dims=(0, None))(w.x, w.t.ones(3)),
    "vmap with control flow on shapes": lambda w: w.f.vmap(lambda a: a.sum() if a.shape[0] == 2 and a.ndim == 1 else a)(w.y),
    "vmap of two results": lambda w: w.f.vmap(lambda a: (a.sum(), a * 2), out_dims=(0, 1))(w.y),
    "vmap along the last dim": lambda w: w.f.vmap(lambda a: a.sum(), in_dims=-1)(w.y),
    "vmap of a dict": lambda w: w.f.vmap(lambda d: {"s": d["a"] * d["b"]})({"a": w.x, "b": w.x}),
    "vmap of a dict in part": lambda w: w.f.vmap(lambda d: d["a"] * d["b"], in_dims=({"a": 0, "b": None},))({"a": w.x, "b": w.x}),
    "vmap of nothing": lambda w: w.f.vmap(lambda x: x)(),
    "vmap of a number": lambda w: w.f.vmap(lambda x: x)(3),
    "vmap along no dim": lambda w: w.f.vmap(lambda x: x, in_dims=2)(w.x),
    "vmap with a number beside": lambda w: w.f.vmap(lambda x, k: x * k, in_dims=(0, None))(w.x, 3),
    "vmap of another structure": lambda w: w.f.vmap(lambda x, k: x, in_dims=(0, 0, 0))(w.x, w.x),
    "vmap of shared arguments": lambda w: w.f.vmap(lambda x, k: x, in_dims=(None, None))(w.x, w.x),
    "vmap by a name": lambda w: w.f.vmap(lambda x: x, in_dims="a")(w.x),
    "vmap by a list": lambda w: w.f.vmap(lambda x: x, in_dims=[0])(w.x),
    "vmap by names": lambda w: w.f.vmap(lambda x: x, in_dims=("a",))(w.x),
    "vmap of two sizes": lambda w: w.f.vmap(lambda x, y: x)(w.x, w.t.ones(3)),
    "vmap that gives a number": lambda w: w.f.vmap(lambda x: (x, 3))(w.x),
    "vmap that may give a number": lambda w: w.f.vmap(lambda x: (x, 3), out_dims=(0, None))(w.x),
    "vmap of what differs": lambda w: w.f.vmap(lambda x: x, out_dims=None)(w.x),
    "vmap of what is the same": lambda w: w.f.vmap(lambda x: w.one, out_dims=None)(w.x),
    "vmap to no dim": lambda w: w.f.vmap(lambda x: x, out_dims=1)(w.x),
    "vmap to the second dim": lambda w: w.f.vmap(lambda x: x * w.t.ones(3), out_dims=1)(w.x),
    "vmap to too many dims": lambda w: w.f.vmap(lambda x: x, out_dims=(0, 1))(w.x),
    "vmap to a name": lambda w: w.f.vmap(lambda x: x, out_dims="a")(w.x),
    "vmap of no examples": lambda w: w.f.vmap(lambda x: x * 2)(w.t.ones(0, 2)),
    "vmap in chunks": lambda w: w.f.vmap(lambda x: x * 2, chunk_size=1)(w.x),
    "vmap in no chunks": lambda w: w.f.vmap(lambda x: x * 2, chunk_size=0),
    "vmap with keywords": lambda w: w.f.vmap(lambda x, k=1.0: x * k)(w.x, k=w.x),
    "random numbers in vmap": lambda w: w.f.vmap(lambda x: x * w.t.rand(()))(w.x),
    "random numbers of no kind": lambda w: w.f.vmap(lambda x: x, randomness="some"),
    "the same random numbers": lambda w: (w.t.manual_seed(0), w.f.vmap(lambda x: w.t.rand(2), randomness="same")(w.x))[1],
    "different random numbers": lambda w: (w.t.manual_seed(0), w.f.vmap(lambda x: w.t.rand(2), randomness="different")(w.x))[1],
}  # fmt: skip


@pytest.mark.parametrize("name", FUNC)
def test_a_transform_gives_what_it_gives_in_pytorch(name: str) -> None:
    assert told(FUNC[name], gt) == told(FUNC[name], torch)


def layer(w: World) -> Any:
    w.t.manual_seed(0)
    return w.t.nn.Linear(2, 1)


CALLS = {
    "other parameters": lambda w: w.f.functional_call(layer(w), {"weight": w.t.ones(1, 2), "bias": w.t.ones(1)}, w.t.ones(2)),
    "one other parameter": lambda w: w.f.functional_call(layer(w), {"weight": w.t.ones(1, 2)}, (w.t.ones(2),)),
    "an unknown name": lambda w: w.f.functional_call(layer(w), {"weigh": w.t.ones(1, 2)}, w.t.ones(2)),
    "an unknown name, strictly": lambda w: w.f.functional_call(layer(w), {"weigh": w.t.ones(1, 2)}, w.t.ones(2), strict=True),
    "no dict": lambda w: w.f.functional_call(layer(w), 3, w.t.ones(2)),
    "no dicts": lambda w: w.f.functional_call(layer(w), (3,), w.t.ones(2)),
    "a name twice": lambda w: w.f.functional_call(layer(w), ({"weight": w.t.ones(1, 2)}, {"weight": w.t.ones(1, 2)}), w.t.ones(2)),
    "gradients for parameters": lambda w: w.f.grad(lambda p: w.f.functional_call(layer(w), p, w.t.ones(2)).sum())({k: v.detach() for k, v in layer(w).named_parameters()}),
    "per-sample gradients": lambda w: (lambda n: w.f.vmap(w.f.grad(lambda p, x: w.f.functional_call(n, p, x).pow(2).sum()), in_dims=(None, 0)))(layer(w))({k: v.detach() for k, v in layer(w).named_parameters()}, w.t.ones(3, 2)),
}  # fmt: skip


@pytest.mark.parametrize("name", CALLS)
def test_a_module_is_called_with_other_parameters_as_in_pytorch(name: str) -> None:
    assert told(CALLS[name], gt) == told(CALLS[name], torch)


def test_a_gradient_asked_for_inside_no_grad_is_not_part_of_a_graph() -> None:
    for module in (gt, torch):
        w = World(module)
        with module.no_grad():
            found = module.func.grad(lambda x, w=w: (x * w.r).sum())(w.r)
        assert not found.requires_grad


def test_what_a_transform_gives_can_be_differentiated_outside_of_it() -> None:
    found = []
    for module in (gt, torch):
        w = World(module)
        module.func.grad(lambda x, w=w: (x**2 * w.r).sum())(w.r).sum().backward()
        found.append(w.r.grad.tolist())
    assert found[0] == found[1]


FLAGS = [
    {},
    {"create_graph": True},
    {"strict": True},
    {"create_graph": True, "strict": True},
]
PRODUCTS = {
    "of squares": lambda w, f, k: f(w.square, w.x, w.one, **k),
    "of squares at a leaf": lambda w, f, k: f(w.square, w.r, w.one, **k),
    "of a linear map": lambda w, f, k: f(lambda x: 2 * x, w.x, w.one, **k),
    "of a constant": lambda w, f, k: f(lambda x: w.one, w.x, w.one, **k),
    "without a vector": lambda w, f, k: f(w.square, w.x, **k),
    "of a number without a vector": lambda w, f, k: f(w.square, w.s, **k),
    "with another shape": lambda w, f, k: f(w.square, w.x, w.ones, **k),
    "with two vectors": lambda w, f, k: f(w.square, w.x, (w.one, w.one), **k),
    "with two vectors for a tuple": lambda w, f, k: f(w.square, (w.x,), (w.one, w.one), **k),
    "at a number": lambda w, f, k: f(w.square, 3, **k),
    "at a tuple with a number": lambda w, f, k: f(w.square, (w.x, 3), **k),
    "with a number": lambda w, f, k: f(w.square, w.x, 3, **k),
    "of a number": lambda w, f, k: f(lambda x: 3, w.x, w.x, **k),
    "of a tuple with a number": lambda w, f, k: f(lambda x: (x, 3), w.x, w.x, **k),
    "at integers": lambda w, f, k: f(w.square, w.t.tensor([1, 2]), w.x, **k),
    "of two": lambda w, f, k: f(w.mixed, (w.x, w.y), (w.one, w.ones), **k),
    "of a sum": lambda w, f, k: f(lambda x: 2 * x.sum(), w.x, w.one, **k),
    "of a sum of squares": lambda w, f, k: f(lambda x: (x**2).sum(), w.x, w.one, **k),
    "of an energy": lambda w, f, k: f(w.energy, (w.x, w.y), (w.one, w.ones), **k),
    "of an energy at leaves": lambda w, f, k: f(w.cube, w.r, w.one, **k),
    "of a tuple of one": lambda w, f, k: f(lambda x: (w.cube(x),), w.x, w.one, **k),
}  # fmt: skip


@pytest.mark.parametrize("function", ["vjp", "jvp", "vhp", "hvp"])
@pytest.mark.parametrize("name", PRODUCTS)
def test_a_product_is_what_it_is_in_pytorch(function: str, name: str) -> None:
    for flags in FLAGS:
        mine, theirs = (
            told(lambda w, k=flags: PRODUCTS[name](w, getattr(w.F, function), k), module)
            for module in (gt, torch)
        )
        assert mine.replace("gradcli.autograd.tensor", "torch") == theirs


MORE = [
    {"vectorize": True},
    {"vectorize": True, "strict": True},
    {"vectorize": True, "create_graph": True},
    {"strategy": "reverse-mode", "vectorize": True},
    {"strategy": "forward-mode"},
    {"strategy": "forward-mode", "vectorize": True},
    {"strategy": "forward-mode", "vectorize": True, "strict": True},
    {"strategy": "forward-mode", "create_graph": True},
    {"strategy": "sideways"},
]
MATRICES = {
    "of squares": lambda w, f, k: f(w.square, w.x, **k),
    "of squares at a leaf": lambda w, f, k: f(w.square, w.r, **k),
    "of two": lambda w, f, k: f(w.mixed, (w.x, w.y), **k),
    "of a function of one of two": lambda w, f, k: f(lambda x, y: x * 2, (w.x, w.y), **k),
    "of tuples of one": lambda w, f, k: f(lambda x: (x,), (w.x,), **k),
    "of a constant": lambda w, f, k: f(lambda x: w.one, w.x, **k),
    "of a linear map": lambda w, f, k: f(lambda x: 2 * x, w.x, **k),
    "of a cube": lambda w, f, k: f(w.cube, w.x, **k),
    "of an energy": lambda w, f, k: f(w.energy, (w.x, w.y), **k),
    "of a sum": lambda w, f, k: f(lambda x: x.sum(), w.x, **k),
    "of a square of one of two": lambda w, f, k: f(lambda x, y: (x**2).sum(), (w.x, w.y), **k),
    "of a tuple with a number": lambda w, f, k: f(lambda x: (w.cube(x),), w.x, **k),
}  # fmt: skip


@pytest.mark.parametrize("flags", FLAGS + MORE, ids=str)
@pytest.mark.parametrize("name", MATRICES)
def test_a_jacobian_is_what_it_is_in_pytorch(flags: dict[str, Any], name: str) -> None:
    mine, theirs = (told(lambda w: MATRICES[name](w, w.F.jacobian, flags), module) for module in (gt, torch))
    assert mine == theirs


@pytest.mark.parametrize("flags", FLAGS + MORE, ids=str)
@pytest.mark.parametrize("name", MATRICES)
def test_a_hessian_is_what_it_is_in_pytorch(flags: dict[str, Any], name: str) -> None:
    kept = {key.replace("strategy", "outer_jacobian_strategy"): value for key, value in flags.items()}
    mine, theirs = (told(lambda w: MATRICES[name](w, w.F.hessian, kept), module) for module in (gt, torch))
    if len(flags) > 1 or "forward-mode" in flags.values():  # PyTorch leaves histories that lead nowhere
        mine = re.sub(r",\s*grad_fn=<\w+>", "", mine)
        theirs = re.sub(r",\s*grad_fn=<\w+>", "", theirs)
    assert mine == theirs
