"""Layer objects for NHWC images, filters (KH, KW, C, F), as in TensorFlow."""

import numpy as np

DATA_FORMAT = "NHWC"


class Layer:
    def __call__(self, x):
        return self.forward(x)


class Conv2D(Layer):
    def __init__(self, in_channels, filters, kernel_size, strides=(1, 1), use_bias=True):
        self.kernel_size = self.pair(kernel_size)
        self.strides = self.pair(strides)
        self.kernel = np.random.normal(size=(*self.kernel_size, in_channels, filters))
        self.bias = np.zeros(filters) if use_bias else None

    @staticmethod
    def pair(value):
        return (value, value) if isinstance(value, int) else tuple(value)

    def forward(self, x):
        self.x = x
        (sh, sw), (kh, kw) = self.strides, self.kernel_size
        oh, ow = (x.shape[1] - kh) // sh + 1, (x.shape[2] - kw) // sw + 1
        out = np.zeros((len(x), oh, ow, self.kernel.shape[3]), x.dtype)
        for i in range(oh):
            for j in range(ow):
                patch = x[:, i * sh : i * sh + kh, j * sw : j * sw + kw]
                out[:, i, j] = np.tensordot(patch, self.kernel, 3)
        return out if self.bias is None else out + self.bias

    def backward(self, dout):
        (sh, sw), (kh, kw) = self.strides, self.kernel_size
        dx, dkernel = np.zeros_like(self.x), np.zeros_like(self.kernel)
        for i in range(dout.shape[1]):
            for j in range(dout.shape[2]):
                at = (slice(None), slice(i * sh, i * sh + kh), slice(j * sw, j * sw + kw))
                dkernel += np.tensordot(self.x[at], dout[:, i, j], (0, 0))
                dx[at] += np.tensordot(dout[:, i, j], self.kernel, (1, 3))
        return dx, dkernel, dout.sum(axis=(0, 1, 2))


class MaxPooling2D(Layer):
    def __init__(self, pool_size=(2, 2), strides=None):
        self.pool_size = pool_size if isinstance(pool_size, tuple) else (pool_size, pool_size)
        strides = self.pool_size if strides is None else strides
        self.strides = strides if isinstance(strides, tuple) else (strides, strides)

    def forward(self, x):
        self.x = x
        (kh, kw), (sh, sw) = self.pool_size, self.strides
        n, h, w, c = x.shape
        out = np.empty((n, (h - kh) // sh + 1, (w - kw) // sw + 1, c), x.dtype)
        for i, j in np.ndindex(*out.shape[1:3]):
            patch = x[:, i * sh : i * sh + kh, j * sw : j * sw + kw]
            out[:, i, j] = patch.max(axis=(1, 2))
        return out

    def backward(self, dout):
        (kh, kw), (sh, sw) = self.pool_size, self.strides
        dx = np.zeros_like(self.x)
        for (n, i, j, c), g in np.ndenumerate(dout):
            patch = self.x[n, i * sh : i * sh + kh, j * sw : j * sw + kw, c]
            u, v = np.unravel_index(patch.argmax(), patch.shape)
            dx[n, i * sh + u, j * sw + v, c] += g
        return dx
