"""Two losses over one hidden value: the first pass frees what the second needs, unless it is kept."""

import torch


def losses(x):
    hidden = x**3
    return hidden.sum(), (hidden * 2).sum()


x = torch.tensor([1.0, 2.0], requires_grad=True)
first, second = losses(x)
first.backward()
print(x.grad)
try:
    second.backward()
except RuntimeError as error:
    print(error)

# The gradient of the part that did run is kept.
print(x.grad)

x.grad = None
first, second = losses(x)
first.backward(retain_graph=True)
second.backward()
print(x.grad)

# One pass over the sum does the same, and so does one pass from both.
x.grad = None
first, second = losses(x)
(first + second).backward()
print(x.grad)

x.grad = None
torch.autograd.backward(losses(x))
print(x.grad)

# Where a function saves nothing, a second pass finds all that it needs.
x.grad = None
plain = (x + 3).sum()
plain.backward()
plain.backward()
print(x.grad)
