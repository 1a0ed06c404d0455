"""The same for torch."""

import torch


class Affine(torch.nn.Module):
    """out = x w + b, with w as (D, M)."""

    def __init__(self, n_in, n_out):
        super().__init__()
        self.w = torch.nn.Parameter(torch.randn(n_in, n_out) / n_in**0.5)
        self.b = torch.nn.Parameter(torch.zeros(n_out))

    def forward(self, x):
        return torch.addmm(self.b, x.flatten(1), self.w)
