"""A data set as a class, shuffled batches, a training and a validation loop."""

import math

import torch
from torch import nn


class Spiral:
    """Points on two arms of a spiral, and the arm that each is on."""

    def __init__(self, count):
        self.count = count

    def __len__(self):
        return self.count

    def __getitem__(self, i):
        if not 0 <= i < self.count:
            raise IndexError(f"no point {i}")
        arm = i % 2
        radius = 0.2 + i / self.count
        angle = 3 * radius + math.pi * arm
        return torch.tensor([radius * math.cos(angle), radius * math.sin(angle)]), arm


def batches(data, indices, size):
    """The data under these indices, in batches."""
    found = []
    for start in range(0, len(indices), size):
        points, arms = zip(*[data[i] for i in indices[start : start + size]])
        found.append((torch.stack(points), torch.tensor(arms)))
    return found


data = Spiral(60)
print(len(data), data[3])
try:
    data[60]
except IndexError as error:
    print("IndexError:", error)

torch.manual_seed(1)
order = torch.randperm(len(data)).tolist()
train, validation = order[:48], order[48:]
print(len(train), len(validation))

model = nn.Sequential(nn.Linear(2, 16), nn.Tanh(), nn.Linear(16, 2))
criterion = nn.CrossEntropyLoss()
optimizer = torch.optim.Adam(model.parameters(), lr=0.05)

for epoch in range(1, 41):
    model.train()
    total = 0.0
    shuffled = [train[i] for i in torch.randperm(len(train)).tolist()]
    for points, arms in batches(data, shuffled, 16):
        optimizer.zero_grad()
        loss = criterion(model(points), arms)
        loss.backward()
        optimizer.step()
        total += loss.item() * len(arms)

    model.eval()
    right = 0
    with torch.no_grad():
        for points, arms in batches(data, validation, 16):
            right += (model(points).argmax(dim=1) == arms).sum().item()
    if epoch in (1, 5, 20, 40):
        print(f"epoch {epoch:2d}: training loss {total / len(train):.3f}, right {right} of {len(validation)}")
