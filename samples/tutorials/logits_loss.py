"""One layer by hand: a matmul, a bias, and the cross entropy of its logits."""

import torch

x = torch.ones(5)  # input
y = torch.zeros(3)  # what is expected
torch.manual_seed(42)
w = torch.randn(5, 3, requires_grad=True)
b = torch.randn(3, requires_grad=True)

z = torch.matmul(x, w) + b
loss = torch.nn.functional.binary_cross_entropy_with_logits(z, y)
print(z)
print(loss)

loss.backward()
print(w.grad)
print(b.grad)

# By hand: the derivative of the mean is (sigmoid(z) - y) / 3, and x spreads it over the rows of w.
by_hand = (torch.sigmoid(z) - y) / 3
print(torch.allclose(b.grad, by_hand))
print(torch.allclose(w.grad, torch.outer(x, by_hand)))

# What is only evaluated needs no graph.
print(z.requires_grad)
with torch.no_grad():
    z = torch.matmul(x, w) + b
print(z.requires_grad)
z_det = (x @ w + b).detach()
print(z_det.requires_grad, torch.equal(z, z_det))
