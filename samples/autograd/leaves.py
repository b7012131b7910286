"""Whose .grad is filled: leaves that ask for it, and others only when they are told to keep theirs."""

import torch

a = torch.tensor([1.0, 2.0], requires_grad=True)
b = a * 3
c = b.detach()
d = torch.zeros(2)
for name, tensor in {"a": a, "b": b, "c": c, "d": d}.items():
    print(f"{name}: leaf {tensor.is_leaf}, requires grad {tensor.requires_grad}")

b.retain_grad()
(b**2).sum().backward()
print(a.grad)
print(b.grad, b.retains_grad)

# A leaf made the wrong way: the gradient goes to the tensor before .to or the product.
w = torch.randn(2, requires_grad=True) * 0.1
print(w.is_leaf)
w = (torch.ones(2) * 0.1).requires_grad_()
print(w.is_leaf)

for attempt in (
    lambda: b.requires_grad_(False),
    lambda: torch.tensor([1, 2], requires_grad=True),
    lambda: d.retain_grad(),
    lambda: d.sum().backward(),
    lambda: a.numpy(),
    lambda: torch.tensor([1.0, 2.0]).item(),
):
    try:
        attempt()
        print("allowed")
    except RuntimeError as error:
        print(error)

# Freezing a leaf, and the parts of a graph that still ask.
e = torch.ones(2, requires_grad=True)
a.grad = None
a.requires_grad = False
out = (a * e).sum()
out.backward()
print(a.grad, e.grad)

# Backward only into what is named.
a.requires_grad_(True)
e.grad = None
(a * e).sum().backward(inputs=[e])
print(a.grad, e.grad)
