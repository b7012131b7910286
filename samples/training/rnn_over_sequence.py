"""A recurrent network that learns to add up a sequence of bits, modulo 2."""

import torch
from torch import nn


class Parity(nn.Module):
    def __init__(self, hidden=8):
        super().__init__()
        self.rnn = nn.RNN(input_size=1, hidden_size=hidden, batch_first=True)
        self.head = nn.Linear(hidden, 1)

    def forward(self, bits):
        outputs, last = self.rnn(bits)
        return self.head(outputs[:, -1]).squeeze(-1)


torch.manual_seed(2)
# All the sequences of three bits, and whether they hold an odd number of ones.
bits = torch.tensor([[(n >> k) & 1 for k in range(3)] for n in range(8)], dtype=torch.float32).unsqueeze(-1)
odd = bits.sum(dim=(1, 2)) % 2
print(bits.shape, odd)

model = Parity()
print(model)
print(sum(p.numel() for p in model.parameters()), "parameters")
optimizer = torch.optim.Adam(model.parameters(), lr=0.03)
criterion = nn.BCEWithLogitsLoss()

for epoch in range(1, 301):
    optimizer.zero_grad()
    loss = criterion(model(bits), odd)
    loss.backward()
    optimizer.step()
    if epoch in (1, 10, 30):
        print(f"epoch {epoch:3d}: loss {loss.item():.3f}")

model.eval()
with torch.no_grad():
    answers = (model(bits) > 0).float()
print("learned:", torch.equal(answers, odd), "loss below 0.05:", loss.item() < 0.05)

# A GRU and an LSTM of two layers say their shapes.
x = torch.zeros(4, 3, 5)
output, h = nn.GRU(5, 6, num_layers=2, batch_first=True)(x)
print(output.shape, h.shape)
output, (h, c) = nn.LSTM(5, 6, num_layers=2, batch_first=True, bidirectional=True)(x)
print(output.shape, h.shape, c.shape)
