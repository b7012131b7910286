"""no_grad, enable_grad, set_grad_enabled, inference_mode: blocks and decorators."""

from __future__ import annotations

import pytest

UPDATE = (
    "Inplace update to inference tensor outside InferenceMode is not allowed.You can make a clone to get "
    "a normal "
    "tensor before doing inplace update.See https://github.com/pytorch/rfcs/pull/17 for more details."
)
SAVED = (
    "Inference tensors cannot be saved for backward. Please do not use Tensors created in inference mode in "
    "computation tracked by autograd. To work around this, you can make a clone to get a normal tensor "
    "and use it in "
    "autograd, or use `torch.no_grad()` instead of `torch.inference_mode()`."
)


def test_blocks_nest_and_restore(torch):
    x = torch.ones(2, requires_grad=True)
    with torch.no_grad():
        assert not (x * 2).requires_grad
        assert not torch.is_grad_enabled()
        with torch.enable_grad():
            assert (x * 2).requires_grad
            with torch.set_grad_enabled(False):
                assert not (x * 2).requires_grad
            assert torch.is_grad_enabled()
        assert not torch.is_grad_enabled()
    assert torch.is_grad_enabled()


def test_an_error_leaves_the_block_as_well(torch):
    with pytest.raises(ValueError, match="stop"), torch.no_grad():
        raise ValueError("stop")
    assert torch.is_grad_enabled()


def test_set_grad_enabled_works_at_once_and_as_a_block(torch, message):
    x = torch.ones(2, requires_grad=True)
    torch.set_grad_enabled(False)
    assert not (x * 2).requires_grad
    torch.set_grad_enabled(True)
    assert (x * 2).requires_grad
    with torch.set_grad_enabled(False):
        assert not torch.is_grad_enabled()
    assert torch.is_grad_enabled()
    wanted = "set_grad_enabled(): argument 'enabled' (position 1) must be bool, not str"
    assert message(TypeError, lambda: torch.set_grad_enabled("no")) == wanted
    torch.set_grad_enabled(True)


def test_modes_decorate_functions(torch):
    x = torch.ones(2, requires_grad=True)

    @torch.no_grad()
    def called(a, b=2):
        return a * b

    @torch.no_grad
    def bare(a):
        return a * 2

    @torch.enable_grad()
    def recording(a):
        return a * 2

    @torch.set_grad_enabled(False)
    def switched(a):
        return a * 2

    @torch.inference_mode()
    def inferring(a):
        return a * 2

    assert torch.is_grad_enabled()
    assert [f(x).requires_grad for f in (called, bare, recording, switched)] == [False, False, True, False]
    assert (called(x, b=3).tolist(), called.__name__) == ([3, 3], "called")
    with torch.no_grad():
        assert recording(x).requires_grad
    assert inferring(x).is_inference()
    assert torch.is_grad_enabled()


def test_a_decorated_generator_runs_each_step_in_the_mode(torch):
    @torch.no_grad()
    def steps():
        yield torch.is_grad_enabled()
        yield torch.is_grad_enabled()

    found = []
    for step in steps():
        found += [step, torch.is_grad_enabled()]
    assert found == [False, True, False, True]


def test_a_leaf_made_inside_no_grad_may_require_grad(torch):
    with torch.no_grad():
        w = (torch.ones(2) * 2).requires_grad_()
        assert not (w * 2).requires_grad
    (w * 2).sum().backward()
    assert w.grad.tolist() == [2, 2]


def test_inference_mode_makes_inference_tensors(torch, message):
    x = torch.ones(2, requires_grad=True)
    with torch.inference_mode():
        y = x * 2
        assert (y.requires_grad, y.is_inference(), x.is_inference()) == (False, True, False)
        assert torch.is_inference_mode_enabled()
        assert not torch.is_grad_enabled()
        assert x.view(2).is_inference() is False
        assert torch.ones(2).is_inference()
        y.add_(1)
        with torch.enable_grad():
            assert not (x * 2).requires_grad
        with torch.inference_mode(mode=False):
            assert (x * 2).requires_grad
            assert not torch.is_inference_mode_enabled()
    assert y.tolist() == [3, 3]
    assert not torch.is_inference_mode_enabled()
    wanted = "Inference tensors do not track version counter."
    assert message(RuntimeError, lambda: y._version) == wanted


def test_an_inference_tensor_may_be_used_where_nothing_saves_it(torch, message):
    x = torch.ones(2, requires_grad=True)
    with torch.inference_mode():
        y = torch.full((2,), 3.0)
    (x + y).sum().backward()
    (y.clone() * x).sum().backward()
    assert x.grad.tolist() == [4, 4]
    assert message(RuntimeError, lambda: y * x) == SAVED
    assert not (y * 2).is_inference()
    assert y.view(2, 1).is_inference()
    assert y.detach().is_inference()
    assert y.data.is_inference()


def test_an_inference_tensor_is_neither_changed_nor_made_a_leaf_outside(torch, message):
    with torch.inference_mode():
        y = torch.ones(2)
    assert message(RuntimeError, lambda: y.add_(1)) == UPDATE
    assert message(RuntimeError, lambda: y.view(2, 1).mul_(2)) == UPDATE
    wanted = "Setting requires_grad=True on inference tensor outside InferenceMode is not allowed."
    assert message(RuntimeError, y.requires_grad_) == wanted
    assert message(RuntimeError, lambda: setattr(y, "requires_grad", True)) == wanted


def test_a_view_made_in_inference_mode_is_not_changed_in_normal_mode(torch, message):
    x = torch.ones(2, requires_grad=True)
    y = x * 1
    with torch.inference_mode():
        view = y.view(2, 1)
    found = message(RuntimeError, lambda: view.add_(1))
    assert found.startswith(
        "A view was created in inference mode and is being modified inplace in normal mode. "
    )
    assert "both inside the inference_mode block" in found
