"""Parameters in boxes that hold an array and its gradient, as in small autograd libraries."""

from __future__ import annotations

import numpy as np


class Parameter:
    def __init__(self, data: np.ndarray) -> None:
        self.data = data
        self.grad = np.zeros_like(data)


class Linear:
    def __init__(self, in_features: int, out_features: int, bias: bool = True) -> None:
        self.weight = Parameter(np.random.randn(out_features, in_features))
        self.bias = Parameter(np.zeros(out_features)) if bias else None
        self.cache: list[np.ndarray] = []

    def forward(self, x: np.ndarray) -> np.ndarray:
        self.cache.append(x)
        out = x @ self.weight.data.T
        return out if self.bias is None else out + self.bias.data

    def backward(self, grad_output: np.ndarray) -> np.ndarray:
        x = self.cache.pop()
        self.weight.grad = grad_output.T @ x
        if self.bias is not None:
            self.bias.grad = grad_output.sum(axis=0)
        return grad_output @ self.weight.data


class GroupNorm:
    def __init__(self, num_groups: int, num_channels: int, eps: float = 1e-5) -> None:
        self.num_groups, self.eps = num_groups, eps
        self.gamma = np.ones((1, num_channels, 1, 1))
        self.beta = np.zeros((1, num_channels, 1, 1))

    def forward(self, x: np.ndarray) -> np.ndarray:
        groups = x.reshape(len(x), self.num_groups, -1)
        mean, var = groups.mean(-1, keepdims=True), groups.var(-1, keepdims=True)
        self.inv = (var + self.eps) ** -0.5
        self.xhat = ((groups - mean) * self.inv).reshape(x.shape)
        return self.gamma * self.xhat + self.beta

    def backward(self, dout: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        axes = (0, 2, 3)
        d = (dout * self.gamma).reshape(len(dout), self.num_groups, -1)
        h = self.xhat.reshape(d.shape)
        dx = (d - d.mean(-1, keepdims=True) - h * (d * h).mean(-1, keepdims=True)) * self.inv
        dgamma = (dout * self.xhat).sum(axes, keepdims=True)
        return dx.reshape(dout.shape), dgamma, dout.sum(axes, keepdims=True)
