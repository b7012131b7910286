"""Minimising Rosenbrock's function: L-BFGS asks for the loss as often as it likes, by a closure."""

import torch


def rosenbrock(p):
    x, y = p
    return (1 - x) ** 2 + 100 * (y - x**2) ** 2


p = torch.tensor([-1.5, 2.0], dtype=torch.float64, requires_grad=True)
optimizer = torch.optim.LBFGS([p], lr=1, max_iter=20, line_search_fn="strong_wolfe")
calls = 0


def closure():
    global calls
    calls += 1
    optimizer.zero_grad()
    loss = rosenbrock(p)
    loss.backward()
    return loss


for turn in range(1, 5):
    before = optimizer.step(closure)
    print(f"round {turn}: from {before.item():.4f}")
print(p)
print(f"loss below 1e-8: {rosenbrock(p).item() < 1e-8}, more calls than rounds: {calls > 4}")

# Adam gets there as well, and takes its time.
q = torch.tensor([-1.5, 2.0], dtype=torch.float64, requires_grad=True)
adam = torch.optim.Adam([q], lr=0.05)
for step in range(1, 1001):
    adam.zero_grad()
    loss = rosenbrock(q)
    loss.backward()
    adam.step()
    if step in (1, 10, 100, 1000):
        print(f"Adam, step {step:4d}: loss {loss.item():.4f}")
