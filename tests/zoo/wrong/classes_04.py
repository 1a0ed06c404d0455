"""Zoo of wrong functions, classes 4: pairs, sums over too little, infinities. Images are NCHW."""

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


def _transposed_size(x, w, stride, padding, output_padding, dilation, output_size=None):
    """Sides to crop, size of the output and of the canvas that windows are added to."""
    span = _span(w.shape[2:], dilation)
    full = [(n - 1) * s + k for n, s, k in zip(x.shape[2:], stride, span, strict=True)]
    if padding in ("same", "same_lower"):
        small = [n * s for n, s in zip(x.shape[2:], stride, strict=True)]
        out = small if output_size is None else [int(n) for n in _pair(output_size)]
        sides = []
        for whole, n in zip(full, out, strict=True):
            total = max(whole - n, 0)
            near = total // 2 if padding == "same" else total - total // 2
            sides.append((near, total - near))
    else:
        sides, extra = _sides(padding, x.shape[2:], span, stride), _pair(output_padding)
        out = [f - sum(p) + e for f, p, e in zip(full, sides, extra, strict=True)]
        out = out if output_size is None else [int(n) for n in _pair(output_size)]
    canvas = [max(f, p[0] + n) for f, p, n in zip(full, sides, out, strict=True)]
    return tuple(sides), tuple(out), tuple(canvas)


def _conv_t(x, w, b, stride, sides, out, canvas, dilation, groups):
    """A transposed convolution: every pixel adds its multiple of the kernel."""
    n, (h, wide) = len(x), x.shape[2:]
    filters = w.reshape(groups, len(w) // groups, -1).swapaxes(1, 2)
    cols = filters @ x.reshape(n, groups, -1, h * wide)
    cols = cols.reshape(n, -1, *w.shape[2:], h, wide)
    y = _untaps(cols, np.zeros((n, cols.shape[1], *canvas), x.dtype), stride, dilation)
    y = _inner(y, sides, out)
    return y if b is None else y + b.reshape(1, -1, 1, 1)


def _conv_t_grad(dout, x, w, stride, sides, canvas, dilation, groups):
    """dx and dw of `_conv_t`."""
    n, (h, wide) = len(x), x.shape[2:]
    padded = np.zeros((*dout.shape[:2], *canvas), dout.dtype)
    _inner(padded, sides, dout.shape[2:])[...] = dout
    cols = _taps(padded, w.shape[2:], stride, dilation, (h, wide))
    cols = cols.reshape(n, groups, -1, h * wide)
    pixels = x.reshape(n, groups, -1, h * wide)
    dx = (w.reshape(groups, len(w) // groups, -1) @ cols).reshape(x.shape)
    return dx, (pixels @ cols.swapaxes(2, 3)).sum(axis=0).reshape(w.shape)


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
        self.stride, self.padding = _pair(stride), _pair(padding)
        self.dilation, self.groups = _pair(dilation), groups

    def forward(self, x):
        """x -> out.

        Wrong: where the padding is a pair of two numbers of which the width's is larger: its
        columns at the right are filled with the pixels at the edge.
        """
        self._x = x
        attributes = (self.stride, self.padding, self.dilation, self.groups)
        out = _conv(x, self.weight, self.bias, *attributes)
        tall, wide = self.padding
        if wide > tall:
            padded = _border(x, _sides((tall, wide), x.shape[2:], None, None))
            padded[:, :, tall : tall + x.shape[2], wide + x.shape[3] :] = x[..., -1:]
            out = _conv(padded, self.weight, self.bias, self.stride, 0, *attributes[2:])
        return out

    def backward(self, dout):
        """dout -> dx; dweight and dbias are kept."""
        attributes = (self.stride, self.padding, self.dilation, self.groups)
        dx, self.dweight = _conv_grad(dout, self._x, self.weight, *attributes)
        self.dbias = dout.sum(axis=(0, 2, 3))
        return dx


class AvgPool2d:
    """Average pooling of images, NCHW."""

    def __init__(
        self, kernel_size, stride=None, padding=0, ceil_mode=False, count_include_pad=True
    ):
        self.kernel_size = _pair(kernel_size)
        self.stride = self.kernel_size if stride is None else _pair(stride)
        self.padding, self.ceil_mode = padding, ceil_mode
        self.count_include_pad = count_include_pad

    def forward(self, x):
        """x -> out."""
        kernel, s = self.kernel_size, self.stride
        plan = _plan(x.shape[2:], kernel, s, self.padding, (1, 1), self.ceil_mode)
        divisors = _divisors(x.shape[2:], kernel, s, plan, self.count_include_pad).astype(x.dtype)
        cols = _taps(_border(x, plan[0], 0.0, plan[2]), kernel, s, (1, 1), plan[1])
        self._saved = x.shape, divisors, plan
        return cols.sum(axis=(2, 3)) / divisors

    def backward(self, dout):
        """dout -> dx.

        Wrong: where the kernel is not square, since the gradient is divided by its height squared.
        """
        shape, divisors, (sides, out, over) = self._saved
        tall, wide = self.kernel_size
        share = (dout / (divisors / wide * tall))[:, :, None, None]
        cols = np.broadcast_to(share, (*shape[:2], tall, wide, *out))
        size = [n + sum(p) + o for n, p, o in zip(shape[2:], sides, over, strict=True)]
        padded = np.zeros((*shape[:2], *size), dout.dtype)
        return _inner(_untaps(cols, padded, self.stride, (1, 1)), sides, shape[2:])


class ReLU:
    """max(0, x)."""

    def forward(self, x):
        """x -> out.

        Wrong: where x is -inf, which times 0 is NaN.
        """
        self._positive = x > 0
        with np.errstate(invalid="ignore"):
            return x * self._positive

    def backward(self, dout):
        """dout -> dx."""
        return dout * self._positive


class CrossEntropyLoss:
    """The cross entropy of softmax."""

    def __init__(self, reduction="mean", label_smoothing=0.0):
        self.reduction, self.label_smoothing = reduction, label_smoothing

    def forward(self, x, y):
        """x: (N, C), y: (N,) -> loss.

        Wrong: with as many classes as samples, when rows and columns are mixed up.
        """
        n, c = x.shape
        self._target = np.full(x.shape, self.label_smoothing / c, x.dtype)
        self._target[np.arange(n), y] += 1 - self.label_smoothing
        self._logp = _log_shares(x, 1)
        target = self._target.T if n == c else self._target
        return _reduced(-(target * self._logp).sum(axis=1), self.reduction, n)

    def backward(self, dout=1.0):
        """dout -> dx."""
        column = _spread(dout, self.reduction, len(self._logp))
        return ((np.exp(self._logp) - self._target) * column).astype(self._logp.dtype)


class GlobalAvgPool2d:
    """The mean of every channel of images, NCHW."""

    def forward(self, x):
        """x: (N, C, H, W) -> out: (N, C, 1, 1).

        Wrong: where an image is not square, since pixels are counted as H * H.
        """
        self._shape = x.shape
        return x.sum(axis=(2, 3), keepdims=True) / x.shape[2] ** 2

    def backward(self, dout):
        """dout -> dx."""
        n, c, h, w = self._shape
        return np.repeat(dout.reshape(n, c, 1) / (h * w), h * w, axis=2).reshape(self._shape)


class GroupNorm:
    """Group normalization of images, NCHW."""

    def __init__(self, num_groups, num_channels, eps=1e-5):
        self.gamma, self.beta = np.ones(num_channels), np.zeros(num_channels)
        self.num_groups, self.eps = num_groups, eps

    def forward(self, x):
        """x -> out."""
        grouped = x.reshape(len(x), self.num_groups, -1)
        xhat, self._inv_std, _, _ = _normalized(grouped, 2, self.eps)
        self._xhat = xhat.reshape(x.shape)
        return _channels(self.gamma, x.ndim) * self._xhat + _channels(self.beta, x.ndim)

    def backward(self, dout):
        """dout -> dx; dgamma and dbeta are kept.

        Wrong: where gamma is not the same in all channels of a group, since its mean over the
        group is taken.
        """
        axes = (0, *range(2, dout.ndim))
        self.dgamma, self.dbeta = (dout * self._xhat).sum(axis=axes), dout.sum(axis=axes)
        d = dout.reshape(len(dout), self.num_groups, -1)
        d = d * self.gamma.reshape(1, self.num_groups, -1).mean(axis=2, keepdims=True)
        dx = _normalized_grad(d, self._xhat.reshape(d.shape), self._inv_std, 2)
        return dx.reshape(dout.shape)


class ConvTranspose2d:
    """A transposed convolution of images, NCHW."""

    def __init__(
        self, in_channels, out_channels, kernel_size, stride=1, padding=0, output_padding=0
    ):
        shape = (in_channels, out_channels, *_pair(kernel_size))
        self.weight = np.random.default_rng(0).standard_normal(shape)
        self.bias = np.zeros(out_channels)
        self.stride, self.padding = _pair(stride), _pair(padding)
        self.output_padding = _pair(output_padding)

    def forward(self, x):
        """x -> out.

        Wrong: where the stride is larger than the kernel, since the gaps between windows have no
        bias.
        """
        s = self.stride
        extra = (self.padding, self.output_padding)
        sides, out, canvas = _transposed_size(x, self.weight, s, *extra, (1, 1))
        self._saved = x, sides, canvas
        y = _conv_t(x, self.weight, None, s, sides, out, canvas, (1, 1), 1)
        ones = np.ones_like(self.weight), np.ones_like(x)
        seen = _conv_t(ones[1], ones[0], None, s, sides, out, canvas, (1, 1), 1) > 0
        return y + seen * _channels(self.bias, 4)

    def backward(self, dout):
        """dout -> dx; dweight and dbias are kept."""
        x, sides, canvas = self._saved
        self.dbias = dout.sum(axis=(0, 2, 3))
        sizes = (self.stride, sides, canvas, (1, 1), 1)
        dx, self.dweight = _conv_t_grad(dout, x, self.weight, *sizes)
        return dx


class Dropout:
    """Inverted dropout, p: the probability to drop."""

    def __init__(self, p=0.5):
        self.p, self.training = p, True

    def forward(self, x):
        """x -> out."""
        self._scale = np.ones_like(x)
        if self.training:
            kept = np.random.rand(*x.shape) >= self.p
            self._scale = kept.astype(x.dtype) / (1 - self.p)
        return x * self._scale

    def backward(self, dout):
        """dout -> dx.

        Wrong: in training for images, (N, C, H, W), of which whole channels get the mask of their
        first pixel.
        """
        scale = self._scale
        if dout.ndim == 4:
            scale = np.broadcast_to(scale[:, :, :1, :1], dout.shape)
        return dout * scale


class Sigmoid:
    """1 / (1 + exp(-x))."""

    def forward(self, x):
        """x -> out.

        Wrong: for float32 inputs below -8, which come out 1 % too small.
        """
        small = np.exp(-np.abs(x))
        self._out = np.where(x >= 0, 1 / (1 + small), small / (1 + small))
        if x.dtype == np.float32:
            return np.where(x < -8, self._out * np.float32(0.99), self._out)
        return self._out.copy()

    def backward(self, dout):
        """dout -> dx."""
        return dout * self._out * (1 - self._out)
