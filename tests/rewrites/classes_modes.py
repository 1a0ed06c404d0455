"""Layers that train or predict: batch normalization and dropout."""

import numpy as np


class Module:
    def __init__(self):
        self.training = True

    def train(self):
        self.training = True

    def eval(self):
        self.training = False


class BatchNorm2d(Module):
    def __init__(self, num_features, eps=1e-5, momentum=0.1):
        super().__init__()
        self.eps, self.momentum = eps, momentum
        self.gamma, self.beta = np.ones(num_features), np.zeros(num_features)
        self.running_mean, self.running_var = np.zeros(num_features), np.ones(num_features)

    def forward(self, x):
        n, c, h, w = x.shape
        flat = x.transpose(1, 0, 2, 3).reshape(c, -1)
        mean, var = self.running_mean[:, None], self.running_var[:, None]
        if self.training:
            mean, var = flat.mean(1, keepdims=True), flat.var(1, keepdims=True)
            count = flat.shape[1]
            m = self.momentum
            self.running_mean = (1 - m) * self.running_mean + m * mean[:, 0]
            self.running_var = (1 - m) * self.running_var + m * var[:, 0] * count / (count - 1)
        self.std = np.sqrt(var + self.eps)
        self.xhat = (flat - mean) / self.std
        out = self.xhat * self.gamma[:, None] + self.beta[:, None]
        return out.reshape(c, n, h, w).transpose(1, 0, 2, 3)

    def backward(self, dout):
        n, c, h, w = dout.shape
        d = dout.transpose(1, 0, 2, 3).reshape(c, -1)
        self.dgamma, self.dbeta = (d * self.xhat).sum(axis=1), d.sum(axis=1)
        d = d * self.gamma[:, None]
        along = (d * self.xhat).mean(1, keepdims=True)
        dx = (d - d.mean(1, keepdims=True) - self.xhat * along) / self.std
        return dx.reshape(c, n, h, w).transpose(1, 0, 2, 3)


class Dropout(Module):
    def __init__(self, p=0.5):
        super().__init__()
        self.p, self.rng = p, np.random.default_rng(0)

    def forward(self, x):
        if not self.training:
            return x
        self.mask = (self.rng.random(x.shape) >= self.p).astype(x.dtype) / x.dtype.type(1 - self.p)
        return x * self.mask

    def backward(self, dout):
        return dout * self.mask if self.training else dout
