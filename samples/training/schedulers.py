"""Learning rates that change: by steps, by a factor, by a function, along a cosine."""

import torch
from torch.optim import SGD
from torch.optim.lr_scheduler import CosineAnnealingLR, ExponentialLR, LambdaLR, StepLR

makers = {
    "StepLR": lambda optimizer: StepLR(optimizer, step_size=3, gamma=0.5),
    "ExponentialLR": lambda optimizer: ExponentialLR(optimizer, gamma=0.9),
    "LambdaLR": lambda optimizer: LambdaLR(optimizer, lr_lambda=lambda epoch: 1 / (1 + epoch)),
    "CosineAnnealingLR": lambda optimizer: CosineAnnealingLR(optimizer, T_max=8, eta_min=0.01),
}

for name, make in makers.items():
    w = torch.tensor([1.0], requires_grad=True)
    optimizer = SGD([w], lr=0.2)
    scheduler = make(optimizer)
    rates = []
    for epoch in range(9):
        rates.append(scheduler.get_last_lr()[0])
        optimizer.zero_grad()
        (w**2).sum().backward()
        optimizer.step()
        scheduler.step()
    print(f"{name:18}", " ".join(f"{rate:.4f}" for rate in rates))
    print(f"{'':18} w = {w.item():.4f}")

# Momentum and Nesterov on a narrow valley.
for momentum, nesterov in ((0.0, False), (0.9, False), (0.9, True)):
    p = torch.tensor([5.0, 1.0], requires_grad=True)
    optimizer = SGD([p], lr=0.02, momentum=momentum, nesterov=nesterov)
    for _ in range(50):
        optimizer.zero_grad()
        (0.5 * p[0] ** 2 + 5 * p[1] ** 2).backward()
        optimizer.step()
    print(f"momentum {momentum}, nesterov {nesterov}:", ", ".join(f"{value:.3f}" for value in p.tolist()))
