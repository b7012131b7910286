"""Hooks on tensors see gradients on their way, and may change them."""

import torch

x = torch.tensor([1.0, 2.0, 3.0], requires_grad=True)
y = x * 2

seen = []
y.register_hook(lambda grad: seen.append(grad.clone()))
y.sum().backward()
print(seen, x.grad)

# What a hook returns takes the gradient's place; hooks run in the order in which they came.
x.grad = None
y = x * 2
y.register_hook(lambda grad: grad * 10)
y.register_hook(lambda grad: print("after the first:", grad))
y.retain_grad()
y.sum().backward()
print(y.grad)
print(x.grad)

# A handle takes its hook away.
x.grad = None
handle = x.register_hook(lambda grad: -grad)
(x * x).sum().backward()
print(x.grad)
handle.remove()
x.grad = None
(x * x).sum().backward()
print(x.grad)

# A hook that forgets its return changes nothing; one of the wrong shape is refused.
x.grad = None
x.register_hook(lambda grad: grad[:2])
try:
    x.sum().backward()
except RuntimeError as error:
    print(error)

try:
    torch.ones(2).register_hook(lambda grad: grad)
except RuntimeError as error:
    print(error)
