"""Two parameters in one function: each gets the gradient that is its own."""

import torch

a = torch.tensor([2.0, 3.0], requires_grad=True)
b = torch.tensor([6.0, 4.0], requires_grad=True)
Q = 3 * a**3 - b**2
print(Q)

Q.backward(gradient=torch.tensor([1.0, 1.0]))
print(a.grad, b.grad)
print(9 * a**2 == a.grad)
print(-2 * b == b.grad)

# The same as the gradient of the sum.
a.grad = b.grad = None
(3 * a**3 - b**2).sum().backward()
print(a.grad, b.grad)

# A tensor that needs no gradient leaves no trace, one that does is enough.
x, y, z = torch.rand(5, 5), torch.rand(5, 5), torch.rand((5, 5), requires_grad=True)
print(f"x + y: {(x + y).requires_grad}, x + z: {(x + z).requires_grad}")
