"""What PyTorch's CPU generator makes of its words: the parts of `gradcli.autograd.generator`."""
