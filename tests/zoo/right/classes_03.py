"""Layer objects, third lot: dataclasses, lazy layers, single images, decorators on methods."""

from __future__ import annotations

from collections import deque
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cached_property, singledispatchmethod
from typing import Any, ClassVar

import numpy as np


@dataclass
class Conv2D:
    """Convolution of one image at a time, (C, H, W).

    Style: a dataclass; single images, windows in a dict, and each output is one np.vdot.
    """

    in_channels: int
    out_channels: int
    kernel_size: int
    stride: int = 1
    padding: int = 0
    W: Any = field(init=False)
    b: Any = field(init=False)

    def __post_init__(self):
        k = self.kernel_size
        self.W = np.zeros((self.out_channels, self.in_channels, k, k))
        self.b = np.zeros(self.out_channels)

    def forward(self, x):
        """x: (C, H, W) -> out: (F, OH, OW)."""
        p, s, k = self.padding, self.stride, self.kernel_size
        self.padded = np.pad(x, ((0, 0), (p, p), (p, p)))
        rows = (self.padded.shape[1] - k) // s + 1
        columns = (self.padded.shape[2] - k) // s + 1
        out = np.empty((len(self.W), rows, columns), x.dtype)
        self.windows = {}
        for i, j in np.ndindex(rows, columns):
            self.windows[i, j] = self.padded[:, i * s : i * s + k, j * s : j * s + k]
            out[:, i, j] = [np.vdot(bank, self.windows[i, j]) for bank in self.W]
        return out + self.b[:, None, None]

    def backward(self, dout):
        p, s, k = self.padding, self.stride, self.kernel_size
        dpadded = np.zeros_like(self.padded)
        self.dW, self.db = np.zeros_like(self.W), np.zeros_like(self.b)
        for (i, j), window in self.windows.items():
            self.dW += np.multiply.outer(dout[:, i, j], window)
            self.db += dout[:, i, j]
            box = (slice(None), slice(i * s, i * s + k), slice(j * s, j * s + k))
            dpadded[box] += np.tensordot(dout[:, i, j], self.W, axes=1)
        return dpadded[:, p : dpadded.shape[1] - p, p : dpadded.shape[2] - p]


class Dense:
    """Fully connected layer that learns its input size from the first batch.

    Style: lazy weights; batches of 3 rows are multiplied by themselves, gradients kept in a deque.
    """

    def __init__(self, units):
        self.units = units
        self.W = None
        self.b = np.zeros(units)
        self.dW = self.db = None

    def forward(self, x):
        if self.W is None:
            self.W = np.random.standard_normal((x.shape[1], self.units)).astype(x.dtype)
        self.x = x
        pieces = [x[i : i + 3] @ self.W for i in range(0, len(x), 3)]
        return np.concatenate(pieces) + self.b

    def backward(self, dout):
        pending = deque(range(len(dout)))
        dx = np.empty_like(self.x)
        self.dW, self.db = np.zeros_like(self.W), np.zeros_like(self.b)
        while pending:
            n = pending.popleft()
            dx[n] = self.W @ dout[n]
            self.dW += self.x[n][:, np.newaxis] @ dout[n][np.newaxis, :]
            self.db += dout[n]
        return dx


class BatchNorm1d:
    """Batch normalization of vectors, (N, D), momentum as in torch.

    Style: cached properties compute what backward needs when it asks for it.
    """

    def __init__(self, num_features, momentum=0.1, eps=1e-5):
        self.weight, self.bias = np.ones(num_features), np.zeros(num_features)
        self.running_mean, self.running_var = np.zeros(num_features), np.ones(num_features)
        self.momentum, self.eps = momentum, eps
        self.training = True

    def forward(self, x):
        self.__dict__.pop("xhat", None)
        self.x = x
        if self.training:
            self.center = x.mean(axis=0)
            power = np.mean((x - self.center) ** 2, axis=0)
            unbiased = power * len(x) / (len(x) - 1)
            self.running_mean = self._moved(self.running_mean, self.center)
            self.running_var = self._moved(self.running_var, unbiased)
        else:
            self.center, power = self.running_mean, self.running_var
        self.rstd = (power + self.eps) ** -0.5
        return self.xhat * self.weight + self.bias

    def _moved(self, old, new):
        return old + self.momentum * (new - old)

    @cached_property
    def xhat(self):
        return (self.x - self.center) * self.rstd

    def backward(self, dout):
        self.dweight, self.dbias = np.sum(dout * self.xhat, axis=0), np.sum(dout, axis=0)
        level = np.vstack([self.dbias, self.dweight]) / len(dout)
        basis = np.stack([np.ones_like(self.xhat), self.xhat], axis=2)
        return (dout - np.einsum("ndk,kd->nd", basis, level)) * self.weight * self.rstd


class ReLU:
    """Rectified linear unit.

    Style: a context manager lends an array for the time of the computation.
    """

    @contextmanager
    def _lent(self, x):
        scratch = np.array(x)
        yield scratch
        self.on = x > 0

    def forward(self, x):
        with self._lent(x) as scratch:
            scratch[scratch < 0] = 0
        return scratch

    def backward(self, dout):
        return np.compress([True], [dout * self.on], axis=0)[0]


class Softmax:
    """Softmax over the last axis.

    Style: singledispatchmethod chooses by the type of the argument.
    """

    @singledispatchmethod
    def _shares(self, x):
        raise TypeError(type(x))

    @_shares.register
    def _(self, x: np.ndarray):
        e = np.exp(x - x.max(axis=-1, keepdims=True))
        return np.divide(e, np.add.reduce(e, axis=-1, keepdims=True))

    def forward(self, x):
        self.out = self._shares(x)
        return self.out

    def backward(self, dout):
        mean = np.einsum("...c,...c->...", self.out, dout)
        return np.multiply(self.out, dout - mean[..., None])


class AveragePooling2D:
    """Average pooling of NHWC images.

    Style: strides of a view in channels-last order, and np.add.at to give the shares back.
    """

    def __init__(self, pool_size=2, strides=2):
        self.pool_size, self.strides = pool_size, strides

    def forward(self, x):
        """x: (N, H, W, C)."""
        k, s = self.pool_size, self.strides
        n, h, w, c = x.shape
        rows, columns = (h - k) // s + 1, (w - k) // s + 1
        a, b, d, e = x.strides
        shape, strides = (n, rows, columns, k, k, c), (a, b * s, d * s, b, d, e)
        view = np.lib.stride_tricks.as_strided(x, shape, strides, writeable=False)
        self.shape = x.shape
        return view.mean(axis=(3, 4))

    def backward(self, dout):
        k, s = self.pool_size, self.strides
        dx = np.zeros(self.shape, dout.dtype)
        n, rows, columns, c = dout.shape
        g = np.ogrid[:n, :rows, :columns, :k, :k, :c]
        np.add.at(
            dx, (g[0], g[1] * s + g[3], g[2] * s + g[4], g[5]), dout[:, :, :, None, None] / k**2
        )
        return dx


class MaxPool2D:
    """Max pooling of NHWC images.

    Style: channels last, windows that tile or overlap, and the winner's index by np.lexsort.
    """

    SEEN: ClassVar[int] = 0

    def __init__(self, pool_size=2, strides=2):
        self.pool_size, self.strides = pool_size, strides

    def forward(self, x):
        """x: (N, H, W, C)."""
        k, s = self.pool_size, self.strides
        slide = np.lib.stride_tricks.sliding_window_view
        view = slide(x, (k, k), axis=(1, 2))[:, ::s, ::s]  # (N, OH, OW, C, k, k)
        flat = view.reshape(*view.shape[:4], k * k)
        places = np.broadcast_to(-np.arange(k * k), flat.shape)
        self.first = np.lexsort((places, flat), axis=-1)[..., -1]
        self.shape = x.shape
        return np.take_along_axis(flat, self.first[..., None], axis=-1)[..., 0]

    def backward(self, dout):
        k, s = self.pool_size, self.strides
        dx = np.zeros(self.shape, dout.dtype)
        u, v = np.divmod(self.first, k)
        n, i, j, c = np.indices(dout.shape)
        np.add.at(dx, (n, i * s + u, j * s + v, c), dout)
        return dx


class Conv2DTranspose:
    """Transposed convolution of NCHW images, weights (C, F, K, K).

    Style: each pixel stamps its multiple of the kernel, one after the other.
    """

    def __init__(self, in_channels, out_channels, kernel_size, stride=1, padding=0):
        self.W = np.random.randn(in_channels, out_channels, kernel_size, kernel_size)
        self.b = np.zeros(out_channels)
        self.stride, self.padding = stride, padding

    def forward(self, x):
        n, c, h, w = x.shape
        s, p, k = self.stride, self.padding, self.W.shape[2]
        whole = np.zeros((n, self.W.shape[1], (h - 1) * s + k, (w - 1) * s + k), x.dtype)
        for i, j in np.ndindex(h, w):
            stamp = np.tensordot(x[:, :, i, j], self.W, axes=1)
            whole[:, :, i * s : i * s + k, j * s : j * s + k] += stamp
        self.x = x
        out = whole[:, :, p : whole.shape[2] - p, p : whole.shape[3] - p]
        return out + self.b.reshape(-1, 1, 1)

    def backward(self, dout):
        s, p, k = self.stride, self.padding, self.W.shape[2]
        whole = np.pad(dout, ((0, 0), (0, 0), (p, p), (p, p)))
        dx, self.dW = np.empty_like(self.x), np.zeros_like(self.W)
        self.db = dout.sum((0, 2, 3))
        for i, j in np.ndindex(*self.x.shape[2:]):
            part = whole[:, :, i * s : i * s + k, j * s : j * s + k]
            dx[:, :, i, j] = np.tensordot(part, self.W, axes=([1, 2, 3], [1, 2, 3]))
            self.dW += np.tensordot(self.x[:, :, i, j], part, axes=([0], [0]))
        return dx


class LayerNorm:
    """Layer normalization over the last axis, by a Helmert-like basis.

    Style: an orthogonal basis whose first vector is constant; the mean is one coordinate of it.
    """

    def __init__(self, normalized_shape, eps=1e-5):
        self.gamma, self.beta = np.ones(normalized_shape), np.zeros(normalized_shape)
        self.eps = eps

    def forward(self, x):
        D = x.shape[-1]
        start = np.eye(D)
        start[:, 0] = 1
        basis = np.linalg.qr(start)[0][:, 1:].astype(x.dtype)  # orthogonal to the constant vector
        inner = (x - x[..., :1]) @ basis
        power = np.square(inner).sum(axis=-1, keepdims=True) / D
        self.inv = 1 / np.sqrt(power + self.eps)
        self.xhat = inner @ basis.T * self.inv
        self.basis = basis
        return self.xhat * self.gamma + self.beta

    def backward(self, dout):
        d = dout * self.gamma
        level = d @ self.basis @ self.basis.T
        dx = (level - self.xhat * (d * self.xhat).mean(axis=-1, keepdims=True)) * self.inv
        rows = tuple(range(dout.ndim - 1))
        self.dgamma, self.dbeta = (dout * self.xhat).sum(axis=rows), dout.sum(axis=rows)
        return dx
