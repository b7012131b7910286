"""The same graph run backward again and again: gradients accumulate until they are cleared."""

import torch

inp = torch.eye(4, 5, requires_grad=True)
out = (inp + 1).pow(2).t()
print(out)

out.backward(torch.ones_like(out), retain_graph=True)
print(f"First call\n{inp.grad}")
out.backward(torch.ones_like(out), retain_graph=True)
print(f"\nSecond call\n{inp.grad}")
inp.grad.zero_()
out.backward(torch.ones_like(out), retain_graph=True)
print(f"\nCall after zeroing gradients\n{inp.grad}")

# torch.autograd.grad returns the gradients and leaves .grad alone.
inp.grad = None
other = torch.ones(3, requires_grad=True)
(found,) = torch.autograd.grad(out, inp, torch.ones_like(out), retain_graph=True)
print(found[0], inp.grad)
print(torch.autograd.grad(out.sum(), [inp, other], retain_graph=True, allow_unused=True)[1])
print(torch.autograd.grad(out.sum(), [inp, other], retain_graph=True, materialize_grads=True)[1])
try:
    torch.autograd.grad(out.sum(), [inp, other], retain_graph=True)
except RuntimeError as error:
    print(error)
