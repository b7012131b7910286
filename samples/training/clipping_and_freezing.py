"""Gradients kept short, and layers kept as they are."""

import torch
from torch import nn

torch.manual_seed(0)
model = nn.Sequential(nn.Linear(4, 3), nn.Tanh(), nn.Linear(3, 2))
x = torch.randn(6, 4) * 5
target = torch.randn(6, 2) * 10

nn.functional.mse_loss(model(x), target).backward()
before = nn.utils.clip_grad_norm_(model.parameters(), max_norm=1.0)
after = torch.sqrt(sum((p.grad**2).sum() for p in model.parameters()))
print(f"norm {before.item():.3f}, clipped to {after.item():.3f}")

nn.utils.clip_grad_value_(model.parameters(), clip_value=0.05)
print(max(p.grad.abs().max().item() for p in model.parameters()) < 0.0501)
print(model[2].bias.grad)

# Freezing: the first layer asks for no gradient, and the optimizer gets only what is left.
for param in model[0].parameters():
    param.requires_grad = False
print([name for name, p in model.named_parameters() if p.requires_grad])
trainable = [p for p in model.parameters() if p.requires_grad]
optimizer = torch.optim.SGD(trainable, lr=0.01)
frozen = model[0].weight.clone()
head = model[2].weight.clone()

model.zero_grad()
for step in range(5):
    optimizer.zero_grad()
    loss = nn.functional.mse_loss(model(x), target)
    loss.backward()
    optimizer.step()
    print(f"step {step}: {loss.item():.3f}")
print(torch.equal(frozen, model[0].weight), torch.equal(head, model[2].weight))
print(model[0].weight.grad)

# Thawed again, it learns with a rate of its own.
model[0].requires_grad_(True)
optimizer.add_param_group({"params": model[0].parameters(), "lr": 0.001})
print([group["lr"] for group in optimizer.param_groups])
optimizer.zero_grad()
nn.functional.mse_loss(model(x), target).backward()
optimizer.step()
print(torch.equal(frozen, model[0].weight))

# Parameters as one vector.
vector = nn.utils.parameters_to_vector(model.parameters())
print(vector.shape)
