"""A data set, a split of it, and loaders that shuffle it into batches."""

import torch
from torch import nn
from torch.utils.data import DataLoader, Dataset, TensorDataset, random_split


class Parabola(Dataset):
    """Points on a parabola, with a little noise that is drawn once."""

    def __init__(self, count):
        self.x = torch.linspace(-1, 1, count).unsqueeze(1)
        self.y = self.x**2 + 0.02 * torch.randn(count, 1)

    def __len__(self):
        return len(self.x)

    def __getitem__(self, index):
        return self.x[index], self.y[index]


torch.manual_seed(0)
data = Parabola(40)
print(len(data))
print(data[0])

train, test = random_split(data, [32, 8], generator=torch.Generator().manual_seed(1))
print(len(train), len(test))
loader = DataLoader(train, batch_size=12, shuffle=True)
print([len(x) for x, y in loader], len(loader))

model = nn.Sequential(nn.Linear(1, 12), nn.Tanh(), nn.Linear(12, 1))
optimizer = torch.optim.Adam(model.parameters(), lr=0.03)
criterion = nn.MSELoss()


def train_one_epoch():
    model.train()
    total = 0.0
    for x, y in loader:
        optimizer.zero_grad()
        loss = criterion(model(x), y)
        loss.backward()
        optimizer.step()
        total += loss.item() * len(x)
    return total / len(train)


@torch.no_grad()
def evaluate():
    model.eval()
    return sum(criterion(model(x), y).item() * len(x) for x, y in DataLoader(test, batch_size=8)) / len(test)


for epoch in range(1, 61):
    loss = train_one_epoch()
    if epoch in (1, 10, 60):
        print(f"epoch {epoch:2d}: training {loss:.3f}, test {evaluate():.3f}")

# The same rows in the same order, as long as the seed is the same.
pairs = TensorDataset(torch.arange(6), torch.arange(6) ** 2)
for _ in range(2):
    torch.manual_seed(3)
    print([x.tolist() for x, y in DataLoader(pairs, batch_size=4, shuffle=True)])
print([x.tolist() for x, y in DataLoader(pairs, batch_size=4, drop_last=True)])
