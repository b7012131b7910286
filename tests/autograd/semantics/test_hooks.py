"""Hooks on tensors, on leaves and on nodes: when they run, what they see, what they may change."""

from __future__ import annotations

import pytest


def noting(log, name, result=None):
    def hook(*_):
        log.append(name)
        return result

    return hook


def test_hooks_run_in_pytorchs_order(torch):
    log = []
    x = torch.tensor([1.0, 2.0], requires_grad=True)
    y = x * 2
    z = y.exp()
    x.register_hook(noting(log, "x first"))
    x.register_hook(noting(log, "x second"))
    x.register_post_accumulate_grad_hook(noting(log, "x accumulated"))
    y.grad_fn.register_hook(noting(log, "after y's node"))
    y.grad_fn.register_prehook(noting(log, "before y's node"))
    y.register_hook(noting(log, "y first"))
    removed = y.register_hook(noting(log, "removed"))
    y.register_hook(noting(log, "y second"))
    z.register_hook(noting(log, "z"))
    removed.remove()
    removed.remove()
    z.sum().backward()
    assert log[:4] == ["z", "y first", "y second", "before y's node"]
    assert log[4:] == ["after y's node", "x first", "x second", "x accumulated"]


def test_each_hook_sees_the_last_ones_result_and_retain_grad_the_final_one(torch):
    seen = []
    x = torch.tensor([1.0, 2.0], requires_grad=True)
    y = x * 2
    y.retain_grad()
    y.register_hook(lambda g: g * 10)
    y.register_hook(lambda g: seen.append(g.tolist()))
    y.register_hook(lambda g: g + 1)
    y.sum().backward()
    assert seen == [[10, 10]]
    assert (y.grad.tolist(), x.grad.tolist()) == ([11, 11], [22, 22])


def test_a_leafs_hook_sees_the_whole_gradient_once(torch):
    log = []
    x = torch.tensor([1.0, 2.0], requires_grad=True)
    x.register_hook(lambda g: log.append(g.tolist()))
    x.register_hook(lambda g: g * 5)
    (x * x + x * 3).sum().backward()
    assert log == [[5, 7]]
    assert x.grad.tolist() == [25, 35]


def test_a_hook_on_a_tensor_sees_the_whole_gradient_once(torch):
    log = []
    y = torch.tensor([1.0, 2.0], requires_grad=True) * 1
    y.register_hook(lambda g: log.append(g.tolist()))
    (y * y + y * 3).sum().backward()
    assert log == [[5, 7]]


def test_hooks_outlive_the_graph_they_were_registered_in(torch):
    log = []
    x = torch.ones(1, requires_grad=True)
    x.register_hook(noting(log, "x"))
    (x * 2).backward()
    (x * 3).backward()
    assert log == ["x", "x"]


def test_tensor_hooks_run_in_grad_too(torch):
    x = torch.tensor([1.0, 2.0], requires_grad=True)
    y = x * 2
    y.register_hook(lambda g: g * 7)
    (found,) = torch.autograd.grad(y.sum(), y, retain_graph=True)
    assert found.tolist() == [7, 7]
    # A gradient that is handed over and passed on is handed over as it came.
    for_x, for_y = torch.autograd.grad((y * y).sum(), [x, y])
    assert (for_x.tolist(), for_y.tolist()) == ([56, 112], [4, 8])
    x.register_hook(lambda g: g + 1)
    assert torch.autograd.grad(x.sum(), x)[0].tolist() == [2, 2]


def test_a_hook_must_keep_shape_and_dtype(torch, message):
    y = torch.ones(2, requires_grad=True) * 2
    y.register_hook(lambda g: g[:1])
    wanted = "hook '<lambda>' has changed the size of value"
    assert message(RuntimeError, lambda: y.sum().backward()) == wanted

    def widen(g):
        return g.double()

    y = torch.ones(2, requires_grad=True) * 2
    y.register_hook(widen)
    wanted = "hook 'widen' has changed the type of value (was torch.FloatTensor got torch.DoubleTensor)"
    assert message(RuntimeError, lambda: y.sum().backward()) == wanted
    y = torch.ones(2, requires_grad=True) * 2
    y.register_hook(lambda g: 3)
    wanted = "expected Variable, but hook returned 'int'"
    assert message(TypeError, lambda: y.sum().backward()) == wanted


def test_where_hooks_cannot_be_registered(torch, message):
    wanted = "cannot register a hook on a tensor that doesn't require gradient"
    assert message(RuntimeError, lambda: torch.ones(2).register_hook(print)) == wanted
    assert message(RuntimeError, lambda: torch.ones(2).register_post_accumulate_grad_hook(print)) == wanted
    y = torch.ones(2, requires_grad=True) * 2
    wanted = "post accumulate grad hooks cannot be registered on non-leaf tensors"
    assert message(RuntimeError, lambda: y.register_post_accumulate_grad_hook(print)) == wanted


def test_a_post_accumulate_hook_gets_the_leaf_and_may_clear_it(torch):
    log = []
    x = torch.tensor([1.0, 2.0], requires_grad=True)

    def step(leaf):
        log.append((leaf is x, leaf.grad.tolist()))
        leaf.grad = None

    handle = x.register_post_accumulate_grad_hook(step)
    (x * x).sum().backward()
    (x * x).sum().backward(inputs=[x])
    torch.autograd.grad((x * x).sum(), x)
    assert log == [(True, [2, 4]), (True, [2, 4])]
    assert x.grad is None
    handle.remove()
    (x * x).sum().backward()
    assert x.grad.tolist() == [2, 4]


def test_node_hooks_see_the_cotangents_of_inputs_and_outputs(torch):
    log = []
    x, w = torch.tensor([1.0, 2.0], requires_grad=True), torch.tensor([3.0, 4.0], requires_grad=True)
    y = x * w
    y.grad_fn.register_hook(
        lambda inputs, outputs: log.append([[g.tolist() for g in gs] for gs in (inputs, outputs)])
    )
    y.grad_fn.register_prehook(lambda outputs: log.append([g.tolist() for g in outputs]))
    y.sum().backward()
    assert log == [[[1, 1]], [[[3, 4], [1, 2]], [[1, 1]]]]
    log = []
    y = x * 2
    y.grad_fn.register_hook(lambda inputs, outputs: log.append([g is None for g in inputs]))
    y.sum().backward()
    assert log == [[False, True]]


def test_node_hooks_may_replace_cotangents(torch, message):
    x, w = torch.tensor([1.0, 2.0], requires_grad=True), torch.tensor([3.0, 4.0], requires_grad=True)
    y = x * w
    y.grad_fn.register_prehook(lambda outputs: (outputs[0] * 10,))
    y.grad_fn.register_hook(lambda inputs, outputs: (inputs[0] + 1, None))
    y.sum().backward()
    assert (x.grad.tolist(), w.grad) == ([31, 41], None)
    y = x * w
    y.grad_fn.register_prehook(lambda outputs: (outputs[0], outputs[0]))
    wanted = "hook '<lambda>' has returned an incorrect number of values (got 2, but expected 1)"
    assert message(RuntimeError, lambda: y.sum().backward()) == wanted
    y = x * w
    y.grad_fn.register_hook(lambda inputs, outputs: (inputs[0],))
    wanted = "hook '<lambda>' has returned an incorrect number of values (got 1, but expected 2)"
    assert message(RuntimeError, lambda: y.sum().backward()) == wanted


def test_an_accumulators_hooks_stand_around_the_accumulation(torch):
    log = []
    x = torch.tensor([1.0, 2.0], requires_grad=True)
    y = x * 2
    accumulator = y.grad_fn.next_functions[0][0]
    accumulator.register_prehook(lambda outputs: log.append(("before", x.grad is None, outputs[0].tolist())))
    accumulator.register_hook(lambda inputs, outputs: log.append(("after", inputs, x.grad.tolist())))
    y.sum().backward()
    assert log == [("before", True, [2, 2]), ("after", (), [2, 2])]


def test_outputs_of_one_node_have_hooks_of_their_own(torch):
    log = []
    x = torch.tensor([[1.0, 2.0], [3.0, 4.0]], requires_grad=True)
    a, b = (x * 1).unbind(0)
    a.retain_grad()
    b.retain_grad()
    a.register_hook(lambda g: g * 2)
    b.register_hook(lambda g: log.append(g.tolist()))
    (a.sum() + 3 * b.sum()).backward()
    assert x.grad.tolist() == [[2, 2], [3, 3]]
    assert (a.grad.tolist(), b.grad.tolist(), log) == ([2, 2], [3, 3], [[3, 3]])
    values, _ = (x * 1).max(1)
    values.grad_fn.register_prehook(lambda outputs: log.append(len(outputs)))
    values.sum().backward()
    assert log[-1] == 1


@pytest.mark.parametrize("create_graph", [False, True])
def test_a_hooks_gradient_requires_grad_only_under_create_graph(torch, create_graph):
    seen = []
    x = torch.tensor([1.0, 2.0], requires_grad=True)
    y = x * x
    y.register_hook(lambda g: seen.append(g.requires_grad))
    torch.autograd.grad((y * y).sum(), x, create_graph=create_graph)
    assert seen == [create_graph]


def test_what_a_hook_computes_is_differentiated_again_under_create_graph(torch):
    x = torch.tensor([1.0, 2.0], requires_grad=True)
    y = x * 3
    handle = y.register_hook(lambda g: g * g)
    (first,) = torch.autograd.grad((y * y).sum(), x, create_graph=True)  # 3 (2 y)**2 = 108 x**2
    handle.remove()
    (second,) = torch.autograd.grad(first.sum(), x)
    assert (first.tolist(), second.tolist()) == ([108, 432], [216, 432])
