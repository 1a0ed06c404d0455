"""Classes that are put together in unusual ways: mixins, late methods, calls, static functions."""

import numpy as np
from helper_mixins import Elementwise, Weighted


class Sigmoid(Elementwise):
    """Logistic function.

    Style: signature; forward and backward are a mixin's, in another file.
    """

    def value(self, x):
        return np.exp(-np.logaddexp(0, -x))

    def slope(self, x, y):
        return y * (1 - y)


class Dense(Weighted):
    """x W + b, weights (in, out).

    Style: signature; W and b are made and their gradients kept by a mixin in another file.
    """

    def __init__(self, in_features, out_features):
        self.make(in_features, out_features)

    def forward(self, x):
        self.x = x
        return x @ self.W + self.b

    def backward(self, dout):
        self.keep(self.x.T @ dout, dout.sum(axis=0))
        return dout @ self.W.T


class Conv2D:
    """Convolution of NCHW images, weights (F, C, KH, KW).

    Style: signature; the methods are functions assigned after the class, as notebooks have it.
    """

    def __init__(self, in_channels, out_channels, kernel_size, stride=1, padding=0):
        self.weights = np.random.randn(out_channels, in_channels, kernel_size, kernel_size)
        self.bias = np.zeros(out_channels)
        self.stride, self.padding = stride, padding


def _conv_forward(self, x):
    p, s, k = self.padding, self.stride, self.weights.shape[2]
    self.padded = np.pad(x, ((0, 0), (0, 0), (p, p), (p, p)))
    view = np.lib.stride_tricks.sliding_window_view(self.padded, (k, k), axis=(2, 3))
    self.view = view[:, :, ::s, ::s]
    return np.einsum("ncijuv,fcuv->nfij", self.view, self.weights) + self.bias[:, None, None]


def _conv_backward(self, dout):
    p, s, k = self.padding, self.stride, self.weights.shape[2]
    self.d_weights = np.einsum("nfij,ncijuv->fcuv", dout, self.view)
    self.d_bias = dout.sum(axis=(0, 2, 3))
    dpadded = np.zeros_like(self.padded)
    for i, j in np.ndindex(*dout.shape[2:]):
        share = np.tensordot(dout[:, :, i, j], self.weights, axes=1)
        dpadded[:, :, i * s : i * s + k, j * s : j * s + k] += share
    return dpadded[:, :, p : dpadded.shape[2] - p, p : dpadded.shape[3] - p]


Conv2D.forward = _conv_forward
Conv2D.backward = _conv_backward


class ReLU:
    """Rectified linear unit.

    Style: signature; only __call__, which gives the output and a function for the gradient.
    """

    def __call__(self, x):
        return np.maximum(x, 0), lambda dout: np.where(x > 0, dout, 0)


class Tanh:
    """Hyperbolic tangent.

    Style: signature; static methods with a ctx, as torch.autograd.Function has them.
    """

    @staticmethod
    def forward(ctx, x):
        ctx.saved = np.tanh(x)
        return ctx.saved

    @staticmethod
    def backward(ctx, dout):
        return dout * (1 - ctx.saved**2)


class LayerNorm:
    """Layer normalization over the last axis.

    Style: signature; forward returns out and cache, backward takes both dout and that cache.
    """

    def __init__(self, dim, eps=1e-5):
        self.gamma, self.beta, self.eps = np.ones(dim), np.zeros(dim), eps

    def forward(self, x):
        centered = x - x.mean(axis=-1, keepdims=True)
        std = np.sqrt((centered**2).mean(axis=-1, keepdims=True) + self.eps)
        return self.gamma * centered / std + self.beta, (centered / std, std)

    def backward(self, dout, cache):
        hat, std = cache
        d = dout * self.gamma
        tilt = (d * hat).mean(axis=-1, keepdims=True)
        dx = (d - d.mean(axis=-1, keepdims=True) - hat * tilt) / std
        leading = tuple(range(dout.ndim - 1))
        return dx, (dout * hat).sum(axis=leading), dout.sum(axis=leading)


class MaxPool2D:
    """Max pooling of NHWC images.

    Style: signature; a dict of hyperparameters for the constructor.
    """

    def __init__(self, hparameters):
        self.f, self.stride = hparameters["f"], hparameters["stride"]

    def forward(self, x):
        view = np.lib.stride_tricks.sliding_window_view(x, (self.f, self.f), axis=(1, 2))
        view = view[:, :: self.stride, :: self.stride]
        flat = view.reshape(*view.shape[:4], -1)
        self.first, self.shape = flat.argmax(axis=-1), x.shape
        return flat.max(axis=-1)

    def backward(self, dout):
        dx = np.zeros(self.shape, dout.dtype)
        n, i, j, c = np.indices(dout.shape)
        u, v = np.divmod(self.first, self.f)
        np.add.at(dx, (n, i * self.stride + u, j * self.stride + v, c), dout)
        return dx


class SoftmaxCrossEntropy:
    """Mean cross entropy of scores and one-hot rows.

    Style: signature; labels are one-hot, and come before the scores.
    """

    def forward(self, one_hot, logits):
        self.one_hot = one_hot
        self.logs = logits - np.logaddexp.reduce(logits, axis=1, keepdims=True)
        return -(one_hot * self.logs).sum() / len(one_hot)

    def backward(self):
        return (np.exp(self.logs) - self.one_hot) / len(self.one_hot)


class Dropout:
    """Inverted dropout; p is the probability to drop.

    Style: signature; the generator is an argument of forward.
    """

    def __init__(self, p=0.5):
        self.p = p

    def forward(self, x, generator, training=True):
        self.factor = np.ones_like(x)
        if training:
            self.factor = (generator.random(x.shape) >= self.p).astype(x.dtype) / (1 - self.p)
        return x * self.factor

    def backward(self, dout):
        return dout * self.factor
