"""Tensors, the graph they leave behind, and the engines that run it backward and forward."""

from gradcli.autograd.context import context, session
from gradcli.autograd.functions import backward, grad
from gradcli.autograd.methods import complete
from gradcli.autograd.node import Node
from gradcli.autograd.tensor import Tensor

complete()

__all__ = ["Node", "Tensor", "backward", "context", "grad", "session"]
