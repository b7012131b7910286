"""The world a PyTorch script runs in: its imports, builtins, classes, attributes and texts."""
