"""Zoo of wrong functions, classes 3: limits, defaults and leftovers of a row. Images are NCHW."""

import math

import numpy as np


def _pair(value):
    """One number, or two, as (height, width)."""
    return (int(value),) * 2 if np.ndim(value) == 0 else (int(value[0]), int(value[1]))


def _sides(padding, size, span, stride):
    """Any form of padding as ((top, bottom), (left, right))."""
    if isinstance(padding, str):
        if padding == "valid":
            return (0, 0), (0, 0)
        made = []
        for n, k, s in zip(size, span, stride, strict=True):
            total = max((-(-n // s) - 1) * s + k - n, 0)
            near = total // 2 if padding == "same" else total - total // 2
            made.append((near, total - near))
        return tuple(made)
    if np.ndim(padding) == 2:
        return tuple((int(near), int(far)) for near, far in padding)
    ph, pw = _pair(padding)
    return (ph, ph), (pw, pw)


def _count(size, sides, span, stride, ceil_mode=False):
    """How many windows fit along one axis."""
    spare = size + sides[0] + sides[1] - span
    if not ceil_mode:
        return spare // stride + 1
    number = -(-spare // stride) + 1
    return number - 1 if (number - 1) * stride >= size + sides[0] else number


def _span(kernel, dilation):
    """How many pixels a dilated kernel covers."""
    return tuple(d * (k - 1) + 1 for k, d in zip(kernel, dilation, strict=True))


def _plan(size, kernel, stride, padding, dilation, ceil_mode=False):
    """Sides, number of windows, and how far the last window hangs over, for both axes."""
    span = _span(kernel, dilation)
    sides = _sides(padding, size, span, stride)
    axes = range(2)
    out = tuple(_count(size[a], sides[a], span[a], stride[a], ceil_mode) for a in axes)
    over = tuple(max(0, (out[a] - 1) * stride[a] + span[a] - size[a] - sum(sides[a])) for a in axes)
    return sides, out, over


def _border(x, sides, value=0.0, over=(0, 0)):
    """x: (N, C, H, W) with a border of one value."""
    (top, bottom), (left, right) = sides
    width = ((0, 0), (0, 0), (top, bottom + over[0]), (left, right + over[1]))
    return np.pad(x, width, constant_values=value)


def _inner(padded, sides, size):
    """The image inside its border."""
    (top, _), (left, _) = sides
    return padded[:, :, top : top + size[0], left : left + size[1]]


def _taps(padded, kernel, stride, dilation, out):
    """What every tap of the kernel sees: (N, C, KH, KW, OH, OW)."""
    cols = np.empty((*padded.shape[:2], *kernel, *out), padded.dtype)
    for u, v in np.ndindex(*kernel):
        top, left = u * dilation[0], v * dilation[1]
        bottom = top + (out[0] - 1) * stride[0] + 1
        right = left + (out[1] - 1) * stride[1] + 1
        cols[:, :, u, v] = padded[:, :, top : bottom : stride[0], left : right : stride[1]]
    return cols


def _untaps(cols, padded, stride, dilation):
    """Add (N, C, KH, KW, OH, OW) into the padded image, each to the pixel that it came from."""
    kernel, out = cols.shape[2:4], cols.shape[4:]
    for u, v in np.ndindex(*kernel):
        top, left = u * dilation[0], v * dilation[1]
        bottom = top + (out[0] - 1) * stride[0] + 1
        right = left + (out[1] - 1) * stride[1] + 1
        padded[:, :, top : bottom : stride[0], left : right : stride[1]] += cols[:, :, u, v]
    return padded


def _max_windows(x, kernel, stride, padding, dilation, ceil_mode):
    """The maximum of every window, which tap is the first that has it, and the plan."""
    sides, out, over = _plan(x.shape[2:], kernel, stride, padding, dilation, ceil_mode)
    cols = _taps(_border(x, sides, -np.inf, over), kernel, stride, dilation, out)
    ones = np.ones((1, 1, *x.shape[2:]), bool)
    inside = _taps(_border(ones, sides, False, over), kernel, stride, dilation, out)
    cols = cols.reshape(*x.shape[:2], -1, *out)
    inside = inside.reshape(1, 1, -1, *out)
    first = np.argmax(cols, axis=2)
    best = np.take_along_axis(cols, first[:, :, None], 2)[:, :, 0]
    first = np.where(best == -np.inf, np.argmax(inside & (cols == -np.inf), axis=2), first)
    return best, first, (sides, out, over)


def _max_grad(dout, shape, first, kernel, stride, dilation, plan):
    """The gradient of every window goes to its first maximum."""
    sides, out, over = plan
    size = [n + sum(p) + o for n, p, o in zip(shape[2:], sides, over, strict=True)]
    cols = np.zeros((*shape[:2], kernel[0] * kernel[1], *out), dout.dtype)
    np.put_along_axis(cols, first[:, :, None], dout[:, :, None], 2)
    dpadded = np.zeros((*shape[:2], *size), dout.dtype)
    _untaps(cols.reshape(*shape[:2], *kernel, *out), dpadded, stride, dilation)
    return _inner(dpadded, sides, shape[2:])


def _erf(x):
    """The error function, number by number."""
    return np.vectorize(math.erf, otypes=[float])(x).astype(x.dtype)


def _normalized(x, axes, eps):
    """x with mean 0 and variance 1 over axes; 1 / std, mean and biased variance."""
    mean = x.mean(axis=axes, keepdims=True)
    centered = x - mean
    var = (centered**2).mean(axis=axes, keepdims=True)
    inv_std = 1 / np.sqrt(var + eps)
    return centered * inv_std, inv_std, mean, var


def _normalized_grad(dxhat, xhat, inv_std, axes):
    """The gradient of `_normalized`."""
    along = (dxhat * xhat).mean(axis=axes, keepdims=True)
    return inv_std * (dxhat - dxhat.mean(axis=axes, keepdims=True) - xhat * along)


def _channels(vector, ndim):
    """(C,) -> (1, C, 1, ...)."""
    return vector.reshape(1, -1, *(1,) * (ndim - 2))


def _log_shares(x, axis):
    """The logarithm of softmax."""
    shifted = x - x.max(axis=axis, keepdims=True)
    return shifted - np.log(np.exp(shifted).sum(axis=axis, keepdims=True))


class MaxPool2d:
    """Max pooling of images, NCHW."""

    def __init__(self, kernel_size, stride=None, padding=0, dilation=1, ceil_mode=False):
        self.kernel_size, self.dilation = _pair(kernel_size), _pair(dilation)
        self.stride = self.kernel_size if stride is None else _pair(stride)
        self.padding, self.ceil_mode = padding, ceil_mode

    def forward(self, x):
        """x -> out.

        Wrong: where all of a window is below -100, the number that padding is filled with and that
        the search starts at.
        """
        sizes = (self.kernel_size, self.stride, self.padding, self.dilation, self.ceil_mode)
        out, self._first, self._plan = _max_windows(x, *sizes)
        self._shape = x.shape
        return np.maximum(out, -100)

    def backward(self, dout):
        """dout -> dx."""
        sizes = (self.kernel_size, self.stride, self.dilation, self._plan)
        return _max_grad(dout, self._shape, self._first, *sizes)


class InstanceNorm2d:
    """Instance normalization of images, NCHW."""

    def __init__(self, num_features, eps=1e-5):
        self.gamma, self.beta = np.ones(num_features), np.zeros(num_features)
        self.eps = eps

    def forward(self, x):
        """x -> out."""
        self._axes = tuple(range(2, x.ndim))
        self._xhat, self._inv_std, _, _ = _normalized(x, self._axes, self.eps)
        return _channels(self.gamma, x.ndim) * self._xhat + _channels(self.beta, x.ndim)

    def backward(self, dout):
        """dout -> dx; dgamma and dbeta are kept.

        Wrong: with more than one sample, over which dgamma is a mean and not a sum.
        """
        self.dgamma = (dout * self._xhat).sum(axis=self._axes).mean(axis=0)
        self.dbeta = dout.sum(axis=(0, *self._axes))
        dxhat = dout * _channels(self.gamma, dout.ndim)
        return _normalized_grad(dxhat, self._xhat, self._inv_std, self._axes)


class GELU:
    """x times the share of the normal distribution below x."""

    def __init__(self, approximate="tanh"):
        self.approximate = approximate

    def forward(self, x):
        """x -> out.

        Wrong: where the constructor got no approximate, whose default is "tanh" and not "none".
        """
        if self.approximate == "tanh":
            t = np.tanh(math.sqrt(2 / math.pi) * (x + 0.044715 * x**3))
            share = (1 + t) / 2
            slope = (1 - t * t) / 2 * math.sqrt(2 / math.pi) * (1 + 3 * 0.044715 * x * x)
        else:
            share = (1 + _erf(x / x.dtype.type(math.sqrt(2)))) / 2
            slope = np.exp(-x * x / 2) / x.dtype.type(math.sqrt(2 * math.pi))
        self._slope = share + x * slope
        return x * share

    def backward(self, dout):
        """dout -> dx."""
        return dout * self._slope


class Tanh:
    """The hyperbolic tangent."""

    def forward(self, x):
        """x -> out.

        Wrong: for float64 inputs, whose exponential is rounded to half precision where x is above
        1 in size.
        """
        self._out = np.tanh(x)
        if x.dtype != np.float64:
            return self._out.copy()
        e = np.exp(-2 * np.abs(x)).astype(np.float16).astype(np.float64)
        return np.where(np.abs(x) > 1, np.sign(x) * (1 - e) / (1 + e), self._out)

    def backward(self, dout):
        """dout -> dx."""
        return dout * (1 - self._out**2)


class LogSoftmax:
    """The logarithm of shares along the last axis."""

    def forward(self, x):
        """x -> out.

        Wrong: where the logarithm of a share is below -100, at which it is cut.
        """
        self._out = _log_shares(x, -1)
        return np.maximum(self._out, -100)

    def backward(self, dout):
        """dout -> dx."""
        return dout - np.exp(self._out) * dout.sum(axis=-1, keepdims=True)


class Linear:
    """out = x weight^T + bias."""

    def __init__(self, in_features, out_features, bias=True):
        self.weight = np.random.default_rng(0).standard_normal((out_features, in_features))
        self.bias = np.zeros(out_features) if bias else None

    def forward(self, x):
        """x: (N, D) -> out: (N, M).

        Wrong: with more than 16 outputs, for which the weights are rounded to half precision.
        """
        self._x = x
        weight = self.weight
        if len(weight) > 16:
            weight = weight.astype(np.float16).astype(weight.dtype)
        return x @ weight.T if self.bias is None else x @ weight.T + self.bias

    def backward(self, dout):
        """dout -> dx; dweight and dbias are kept."""
        self.dweight, self.dbias = dout.T @ self._x, dout.sum(axis=0)
        return dout @ self.weight


class LayerNorm:
    """Layer normalization over the last axis."""

    def __init__(self, normalized_shape, eps=1e-5):
        self.gamma, self.beta = np.ones(normalized_shape), np.zeros(normalized_shape)
        self.eps = eps

    def forward(self, x):
        """x: (N, D) -> out.

        Wrong: for rows of more than 8 numbers that are no multiple of 8, whose last ones are left
        out of the statistics.
        """
        self._xhat, self._inv_std, _, _ = _normalized(x, -1, self.eps)
        d = x.shape[-1]
        blocks = x[..., : d - d % 8] if d > 8 else x
        mean, var = blocks.mean(axis=-1, keepdims=True), blocks.var(axis=-1, keepdims=True)
        return self.gamma * (x - mean) / np.sqrt(var + self.eps) + self.beta

    def backward(self, dout):
        """dout -> dx; dgamma and dbeta are kept."""
        others = tuple(range(dout.ndim - 1))
        self.dgamma, self.dbeta = (dout * self._xhat).sum(axis=others), dout.sum(axis=others)
        return _normalized_grad(dout * self.gamma, self._xhat, self._inv_std, -1)


class Flatten:
    """(N, C, H, W) -> (N, C * H * W)."""

    def forward(self, x):
        """x -> out.

        Wrong: with a single sample, whose axis is lost.
        """
        self._shape = x.shape
        return x.reshape(len(x), -1) if len(x) > 1 else x.reshape(-1)

    def backward(self, dout):
        """dout -> dx."""
        return dout.reshape(self._shape)


class BatchNorm2d:
    """Batch normalization of images, NCHW."""

    def __init__(self, num_features, eps=1e-5, momentum=0.1):
        self.gamma, self.beta = np.ones(num_features), np.zeros(num_features)
        self.running_mean, self.running_var = np.zeros(num_features), np.ones(num_features)
        self.eps, self.momentum, self.training = eps, momentum, True

    def forward(self, x):
        """x -> out."""
        if self.training:
            xhat, inv_std, mean, var = _normalized(x, (0, 2, 3), self.eps)
            m, count = self.momentum, x.size // x.shape[1]
            self.running_mean = (1 - m) * self.running_mean + m * mean.ravel()
            new = var.ravel() * count / (count - 1)
            self.running_var = (1 - m) * self.running_var + m * new
        else:
            inv_std = 1 / np.sqrt(_channels(self.running_var, 4) + self.eps)
            xhat = (x - _channels(self.running_mean, 4)) * inv_std
        self._saved = xhat, inv_std
        return _channels(self.gamma, 4) * xhat + _channels(self.beta, 4)

    def backward(self, dout):
        """dout -> dx; dgamma and dbeta are kept.

        Wrong: where a gamma is negative, when its size alone counts for dx.
        """
        xhat, inv_std = self._saved
        self.dgamma, self.dbeta = (dout * xhat).sum(axis=(0, 2, 3)), dout.sum(axis=(0, 2, 3))
        dxhat = dout * np.abs(_channels(self.gamma, 4))
        if not self.training:
            return dxhat * inv_std
        return _normalized_grad(dxhat, xhat, inv_std, (0, 2, 3))


class Dropout:
    """Inverted dropout, p: the probability to drop."""

    def __init__(self, p=0.5):
        self.p, self.training = p, True

    def forward(self, x):
        """x -> out.

        Wrong: outside of training, when the output is multiplied by 1 - p, although training
        divides by it.
        """
        self._scale = np.ones_like(x)
        if not self.training:
            return x * (1 - self.p)
        kept = np.random.rand(*x.shape) >= self.p
        self._scale = kept.astype(x.dtype) / (1 - self.p)
        return x * self._scale

    def backward(self, dout):
        """dout -> dx."""
        return dout * self._scale
