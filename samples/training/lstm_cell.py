"""An LSTM cell by hand, against the one of the library, and a few steps through time."""

import torch
from torch import nn


class Cell(nn.Module):
    """One step: gates from input and state, in the library's order (input, forget, cell, output)."""

    def __init__(self, inputs, hidden):
        super().__init__()
        self.hidden = hidden
        self.from_input = nn.Linear(inputs, 4 * hidden)
        self.from_state = nn.Linear(hidden, 4 * hidden)

    def forward(self, x, state):
        h, c = state
        i, f, g, o = (self.from_input(x) + self.from_state(h)).chunk(4, dim=1)
        c = torch.sigmoid(f) * c + torch.sigmoid(i) * torch.tanh(g)
        h = torch.sigmoid(o) * torch.tanh(c)
        return h, c


torch.manual_seed(0)
ours = Cell(3, 2)
library = nn.LSTMCell(3, 2)
print(ours)
print(library)

with torch.no_grad():
    library.weight_ih.copy_(ours.from_input.weight)
    library.weight_hh.copy_(ours.from_state.weight)
    library.bias_ih.copy_(ours.from_input.bias)
    library.bias_hh.copy_(ours.from_state.bias)

sequence = torch.randn(5, 1, 3)
h, c = torch.zeros(1, 2), torch.zeros(1, 2)
hidden, cell = torch.zeros(1, 2), torch.zeros(1, 2)
for x in sequence:
    h, c = ours(x, (h, c))
    hidden, cell = library(x, (hidden, cell))
print(h)
print(torch.allclose(h, hidden, atol=1e-6), torch.allclose(c, cell, atol=1e-6))

# Backward through time: the gradient of the last state reaches the weights of every step.
(h**2).sum().backward()
(hidden**2).sum().backward()
print(ours.from_state.bias.grad)
for mine, theirs in (
    (ours.from_input.weight, library.weight_ih),
    (ours.from_state.weight, library.weight_hh),
    (ours.from_state.bias, library.bias_hh),
):
    print(tuple(mine.grad.shape), torch.allclose(mine.grad, theirs.grad, atol=1e-6))
