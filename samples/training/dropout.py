"""Dropout: the same seed drops the same elements, and evaluation drops none."""

import torch
from torch import nn

x = torch.ones(10)
drop = nn.Dropout(p=0.4)

torch.manual_seed(0)
first = drop(x)
second = drop(x)
print(first)
print(second)

torch.manual_seed(0)
print(torch.equal(first, drop(x)))

# What stays is scaled by 1 / (1 - p): the mean is the same.
torch.manual_seed(0)
many = drop(torch.ones(100000))
print(f"{many.mean().item():.2f}, dropped {(many == 0).float().mean().item():.2f}")

drop.eval()
print(drop(x))

# The gradient passes where the value passed.
drop.train()
torch.manual_seed(0)
leaf = torch.ones(10, requires_grad=True)
drop(leaf).sum().backward()
print(leaf.grad)

# A network in training is noisy, in evaluation it is not.
torch.manual_seed(1)
model = nn.Sequential(nn.Linear(4, 8), nn.ReLU(), nn.Dropout(), nn.Linear(8, 1))
data = torch.randn(3, 4)
print(torch.equal(model(data), model(data)))
model.eval()
print(torch.equal(model(data), model(data)))
print(model(data))
print(nn.functional.dropout(x, p=0.5, training=False))
