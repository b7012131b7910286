"""clone copies and stays in the graph, detach leaves the graph and shares, together they do both."""

import torch

x = torch.tensor([1.0, 2.0, 3.0], requires_grad=True)

copy = x.clone()
print(copy)
copy.sum().backward()
print(x.grad)

shared = x.detach()
shared[0] = 10.0
print(x)

apart = x.detach().clone()
apart[1] = -1.0
print(x.data)
print(apart, apart.requires_grad)

# A running total of losses: with the graph of every step, or as plain numbers.
total = 0.0
history = []
for scale in (1.0, 2.0, 3.0):
    loss = (x * scale).mean()
    total += loss.item()
    history.append(loss.detach())
print(total)
print(torch.stack(history))

# A target that is held still while the other side learns.
x.grad = None
target = (x * 2).detach()
((x - target) ** 2).sum().backward()
print(x.grad)

# Where a value comes from numbers alone, there is nothing to differentiate.
loss = torch.tensor((x**2).sum().item())
try:
    loss.backward()
except RuntimeError as error:
    print(error)
