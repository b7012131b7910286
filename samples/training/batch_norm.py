"""Batch normalisation: the batch's own statistics in training, the running ones in evaluation."""

import torch
from torch import nn

x = torch.tensor([[1.0, 10.0], [2.0, 20.0], [3.0, 60.0], [6.0, 10.0]])
norm = nn.BatchNorm1d(2)
print(norm)

y = norm(x)
print(y)
print(y.mean(dim=0).abs().max().item() < 1e-6)
print(norm.running_mean, norm.running_var)
print(norm.num_batches_tracked)

# By hand: the biased variance normalises, the unbiased one is remembered.
mean, var = x.mean(dim=0), x.var(dim=0, unbiased=False)
print(torch.allclose(y, (x - mean) / torch.sqrt(var + norm.eps)))
print(torch.allclose(norm.running_var, 0.9 * torch.ones(2) + 0.1 * x.var(dim=0)))

norm.eval()
print(norm(x))
print(norm.num_batches_tracked.item(), norm.training)

norm.train()
for _ in range(50):
    norm(x)
norm.eval()
print(norm(x).mean(dim=0))
print(list(norm.state_dict()))

# One weight per feature; a gradient that knows that the mean was taken out.
norm.train()
weights = torch.tensor([[1.0, 0.0], [0.0, 1.0], [2.0, 1.0], [0.0, 0.0]])
data = x.clone().requires_grad_()
(norm(data) * weights).sum().backward()
print(norm.weight.grad)
print(norm.bias.grad)
print(data.grad.sum(dim=0).abs().max().item() < 1e-5)

# Layer normalisation looks along the other axis, and does the same in both modes.
layer = nn.LayerNorm(2)
print(layer)
print(layer(x)[:2])
