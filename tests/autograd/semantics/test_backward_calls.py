"""backward and autograd.grad: roots, their gradients, inputs, and what is refused."""

from __future__ import annotations

import pytest

NO_GRAPH = "element 0 of tensors does not require grad and does not have a grad_fn"
NOT_SCALAR = "grad can be implicitly created only for scalar outputs"


def test_the_mean_of_a_square_has_gradient_four_and_a_half(torch):
    x = torch.ones(2, 2, requires_grad=True)
    y = x + 2
    out = (y * y * 3).mean()
    out.backward()
    assert out.item() == 27
    assert x.grad.tolist() == [[4.5, 4.5], [4.5, 4.5]]


def test_a_root_that_is_no_scalar_needs_a_gradient_and_passes_accumulate(torch, message):
    x = torch.full((3,), 2.0, requires_grad=True)
    y = x * 2
    assert message(RuntimeError, y.backward) == NOT_SCALAR
    weights = torch.tensor([0.1, 1.0, 10.0])
    y.backward(weights, retain_graph=True)
    assert x.grad.tolist() == torch.tensor([0.2, 2.0, 20.0]).tolist()
    y.backward(weights)
    assert x.grad.tolist() == torch.tensor([0.4, 4.0, 40.0]).tolist()


def test_doubling_until_the_norm_reaches_a_thousand_gives_256(torch):
    x = torch.tensor([2.0, 3.0, 4.0], requires_grad=True)
    y = x * 2
    while (y * y).sum().sqrt() < 1000:
        y = y * 2
    y.backward(torch.ones(3))
    assert y.tolist() == [512, 768, 1024]
    assert x.grad.tolist() == [256, 256, 256]


def test_the_documentations_example_doubles_at_the_second_pass(torch):
    inp = torch.eye(4, 5, requires_grad=True)
    out = (inp + 1).pow(2).t()
    out.backward(torch.ones(5, 4), retain_graph=True)
    wanted = [[4.0 if i == j else 2.0 for j in range(5)] for i in range(4)]
    assert inp.grad.tolist() == wanted
    out.backward(torch.ones(5, 4))
    assert inp.grad.tolist() == [[2 * one for one in row] for row in wanted]


def test_one_element_counts_as_a_scalar_and_an_empty_tensor_does_not(torch, message):
    x = torch.ones(1, requires_grad=True)
    (x * 2).backward()
    (x.view(1, 1, 1) * 3).backward()
    assert x.grad.tolist() == [5]
    empty = torch.ones(0, requires_grad=True)
    assert message(RuntimeError, lambda: (empty * 2).backward()) == NOT_SCALAR


def test_a_root_must_require_grad_whatever_its_size(torch, message):
    assert message(RuntimeError, lambda: torch.ones(2).backward()) == NO_GRAPH
    assert message(RuntimeError, lambda: torch.ones(2).backward(torch.ones(2))) == NO_GRAPH
    x = torch.ones(1, requires_grad=True)
    wanted = NO_GRAPH.replace("0", "1")
    assert message(RuntimeError, lambda: torch.autograd.backward([x * 2, torch.ones(1)])) == wanted


def test_a_gradient_has_exactly_the_shape_of_its_root(torch, message):
    x = torch.ones(2, requires_grad=True)
    wanted = (
        "Mismatch in shape: grad_output[0] has a shape of torch.Size([3]) and "
        "output[0] has a shape of torch.Size([2])."
    )
    assert message(RuntimeError, lambda: (x * 2).backward(torch.ones(3))) == wanted
    assert message(RuntimeError, lambda: torch.ones(2).backward(torch.ones(3))) == wanted
    assert message(RuntimeError, lambda: torch.autograd.grad(x * 2, x, torch.ones(3))) == wanted
    wanted = (
        "Mismatch in shape: grad_output[0] has a shape of torch.Size([1]) and "
        "output[0] has a shape of torch.Size([])."
    )
    assert message(RuntimeError, lambda: x.sum().backward(torch.ones(1))) == wanted


def test_a_gradient_is_a_tensor_or_none(torch, message):
    y = torch.ones(1, requires_grad=True) * 2
    wanted = "gradients can be either Tensors or None, but got int"
    assert message(TypeError, lambda: y.backward([3])) == wanted


@pytest.mark.parametrize("dtype", ["int64", "bool", "float64"])
def test_gradients_of_another_dtype_are_cast(torch, dtype):
    x = torch.ones(2, requires_grad=True)
    (x * 2).backward(torch.ones(2, dtype=getattr(torch, dtype)))
    assert x.grad.dtype == torch.float32
    assert x.grad.tolist() == [2, 2]


def test_each_root_has_its_gradient_and_none_stands_for_one(torch, message):
    x = torch.ones(1, requires_grad=True)
    y, z = x * 2, x * 3
    torch.autograd.backward((y, z), (torch.full((1,), 10.0), None))
    assert x.grad.tolist() == [23]
    wanted = "got 2 tensors and 1 gradients"
    assert message(RuntimeError, lambda: torch.autograd.backward([y, z], [torch.ones(1)])) == wanted
    assert message(RuntimeError, lambda: torch.autograd.backward([y, z], torch.ones(1))) == wanted


def test_one_tensor_may_be_a_root_twice_and_an_input_twice(torch):
    x = torch.ones(1, requires_grad=True)
    y = x * 2
    torch.autograd.backward([y, y], [torch.ones(1), torch.full((1,), 3.0)])
    assert x.grad.tolist() == [8]
    first, second = torch.autograd.grad(x * 5, [x, x])
    assert (first.tolist(), second.tolist()) == ([5], [5])


def test_a_leaf_may_be_the_root(torch):
    x = torch.ones(2, requires_grad=True)
    x.backward(torch.full((2,), 5.0))
    assert x.grad.tolist() == [5, 5]
    (found,) = torch.autograd.grad(x.view(2), x, torch.ones(2))
    assert found.tolist() == [1, 1]


def test_no_roots_give_nothing(torch):
    assert torch.autograd.backward([]) is None


def test_inputs_fills_in_these_alone(torch, message):
    x, w = torch.ones(2, requires_grad=True), torch.ones(2, requires_grad=True)
    (x * w * 3).sum().backward(inputs=[x])
    assert (x.grad.tolist(), w.grad) == ([3, 3], None)
    y = x * 2
    (y * w).sum().backward(inputs=y)
    assert (y.grad.tolist(), x.grad.tolist(), w.grad) == ([1, 1], [3, 3], None)
    wanted = "`inputs` argument to `backward()` cannot be empty."
    assert message(RuntimeError, lambda: x.sum().backward(inputs=[])) == wanted
    wanted = "can't retain_grad on Tensor that has requires_grad=False"
    assert message(RuntimeError, lambda: x.sum().backward(inputs=[torch.ones(2)])) == wanted


def test_keywords_are_pytorchs(torch, message):
    x = torch.ones(2, requires_grad=True)
    (x * 2).backward(gradient=torch.ones(2), retain_graph=True, create_graph=False, inputs=[x])
    torch.autograd.backward(tensors=x * 2, grad_tensors=torch.ones(2), retain_graph=None, create_graph=False)
    found = torch.autograd.grad(
        outputs=x * 2,
        inputs=x,
        grad_outputs=torch.ones(2),
        retain_graph=None,
        create_graph=False,
        allow_unused=None,
    )
    assert (x.grad.tolist(), found[0].tolist()) == ([4, 4], [2, 2])
    wanted = "Tensor.backward() got an unexpected keyword argument 'grad_tensors'"
    assert message(TypeError, lambda: (x * 2).backward(grad_tensors=torch.ones(2))) == wanted


def test_grad_leaves_grad_alone_and_finds_intermediate_values_too(torch):
    x = torch.tensor([2.0], requires_grad=True)
    y = x * 3
    for_x, for_y = torch.autograd.grad(y * y, [x, y])
    assert (for_x.tolist(), for_y.tolist()) == ([36], [12])
    assert x.grad is None


def test_an_unused_input_is_refused_unless_allowed(torch, message):
    x, other = torch.ones(2, requires_grad=True), torch.ones(3, requires_grad=True)
    wanted = (
        "The differentiated Tensor at index 1 appears to not have been used in the graph. Set "
        "allow_unused=True if "
        "this is the desired behavior."
    )
    assert message(RuntimeError, lambda: torch.autograd.grad(x.sum(), [x, other])) == wanted
    assert torch.autograd.grad(x.sum(), [x, other], allow_unused=True)[1] is None
    zeros = torch.autograd.grad(x.sum(), [x, other], materialize_grads=True)[1]
    assert zeros.tolist() == [0, 0, 0]
    wanted = (
        "Expected allow_unused to be True or not passed when materialize_grads=True, but got: "
        "allow_unused=False."
    )

    def both():
        return torch.autograd.grad(x.sum(), [other], allow_unused=False, materialize_grads=True)

    assert message(ValueError, both) == wanted


def test_grad_needs_inputs_that_require_grad(torch, message):
    x = torch.ones(2, requires_grad=True)
    wanted = "One of the differentiated Tensors does not require grad"
    assert message(RuntimeError, lambda: torch.autograd.grad(x.sum(), [torch.ones(2)])) == wanted
    assert (
        message(RuntimeError, lambda: torch.autograd.grad(x.sum(), [torch.ones(2)], allow_unused=True))
        == wanted
    )
    wanted = "`inputs` argument to `grad()` cannot be empty."
    assert message(RuntimeError, lambda: torch.autograd.grad(x.sum(), [])) == wanted
    wanted = "all inputs have to be Tensors or GradientEdges, but got int"
    assert message(RuntimeError, lambda: torch.autograd.grad(x.sum(), [3])) == wanted
    assert message(TypeError, lambda: torch.autograd.grad(x.sum(), 3)) == "'int' object is not iterable"


def test_batched_gradients_are_the_rows_of_a_jacobian(torch, message):
    x = torch.tensor([2.0, 3.0], requires_grad=True)
    (rows,) = torch.autograd.grad(x * x, x, torch.eye(2), is_grads_batched=True)
    assert rows.tolist() == [[4, 0], [0, 6]]
    wanted = (
        "If `is_grads_batched=True`, we interpret the first dimension of each grad_output as the batch "
        "dimension. The "
        "sizes of the remaining dimensions are expected to match the shape of corresponding output, but "
        "a mismatch was "
        "detected: grad_output[0] has a shape of torch.Size([]) and output[0] has a shape of "
        "torch.Size([2]). If you "
        "only want some tensors in `grad_output` to be considered batched, consider using vmap."
    )

    def vector():
        return torch.autograd.grad(x * x, x, torch.ones(3), is_grads_batched=True)

    assert message(RuntimeError, vector) == wanted


def test_backward_works_inside_no_grad(torch):
    x = torch.ones(2, requires_grad=True)
    y = (x * x).sum()
    with torch.no_grad():
        y.backward()
    assert x.grad.tolist() == [2, 2]
