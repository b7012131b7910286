"""Bars in a small image, lying or standing: a convolutional network tells them apart."""

import torch
import torch.nn.functional as F
from torch import nn, optim


def bars(size=6):
    """All images with one bar, in one row or one column."""
    images, labels = [], []
    for i in range(size):
        lying, standing = torch.zeros(size, size), torch.zeros(size, size)
        lying[i, :] = 1.0
        standing[:, i] = 1.0
        images += [lying, standing]
        labels += [0, 1]
    return torch.stack(images).unsqueeze(1), torch.tensor(labels)


class Net(nn.Module):
    def __init__(self):
        super(Net, self).__init__()
        self.conv1 = nn.Conv2d(1, 4, kernel_size=3, padding=1)
        self.conv2 = nn.Conv2d(4, 6, 3)
        self.fc = nn.Linear(6 * 1 * 1, 2)

    def forward(self, x):
        x = F.max_pool2d(F.relu(self.conv1(x)), 2)
        x = F.relu(self.conv2(x))
        x = torch.flatten(x, 1)
        return self.fc(x)

    def num_flat_features(self, x):
        features = 1
        for size in x.size()[1:]:
            features *= size
        return features


torch.manual_seed(0)
images, labels = bars()
print(images.shape, labels)
images = images + 0.05 * torch.randn(images.shape)

net = Net()
print(net)
for name, param in net.named_parameters():
    print(f"{name:13} {tuple(param.shape)}")

out = net(images)
print(out.shape, out.grad_fn.name())
print(net.num_flat_features(images))

optimizer = optim.SGD(net.parameters(), lr=0.1, momentum=0.9)
criterion = nn.CrossEntropyLoss()
for epoch in range(1, 41):
    optimizer.zero_grad()
    loss = criterion(net(images), labels)
    loss.backward()
    if epoch == 1:
        print(net.conv1.bias.grad)
    optimizer.step()
    if epoch in (1, 2, 5):
        print(f"epoch {epoch}: {loss.item():.3f}")

print("learned:", (net(images).argmax(1) == labels).all().item(), "loss below 0.05:", loss.item() < 0.05)
