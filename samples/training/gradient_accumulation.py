"""A big batch in small pieces: gradients that add up give the step of the whole."""

import torch
from torch import nn

torch.manual_seed(0)
x = torch.randn(12, 3)
y = x @ torch.tensor([[1.0], [-2.0], [0.5]]) + 0.3


def fresh():
    torch.manual_seed(7)
    model = nn.Linear(3, 1)
    return model, torch.optim.SGD(model.parameters(), lr=0.1)


criterion = nn.MSELoss()

# At once.
whole, optimizer = fresh()
optimizer.zero_grad()
loss = criterion(whole(x), y)
loss.backward()
optimizer.step()
print(f"whole batch: {loss.item():.4f}")

# In pieces of four: each loss is divided by their number, and the step waits for the last.
pieces, optimizer = fresh()
accumulate = 3
optimizer.zero_grad()
for i, (xs, ys) in enumerate(zip(x.split(4), y.split(4))):
    loss = criterion(pieces(xs), ys) / accumulate
    loss.backward()
    print(f"piece {i}: {loss.item():.4f}, gradient of the bias {pieces.bias.grad.item():.4f}")
    if (i + 1) % accumulate == 0:
        optimizer.step()
        optimizer.zero_grad()

print(whole.weight)
print(torch.allclose(whole.weight, pieces.weight), torch.allclose(whole.bias, pieces.bias))
print(pieces.weight.grad)

# With the loss as a sum there is nothing to divide.
total = nn.MSELoss(reduction="sum")
model, optimizer = fresh()
for xs, ys in zip(x.chunk(3), y.chunk(3)):
    (total(model(xs), ys) / len(x)).backward()
optimizer.step()
print(torch.allclose(whole.weight, model.weight))
