"""The graph is what the program did: a loop whose length depends on the data."""

import torch

x = torch.tensor([2.0, 3.0, 4.0], requires_grad=True)

y = x * 2
doublings = 1
while y.data.norm() < 1000:
    y = y * 2
    doublings += 1

print(y)
print(f"{doublings} doublings, norm {y.norm().item():.2f}")

v = torch.tensor([0.1, 1.0, 0.0001])
y.backward(v)
print(x.grad)
print(x.grad / 2**doublings)

# The same at other starting points takes another number of steps.
for start in (0.5, 20.0, 900.0):
    a = torch.full((2,), start, requires_grad=True)
    b, steps = a * 2, 1
    while b.norm() < 1000:
        b, steps = b * 2, steps + 1
    b.sum().backward()
    print(f"{start:6.1f}: {steps:2d} steps, gradient {a.grad[0].item():g}")
