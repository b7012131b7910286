"""Hooks on modules: looking at activations, changing inputs and outputs, watching gradients."""

import torch
from torch import nn

torch.manual_seed(3)
model = nn.Sequential(nn.Linear(3, 4), nn.ReLU(), nn.Linear(4, 2))
x = torch.tensor([[1.0, -1.0, 0.5]])

activations = {}


def remember(name):
    def hook(module, inputs, output):
        activations[name] = output.detach()

    return hook


handles = [module.register_forward_hook(remember(name)) for name, module in model.named_children()]
out = model(x)
for name, value in activations.items():
    print(name, tuple(value.shape), value)
for handle in handles:
    handle.remove()

# A pre-hook may change what a module is given, a hook what it gives.
first = model[0].register_forward_pre_hook(lambda module, inputs: (inputs[0] * 0,))
print(torch.equal(model[0](x)[0], model[0].bias))
first.remove()
last = model.register_forward_hook(lambda module, inputs, output: output + 100)
print(torch.allclose(model(x), out + 100))
last.remove()


def gradients(module, grad_input, grad_output):
    print(type(module).__name__, [None if g is None else tuple(g.shape) for g in grad_input], grad_output[0])


for module in model:
    module.register_full_backward_hook(gradients)
model(x).sum().backward()
print(model[0].weight.grad.shape)
