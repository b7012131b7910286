"""Words to labels: an embedding, its mean over the sentence, and cross entropy."""

import torch
import torch.nn as nn
import torch.nn.functional as F

sentences = [
    ("the film was great", "good"),
    ("great fun and a great cast", "good"),
    ("a dull and boring film", "bad"),
    ("boring cast", "bad"),
    ("it was on at eight", "neutral"),
    ("on at nine", "neutral"),
]
labels = ["bad", "good", "neutral"]
words = sorted({word for text, label in sentences for word in text.split()})
index = {word: i + 1 for i, word in enumerate(words)}  # 0 pads
longest = max(len(text.split()) for text, label in sentences)


def encode(text):
    numbers = [index.get(word, 0) for word in text.split()]
    return numbers + [0] * (longest - len(numbers))


x = torch.tensor([encode(text) for text, label in sentences])
y = torch.tensor([labels.index(label) for text, label in sentences])
print(len(words), "words")
print(x)
print(y)


class Classifier(nn.Module):
    def __init__(self, vocabulary, size, classes):
        super().__init__()
        self.embedding = nn.Embedding(vocabulary, size, padding_idx=0)
        self.fc = nn.Linear(size, classes)

    def forward(self, x):
        lengths = (x != 0).sum(dim=1, keepdim=True)
        return self.fc(self.embedding(x).sum(dim=1) / lengths)


torch.manual_seed(4)
model = Classifier(len(words) + 1, 4, len(labels))
print(model)
optimizer = torch.optim.Adam(model.parameters(), lr=0.05)
criterion = nn.CrossEntropyLoss()
for epoch in range(1, 81):
    optimizer.zero_grad()
    loss = criterion(model(x), y)
    loss.backward()
    optimizer.step()
    if epoch in (1, 5, 20, 80):
        accuracy = (model(x).argmax(dim=1) == y).float().mean()
        print(f"epoch {epoch:2d}: loss {loss.item():.3f}, accuracy {accuracy:.2f}")

# The row that pads neither moved nor got a gradient.
print(model.embedding.weight[0], model.embedding.weight.grad[0])

with torch.no_grad():
    for text in ("a great film", "dull cast"):
        probabilities = F.softmax(model(torch.tensor([encode(text)])), dim=1)
        print(text, "->", labels[probabilities.argmax().item()], (probabilities.max() > 0.6).item())
