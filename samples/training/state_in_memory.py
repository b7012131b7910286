"""Keeping the best weights, loading them back, and what is said when they do not fit."""

import torch
from torch import nn

torch.manual_seed(0)
model = nn.Sequential(nn.Linear(2, 3), nn.ReLU(), nn.Linear(3, 1))
for name, value in model.state_dict().items():
    print(name, tuple(value.shape))

x = torch.linspace(-1, 1, 20).reshape(10, 2)
y = (x[:, :1] ** 2 - x[:, 1:]).detach()
optimizer = torch.optim.Adam(model.parameters(), lr=0.02)

best, best_loss, best_epoch = None, float("inf"), 0
for epoch in range(30):
    optimizer.zero_grad()
    loss = nn.functional.mse_loss(model(x), y)
    if loss.item() < best_loss:
        best_loss, best_epoch = loss.item(), epoch
        # Without a copy the saved weights would go on learning.
        best = {name: value.clone() for name, value in model.state_dict().items()}
    loss.backward()
    optimizer.step()
print(f"best epoch {best_epoch}, loss {best_loss:.4f}")

with torch.no_grad():
    for param in model.parameters():
        param.zero_()
print(f"lost: {nn.functional.mse_loss(model(x), y).item():.4f}")
print(model.load_state_dict(best))
print(f"back: {nn.functional.mse_loss(model(x), y).item():.4f}")

# The optimizer has a state too.
state = optimizer.state_dict()
print(sorted(state), [group["lr"] for group in state["param_groups"]])
again = torch.optim.Adam(model.parameters(), lr=1.0)
again.load_state_dict(state)
print(again.param_groups[0]["lr"])

del best["2.bias"]
try:
    model.load_state_dict(best)
except RuntimeError as error:
    print(error)
print(model.load_state_dict(best, strict=False))

# Buffers are kept as well, though no optimizer sees them.


class Counter(nn.Module):
    def __init__(self):
        super().__init__()
        self.weight = nn.Parameter(torch.ones(2))
        self.register_buffer("seen", torch.tensor(0))

    def forward(self, x):
        self.seen += 1
        return x * self.weight


counter = Counter()
counter(torch.ones(2))
counter(torch.ones(2))
print(counter.state_dict())
print([name for name, _ in counter.named_parameters()], [name for name, _ in counter.named_buffers()])
