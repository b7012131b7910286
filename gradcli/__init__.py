"""A command-line gradient explorer: expressions in, proven gradients out."""

__version__ = "0.1.0"
