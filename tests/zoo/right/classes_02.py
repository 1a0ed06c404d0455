# ruff: noqa: B905
"""Layer objects, second lot: parameter boxes, slots, properties, a shared base class."""

import math

import numpy as np


class Parameter:
    """An array and its gradient; no layer."""

    def __init__(self, data):
        self.data = data
        self.grad = None


class Module:
    """Calls forward, keeps a tape of what backward needs, and plays it back."""

    def __init__(self):
        self.tape = []

    def __call__(self, *arguments):
        return self.forward(*arguments)

    def remember(self, *things):
        self.tape = list(things)


class Linear(Module):
    """x W + b, weights (in, out).

    Style: weights are boxes with data and grad; a bias of None is left out.
    """

    def __init__(self, in_features, out_features, bias=True):
        super().__init__()
        self.weight = Parameter(np.random.randn(in_features, out_features))
        self.bias = Parameter(np.zeros(out_features)) if bias else None

    def forward(self, x):
        self.remember(x)
        out = np.einsum("nd,dm->nm", x, self.weight.data)
        return out if self.bias is None else out + self.bias.data

    def backward(self, dout):
        (x,) = self.tape
        self.weight.grad = np.einsum("nd,nm->dm", x, dout)
        if self.bias is not None:
            self.bias.grad = np.einsum("nm->m", dout)
        return np.einsum("nm,dm->nd", dout, self.weight.data)


class Conv2d(Module):
    """Convolution of NCHW images, weights (F, C, KH, KW).

    Style: products of polynomials: each row of the image with each row of the kernel, np.convolve.
    """

    def __init__(self, in_channels, out_channels, kernel_size, stride=1, padding=0):
        super().__init__()
        kh, kw = (kernel_size, kernel_size) if isinstance(kernel_size, int) else kernel_size
        self.weight = Parameter(np.random.randn(out_channels, in_channels, kh, kw))
        self.bias = Parameter(np.zeros(out_channels))
        self.stride, self.padding = stride, padding

    def forward(self, x):
        n, c, h, w = x.shape
        p, s, W = self.padding, self.stride, self.weight.data
        padded = np.zeros((n, c, h + 2 * p, w + 2 * p), x.dtype)
        padded[:, :, p : p + h, p : p + w] = x
        self.remember(padded, (h, w))
        kh, kw = W.shape[2:]
        full = np.zeros((n, len(W), h + 2 * p - kh + 1, w + 2 * p - kw + 1), x.dtype)
        for a, f, k, u in np.ndindex(n, len(W), c, kh):
            for i in range(full.shape[2]):
                full[a, f, i] += np.convolve(padded[a, k, i + u], W[f, k, u, ::-1], "valid")
        return full[:, :, ::s, ::s] + self.bias.data[:, None, None]

    def backward(self, dout):
        padded, (h, w) = self.tape
        p, s, W = self.padding, self.stride, self.weight.data
        kh, kw = W.shape[2:]
        n, c, tall, wide = padded.shape
        spread = np.zeros((n, len(W), tall - kh + 1, wide - kw + 1), dout.dtype)
        spread[:, :, ::s, ::s] = dout
        dpadded, dW = np.zeros_like(padded), np.zeros_like(W)
        for a, f, k, u in np.ndindex(n, len(W), c, kh):
            for i, row in enumerate(spread[a, f]):
                dpadded[a, k, i + u] += np.convolve(row, W[f, k, u], "full")
                dW[f, k, u] += np.convolve(padded[a, k, i + u], row[::-1], "valid")
        self.weight.grad = dW
        self.bias.grad = dout.sum(axis=(0, 2, 3))
        return dpadded[:, :, p : p + h, p : p + w]


class GroupNorm(Module):
    """Group normalization of NCHW images.

    Style: mean and mean square deviation by np.add.reduce over a reshaped view, with keepdims.
    """

    def __init__(self, num_groups, num_channels, eps=1e-5):
        super().__init__()
        self.num_groups, self.eps = num_groups, eps
        self.gamma, self.beta = np.ones((1, num_channels, 1, 1)), np.zeros((1, num_channels, 1, 1))

    def mean(self, x):
        view = x.reshape(len(x), self.num_groups, -1)
        each = np.add.reduce(view, axis=2, keepdims=True) / view.shape[2]
        return np.broadcast_to(each, view.shape).reshape(x.shape)

    def forward(self, x):
        centered = x - self.mean(x)
        std = np.sqrt(self.mean(centered**2) + self.eps)
        self.remember(centered / std, std)
        return self.gamma * self.tape[0] + self.beta

    def backward(self, dout):
        xhat, std = self.tape
        d = dout * self.gamma
        self.dgamma = (dout * xhat).sum(axis=(0, 2, 3), keepdims=True)
        self.dbeta = dout.sum(axis=(0, 2, 3), keepdims=True)
        return (d - self.mean(d) - xhat * self.mean(d * xhat)) / std


class InstanceNorm2d(Module):
    """Instance normalization of NCHW images.

    Style: statistics as Python floats in a loop, returned arrays collected in lists.
    """

    def __init__(self, num_features, eps=1e-5):
        super().__init__()
        self.gamma, self.beta, self.eps = np.ones(num_features), np.zeros(num_features), eps

    def forward(self, x):
        kept = []
        for image in x.reshape(-1, *x.shape[2:]):
            mean = float(image.mean())
            std = math.sqrt(float(((image - mean) ** 2).mean()) + self.eps)
            kept.append(((image - mean) / std, std))
        hats, stds = zip(*kept)
        self.remember(np.array(hats).reshape(x.shape), stds)
        return self.gamma[:, None, None] * self.tape[0] + self.beta[:, None, None]

    def backward(self, dout):
        hats, stds = self.tape
        self.dgamma, self.dbeta = (dout * hats).sum((0, 2, 3)), dout.sum((0, 2, 3))
        scaled = dout * self.gamma[:, None, None]
        pairs = zip(scaled.reshape(-1, *dout.shape[2:]), hats.reshape(-1, *dout.shape[2:]), stds)
        parts = [(d - d.mean() - h * (d * h).mean()) / std for d, h, std in pairs]
        return np.array(parts, dtype=dout.dtype).reshape(dout.shape)


class LeakyReLU(Module):
    """Leaky rectified linear unit.

    Style: the slope of each number is computed once and multiplies both ways.
    """

    def __init__(self, alpha=0.01):
        super().__init__()
        self.alpha = alpha

    def forward(self, x):
        self.remember(np.where(x > 0, x.dtype.type(1), x.dtype.type(self.alpha)))
        return self.tape[0] * x

    def backward(self, dout):
        return self.tape[0] * dout


class Tanh:
    """Hyperbolic tangent.

    Style: twice the logistic function of 2x, minus 1; __slots__ instead of a dict.
    """

    __slots__ = ("out",)

    def forward(self, x):
        self.out = 2 / (1 + np.exp(-2 * np.abs(x))) - 1
        self.out = np.copysign(self.out, x)
        return self.out

    def backward(self, dout):
        return dout * (1 - np.square(self.out))


class GELU:
    """x times the normal distribution, exact.

    Style: math.erf in a list comprehension over the flat numbers.
    """

    def forward(self, x):
        share = [0.5 * (1 + math.erf(v / math.sqrt(2))) for v in x.ravel().tolist()]
        self.x, self.share = x, np.array(share, dtype=x.dtype).reshape(x.shape)
        return self.share * x

    def backward(self, dout):
        x = self.x
        return dout * (self.share + x * np.exp(-x * x / 2) / math.sqrt(2 * math.pi))


class GlobalAvgPool2d:
    """(N, C, H, W) -> (N, C, 1, 1).

    Style: np.average with uniform weights; a property tells how many pixels there were.
    """

    def forward(self, x):
        self.shape = x.shape
        weights = np.ones(x.shape[2:], x.dtype)
        return np.average(x, axis=(2, 3), weights=weights)[..., None, None].astype(x.dtype)

    @property
    def pixels(self):
        return self.shape[2] * self.shape[3]

    def backward(self, dout):
        return np.tile(dout / self.pixels, (1, 1, *self.shape[2:]))


class Softmax:
    """Softmax over the last axis.

    Style: float64 inside, and the Jacobian applied by np.vectorize with a signature.
    """

    def forward(self, x):
        wide = np.exp(x.astype(np.float64) - x.max(axis=-1, keepdims=True))
        self.shares = wide / wide.sum(axis=-1, keepdims=True)
        return self.shares.astype(x.dtype)

    @staticmethod
    def _one(shares, d):
        return (np.diag(shares) - np.outer(shares, shares)) @ d

    def backward(self, dout):
        each = np.vectorize(self._one, signature="(c),(c)->(c)")
        return each(self.shares, dout).astype(dout.dtype)


class LogSoftmax:
    """Logarithm of softmax over the last axis.

    Style: the largest score is added back to the logarithm, which is kept with the scores.
    """

    def forward(self, x):
        top = x.max(-1)
        self.out = x - (top + np.log(np.exp(x - top[..., None]).sum(-1)))[..., None]
        return self.out

    def backward(self, dout):
        return dout - np.exp(self.out) * np.einsum("...c->...", dout)[..., None]


class MaxPool2d:
    """Max pooling of NCHW images; the border is -inf.

    Style: pixels come in row-major order, and each replaces a window's best only if larger.
    """

    def __init__(self, kernel_size, stride=None, padding=0):
        self.kernel_size = kernel_size
        self.stride = kernel_size if stride is None else stride
        self.padding = padding

    def forward(self, x):
        k, s, p = self.kernel_size, self.stride, self.padding
        n, c, h, w = x.shape
        rows, columns = (h + 2 * p - k) // s + 1, (w + 2 * p - k) // s + 1
        best = np.full((n, c, rows, columns), -np.inf, x.dtype)
        self.place = np.full((n, c, rows, columns), -1)
        self.shape = x.shape
        for a, b in np.ndindex(h, w):
            for i in range(rows):
                for j in range(columns):
                    if 0 <= a + p - i * s < k and 0 <= b + p - j * s < k:
                        new = x[:, :, a, b]
                        better = (new > best[:, :, i, j]) | (self.place[:, :, i, j] < 0)
                        best[:, :, i, j] = np.where(better, new, best[:, :, i, j])
                        self.place[:, :, i, j] = np.where(better, a * w + b, self.place[:, :, i, j])
        return best

    def backward(self, dout):
        n, c, h, w = self.shape
        flat = np.zeros((n, c, h * w), dout.dtype)
        for i, j in np.ndindex(*dout.shape[2:]):
            place = self.place[:, :, i, j, None]
            old = np.take_along_axis(flat, place, axis=2)
            np.put_along_axis(flat, place, old + dout[:, :, i, j, None], axis=2)
        return flat.reshape(self.shape)


class Dropout:
    """Inverted dropout; keep_prob is the probability to keep.

    Style: a RandomState of the object draws, and train() and eval() switch.
    """

    def __init__(self, keep_prob=0.5):
        self.keep_prob = keep_prob
        self.source = np.random.RandomState(7)
        self.active = True

    def train(self):
        self.active = True

    def eval(self):
        self.active = False

    def forward(self, x):
        self.mask = np.ones_like(x)
        if self.active:
            kept = self.source.uniform(size=x.shape) < self.keep_prob
            self.mask = kept / x.dtype.type(self.keep_prob or 1)
        return x * self.mask

    def backward(self, dout):
        return dout * self.mask
