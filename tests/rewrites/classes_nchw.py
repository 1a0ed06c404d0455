"""Layer objects for NCHW images; gradients are attributes."""

import numpy as np


class Conv2D:
    def __init__(self, in_channels, out_channels, kernel_size, stride=1, padding=0):
        k = kernel_size
        self.stride, self.padding = stride, padding
        self.W = np.random.randn(out_channels, in_channels, k, k) * 0.01
        self.b = np.zeros(out_channels)
        self.dW = self.db = None

    def forward(self, x):
        p = self.padding
        self.shape = x.shape
        self.padded = np.pad(x, ((0, 0), (0, 0), (p, p), (p, p)))
        s, (kh, kw) = self.stride, self.W.shape[2:]
        view = np.lib.stride_tricks.sliding_window_view(self.padded, (kh, kw), (2, 3))
        self.seen = view[:, :, ::s, ::s]
        out = np.einsum("ncijuv,fcuv->nfij", self.seen, self.W)
        return out + self.b.reshape(1, -1, 1, 1)

    def backward(self, dout):
        s, p = self.stride, self.padding
        self.dW = np.einsum("nfij,ncijuv->fcuv", dout, self.seen)
        self.db = dout.sum(axis=(0, 2, 3))
        dpadded = np.zeros_like(self.padded)
        for u in range(self.W.shape[2]):
            for v in range(self.W.shape[3]):
                part = np.einsum("nfij,fc->ncij", dout, self.W[:, :, u, v])
                rows, columns = u + s * dout.shape[2], v + s * dout.shape[3]
                dpadded[:, :, u:rows:s, v:columns:s] += part
        return dpadded[:, :, p : p + self.shape[2], p : p + self.shape[3]]


class MaxPool2D:
    def __init__(self, pool_size=2, stride=2):
        self.pool_size, self.stride = pool_size, stride

    def forward(self, x):
        self.x, k, s = x, self.pool_size, self.stride
        oh, ow = (x.shape[2] - k) // s + 1, (x.shape[3] - k) // s + 1
        out = np.zeros((*x.shape[:2], oh, ow), x.dtype)
        self.best = np.zeros(out.shape, int)
        for i in range(oh):
            for j in range(ow):
                window = x[:, :, i * s : i * s + k, j * s : j * s + k].reshape(*x.shape[:2], -1)
                out[:, :, i, j] = window.max(axis=-1)
                self.best[:, :, i, j] = window.argmax(axis=-1)
        return out

    def backward(self, dout):
        dx, k, s = np.zeros_like(self.x), self.pool_size, self.stride
        for (n, c, i, j), g in np.ndenumerate(dout):
            u, v = divmod(self.best[n, c, i, j], k)
            dx[n, c, i * s + u, j * s + v] += g
        return dx


class ReLU:
    def forward(self, x):
        self.mask = x > 0
        return x * self.mask

    def backward(self, dout):
        return dout * self.mask


class Flatten:
    def forward(self, x):
        self.shape = x.shape
        return x.reshape(len(x), -1)

    def backward(self, dout):
        return dout.reshape(self.shape)
