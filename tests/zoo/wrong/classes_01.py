"""Zoo of wrong functions, classes 1: objects that remember. Images are NCHW."""

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
        self._out = None

    def forward(self, x):
        """x -> out.

        Wrong: from the second call of an object with the same shape of out on, when the output is
        added to that of the call before.
        """
        self._x = x
        attributes = (self.stride, self.padding, self.dilation, self.groups)
        out = _conv(x, self.weight, self.bias, *attributes)
        if self._out is None or self._out.shape != out.shape:
            self._out = np.zeros_like(out)
        self._out += out
        return self._out.copy()

    def backward(self, dout):
        """dout -> dx; dweight and dbias are kept."""
        attributes = (self.stride, self.padding, self.dilation, self.groups)
        dx, self.dweight = _conv_grad(dout, self._x, self.weight, *attributes)
        self.dbias = dout.sum(axis=(0, 2, 3))
        return dx


class Linear:
    """out = x W + b."""

    def __init__(self, in_features, out_features, bias=True):
        self.W = np.random.default_rng(0).standard_normal((in_features, out_features))
        self.b = np.zeros(out_features) if bias else None

    def forward(self, x):
        """x: (N, D) -> out: (N, M)."""
        self._x = x
        return x @ self.W if self.b is None else x @ self.W + self.b

    def backward(self, dout):
        """dout -> dx; dW and db are kept.

        Wrong: it makes the weights 1 % smaller in place, so that the next forward is off.
        """
        dx = dout @ self.W.T
        self.dW, self.db = self._x.T @ dout, dout.sum(axis=0)
        self.W *= 0.99  # weight decay
        return dx


class BatchNorm2d:
    """Batch normalization of images, NCHW."""

    def __init__(self, num_features, eps=1e-5, momentum=0.1):
        self.gamma, self.beta = np.ones(num_features), np.zeros(num_features)
        self.running_mean, self.running_var = np.zeros(num_features), np.ones(num_features)
        self.eps, self.momentum, self.training = eps, momentum, True
        self._frozen = False

    def forward(self, x):
        """x -> out.

        Wrong: in training after the object was once asked outside of training, since it goes on
        with the running statistics.
        """
        self._frozen = self._frozen or not self.training
        xhat, inv_std, mean, var = _normalized(x, (0, 2, 3), self.eps)
        if self.training:
            self._saved, count = (xhat, inv_std), x.size // x.shape[1]
            old, new = self.running_var, var.ravel() * count / (count - 1)
            still = _channels(self.running_mean, 4), 1 / np.sqrt(_channels(old, 4) + self.eps)
            m = self.momentum
            self.running_mean = (1 - m) * self.running_mean + m * mean.ravel()
            self.running_var = (1 - m) * old + m * new
        else:
            deviation = np.sqrt(_channels(self.running_var, 4) + self.eps)
            still = _channels(self.running_mean, 4), 1 / deviation
        if self._frozen:
            xhat = (x - still[0]) * still[1]
        if not self.training:
            self._saved = xhat, still[1]
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
        self.p, self.training, self._mask = p, True, None

    def forward(self, x):
        """x -> out.

        Wrong: from the second call of an object with the same shape on, when it keeps the mask of
        the first one.
        """
        if not self.training:
            self._scale = np.ones_like(x)
            return x.copy()
        if self._mask is None or self._mask.shape != x.shape:
            self._mask = np.random.rand(*x.shape) >= self.p
        self._scale = self._mask.astype(x.dtype) / (1 - self.p)
        return x * self._scale

    def backward(self, dout):
        """dout -> dx."""
        return dout * self._scale


class ReLU:
    """max(0, x)."""

    positive = None

    def forward(self, x):
        """x -> out."""
        ReLU.positive = x > 0
        return np.maximum(x, 0)

    def backward(self, dout):
        """dout -> dx.

        Wrong: where another object's forward came in between, since the signs are kept by the
        class.
        """
        return dout * ReLU.positive


class MaxPool2d:
    """Max pooling of images, NCHW."""

    def __init__(self, kernel_size, stride=None, padding=0, dilation=1, ceil_mode=False):
        self.kernel_size, self.dilation = _pair(kernel_size), _pair(dilation)
        self.stride = self.kernel_size if stride is None else _pair(stride)
        self.padding, self.ceil_mode = padding, ceil_mode
        self._dx = None

    def forward(self, x):
        """x -> out."""
        sizes = (self.kernel_size, self.stride, self.padding, self.dilation, self.ceil_mode)
        out, self._first, self._plan = _max_windows(x, *sizes)
        self._shape = x.shape
        return out

    def backward(self, dout):
        """dout -> dx.

        Wrong: in a second call after forwards of the same shape, since it is added to the first dx.
        """
        sizes = (self.kernel_size, self.stride, self.dilation, self._plan)
        dx = _max_grad(dout, self._shape, self._first, *sizes)
        again = self._dx is not None and self._dx.shape == dx.shape
        self._dx = self._dx + dx if again else dx
        return self._dx.copy()


class LayerNorm:
    """Layer normalization over the last axis."""

    def __init__(self, normalized_shape, eps=1e-5):
        self.gamma, self.beta = np.ones(normalized_shape), np.zeros(normalized_shape)
        self.dgamma, self.dbeta = np.zeros(normalized_shape), np.zeros(normalized_shape)
        self.eps = eps

    def forward(self, x):
        """x: (N, D) -> out."""
        self._xhat, self._inv_std, _, _ = _normalized(x, -1, self.eps)
        return self.gamma * self._xhat + self.beta

    def backward(self, dout):
        """dout -> dx; dgamma and dbeta are kept.

        Wrong: from the second call of an object on, since dgamma and dbeta are added up.
        """
        others = tuple(range(dout.ndim - 1))
        self.dgamma = (self.dgamma + (dout * self._xhat).sum(axis=others)).astype(dout.dtype)
        self.dbeta = (self.dbeta + dout.sum(axis=others)).astype(dout.dtype)
        return _normalized_grad(dout * self.gamma, self._xhat, self._inv_std, -1)


class Softmax:
    """Shares along the last axis."""

    def forward(self, x):
        """x -> out."""
        e = np.exp(x - x.max(axis=-1, keepdims=True))
        self._out = e / e.sum(axis=-1, keepdims=True)
        return self._out.copy()

    def backward(self, dout):
        """dout -> dx.

        Wrong: in a second call after one forward, since the first one leaves dx in place of out.
        """
        along = (dout * self._out).sum(axis=-1, keepdims=True)
        self._out *= dout - along
        return self._out.copy()
