"""Layers for one image (H, W, C) at a time."""

import numpy as np


class Conv2D:
    """x: (H, W, C), one image; weights: (F, KH, KW, C)."""

    def __init__(self, channels, num_filters, size):
        self.weights = np.random.randn(num_filters, size, size, channels) / size**2
        self.bias = np.zeros(num_filters)

    def forward(self, x):
        h, w, _ = x.shape
        f, kh, kw, _ = self.weights.shape
        self.last = x
        out = np.zeros((h - kh + 1, w - kw + 1, f), x.dtype)
        for i in range(h - kh + 1):
            for j in range(w - kw + 1):
                patch = x[i : i + kh, j : j + kw]
                out[i, j] = (patch * self.weights).sum(axis=(1, 2, 3)) + self.bias
        return out

    def backward(self, dout):
        kh, kw = self.weights.shape[1:3]
        dx, dweights = np.zeros_like(self.last), np.zeros_like(self.weights)
        for i in range(dout.shape[0]):
            for j in range(dout.shape[1]):
                dweights += dout[i, j][:, None, None, None] * self.last[i : i + kh, j : j + kw]
                dx[i : i + kh, j : j + kw] += np.tensordot(dout[i, j], self.weights, 1)
        self.dweights, self.dbias = dweights, dout.sum(axis=(0, 1))
        return dx


class AvgPool2D:
    """x: (H, W, C), one image."""

    def __init__(self, size):
        self.size = size

    def forward(self, x):
        k = self.size
        self.shape = x.shape
        h, w = x.shape[0] // k, x.shape[1] // k
        return x[: h * k, : w * k].reshape(h, k, w, k, -1).mean(axis=(1, 3))

    def backward(self, dout):
        k, dx = self.size, np.zeros(self.shape, dout.dtype)
        spread = dout.repeat(k, axis=0).repeat(k, axis=1) / (k * k)
        dx[: spread.shape[0], : spread.shape[1]] = spread
        return dx
