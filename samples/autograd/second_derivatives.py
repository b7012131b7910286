"""Derivatives of derivatives: grad with create_graph, as often as wanted."""

import torch

x = torch.tensor([0.5, 1.0, 2.0], requires_grad=True)
y = x**4

derivative = y.sum()
for order in range(1, 6):
    (derivative,) = torch.autograd.grad(derivative, x, create_graph=True)
    print(order, derivative)
    if not derivative.requires_grad:
        break
    derivative = derivative.sum()

# sin' = cos, sin'' = -sin.
t = torch.linspace(0, 3, 4, requires_grad=True)
first = torch.autograd.grad(torch.sin(t).sum(), t, create_graph=True)[0]
second = torch.autograd.grad(first.sum(), t)[0]
print(torch.allclose(first, torch.cos(t)), torch.allclose(second, -torch.sin(t)))

# A penalty on the gradient: backward through a backward.
w = torch.tensor([1.0, 2.0], requires_grad=True)
loss = (w**3).sum()
(g,) = torch.autograd.grad(loss, w, create_graph=True)
penalty = (g.norm() - 1) ** 2
(loss + penalty).backward()
print(g)
print(w.grad)

# A Hessian-vector product without the Hessian.
w.grad = None
f = (w[0] ** 2 * w[1]) + w[1] ** 3
(g,) = torch.autograd.grad(f, w, create_graph=True)
v = torch.tensor([1.0, -1.0])
print(torch.autograd.grad(g @ v, w)[0])
