"""A polynomial whose degree changes from step to step, its last weight shared by two terms."""

import math

import torch


class DynamicNet(torch.nn.Module):
    def __init__(self):
        super().__init__()
        self.a = torch.nn.Parameter(torch.tensor(0.1))
        self.b = torch.nn.Parameter(torch.tensor(0.6))
        self.c = torch.nn.Parameter(torch.tensor(-0.1))
        self.d = torch.nn.Parameter(torch.tensor(-0.05))
        self.e = torch.nn.Parameter(torch.tensor(0.0))

    def forward(self, x, extra):
        """Ordinary control flow: `extra` terms, of fourth and fifth order, share one weight."""
        y = self.a + self.b * x + self.c * x**2 + self.d * x**3
        for exp in range(4, 4 + extra):
            y = y + self.e * x**exp
        return y

    def string(self):
        a, b, c, d, e = (param.item() for param in self.parameters())
        return f"y = {a:.2f} + {b:.2f} x + {c:.2f} x^2 + {d:.2f} x^3 + {e:.4f} x^4 ? + {e:.4f} x^5 ?"


torch.manual_seed(0)
x = torch.linspace(-math.pi, math.pi, 2000)
y = torch.sin(x)

model = DynamicNet()
criterion = torch.nn.MSELoss(reduction="sum")
optimizer = torch.optim.SGD(model.parameters(), lr=1e-8, momentum=0.9)
used = [0, 0, 0]
for t in range(3000):
    extra = torch.randint(0, 3, ()).item()
    used[extra] += 1
    loss = criterion(model(x, extra), y)
    if t % 500 == 499:
        # Whatever was drawn, the cubic part is what is compared.
        print(f"{t + 1:5d} {criterion(model(x, 0), y).item():8.1f}")

    optimizer.zero_grad()
    loss.backward()
    optimizer.step()

print(used, sum(used))
print(model.string())

# A weight that no term used has no gradient.
optimizer.zero_grad()
model(x, 0).sum().backward()
print(model.e.grad)
