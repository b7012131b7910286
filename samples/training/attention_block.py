"""Scaled dot-product attention by hand, with a causal mask, against the library's."""

import math

import torch
import torch.nn.functional as F
from torch import nn


def attention(q, k, v, mask=None):
    scores = q @ k.transpose(-2, -1) / math.sqrt(q.size(-1))
    if mask is not None:
        scores = scores.masked_fill(mask, float("-inf"))
    weights = torch.softmax(scores, dim=-1)
    return weights @ v, weights


class Block(nn.Module):
    """Attention and a small network, each with a residual around it."""

    def __init__(self, size, heads):
        super().__init__()
        self.attention = nn.MultiheadAttention(size, heads, batch_first=True)
        self.norm1 = nn.LayerNorm(size)
        self.norm2 = nn.LayerNorm(size)
        self.mlp = nn.Sequential(nn.Linear(size, 2 * size), nn.GELU(), nn.Linear(2 * size, size))

    def forward(self, x, mask=None):
        h = self.norm1(x)
        attended, self.weights = self.attention(h, h, h, attn_mask=mask)
        x = x + attended
        return x + self.mlp(self.norm2(x))


torch.manual_seed(0)
q, k, v = (torch.randn(1, 4, 8) for _ in range(3))
causal = torch.triu(torch.ones(4, 4, dtype=torch.bool), diagonal=1)
print(causal)
out, weights = attention(q, k, v, causal)
print(weights)
print(torch.allclose(out, F.scaled_dot_product_attention(q, k, v, is_causal=True), atol=1e-6))

block = Block(8, 2)
print(block)
x = torch.randn(2, 4, 8, requires_grad=True)
y = block(x, causal)
print(y.shape, block.weights.shape)
print(y[0, 0])

# Causal: what stands first does not depend on what comes later.
y[0, 0].sum().backward()
print((x.grad.abs().sum(dim=-1) > 1e-7).int())

model = nn.ModuleList([Block(8, 2) for _ in range(2)])
print(sum(p.numel() for p in model.parameters()))
