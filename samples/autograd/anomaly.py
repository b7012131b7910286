"""Where does the nan come from? Anomaly detection names the function that made it."""

import torch

# The value is fine, the gradient is not: 0 * inf.
x = torch.tensor([0.0, 4.0], requires_grad=True)
y = torch.where(x > 0, torch.sqrt(x), torch.zeros_like(x))
print(y)
y.sum().backward()
print(x.grad)

x.grad = None
try:
    with torch.autograd.detect_anomaly():
        y = torch.where(x > 0, torch.sqrt(x * 0), torch.zeros_like(x))
        y.sum().backward()
except RuntimeError as error:
    print(error)

with torch.autograd.set_detect_anomaly(True):
    a = torch.tensor([-1.0], requires_grad=True)
    try:
        torch.sqrt(a).sum().backward()
    except RuntimeError as error:
        print(error)

# The mistake mended: nothing outside the domain reaches the root.
x.grad = None
safe = torch.where(x > 0, x, torch.ones_like(x))
y = torch.where(x > 0, torch.sqrt(safe), torch.zeros_like(x))
y.sum().backward()
print(x.grad)
