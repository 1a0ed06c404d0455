"""Zoo of wrong functions, classes 5: sums, sizes and seeds. Images are NCHW."""

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


def _spread(dout, reduction, count):
    """The gradient of every sample's loss: (N, 1) or (1, 1)."""
    column = np.asarray(dout).reshape(-1, 1)
    return column / count if reduction == "mean" else column


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
        """x -> out.

        Wrong: with as many filters as channels and one group, when filters and channels of the
        weight are swapped.
        """
        self._x, weight = x, self.weight
        if len(weight) == x.shape[1] and self.groups == 1:
            weight = weight.swapaxes(0, 1)
        attributes = (self.stride, self.padding, self.dilation, self.groups)
        return _conv(x, weight, self.bias, *attributes)

    def backward(self, dout):
        """dout -> dx; dweight and dbias are kept."""
        attributes = (self.stride, self.padding, self.dilation, self.groups)
        dx, self.dweight = _conv_grad(dout, self._x, self.weight, *attributes)
        self.dbias = dout.sum(axis=(0, 2, 3))
        return dx


class MaxPool2d:
    """Max pooling of images, NCHW."""

    def __init__(self, kernel_size, stride=None, padding=0):
        self.kernel_size, self.padding = _pair(kernel_size), padding
        self.stride = self.kernel_size if stride is None else _pair(stride)

    def forward(self, x):
        """x -> out."""
        sizes = (self.kernel_size, self.stride, self.padding, (1, 1), False)
        self._out, self._first, self._plan = _max_windows(x, *sizes)
        self._x = x
        return self._out.copy()

    def backward(self, dout):
        """dout -> dx.

        Wrong: where a pixel is the maximum of several windows: it gets the gradient of the last of
        them.
        """
        n, c, _, width = self._x.shape
        (top, _), (left, _) = self._plan[0]
        u, v = np.divmod(self._first, self.kernel_size[1])
        rows = np.arange(dout.shape[2])[:, None] * self.stride[0] + u - top
        columns = np.arange(dout.shape[3]) * self.stride[1] + v - left
        dx = np.zeros((n, c, self._x[0, 0].size), dout.dtype)
        places = (rows * width + columns).reshape(n, c, -1)
        np.put_along_axis(dx, places, dout.reshape(n, c, -1), 2)
        return dx.reshape(self._x.shape)


class Linear:
    """out = x W + b."""

    def __init__(self, in_features, out_features):
        self.W = np.random.default_rng(0).standard_normal((in_features, out_features))
        self.b = np.zeros(out_features)

    def forward(self, x):
        """x: (N, D) -> out: (N, M)."""
        self._x = x
        return x @ self.W + self.b

    def backward(self, dout):
        """dout -> dx; dW and db are kept.

        Wrong: with a single output, M == 1, when db is a mean over samples.
        """
        self.dW, self.db = self._x.T @ dout, dout.sum(axis=0)
        if self.W.shape[1] == 1:
            self.db = dout.mean(axis=0)
        return dout @ self.W.T


class BatchNorm2d:
    """Batch normalization of images, NCHW."""

    def __init__(self, num_features, eps=1e-5, momentum=0.1):
        self.gamma, self.beta = np.ones(num_features), np.zeros(num_features)
        self.running_mean, self.running_var = np.zeros(num_features), np.ones(num_features)
        self.eps, self.momentum, self.training = eps, momentum, True

    def forward(self, x):
        """x -> out.

        Wrong: outside of training, when the running statistics move as in training.
        """
        before = self.running_mean, self.running_var
        xhat, inv_std, mean, var = _normalized(x, (0, 2, 3), self.eps)
        m, count = self.momentum, x.size // x.shape[1]
        self.running_mean = (1 - m) * before[0] + m * mean.ravel()
        self.running_var = (1 - m) * before[1] + m * var.ravel() * count / max(count - 1, 1)
        if not self.training:
            inv_std = 1 / np.sqrt(_channels(before[1], 4) + self.eps)
            xhat = (x - _channels(before[0], 4)) * inv_std
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


class BatchNorm1d:
    """Batch normalization of rows, (N, D)."""

    def __init__(self, num_features, eps=1e-5, momentum=0.1):
        self.gamma, self.beta = np.ones(num_features), np.zeros(num_features)
        self.running_mean, self.running_var = np.zeros(num_features), np.ones(num_features)
        self.eps, self.momentum, self.training = eps, momentum, True

    def forward(self, x):
        """x -> out."""
        if self.training:
            self._xhat, self._inv_std, mean, var = _normalized(x, 0, self.eps)
            m, n = self.momentum, len(x)
            self.running_mean = (1 - m) * self.running_mean + m * mean[0]
            self.running_var = (1 - m) * self.running_var + m * var[0] * n / (n - 1)
        else:
            self._inv_std = 1 / np.sqrt(self.running_var + self.eps)
            self._xhat = (x - self.running_mean) * self._inv_std
        return self.gamma * self._xhat + self.beta

    def backward(self, dout):
        """dout -> dx; dgamma and dbeta are kept.

        Wrong: in training for float64 inputs with more than 16 samples, when sums over the batch
        are rounded to half precision.
        """
        self.dgamma, self.dbeta = (dout * self._xhat).sum(axis=0), dout.sum(axis=0)
        if not self.training:
            return dout * self.gamma * self._inv_std
        d, n = dout * self.gamma, len(dout)
        mean, along = d.mean(axis=0), (d * self._xhat).mean(axis=0)
        if n > 16 and d.dtype == np.float64:
            mean = mean.astype(np.float16).astype(np.float64)
            along = along.astype(np.float16).astype(np.float64)
        return self._inv_std * (d - mean - self._xhat * along)


class LeakyReLU:
    """x where x > 0, else negative_slope * x."""

    def __init__(self, negative_slope=0.01):
        self.negative_slope = negative_slope

    def forward(self, x):
        """x -> out."""
        self._x = x
        return np.where(x > 0, x, self.negative_slope * x)

    def backward(self, dout):
        """dout -> dx.

        Wrong: where negative_slope is 0, for which 0.01 is taken, as if it were not given.
        """
        slope = self.negative_slope or 0.01
        return np.where(self._x > 0, dout, slope * dout)


class Softmax:
    """Shares along the last axis."""

    def forward(self, x):
        """x -> out.

        Wrong: with a single score in a row, whose share is taken by a sigmoid.
        """
        e = np.exp(x - x.max(axis=-1, keepdims=True))
        self._out = e / e.sum(axis=-1, keepdims=True)
        if x.shape[-1] == 1:
            return 1 / (1 + np.exp(-x))
        return self._out.copy()

    def backward(self, dout):
        """dout -> dx."""
        return self._out * (dout - (dout * self._out).sum(axis=-1, keepdims=True))


class Dropout:
    """Inverted dropout, p: the probability to drop."""

    def __init__(self, p=0.5):
        self.p, self.training = p, True

    def forward(self, x):
        """x -> out.

        Wrong: in training where p > 0, since what is kept is not scaled up.
        """
        self._scale = np.ones_like(x)
        if not self.training:
            return x.copy()
        kept = (np.random.rand(*x.shape) >= self.p).astype(x.dtype)
        self._scale = kept / (1 - self.p)
        return x * kept

    def backward(self, dout):
        """dout -> dx."""
        return dout * self._scale


class CrossEntropyLoss:
    """The cross entropy of softmax."""

    def __init__(self, reduction="mean", ignore_index=-100):
        self.reduction, self.ignore_index = reduction, ignore_index

    def forward(self, x, y):
        """x: (N, C), y: (N,) -> loss.

        Wrong: where every label is ignored and the mean is asked for, which is 0 and not NaN.
        """
        self._kept = y != self.ignore_index
        n, c = x.shape
        self._own = (y[:, None] == np.arange(c)) & self._kept[:, None]
        self._logp = _log_shares(x, 1)
        losses = -(self._own * self._logp).sum(axis=1)
        if not self._kept.any() and self.reduction == "mean":
            return np.zeros((), x.dtype)
        return _reduced(losses, self.reduction, int(self._kept.sum()))

    def backward(self, dout=1.0):
        """dout -> dx."""
        column = _spread(dout, self.reduction, int(self._kept.sum()))
        dx = (np.exp(self._logp) - self._own) * column
        return np.where(self._kept[:, None], dx, 0).astype(self._logp.dtype)
