"""Operations that a program defines itself, against PyTorch: values, gradients, node names, messages."""

# Each case is a small program run with both modules; any error of theirs is compared.
# ruff: noqa: BLE001, ARG004, E402

from __future__ import annotations

import re
import warnings
from types import FunctionType
from typing import TYPE_CHECKING, Any

import pytest

torch = pytest.importorskip("torch")

from gradcli import torch as gt

if TYPE_CHECKING:
    from collections.abc import Callable

pytestmark = pytest.mark.oracle

Program = Any
CASES: list[Program] = []


def case(program: Callable[[Any, Any], None]) -> Callable[[Any, Any], None]:
    CASES.append(program)
    return program


def transcript(program: Program, module: Any) -> list[str]:
    """What a program says, with addresses and the names of error classes evened out."""
    lines: list[str] = []

    def say(*values: Any) -> None:
        for value in values:
            try:
                found = value() if isinstance(value, FunctionType) else value
                lines.append(re.sub(r"0x[0-9a-f]+", "0x", str(found)))
            except Exception as error:
                kinds = (NotImplementedError, RuntimeError, ValueError, TypeError, AttributeError)
                kind = next((one.__name__ for one in kinds if isinstance(error, one)), "?")
                lines.append(f"{kind}: {str(error).partition(' Hint')[0]}")

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        program(module, say)
    return lines


@pytest.mark.parametrize("program", CASES, ids=lambda program: program.__name__)
def test_a_program_says_what_it_says_in_pytorch(program: Program) -> None:
    assert transcript(program, gt) == transcript(program, torch)


def leaf(t: Any) -> Any:
    return t.tensor([1.0, 2.0], requires_grad=True)


def kind(t: Any, backward: Any, forward: Any = lambda ctx, x: x * 2) -> Any:
    """A Function with these two methods."""

    class Made(t.autograd.Function):
        pass

    Made.forward, Made.backward = staticmethod(forward), staticmethod(backward)
    return Made


@case
def several_arguments_and_results(t: Any, say: Any) -> None:
    class Two(t.autograd.Function):
        @staticmethod
        def forward(ctx: Any, a: Any, k: Any, b: Any) -> Any:
            say(ctx.needs_input_grad, lambda: ctx.saved_tensors, t.is_grad_enabled(), a.requires_grad)
            ctx.save_for_backward(a, b)
            ctx.k = k
            return a * k, b * k, "text"

        @staticmethod
        def backward(ctx: Any, g: Any, h: Any, rest: Any) -> Any:
            say(g, h, rest, ctx.needs_input_grad, ctx.k, ctx.saved_tensors, t.is_grad_enabled())
            return g * ctx.k, None, h * ctx.k

    a, b = leaf(t), t.tensor([3.0, 4.0])
    y, z, text = Two.apply(a, 3, b)
    say(y, z, text, y.grad_fn, y.grad_fn.next_functions, y.grad_fn.name(), y.output_nr, z.output_nr)
    say(y.grad_fn.k, y.grad_fn.saved_tensors, y.grad_fn.needs_input_grad, y.is_leaf)
    y.sum().backward()
    say(a.grad, lambda: y.sum().backward(), lambda: y.grad_fn.saved_tensors)
    y, _, _ = Two.apply(a, 3, b)
    y.sum().backward(retain_graph=True)
    y.sum().backward()
    say(a.grad)


@case
def wrong_gradients(t: Any, say: Any) -> None:
    x = leaf(t)
    two = lambda ctx, x, y: x * 2  # noqa: E731 - a table of forwards

    def run(backward: Any, *args: Any, forward: Any = lambda ctx, x: x * 2) -> Callable[[], Any]:
        return lambda: (kind(t, backward, forward).apply(*args).sum().backward(), x.grad)[1]

    say(run(lambda ctx, g: g, x, x, forward=two))
    say(run(lambda ctx, g: (g, g), x))
    say(run(lambda ctx, g: (g, None), x))
    say(run(lambda ctx, g: (None, None), x))
    say(run(lambda ctx, g: (), x))
    say(run(lambda ctx, g: [g], x))
    say(run(lambda ctx, g: 2.0, x))
    say(run(lambda ctx, g: (g, g), x, 2, forward=two))
    say(run(lambda ctx, g: t.ones(3), x))
    say(run(lambda ctx, g: t.ones(()), x))
    say(run(lambda ctx, g: (g, t.ones(3)), x * 1, x * 1, forward=two))
    say(run(lambda ctx, g: (None, None, t.ones(3)), 3, "a", x, forward=lambda ctx, k, s, x: x * 2))
    say(run(lambda ctx, g: t.ones(3, 2), x))
    say(run(lambda ctx, g: t.ones(2, dtype=t.float64), x))
    say(run(lambda ctx, g: t.ones(2, dtype=t.int64), x))
    say(run(lambda ctx, g: None, x))


@case
def what_is_missing(t: Any, say: Any) -> None:
    x = leaf(t)

    class Nothing(t.autograd.Function):
        pass

    class NoBackward(t.autograd.Function):
        @staticmethod
        def forward(ctx: Any, x: Any) -> Any:
            return x * 2

    class Both(NoBackward):
        @staticmethod
        def backward(ctx: Any, g: Any) -> Any:
            return g

        @staticmethod
        def vjp(ctx: Any, g: Any) -> Any:
            return g

    class Vjp(NoBackward):
        @staticmethod
        def vjp(ctx: Any, g: Any) -> Any:
            return g * 7

    say(lambda: Nothing.apply(x), lambda: NoBackward.apply(x), lambda: NoBackward.apply(x=x))
    say(lambda: NoBackward.apply(x).sum().backward(), lambda: NoBackward()(x))
    say(lambda: Both.apply(x).sum().backward(), lambda: (Vjp.apply(x).sum().backward(), x.grad))


@case
def results_of_all_kinds(t: Any, say: Any) -> None:
    x = leaf(t)
    back = lambda ctx, *g: g[0]  # noqa: E731 - a table of backwards
    for forward in (
        lambda ctx, x: 3,
        lambda ctx, x: None,
        lambda ctx, x: (x * 2,),
        lambda ctx, x: (x * 2).long(),
        lambda ctx, x: [x * 2, x],
        lambda ctx, x: (x * 2, x > 1),
        lambda ctx, x: (),
        lambda ctx, x: x.view(2, 1),
        lambda ctx, x: x,
        lambda ctx, x: (x, x),
        lambda ctx, x: x.detach(),
    ):
        say(lambda forward=forward: kind(t, back, forward).apply(x))
    same = kind(t, back, lambda ctx, x: x).apply(x)
    say(same is x, same.data_ptr() == x.data_ptr(), same.is_leaf)
    made = kind(t, back).apply(x)
    made.add_(1)
    say(made)
    say(
        lambda: same.add_(1),
        lambda: kind(t, back, lambda ctx, x: x.view(2, 1)).apply(x).mul_(2),
    )
    with t.no_grad():
        say(kind(t, back).apply(x))
    say(kind(t, back).apply(x.detach()))


@case
def what_can_be_saved(t: Any, say: Any) -> None:
    x = leaf(t)

    def saving(*values: Any) -> Any:
        def forward(ctx: Any, x: Any) -> Any:
            ctx.save_for_backward(*values)
            return x * 2

        return kind(t, lambda ctx, g: (say(ctx.saved_tensors), g)[1], forward)

    for values in ((3,), ([x],), ("a", x), (x, None), (x,), ()):
        say(lambda values=values: saving(*values).apply(x).sum().backward())
    y = saving().apply(x)
    y.backward(t.ones(2))
    say(lambda: y.backward(t.ones(2)))
    quiet = kind(t, lambda ctx, g: g).apply(x)
    quiet.backward(t.ones(2))
    say(lambda: quiet.backward(t.ones(2)))
    lost = kind(t, lambda ctx, g: g * ctx.factor)
    say(lambda: str(lost.apply(x).sum().backward()).replace("Made", ""))


@case
def saved_tensors_changed_in_place(t: Any, say: Any) -> None:
    x = leaf(t)

    class Square(t.autograd.Function):
        @staticmethod
        def forward(ctx: Any, x: Any) -> Any:
            y = x * x
            ctx.save_for_backward(x, y)
            return y

        @staticmethod
        def backward(ctx: Any, g: Any) -> Any:
            x, y = ctx.saved_tensors
            say(y.requires_grad, x.requires_grad)
            return 2 * x * g

    y = Square.apply(x)
    y.add_(1)
    say(lambda: y.sum().backward())
    part = x * 1
    y = Square.apply(part)
    part.add_(1)
    say(lambda: y.sum().backward())
    y = Square.apply(x)
    with t.no_grad():
        x.add_(1)
    say(lambda: y.sum().backward())
    y = Square.apply(x)
    w = y * y
    y.mul_(2)
    say(lambda: w.sum().backward())


@case
def grad_mode_and_double_backward(t: Any, say: Any) -> None:
    class Cube(t.autograd.Function):
        @staticmethod
        def forward(ctx: Any, x: Any) -> Any:
            ctx.save_for_backward(x)
            return x**3

        @staticmethod
        def backward(ctx: Any, g: Any) -> Any:
            (x,) = ctx.saved_tensors
            say(t.is_grad_enabled())
            return 3 * x**2 * g

    class Exp(t.autograd.Function):
        @staticmethod
        def forward(ctx: Any, x: Any) -> Any:
            y = x.exp()
            ctx.save_for_backward(y)
            return y

        @staticmethod
        def backward(ctx: Any, g: Any) -> Any:
            return g * ctx.saved_tensors[0]

    x = leaf(t)
    (g,) = t.autograd.grad(Cube.apply(x).sum(), x, create_graph=True)
    say(g, t.autograd.grad(g.sum(), x, create_graph=True))
    (g,) = t.autograd.grad(Exp.apply(2 * x).sum(), x, create_graph=True)
    (h,) = t.autograd.grad(g.sum(), x, create_graph=True)
    say(g, h, t.autograd.grad(h.sum(), x))


@case
def once_differentiable(t: Any, say: Any) -> None:
    class Once(t.autograd.Function):
        @staticmethod
        def forward(ctx: Any, x: Any) -> Any:
            ctx.save_for_backward(x)
            return x * x

        @staticmethod
        @t.autograd.function.once_differentiable
        def backward(ctx: Any, g: Any) -> Any:
            (x,) = ctx.saved_tensors
            say(t.is_grad_enabled(), x.requires_grad, g.requires_grad)
            return 2 * x * g

    x = leaf(t)
    Once.apply(x).sum().backward()
    say(x.grad)
    (g,) = t.autograd.grad(Once.apply(x).sum(), x, create_graph=True)
    say(g)
    y = Once.apply(x)
    (g,) = t.autograd.grad((y * y).sum(), x, create_graph=True)
    say(g, g.grad_fn, g.grad_fn.next_functions)
    say(lambda: t.autograd.grad(g.sum(), x, retain_graph=True), lambda: g.sum().backward())


@case
def setup_context(t: Any, say: Any) -> None:
    class Scale(t.autograd.Function):
        @staticmethod
        def forward(x: Any, k: Any = 3) -> Any:
            return x * k

        @staticmethod
        def setup_context(ctx: Any, inputs: Any, output: Any) -> None:
            say(inputs, output, t.is_grad_enabled())
            ctx.k = inputs[1]
            ctx.save_for_backward(output)

        @staticmethod
        def backward(ctx: Any, g: Any) -> Any:
            say(ctx.saved_tensors)
            return g * ctx.k, None

    x = leaf(t)
    Scale.apply(x).sum().backward()
    Scale.apply(x, k=5).sum().backward()
    say(x.grad, lambda: Scale.apply(x, 1, 2))


@case
def dirty_arguments(t: Any, say: Any) -> None:
    class Double(t.autograd.Function):
        @staticmethod
        def forward(ctx: Any, x: Any) -> Any:
            x.mul_(2)
            ctx.mark_dirty(x)
            return x

        @staticmethod
        def backward(ctx: Any, g: Any) -> Any:
            return g * 2

    class Lost(Double):
        @staticmethod
        def forward(ctx: Any, x: Any) -> Any:
            x.mul_(2)
            ctx.mark_dirty(x)
            return x * 1

    x = leaf(t)
    say(lambda: Double.apply(x), lambda: Lost.apply(x * 1), x)
    w = x * 1
    say(Double.apply(w), Double.apply(w) is w, w._version, w.grad_fn.next_functions)
    w.sum().backward()
    say(x.grad)
    x.grad = None
    base = x * 1
    part = base[:1]
    say(Double.apply(part), base, base.grad_fn, part.grad_fn)
    base.sum().backward()
    say(x.grad)
    with t.no_grad():
        say(Double.apply(x), x._version)


@case
def results_without_a_gradient(t: Any, say: Any) -> None:
    class Parts(t.autograd.Function):
        @staticmethod
        def forward(ctx: Any, x: Any) -> Any:
            mask, third = x > 1, x * 3
            ctx.mark_non_differentiable(mask, third)
            return x * 2, mask, third

        @staticmethod
        def backward(ctx: Any, *gs: Any) -> Any:
            say(*gs)
            return gs[0] * 2

    class Bare(t.autograd.Function):
        @staticmethod
        def forward(ctx: Any, x: Any, y: Any) -> Any:
            ctx.set_materialize_grads(False)
            return x * 2, y * 2

        @staticmethod
        def backward(ctx: Any, g: Any, h: Any) -> Any:
            say(g, h)
            return g, h

    x = leaf(t)
    y, mask, third = Parts.apply(x)
    say(y, mask, third)
    y.sum().backward()
    Bare.apply(x, x * 1)[0].sum().backward()
    say(x.grad)


@case
def hooks_see_it(t: Any, say: Any) -> None:
    x = leaf(t)
    y = kind(t, lambda ctx, g: g * 2).apply(x)
    y.register_hook(lambda g: say("tensor", g))
    y.grad_fn.register_hook(lambda came, gone: say("node", came, gone))
    y.grad_fn.register_prehook(lambda g: say("before", g))
    y.retain_grad()
    (y * 3).sum().backward()
    say(y.grad, x.grad)


@case
def chains_and_graphs(t: Any, say: Any) -> None:
    class Clip(t.autograd.Function):
        @staticmethod
        def forward(ctx: Any, x: Any) -> Any:
            ctx.save_for_backward(x)
            return x.clamp(min=0)

        @staticmethod
        def backward(ctx: Any, g: Any) -> Any:
            (x,) = ctx.saved_tensors
            g = g.clone()
            g[x < 0] = 0
            return g

    x = t.tensor([[-1.0, 2.0], [3.0, -4.0]], requires_grad=True)
    w = t.tensor([[1.0, 0.5], [0.25, 2.0]], requires_grad=True)
    loss = Clip.apply(x @ w).pow(2).sum()
    loss.backward()
    say(loss, x.grad, w.grad, loss.grad_fn.next_functions[0][0])
