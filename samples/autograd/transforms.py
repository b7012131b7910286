"""torch.func: functions that make functions, from derivative to batch."""

import torch
from torch.func import functional_call, grad, grad_and_value, hessian, jacfwd, jacrev, jvp, vjp, vmap


def f(x):
    return torch.sin(x) * x


x = torch.tensor(1.0)
print(grad(f)(x))
print(grad(grad(f))(x))
print(torch.allclose(grad(f)(x), torch.cos(x) * x + torch.sin(x)))

# One derivative per element: grad gives one, vmap maps it.
points = torch.tensor([0.0, 1.0, 2.0])
print(vmap(grad(f))(points))


def g(v):
    return torch.stack([v[0] * v[1], v[0] ** 2, torch.exp(v[1])])


v = torch.tensor([2.0, 0.0])
print(jacrev(g)(v))
print(torch.allclose(jacrev(g)(v), jacfwd(g)(v)))
print(hessian(lambda v: v[0] ** 3 * v[1] + v[1] ** 2)(torch.tensor([1.0, 2.0])))

# Which argument: argnums.
print(grad(lambda a, b: (a**2 * b).sum(), argnums=1)(torch.tensor([3.0]), torch.tensor([1.0])))
gradient, value = grad_and_value(lambda a: (a**2).sum())(torch.tensor([1.0, 3.0]))
print(gradient, value)

output, pullback = vjp(g, v)
print(pullback(torch.tensor([1.0, 1.0, 1.0])))
print(jvp(g, (v,), (torch.tensor([1.0, 0.0]),)))

# A batch of dot products out of one, and gradients per sample out of one.
a = torch.tensor([[1.0, 2.0], [3.0, 4.0]])
b = torch.tensor([[1.0, 1.0], [0.5, -1.0]])
print(vmap(torch.dot)(a, b))
print(vmap(torch.dot, in_dims=(0, None))(a, b[0]))

torch.manual_seed(0)
model = torch.nn.Linear(2, 1)
params = {name: p.detach() for name, p in model.named_parameters()}


def loss(params, sample, target):
    prediction = functional_call(model, params, (sample.unsqueeze(0),))
    return ((prediction.squeeze(0) - target) ** 2).sum()


targets = torch.tensor([[0.0], [1.0]])
per_sample = vmap(grad(loss), in_dims=(None, 0, 0))(params, a, targets)
for name, value in per_sample.items():
    print(name, value.shape)
    print(value)
