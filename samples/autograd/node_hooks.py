"""Hooks on the nodes of the graph, and on leaves once their gradient has arrived."""

import torch

x = torch.tensor([1.0, 2.0], requires_grad=True)
w = torch.tensor([3.0, 4.0], requires_grad=True)
product = x * w
node = product.grad_fn

node.register_prehook(lambda grads: print("comes in:", grads))
node.register_hook(lambda inputs, outputs: print("goes out:", inputs))
product.sum().backward()
print(x.grad, w.grad)

# A node's hook may replace what goes out, one gradient per input.
x.grad = w.grad = None
product = x * w
product.grad_fn.register_hook(lambda inputs, outputs: (inputs[0] * 2, inputs[1]))
product.sum().backward()
print(x.grad, w.grad)

# The optimizer inside the backward pass: a step as soon as a parameter has its gradient.


def step(param):
    with torch.no_grad():
        param -= 0.1 * param.grad
    param.grad = None


x.grad = w.grad = None
handles = [p.register_post_accumulate_grad_hook(step) for p in (x, w)]
for _ in range(3):
    ((x * w - 1) ** 2).sum().backward()
    print(x.detach(), w.detach(), x.grad)
for handle in handles:
    handle.remove()

try:
    (x * w).register_post_accumulate_grad_hook(step)
except RuntimeError as error:
    print(error)
