"""sin(x) as a polynomial of third order, with the gradients worked out by hand."""

import math

import torch

torch.manual_seed(0)
x = torch.linspace(-math.pi, math.pi, 2000)
y = torch.sin(x)

a, b, c, d = torch.tensor(0.5), torch.tensor(-0.3), torch.tensor(0.2), torch.tensor(0.1)
learning_rate = 1e-6

for t in range(2000):
    # Forward: the prediction and the loss.
    y_pred = a + b * x + c * x**2 + d * x**3
    loss = (y_pred - y).pow(2).sum().item()
    if t % 200 == 199:
        print(f"{t + 1:5d} {loss:10.2f}")

    # Backward: the chain rule, written out.
    grad_y_pred = 2.0 * (y_pred - y)
    a -= learning_rate * grad_y_pred.sum()
    b -= learning_rate * (grad_y_pred * x).sum()
    c -= learning_rate * (grad_y_pred * x**2).sum()
    d -= learning_rate * (grad_y_pred * x**3).sum()

print(f"y = {a.item():.3f} + {b.item():.3f} x + {c.item():.3f} x^2 + {d.item():.3f} x^3")
