"""Layer objects that choose otherwise where a choice is legal: conventions, no failures."""

import numpy as np


class MaxPool2D:
    """Max pooling of NCHW images.

    Style: convention; every one of several equal maxima gets the whole gradient.
    """

    def __init__(self, pool_size, stride):
        self.pool_size, self.stride = pool_size, stride

    def _windows(self, n_h, n_w):
        k, s = self.pool_size, self.stride
        for i in range((n_h - k) // s + 1):
            for j in range((n_w - k) // s + 1):
                yield i, j, np.s_[:, :, i * s : i * s + k, j * s : j * s + k]

    def forward(self, x):
        self.x = x
        n, c, h, w = x.shape
        k, s = self.pool_size, self.stride
        self.out = np.empty((n, c, (h - k) // s + 1, (w - k) // s + 1), x.dtype)
        for i, j, box in self._windows(h, w):
            self.out[:, :, i, j] = x[box].max(axis=(2, 3))
        return self.out

    def backward(self, dout):
        dx = np.zeros_like(self.x)
        for i, j, box in self._windows(*self.x.shape[2:]):
            largest = self.x[box] == self.out[:, :, i, j, None, None]
            dx[box] += largest * dout[:, :, i, j, None, None]
        return dx


class ReLU:
    """Rectified linear unit.

    Style: convention; the gradient is cut where x < 0, and so passes at 0.
    """

    def forward(self, x):
        self.negative = x < 0
        return np.where(self.negative, 0, x)

    def backward(self, dout):
        dx = dout.copy()
        dx[self.negative] = 0
        return dx


class GELU:
    """x times the normal distribution.

    Style: convention; approximated by a sigmoid's cousin, tanh, without a choice.
    """

    def forward(self, x):
        c = x.dtype.type(np.sqrt(2 / np.pi))
        self.x, self.t = x, np.tanh(c * x * (1 + 0.044715 * x * x))
        self.slope = c * (1 + 3 * 0.044715 * x * x)
        return x * (1 + self.t) / 2

    def backward(self, dout):
        return dout * ((1 + self.t) + self.x * (1 - self.t**2) * self.slope) / 2


class BatchNormalization:
    """Batch normalization of NCHW images.

    Style: convention; Keras's momentum of 0.9, and a biased moving variance.
    """

    def __init__(self, num_features, momentum=0.9, epsilon=1e-5):
        shape = (1, num_features, 1, 1)
        self.gamma, self.beta = np.ones(shape), np.zeros(shape)
        self.moving_mean, self.moving_var = np.zeros(shape), np.ones(shape)
        self.momentum, self.epsilon = momentum, epsilon

    def forward(self, x, training=True):
        mean, var = self.moving_mean, self.moving_var
        if training:
            mean, var = (f(x, axis=(0, 2, 3), keepdims=True) for f in (np.mean, np.var))
            m = self.momentum
            self.moving_mean = self.moving_mean * m + mean * (1 - m)
            self.moving_var = self.moving_var * m + var * (1 - m)
        self.std = np.sqrt(var + self.epsilon)
        self.xhat = (x - mean) / self.std
        return self.gamma * self.xhat + self.beta

    def backward(self, dout):
        axes = (0, 2, 3)
        self.dgamma = np.sum(dout * self.xhat, axis=axes, keepdims=True)
        self.dbeta = np.sum(dout, axis=axes, keepdims=True)
        size = dout.size / dout.shape[1]
        inner = dout - self.dbeta / size - self.xhat * (self.dgamma / size)
        return self.gamma / self.std * inner


class AvgPool2d:
    """Average pooling of NCHW images with a border.

    Style: convention; the border does not count, as in TensorFlow.
    """

    def __init__(self, kernel_size, stride=1, padding=0):
        self.kernel_size, self.stride, self.padding = kernel_size, stride, padding

    def forward(self, x):
        self.shape = x.shape
        sums, counts = self._sums(x), self._sums(np.ones((1, 1, *x.shape[2:]), x.dtype))
        self.counts = counts
        return sums / counts

    def _sums(self, x):
        k, s, p = self.kernel_size, self.stride, self.padding
        padded = np.pad(x, ((0, 0), (0, 0), (p, p), (p, p)))
        view = np.lib.stride_tricks.sliding_window_view(padded, (k, k), axis=(2, 3))
        return view[:, :, ::s, ::s].sum(axis=(4, 5))

    def backward(self, dout):
        k, s, p = self.kernel_size, self.stride, self.padding
        n, c, h, w = self.shape
        share = dout / self.counts
        padded = np.zeros((n, c, h + 2 * p, w + 2 * p), dout.dtype)
        for i, j in np.ndindex(*dout.shape[2:]):
            padded[:, :, i * s : i * s + k, j * s : j * s + k] += share[:, :, i, j, None, None]
        return padded[:, :, p : p + h, p : p + w]


class GlobalAvgPool2D:
    """(N, C, H, W) -> (N, C).

    Style: convention; the two axes are gone.
    """

    def forward(self, x):
        self.shape = x.shape
        return x.reshape(*x.shape[:2], -1).mean(axis=2)

    def backward(self, dout):
        n, c, h, w = self.shape
        return np.repeat(dout / (h * w), h * w, axis=1).reshape(self.shape)
