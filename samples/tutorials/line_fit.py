"""A line, w * x + b, fitted to noisy points in 100 steps of gradient descent."""

import torch

torch.manual_seed(1)
x = torch.linspace(-1, 1, 50)
y = 3 * x + 0.8 + 0.1 * torch.randn(50)

w = torch.zeros(1, requires_grad=True)
b = torch.zeros(1, requires_grad=True)
rate = 0.2

for step in range(1, 101):
    loss = ((w * x + b - y) ** 2).mean()
    loss.backward()
    with torch.no_grad():
        w -= rate * w.grad
        b -= rate * b.grad
        w.grad.zero_()
        b.grad.zero_()
    if step in (1, 2, 5, 10, 20, 50, 100):
        print(f"step {step:3d}: loss {loss.item():.4f}, w {w.item():.3f}, b {b.item():.3f}")

# The answer in closed form, from the normal equations.
design = torch.stack([x, torch.ones_like(x)], dim=1)
exact = torch.linalg.solve(design.T @ design, design.T @ y)
print("least squares:", ", ".join(f"{value:.3f}" for value in exact.tolist()))
print(torch.allclose(torch.cat([w, b]), exact, atol=1e-3))
