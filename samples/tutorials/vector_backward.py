"""A result with several elements needs a vector to start from; each pass adds to what is there."""

import torch

x = torch.tensor([2.0, 2.0, 2.0], requires_grad=True)
y = x * 2
print(y)

try:
    y.backward()
except RuntimeError as error:
    print("refused:", error)

# The vector weighs the rows of the Jacobian, here 2 * identity.
v = torch.tensor([0.1, 1.0, 10.0])
y.backward(v, retain_graph=True)
print(x.grad)

y.backward(v, retain_graph=True)
print("added:", x.grad)

x.grad.zero_()
y.backward(torch.ones_like(y))
print("afresh:", x.grad)

try:
    y.backward(v)
except RuntimeError as error:
    print("freed:", str(error).split(" (")[0])
