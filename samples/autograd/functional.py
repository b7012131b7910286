"""Whole Jacobians and Hessians: torch.autograd.functional."""

import torch
from torch.autograd.functional import hessian, hvp, jacobian, jvp, vjp


def exp_reducer(x):
    return x.exp().sum(dim=1)


inputs = torch.tensor([[0.0, 1.0], [-1.0, 0.5]])
print(jacobian(exp_reducer, inputs))


def weighted(x, y):
    return 2 * x * x + 3 * y


x, y = torch.tensor([1.0, 2.0]), torch.tensor([0.0, 4.0])
for block in jacobian(weighted, (x, y)):
    print(block)


def pow_reducer(x):
    return x.pow(3).sum()


print(hessian(pow_reducer, torch.tensor([[1.0, 2.0], [3.0, 4.0]])))


def pow_adder(x, y):
    return (2 * x.pow(2) + 3 * y.pow(2) * x).sum()


print(hessian(pow_adder, (torch.tensor([1.0]), torch.tensor([2.0]))))

# Products with the Jacobian from either side, and with the Hessian.
v = torch.tensor([1.0, 0.5])
output, product = vjp(exp_reducer, inputs, v)
print(output)
print(product)
print(jvp(exp_reducer, inputs, torch.ones(2, 2))[1])
print(hvp(pow_reducer, torch.tensor([1.0, 2.0]), v)[1])
