"""Zoo of wrong functions, classes 2: attributes of objects, and limits. Images are NCHW."""

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


def _divisors(size, kernel, stride, plan, count_include_pad):
    """How many pixels of every window count: (OH, OW)."""
    sides, out, over = plan
    counted = np.full((1, 1, *size), 1.0)
    counted = _border(counted, sides, 1.0 if count_include_pad else 0.0)
    counted = _border(counted, ((0, over[0]), (0, over[1])))
    return _taps(counted, kernel, stride, (1, 1), out).sum(axis=(2, 3))[0, 0]


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
        self.stride, self.padding = _pair(stride), padding
        self.dilation, self.groups = _pair(dilation), groups

    def forward(self, x):
        """x -> out."""
        self._x = x
        attributes = (self.stride, self.padding, self.dilation, self.groups)
        return _conv(x, self.weight, self.bias, *attributes)

    def backward(self, dout):
        """dout -> dx; dweight and dbias are kept.

        Wrong: with more than one group, when dweight has those of the first group in every group.
        """
        attributes = (self.stride, self.padding, self.dilation, self.groups)
        dx, dweight = _conv_grad(dout, self._x, self.weight, *attributes)
        first = dweight[: len(dweight) // self.groups]
        self.dweight = np.concatenate([first] * self.groups)
        self.dbias = dout.sum(axis=(0, 2, 3))
        return dx


class AvgPool2d:
    """Average pooling of images, NCHW."""

    def __init__(self, kernel_size, stride=None, padding=0, ceil_mode=False):
        self.kernel_size = _pair(kernel_size)
        self.stride = self.kernel_size if stride is None else _pair(stride)
        self._steps = (1, 1) if stride is None else self.stride
        self.padding, self.ceil_mode = padding, ceil_mode

    def forward(self, x):
        """x -> out.

        Wrong: where no stride is given, when windows move by 1.
        """
        kernel = self.kernel_size
        for s in (self.stride, self._steps):
            plan = _plan(x.shape[2:], kernel, s, self.padding, (1, 1), self.ceil_mode)
            divisors = _divisors(x.shape[2:], kernel, s, plan, True).astype(x.dtype)
            cols = _taps(_border(x, plan[0], 0.0, plan[2]), kernel, s, (1, 1), plan[1])
            out = cols.sum(axis=(2, 3)) / divisors
            if s == self.stride:
                self._saved = x.shape, divisors, plan
        return out

    def backward(self, dout):
        """dout -> dx."""
        shape, divisors, (sides, out, over) = self._saved
        share = (dout / divisors)[:, :, None, None]
        cols = np.broadcast_to(share, (*shape[:2], *self.kernel_size, *out))
        size = [n + sum(p) + o for n, p, o in zip(shape[2:], sides, over, strict=True)]
        padded = np.zeros((*shape[:2], *size), dout.dtype)
        return _inner(_untaps(cols, padded, self.stride, (1, 1)), sides, shape[2:])


class BatchNorm1d:
    """Batch normalization of rows, (N, D)."""

    def __init__(self, num_features, eps=1e-5, momentum=0.1):
        self.gamma, self.beta = np.ones(num_features), np.zeros(num_features)
        self.running_mean, self.running_var = np.zeros(num_features), np.ones(num_features)
        self.eps, self.momentum, self.training = eps, momentum, True

    def forward(self, x):
        """x -> out.

        Wrong: outside of training where the running variance is not 1, since its root is not taken.
        """
        if not self.training:
            self._inv_std = 1 / np.sqrt(self.running_var + self.eps)
            self._xhat = (x - self.running_mean) * self._inv_std
            return self.gamma * (x - self.running_mean) / (self.running_var + self.eps) + self.beta
        self._xhat, self._inv_std, mean, var = _normalized(x, 0, self.eps)
        m, n = self.momentum, len(x)
        self.running_mean = (1 - m) * self.running_mean + m * mean[0]
        self.running_var = (1 - m) * self.running_var + m * var[0] * n / (n - 1)
        return self.gamma * self._xhat + self.beta

    def backward(self, dout):
        """dout -> dx; dgamma and dbeta are kept."""
        self.dgamma, self.dbeta = (dout * self._xhat).sum(axis=0), dout.sum(axis=0)
        if not self.training:
            return dout * self.gamma * self._inv_std
        return _normalized_grad(dout * self.gamma, self._xhat, self._inv_std, 0)


class GroupNorm:
    """Group normalization of images, NCHW."""

    def __init__(self, num_groups, num_channels, eps=1e-5):
        self.gamma, self.beta = np.ones(num_channels), np.zeros(num_channels)
        self.num_groups, self.eps = num_groups, eps

    def forward(self, x):
        """x -> out.

        Wrong: with more than 8 channels, when gamma and beta of channel c are those of c % 8.
        """
        grouped = x.reshape(len(x), self.num_groups, -1)
        xhat, self._inv_std, _, _ = _normalized(grouped, 2, self.eps)
        self._xhat = xhat.reshape(x.shape)
        own = np.arange(x.shape[1]) % 8
        scale, shift = _channels(self.gamma[own], x.ndim), _channels(self.beta[own], x.ndim)
        return scale * self._xhat + shift

    def backward(self, dout):
        """dout -> dx; dgamma and dbeta are kept."""
        axes = (0, *range(2, dout.ndim))
        self.dgamma, self.dbeta = (dout * self._xhat).sum(axis=axes), dout.sum(axis=axes)
        d = (dout * _channels(self.gamma, dout.ndim)).reshape(len(dout), self.num_groups, -1)
        dx = _normalized_grad(d, self._xhat.reshape(d.shape), self._inv_std, 2)
        return dx.reshape(dout.shape)


class LeakyReLU:
    """x where x > 0, else negative_slope * x."""

    def __init__(self, negative_slope=0.01):
        self.negative_slope = negative_slope

    def forward(self, x):
        """x -> out.

        Wrong: where negative_slope is above 1, since the larger of x and negative_slope * x is
        taken.
        """
        self._x = x
        return np.maximum(x, self.negative_slope * x)

    def backward(self, dout):
        """dout -> dx."""
        return np.where(self._x > 0, dout, self.negative_slope * dout)


class Sigmoid:
    """1 / (1 + exp(-x))."""

    def forward(self, x):
        """x -> out."""
        small = np.exp(-np.abs(x))
        self._out = np.where(x >= 0, 1 / (1 + small), small / (1 + small))
        return self._out.copy()

    def backward(self, dout):
        """dout -> dx.

        Wrong: where the output is within 1e-2 of 0 or 1, from which it is kept away.
        """
        out = np.clip(self._out, 1e-2, 1 - 1e-2)
        return dout * out * (1 - out)


class Dropout:
    """Inverted dropout, p: the probability to drop."""

    def __init__(self, p=0.5):
        self.p, self.training = p, True

    def forward(self, x):
        """x -> out."""
        self._out = x.copy()
        self._kept = np.ones_like(x)
        if self.training:
            kept = np.random.rand(*x.shape) >= self.p
            self._kept = kept.astype(x.dtype) / (1 - self.p)
            self._out = x * self._kept
        return self._out.copy()

    def backward(self, dout):
        """dout -> dx.

        Wrong: where x is 0 and kept, since what is 0 in the output is taken to be dropped.
        """
        if not self.training:
            return dout.copy()
        return dout * (self._out != 0) / (1 - self.p)


class HingeLoss:
    """The mean multiclass hinge loss."""

    def __init__(self, margin=1.0):
        self.margin = margin

    def forward(self, x, y):
        """x: (N, C), y: (N,) -> loss.

        Wrong: where the margin is not 1, when it multiplies the loss and does not shift it.
        """
        self._own = y[:, None] == np.arange(x.shape[1])
        difference = x - x[self._own][:, None]
        self._violated = (difference + self.margin > 0) & ~self._own
        losses = np.where(self._own, 0, np.maximum(difference + 1, 0)).sum(axis=1)
        return self.margin * losses.sum() / len(y)

    def backward(self, dout=1.0):
        """dout -> dx."""
        pushed = self._violated * np.asarray(dout).reshape(-1, 1) / len(self._own)
        return pushed - self._own * pushed.sum(axis=1, keepdims=True)
