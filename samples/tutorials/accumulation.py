"""Gradients add up over passes until they are set to zero: 3, then 4, then 1."""

import torch

x = torch.ones(2, 2, requires_grad=True)

y = x**2
z = y * y * 3
out = z.mean()
out.backward()
print(x.grad)

# A second function of x: its gradient, 1, joins what is there.
x.sum().backward()
print(x.grad)

x.grad.data.zero_()
x.sum().backward()
print(x.grad)

# Without a gradient there is nothing to set to zero.
fresh = torch.ones(2, requires_grad=True)
print(fresh.grad)
try:
    fresh.grad.zero_()
except AttributeError as error:
    print(error)
