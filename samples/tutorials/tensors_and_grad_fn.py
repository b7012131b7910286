"""A tensor that asks for its gradient remembers every operation that it goes through."""

import torch

x = torch.ones(2, 2, requires_grad=True)
print(x)
print(x.is_leaf, x.grad_fn)

# Each result knows the operation that made it.
y = x + 2
print(y)
print(y.grad_fn)

z = y * y * 3
out = z.mean()
print(z)
print(out)

# d(out)/dx = 6 (x + 2) / 4 = 4.5 at x = 1
out.backward()
print(x.grad)

# Tensors made by hand do not track anything until they are told to.
a = torch.tensor([[1.0, 2.0], [3.0, 4.0]])
a = (a * 3) / (a - 5)
print(a.requires_grad)
a.requires_grad_(True)
print(a.requires_grad)
b = (a * a).sum()
print(b.grad_fn.name())
b.backward()
print(a.grad)

# The graph, walked from the result to the leaf.
node = (x * 2 + 1).sum().grad_fn
while node is not None:
    print(node.name())
    node = node.next_functions[0][0] if node.next_functions else None
