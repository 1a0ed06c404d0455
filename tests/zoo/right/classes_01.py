# ruff: noqa: B905, PLW2901
"""Layer objects, first lot: NHWC images, gradients in dicts, masks in lists, lazy weights."""

import numpy as np


class Conv2D:
    """Convolution of NHWC images.

    Style: weights are (KH, KW, C, F) and images NHWC; a tap is one product over the last axis.
    """

    def __init__(self, in_channels, out_channels, kernel_size, stride=1, padding=0):
        k = (kernel_size,) * 2 if isinstance(kernel_size, int) else kernel_size
        self.stride, self.padding = stride, padding
        self.params = {
            "W": np.random.randn(*k, in_channels, out_channels) * 0.1,
            "b": np.zeros(out_channels),
        }
        self.grads = {}

    def _taps(self, padded, rows, columns):
        s = self.stride
        for u, v in np.ndindex(*self.params["W"].shape[:2]):
            yield u, v, padded[:, u : u + s * (rows - 1) + 1 : s, v : v + s * (columns - 1) + 1 : s]

    def forward(self, x):
        W, b, p, s = self.params["W"], self.params["b"], self.padding, self.stride
        self.x_shape = x.shape
        self.padded = np.pad(x, ((0, 0), (p, p), (p, p), (0, 0)))
        rows = (self.padded.shape[1] - W.shape[0]) // s + 1
        columns = (self.padded.shape[2] - W.shape[1]) // s + 1
        out = np.zeros((len(x), rows, columns, W.shape[3]), x.dtype)
        for u, v, seen in self._taps(self.padded, rows, columns):
            out += seen @ W[u, v]
        return out + b

    def backward(self, dout):
        W, p = self.params["W"], self.padding
        dpadded, dW = np.zeros_like(self.padded), np.zeros_like(W)
        rows, columns = dout.shape[1:3]
        for u, v, seen in self._taps(self.padded, rows, columns):
            dW[u, v] = np.tensordot(seen, dout, axes=([0, 1, 2], [0, 1, 2]))
        for u, v, place in self._taps(dpadded, rows, columns):
            place += dout @ W[u, v].T
        self.grads["W"], self.grads["b"] = dW, dout.sum(axis=(0, 1, 2))
        return dpadded[:, p : p + self.x_shape[1], p : p + self.x_shape[2]]


class Dense:
    """Fully connected layer, weights (out, in).

    Style: everything is computed on the transpose, and the gradients are attributes dW and db.
    """

    def __init__(self, in_features, out_features):
        self.W = np.random.randn(out_features, in_features)
        self.b = np.zeros((out_features, 1))
        self.dW = self.db = None

    def forward(self, x):
        self.columns = x.T
        return (self.W @ self.columns + self.b).T

    def backward(self, dout):
        self.dW = dout.T @ self.columns.T
        self.db = dout.T.sum(axis=1, keepdims=True)
        return (self.W.T @ dout.T).T


class BatchNorm2d:
    """Batch normalization of NCHW images, as torch's.

    Style: running statistics are multiplied and added to in place; xhat is computed twice.
    """

    def __init__(self, num_features, eps=1e-5, momentum=0.1):
        self.gamma, self.beta = np.ones(num_features), np.zeros(num_features)
        self.running_mean, self.running_var = np.zeros(num_features), np.ones(num_features)
        self.eps, self.momentum, self.training = eps, momentum, True

    def forward(self, x):
        self.x = x
        self.mean, self.var = self.running_mean, self.running_var
        if self.training:
            n = x.size / x.shape[1]
            self.mean, self.var = x.mean((0, 2, 3)), x.var((0, 2, 3))
            for running, new in (
                (self.running_mean, self.mean),
                (self.running_var, self.var * (n / (n - 1))),
            ):
                running *= 1 - self.momentum
                running += self.momentum * new
        return self._xhat() * self._c(self.gamma) + self._c(self.beta)

    def backward(self, dout):
        xhat, axes = self._xhat(), (0, 2, 3)
        self.dgamma, self.dbeta = (dout * xhat).sum(axes), dout.sum(axes)
        n = dout.size // dout.shape[1]
        inner = n * dout - self._c(self.dbeta) - xhat * self._c(self.dgamma)
        return inner * self._c(self.gamma / np.sqrt(self.var + self.eps)) / n

    def _xhat(self):
        return (self.x - self._c(self.mean)) / self._c(np.sqrt(self.var + self.eps))

    @staticmethod
    def _c(vector):
        return vector[None, :, None, None]


class LayerNorm:
    """Layer normalization over the last axis.

    Style: statistics by matrix products with a vector of equal shares; returns three gradients.
    """

    def __init__(self, dim, eps=1e-5):
        self.gamma, self.beta, self.eps = np.ones(dim), np.zeros(dim), eps

    def forward(self, x):
        self.share = np.full((x.shape[-1], 1), 1 / x.shape[-1], x.dtype)
        centered = x - x @ self.share
        self.inv = 1 / np.sqrt((centered * centered) @ self.share + self.eps)
        self.xhat = centered * self.inv
        return self.xhat * self.gamma + self.beta

    def backward(self, dout):
        d = dout * self.gamma
        dx = (d - d @ self.share - self.xhat * ((d * self.xhat) @ self.share)) * self.inv
        leading = tuple(range(dout.ndim - 1))
        return dx, (dout * self.xhat).sum(leading), dout.sum(leading)


class MaxPool2D:
    """Max pooling of NCHW images.

    Style: a list of (slices, slices, one-hot mask) is the memory, one entry for each window.
    """

    def __init__(self, pool_size, stride):
        self.pool_size, self.stride = pool_size, stride

    def forward(self, x):
        k, s = self.pool_size, self.stride
        n, c, h, w = x.shape
        self.shape, self.memory, rows = x.shape, [], []
        for top in range(0, h - k + 1, s):
            rows.append([])
            for left in range(0, w - k + 1, s):
                box = (slice(None), slice(None), slice(top, top + k), slice(left, left + k))
                flat = x[box].reshape(n, c, k * k)
                mask = np.arange(k * k) == flat.argmax(axis=2)[..., None]
                self.memory.append((box, mask.reshape(n, c, k, k)))
                rows[-1].append(flat.max(axis=2))
        return np.array(rows).transpose(2, 3, 0, 1)

    def backward(self, dout):
        dx = np.zeros(self.shape, dout.dtype)
        numbers = dout.reshape(*dout.shape[:2], -1).transpose(2, 0, 1)
        for (box, mask), number in zip(self.memory, numbers):
            dx[box] += mask * number[:, :, None, None]
        return dx


class AvgPool2D:
    """Average pooling of NCHW images.

    Style: cumulative sums along one axis and then the other, in the arithmetic that x has.
    """

    def __init__(self, kernel_size, stride):
        self.kernel_size, self.stride = kernel_size, stride

    def forward(self, x):
        self.shape = x.shape
        for axis in (2, 3):
            x = self._sums(x, axis)
        return x / self.kernel_size**2

    def _sums(self, x, axis):
        x = np.moveaxis(x, axis, 0)
        sums = np.concatenate([np.zeros_like(x[:1]), x.cumsum(axis=0)])
        return np.moveaxis(
            (sums[self.kernel_size :] - sums[: -self.kernel_size])[:: self.stride], 0, axis
        )

    def backward(self, dout):
        d = dout / self.kernel_size**2
        for axis in (2, 3):
            d = np.moveaxis(d, axis, 0)
            whole = np.zeros((self.shape[axis], *d.shape[1:]), d.dtype)
            for u in range(self.kernel_size):
                whole[u : u + self.stride * (len(d) - 1) + 1 : self.stride] += d
            d = np.moveaxis(whole, 0, axis)
        return d


class ReLU:
    """Rectified linear unit.

    Style: the output itself tells where it was on; nothing else is kept.
    """

    def forward(self, x):
        self.out = np.fmax(x, 0)
        return self.out

    def backward(self, dout):
        return np.where(self.out != 0, dout, 0)


class Sigmoid:
    """Logistic function.

    Style: both formulas, each where it is stable, written into one array by masks.
    """

    def forward(self, x):
        self.out = np.empty_like(x)
        plus = x >= 0
        self.out[plus] = 1 / (1 + np.exp(-x[plus]))
        power = np.exp(x[~plus])
        self.out[~plus] = power / (1 + power)
        return self.out

    def backward(self, dout):
        return self.out * (1 - self.out) * dout


class Dropout:
    """Inverted dropout; p is the probability to drop.

    Style: np.random.random_sample, and a mask of the dropped instead of the kept ones.
    """

    def __init__(self, p=0.5):
        self.p = p

    def forward(self, x, training=True):
        self.dropped = np.zeros(x.shape, bool)
        self.scale = 1.0
        if training:
            self.dropped = np.random.random_sample(x.shape) < self.p
            self.scale = 1 / (1 - self.p) if self.p < 1 else 0.0
        return self._apply(x)

    def _apply(self, x):
        out = x * self.scale
        out[self.dropped] = 0
        return out

    def backward(self, dout):
        return self._apply(dout)


class SoftmaxCrossEntropy:
    """Mean cross entropy of scores (N, C) and labels (N,).

    Style: the gradient is ready after forward; backward scales it with dout, 1 if left out.
    """

    def forward(self, x, y):
        log_total = np.logaddexp.reduce(x, axis=1, keepdims=True)
        self.dx = np.exp(x - log_total)
        self.dx[np.arange(len(y)), y] -= 1
        self.dx /= len(y)
        return (log_total[:, 0] - x[np.arange(len(y)), y]).mean()

    def backward(self, dout=1.0):
        return (self.dx * dout).astype(self.dx.dtype)


class Flatten:
    """(N, ...) -> (N, D).

    Style: a copy by ravel and another shape assigned to it.
    """

    def forward(self, x):
        self.shape = x.shape
        out = x.ravel().copy()
        return out.reshape(len(x), -1)

    def backward(self, dout):
        return np.array(dout).reshape(self.shape)
