"""Changing a tensor in place: what is allowed, what is refused at once, and what is found out later."""

import torch

# A leaf that asks for a gradient may not be changed where it stands.
x = torch.tensor([1.0, 2.0], requires_grad=True)
try:
    x += 1
except RuntimeError as error:
    print("leaf:", error)
try:
    x[0] = 5
except RuntimeError as error:
    print("view:", error)

# exp saves its result for the way back; changing the result spoils it.
y = torch.exp(x)
y += 1
try:
    y.sum().backward()
except RuntimeError as error:
    print("exp:", error)

# A sum saves nothing, so what it gave may be changed.
y = x + 1
y *= 10
y.sum().backward()
print(x.grad)

# Versions count the changes.
t = torch.zeros(2)
print(t._version)
t.add_(1)
t[0] = 3
print(t._version, t)

# A weight changed between forward and backward.
x.grad = None
w = torch.tensor([3.0, 4.0], requires_grad=True)
out = (x * w).sum()
with torch.no_grad():
    w -= 0.5
try:
    out.backward()
except RuntimeError as error:
    print("weight:", str(error).split("; expected")[0])

# Through .data the change is not seen, and the gradient is silently that of the new value.
x.grad = w.grad = None
out = (x * w).sum()
w.data += 100
out.backward()
print(x.grad)

# Copies are safe.
x.grad = None
y = torch.exp(x)
z = y.clone()
z += 1
z.sum().backward()
print(torch.equal(x.grad, y))

# Rows of a tensor that is no leaf may be assigned: the old values lose their gradient.
x.grad = None
y = x * 2
y[0] = 7.0
print(y)
y.sum().backward()
print(x.grad)
