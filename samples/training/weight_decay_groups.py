"""Weights decay, biases do not: groups of parameters with options of their own."""

import torch
from torch import nn

torch.manual_seed(0)
model = nn.Sequential(nn.Linear(3, 4), nn.Tanh(), nn.Linear(4, 1))

decay = [p for name, p in model.named_parameters() if name.endswith("weight")]
rest = [p for name, p in model.named_parameters() if not name.endswith("weight")]
optimizer = torch.optim.AdamW(
    [{"params": decay, "weight_decay": 0.1}, {"params": rest, "weight_decay": 0.0, "lr": 0.02}],
    lr=0.01,
)
print(optimizer)

x = torch.randn(16, 3)
y = x.sum(dim=1, keepdim=True)
for step in range(1, 61):
    optimizer.zero_grad()
    loss = nn.functional.mse_loss(model(x), y)
    loss.backward()
    optimizer.step()
    if step % 20 == 0:
        print(f"step {step}: loss {loss.item():.3f}")
print(f"length of the weights {sum((p**2).sum().item() for p in decay) ** 0.5:.3f}")

# L2 in the loss and weight decay in plain SGD are the same step.
w = torch.tensor([2.0, -1.0], requires_grad=True)
u = w.detach().clone().requires_grad_()
by_loss = torch.optim.SGD([w], lr=0.1)
by_decay = torch.optim.SGD([u], lr=0.1, weight_decay=0.2)
for _ in range(3):
    by_loss.zero_grad()
    by_decay.zero_grad()
    ((w - 1).pow(2).sum() + 0.1 * (w**2).sum()).backward()
    (u - 1).pow(2).sum().backward()
    by_loss.step()
    by_decay.step()
print(w.detach(), u.detach())
print(torch.allclose(w, u))

# In Adam they are not: AdamW decays beside the step, Adam inside it.
for name, make in (("Adam", torch.optim.Adam), ("AdamW", torch.optim.AdamW)):
    p = torch.tensor([2.0, -1.0], requires_grad=True)
    optimizer = make([p], lr=0.1, weight_decay=0.5)
    for _ in range(3):
        optimizer.zero_grad()
        (p - 1).pow(2).sum().backward()
        optimizer.step()
    print(f"{name:5}", p.detach())
