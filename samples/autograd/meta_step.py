"""A gradient that is a function of another parameter: learning a learning rate and a starting point."""

import torch

# One inner step w' = w - lr * dL/dw, kept in the graph, then the gradient of the loss after it.
w = torch.tensor([1.0, -2.0], requires_grad=True)
lr = torch.tensor(0.1, requires_grad=True)
target = torch.tensor([3.0, 0.5])

inner = ((w - target) ** 2).sum()
(grad,) = torch.autograd.grad(inner, w, create_graph=True)
print(grad)

w_next = w - lr * grad
outer = ((w_next - target) ** 2).sum()
outer.backward()
print(w.grad)
print(lr.grad)

# By hand: w' - t = (1 - 2 lr)(w - t), so dL/dlr = -4 (1 - 2 lr) |w - t|^2.
by_hand = -4 * (1 - 2 * lr) * ((w - target) ** 2).sum()
print(torch.allclose(lr.grad, by_hand))

# Some meta steps: the learning rate finds 1/2, where one step reaches the target.
lr = torch.tensor(0.1, requires_grad=True)
for step in range(1, 41):
    inner = ((w - target) ** 2).sum()
    (grad,) = torch.autograd.grad(inner, w, create_graph=True)
    outer = ((w - lr * grad - target) ** 2).sum()
    (g,) = torch.autograd.grad(outer, lr)
    with torch.no_grad():
        lr -= 0.002 * g
    if step % 10 == 0:
        print(f"step {step}: lr {lr.item():.4f}, loss after one inner step {outer.item():.4f}")

# Without create_graph the inner gradient is a constant, and only one path is left.
w.grad = None
(grad,) = torch.autograd.grad(((w - target) ** 2).sum(), w)
print(grad.requires_grad)
((w - 0.1 * grad - target) ** 2).sum().backward()
print(w.grad)
