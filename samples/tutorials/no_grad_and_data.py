"""Three ways to step out of the graph: no_grad, detach and .data."""

import torch

x = torch.tensor([1.0, 2.0], requires_grad=True)
print((x**2).requires_grad)
with torch.no_grad():
    print((x**2).requires_grad)
    with torch.enable_grad():
        print((x**2).requires_grad)


@torch.no_grad()
def squared(value):
    return value**2


print(squared(x))

# detach: the same numbers, no history.
y = x.detach()
print(y.requires_grad, y.eq(x).all())

# Part of a function held fixed: only the first term is differentiated.
(x * x + (x * x).detach()).sum().backward()
print(x.grad)

# .data changes the values behind the graph's back.
x = torch.ones(1, requires_grad=True)
print(x.data, x.data.requires_grad)
y = 2 * x
x.data *= 100
y.backward()
print(x)
print(x.grad)
