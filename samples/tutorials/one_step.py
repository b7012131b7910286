"""One step of training: predict, measure, differentiate, update."""

import torch
from torch import nn

torch.manual_seed(0)
x = torch.randn(10, 2)
y = torch.randn(10, 1)

linear = nn.Linear(2, 1)
print(linear)
print("w:", linear.weight)
print("b:", linear.bias)

criterion = nn.MSELoss()
optimizer = torch.optim.SGD(linear.parameters(), lr=0.1)

pred = linear(x)
loss = criterion(pred, y)
print("loss before:", f"{loss.item():.4f}")

loss.backward()
print("dL/dw:", linear.weight.grad)
print("dL/db:", linear.bias.grad)

optimizer.step()
print("w:", linear.weight.data)
print("b:", linear.bias.data)

loss = criterion(linear(x), y)
print("loss after one step:", f"{loss.item():.4f}")

# The same update once more, by hand.
optimizer.zero_grad()
loss.backward()
with torch.no_grad():
    for param in linear.parameters():
        param.sub_(0.1 * param.grad)
print("loss after two:", f"{criterion(linear(x), y).item():.4f}")
