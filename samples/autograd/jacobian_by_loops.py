"""The Jacobian row by row: one backward pass for each output."""

import torch


def f(x):
    return torch.stack([x[0] ** 2 + x[1], x[1] * x[2], torch.sin(x[0]) * x[2] ** 2, x.prod()])


x = torch.tensor([1.0, 2.0, 3.0], requires_grad=True)
y = f(x)

rows = []
for i in range(len(y)):
    if x.grad is not None:
        x.grad.zero_()
    y[i].backward(retain_graph=True)
    rows.append(x.grad.clone())
jacobian = torch.stack(rows)
print(jacobian)

# The same by grad with unit vectors, at once for all of them, and by the library.
rows = [torch.autograd.grad(y, x, unit, retain_graph=True)[0] for unit in torch.eye(4)]
print(torch.equal(torch.stack(rows), jacobian))
(batched,) = torch.autograd.grad(y, x, torch.eye(4), retain_graph=True, is_grads_batched=True)
print(torch.allclose(batched, jacobian))
print(torch.allclose(torch.autograd.functional.jacobian(f, x), jacobian))

# A vector-Jacobian product needs one pass, whatever the number of outputs.
v = torch.tensor([1.0, 0.0, -1.0, 2.0])
(product,) = torch.autograd.grad(y, x, v)
print(product)
print(torch.allclose(product, v @ jacobian))

# The Hessian of a scalar: a gradient with a graph, then its rows.
z = torch.tensor([1.0, 2.0], requires_grad=True)
value = z[0] ** 2 * z[1] + z[1] ** 3
(gradient,) = torch.autograd.grad(value, z, create_graph=True)
hessian = torch.stack([torch.autograd.grad(g, z, retain_graph=True)[0] for g in gradient])
print(gradient)
print(hessian)
