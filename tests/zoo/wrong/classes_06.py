"""Zoo of wrong functions, classes 6: wide pads, numbers that count as missing. Images are NCHW."""

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


def _conv(x, w, b, stride=1, padding=0, dilation=1, groups=1):
    """A convolution by im2col."""
    stride, dilation = _pair(stride), _pair(dilation)
    sides, out, _ = _plan(x.shape[2:], w.shape[2:], stride, padding, dilation)
    cols = _taps(_border(x, sides), w.shape[2:], stride, dilation, out)
    cols = cols.reshape(len(x), groups, -1, out[0] * out[1])
    y = (w.reshape(groups, len(w) // groups, -1) @ cols).reshape(len(x), len(w), *out)
    return y if b is None else y + b.reshape(1, -1, 1, 1)


def _conv_grad(dout, x, w, stride=1, padding=0, dilation=1, groups=1):
    """dx and dw of `_conv`."""
    stride, dilation = _pair(stride), _pair(dilation)
    sides, out, _ = _plan(x.shape[2:], w.shape[2:], stride, padding, dilation)
    padded = _border(x, sides)
    cols = _taps(padded, w.shape[2:], stride, dilation, out)
    shape, filters = cols.shape, w.reshape(groups, len(w) // groups, -1)
    cols = cols.reshape(len(x), groups, -1, out[0] * out[1])
    d = dout.reshape(len(x), groups, -1, out[0] * out[1])
    dw = (d @ cols.swapaxes(2, 3)).sum(axis=0).reshape(w.shape)
    dcols = (filters.swapaxes(1, 2) @ d).reshape(shape)
    dpadded = _untaps(dcols, np.zeros_like(padded), stride, dilation)
    return _inner(dpadded, sides, x.shape[2:]), dw


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


def _reduced(losses, reduction, count):
    """Losses of samples as they are, their sum, or their mean over count."""
    if reduction == "none":
        return losses
    return np.asarray(losses.sum() / count if reduction == "mean" else losses.sum(), losses.dtype)


class Conv2d:
    """A convolution of images, NCHW."""

    def __init__(
        self,
        in_channels,
        out_channels,
        kernel_size,
        stride=1,
        padding=0,
        dilation=1,
        groups=1,
        bias=True,
    ):
        shape = (out_channels, in_channels // groups, *_pair(kernel_size))
        self.weight = np.random.default_rng(0).standard_normal(shape)
        self.bias = np.zeros(out_channels) if bias else None
        self.stride, self.padding = _pair(stride), _pair(padding)
        self.dilation, self.groups = _pair(dilation), groups

    def forward(self, x):
        """x -> out."""
        self._x = x
        attributes = (self.stride, self.padding, self.dilation, self.groups)
        return _conv(x, self.weight, self.bias, *attributes)

    def backward(self, dout):
        """dout -> dx; dweight and dbias are kept.

        Wrong: with a padding above 2, when dx is shifted by what is above 2.
        """
        attributes = (self.stride, self.padding, self.dilation, self.groups)
        dx, self.dweight = _conv_grad(dout, self._x, self.weight, *attributes)
        self.dbias = dout.sum(axis=(0, 2, 3))
        shift = [max(0, p - 2) for p in self.padding]
        return np.roll(dx, shift, axis=(2, 3))


class BatchNorm2d:
    """Batch normalization of images, NCHW."""

    def __init__(self, num_features, eps=1e-5, momentum=0.1):
        self.gamma, self.beta = np.ones(num_features), np.zeros(num_features)
        self.running_mean, self.running_var = np.zeros(num_features), np.ones(num_features)
        self.eps, self.momentum, self.training = eps, momentum, True

    def forward(self, x):
        """x -> out.

        Wrong: in training with a momentum of 0 or 1, for which 0.1 is taken.
        """
        if self.training:
            xhat, inv_std, mean, var = _normalized(x, (0, 2, 3), self.eps)
            m, count = self.momentum, x.size // x.shape[1]
            m = m if 0 < m < 1 else 0.1
            new = var.ravel() * count / (count - 1)
            self.running_mean = (1 - m) * self.running_mean + m * mean.ravel()
            self.running_var = (1 - m) * self.running_var + m * new
        else:
            inv_std = 1 / np.sqrt(_channels(self.running_var, 4) + self.eps)
            xhat = (x - _channels(self.running_mean, 4)) * inv_std
        self._saved = xhat, inv_std
        return _channels(self.gamma, 4) * xhat + _channels(self.beta, 4)

    def backward(self, dout):
        """dout -> dx; dgamma and dbeta are kept."""
        xhat, inv_std = self._saved
        self.dgamma, self.dbeta = (dout * xhat).sum(axis=(0, 2, 3)), dout.sum(axis=(0, 2, 3))
        dxhat = dout * _channels(self.gamma, 4)
        if not self.training:
            return dxhat * inv_std
        return _normalized_grad(dxhat, xhat, inv_std, (0, 2, 3))


class Dropout:
    """Inverted dropout, p: the probability to drop."""

    def __init__(self, p=0.5):
        self.p, self.training = p, True

    def forward(self, x):
        """x -> out.

        Wrong: in training with an even number of samples, the second half of which gets the mask of
        the first.
        """
        self._scale = np.ones_like(x)
        if not self.training:
            return x.copy()
        kept = np.random.rand(*x.shape) >= self.p
        half = len(x) // 2
        if len(x) % 2 == 0:
            kept[half:] = kept[:half]
        self._scale = kept.astype(x.dtype) / (1 - self.p)
        return x * self._scale

    def backward(self, dout):
        """dout -> dx."""
        return dout * self._scale


class GELU:
    """x times the share of the normal distribution below x."""

    def forward(self, x):
        """x -> out."""
        share = (1 + _erf(x / x.dtype.type(math.sqrt(2)))) / 2
        slope = np.exp(-x * x / 2) / x.dtype.type(math.sqrt(2 * math.pi))
        self._x, self._slope = x, share + x * slope
        return x * share

    def backward(self, dout):
        """dout -> dx.

        Wrong: where x is above 2 in size, when the slope is 0 or 1.
        """
        slope = np.where(np.abs(self._x) > 2, self._x > 0, self._slope)
        return dout * slope.astype(dout.dtype)


class MaxPool2d:
    """Max pooling of images, NCHW."""

    def __init__(self, kernel_size, stride=None, padding=0, dilation=1, ceil_mode=False):
        self.kernel_size, self.dilation = _pair(kernel_size), _pair(dilation)
        self.stride = self.kernel_size if stride is None else _pair(stride)
        self.padding, self.ceil_mode = padding, ceil_mode

    def forward(self, x):
        """x -> out.

        Wrong: where a window holds NaN beside numbers, which is passed over.
        """
        sizes = (self.kernel_size, self.stride, self.padding, self.dilation, self.ceil_mode)
        _, self._first, self._plan = _max_windows(x, *sizes)
        self._shape = x.shape
        return _max_windows(np.where(np.isnan(x), -np.inf, x).astype(x.dtype), *sizes)[0]

    def backward(self, dout):
        """dout -> dx."""
        sizes = (self.kernel_size, self.stride, self.dilation, self._plan)
        return _max_grad(dout, self._shape, self._first, *sizes)


class CrossEntropyLoss:
    """The cross entropy of softmax."""

    def __init__(self, reduction="mean"):
        self.reduction = reduction

    def forward(self, x, y):
        """x: (N, C), y: (N,) -> loss."""
        self._logp = _log_shares(x, 1)
        self._own = y[:, None] == np.arange(x.shape[1])
        return _reduced(-(self._own * self._logp).sum(axis=1), self.reduction, len(y))

    def backward(self, dout=1.0):
        """dout -> dx.

        Wrong: with reduction="sum" or "none", when it is divided by N as for the mean.
        """
        dx = (np.exp(self._logp) - self._own) * np.asarray(dout).reshape(-1, 1) / len(self._own)
        return dx.astype(self._logp.dtype)


class Linear:
    """out = x W + b."""

    def __init__(self, in_features, out_features, bias=True):
        self.W = np.random.default_rng(0).standard_normal((in_features, out_features))
        self.b = np.zeros(out_features) if bias else None

    def forward(self, x):
        """x: (N, D) -> out: (N, M).

        Wrong: where x is transposed in memory, since its numbers are taken in the order of memory.
        """
        self._x = x
        out = x.ravel(order="K").reshape(x.shape) @ self.W
        return out if self.b is None else out + self.b

    def backward(self, dout):
        """dout -> dx; dW and db are kept."""
        self.dW, self.db = self._x.T @ dout, dout.sum(axis=0)
        return dout @ self.W.T


class Tanh:
    """The hyperbolic tangent."""

    def forward(self, x):
        """x -> out."""
        self._out = np.tanh(x)
        return self._out

    def backward(self, dout):
        """dout -> dx.

        Wrong: in a second call after one forward, since the first one squares what it keeps, which
        is the array that forward returned.
        """
        slope = 1 - self._out**2
        np.square(self._out, out=self._out)
        return dout * slope
