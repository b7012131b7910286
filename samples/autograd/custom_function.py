"""Functions with a backward of their own: saved tensors, constants, several inputs, and a check."""

import torch
from torch.autograd import Function, gradcheck
from torch.autograd.function import once_differentiable


class Exp(Function):
    @staticmethod
    def forward(ctx, i):
        result = i.exp()
        ctx.save_for_backward(result)
        return result

    @staticmethod
    def backward(ctx, grad_output):
        (result,) = ctx.saved_tensors
        return grad_output * result


x = torch.tensor([0.0, 1.0, 2.0], requires_grad=True)
y = Exp.apply(x)
print(y)
y.sum().backward()
print(x.grad)
print(y.grad_fn.name())


class Scale(Function):
    """A constant needs no gradient: None takes its place."""

    @staticmethod
    def forward(ctx, tensor, constant):
        ctx.constant = constant
        return tensor * constant

    @staticmethod
    def backward(ctx, grad_output):
        return grad_output * ctx.constant, None


x.grad = None
Scale.apply(x, 2.5).sum().backward()
print(x.grad)


class Linear(Function):
    """Gradients that nobody asked for are not computed."""

    @staticmethod
    def forward(ctx, input, weight, bias=None):
        ctx.save_for_backward(input, weight, bias)
        output = input.mm(weight.t())
        if bias is not None:
            output += bias
        return output

    @staticmethod
    def backward(ctx, grad_output):
        input, weight, bias = ctx.saved_tensors
        grad_input = grad_weight = grad_bias = None
        print("asked for:", ctx.needs_input_grad)
        if ctx.needs_input_grad[0]:
            grad_input = grad_output.mm(weight)
        if ctx.needs_input_grad[1]:
            grad_weight = grad_output.t().mm(input)
        if bias is not None and ctx.needs_input_grad[2]:
            grad_bias = grad_output.sum(0)
        return grad_input, grad_weight, grad_bias


data = torch.tensor([[1.0, 2.0], [3.0, 4.0]])
weight = torch.tensor([[0.5, -1.0]], requires_grad=True)
bias = torch.zeros(1, requires_grad=True)
out = Linear.apply(data, weight, bias)
print(out)
out.sum().backward()
print(weight.grad, bias.grad)


class StraightThrough(Function):
    """Rounds on the way forward, and lets gradients pass as if it had not."""

    @staticmethod
    def forward(ctx, tensor):
        return tensor.round()

    @staticmethod
    @once_differentiable
    def backward(ctx, grad_output):
        return grad_output


t = torch.tensor([0.2, 0.7, 1.4], requires_grad=True)
rounded = StraightThrough.apply(t)
print(rounded)
(rounded * torch.tensor([1.0, 2.0, 3.0])).sum().backward()
print(t.grad)

# The derivative written by hand against differences, in double precision.
z = torch.tensor([0.3, -0.8], dtype=torch.double, requires_grad=True)
print(gradcheck(Exp.apply, (z,)))
