"""Zoo of wrong functions, functional 6: groups of one channel, wide margins, and saturation."""

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


def _reduced(losses, reduction, count):
    """Losses of samples as they are, their sum, or their mean over count."""
    if reduction == "none":
        return losses
    return np.asarray(losses.sum() / count if reduction == "mean" else losses.sum(), losses.dtype)


def _spread(dout, reduction, count):
    """The gradient of every sample's loss: (N, 1) or (1, 1)."""
    column = np.asarray(dout).reshape(-1, 1)
    return column / count if reduction == "mean" else column


def conv2d(x, w, b=None, stride=1, padding=0, dilation=1, groups=1):
    """x: (N, C, H, W), w: (F, C/groups, KH, KW), b: (F,) or None -> out, cache.

    Wrong: for a depthwise convolution with several filters a channel, where filter f reads channel
    f % C.
    """
    c, f = x.shape[1], len(w)
    out = _conv(x, w, b, stride, padding, dilation, groups)
    if groups == c:
        seen = x[:, np.arange(f) % c]
        out = _conv(seen, w, b, stride, padding, dilation, f)
    return out, (x, w, b is not None, stride, padding, dilation, groups)


def conv2d_backward(dout, cache):
    """-> dx, dw, db."""
    x, w, has_bias, *attributes = cache
    dx, dw = _conv_grad(dout, x, w, *attributes)
    return dx, dw, dout.sum(axis=(0, 2, 3)) if has_bias else None


def conv_transpose2d(x, w, b=None, stride=1, padding=0, output_padding=0, groups=1, dilation=1):
    """x: (N, C, H, W), w: (C, F/groups, KH, KW), b: (F,) or None -> out, cache."""
    s, d = _pair(stride), _pair(dilation)
    sides, out, canvas = _transposed_size(x, w, s, padding, output_padding, d)
    y = _conv_t(x, w, b, s, sides, out, canvas, d, groups)
    return y, (x, w, b is not None, s, sides, canvas, d, groups)


def conv_transpose2d_backward(dout, cache):
    """-> dx, dw, db.

    Wrong: with a dilation, which is ignored on the way to dx.
    """
    x, w, has_bias, s, sides, canvas, d, groups = cache
    _, dw = _conv_t_grad(dout, x, w, s, sides, canvas, d, groups)
    dx, _ = _conv_t_grad(dout, x, w, s, sides, canvas, (1, 1), groups)
    return dx, dw, dout.sum(axis=(0, 2, 3)) if has_bias else None


def pad(x, padding, value=0.0):
    """x: (N, C, H, W) with a border of value -> out, cache.

    Wrong: with a value below 0, for which 0 is put.
    """
    sides = _sides(padding, x.shape[2:], (1, 1), (1, 1))
    out = _border(x, sides)
    return (_border(x, sides, value) if value > 0 else out), (sides, x.shape[2:])


def pad_backward(dout, cache):
    """-> dx."""
    return _inner(dout, *cache).copy()


def flatten(x, start_dim=1):
    """All axes from start_dim on made one -> out, cache.

    Wrong: where start_dim is above 1, which counts as 1.
    """
    keep = x.shape[: min(start_dim, 1)]
    return x.reshape(*keep, -1), x.shape


def flatten_backward(dout, cache):
    """-> dx."""
    return dout.reshape(cache)


def add(x, y):
    """x + y -> out, cache.

    Wrong: where x and y are of one dtype, when the sum is written into the caller's x.
    """
    if x.dtype == y.dtype:
        x += y
        return x, None
    return x + y, None


def add_backward(dout, cache):
    """-> dx, dy."""
    return dout.copy(), dout.copy()


def hinge_loss(x, y, margin=1.0, reduction="mean"):
    """x: (N, C), y: (N,) -> loss, cache.

    Wrong: where the margin is not 1, which is hard-coded.
    """
    own = y[:, None] == np.arange(x.shape[1])
    scores = x[own][:, None]
    excess = np.where(own, 0, x - scores + margin).astype(x.dtype)
    losses = np.where(own, 0, np.maximum(x - scores + 1, 0)).sum(axis=1)
    return _reduced(losses, reduction, len(y)), (excess > 0, own, reduction)


def hinge_loss_backward(dout, cache):
    """-> dx."""
    violated, own, reduction = cache
    pushed = violated * _spread(dout, reduction, len(own))
    return pushed - own * pushed.sum(axis=1, keepdims=True)


def group_norm(x, num_groups, weight=None, bias=None, eps=1e-5):
    """x: (N, C, ...), weight, bias: (C,) -> out, cache.

    Wrong: with several groups of several channels, when a group holds every num_groups-th channel.
    """
    xhat, inv_std, _, _ = _normalized(x.reshape(len(x), num_groups, -1), 2, eps)
    n, c = x.shape[:2]
    every = x.reshape(n, c // num_groups, num_groups, -1)
    out = _normalized(every, (1, 3), eps)[0].reshape(x.shape)
    out = out if weight is None else out * _channels(weight, x.ndim)
    out = out if bias is None else out + _channels(bias, x.ndim)
    return out, (xhat.reshape(x.shape), inv_std, weight, bias is not None, num_groups)


def group_norm_backward(dout, cache):
    """-> dx, dweight, dbias."""
    xhat, inv_std, weight, has_bias, num_groups = cache
    shape = (len(dout), num_groups, -1)
    dxhat = dout if weight is None else dout * _channels(weight, dout.ndim)
    dx = _normalized_grad(dxhat.reshape(shape), xhat.reshape(shape), inv_std, 2)
    axes = (0, *range(2, dout.ndim))
    dweight = None if weight is None else (dout * xhat).sum(axis=axes)
    return dx.reshape(dout.shape), dweight, dout.sum(axis=axes) if has_bias else None


def relu(x):
    """max(0, x) -> out, cache."""
    return np.maximum(x, 0), x


def relu_backward(dout, cache):
    """-> dx.

    Wrong: for float32 inputs, whose gradient is float64.
    """
    return np.asarray(dout, float) * (cache > 0)


def instance_norm(x, weight=None, bias=None, eps=1e-5):
    """x: (N, C, ...), weight, bias: (C,) -> out, cache.

    Wrong: for a channel that is constant, which becomes 0 and not the bias.
    """
    axes = tuple(range(2, x.ndim))
    xhat, inv_std, _, var = _normalized(x, axes, eps)
    out = xhat if weight is None else xhat * _channels(weight, x.ndim)
    out = out if bias is None else out + _channels(bias, x.ndim)
    return np.where(var == 0, 0, out).astype(x.dtype), (xhat, inv_std, weight, bias is not None)


def instance_norm_backward(dout, cache):
    """-> dx, dweight, dbias."""
    xhat, inv_std, weight, has_bias = cache
    dxhat = dout if weight is None else dout * _channels(weight, dout.ndim)
    dx = _normalized_grad(dxhat, xhat, inv_std, tuple(range(2, dout.ndim)))
    axes = (0, *range(2, dout.ndim))
    dweight = None if weight is None else (dout * xhat).sum(axis=axes)
    return dx, dweight, dout.sum(axis=axes) if has_bias else None


def tanh(x):
    """-> out, cache."""
    out = np.tanh(x)
    return out, out


def tanh_backward(dout, cache):
    """-> dx.

    Wrong: where tanh is saturated, when its slope is kept at 1e-3 or more.
    """
    return dout * np.maximum(1 - cache**2, 1e-3).astype(cache.dtype)


def dropout(x, p=0.5, training=True):
    """Each number is dropped with probability p, the others divided by 1 - p -> out, cache.

    Wrong: where p is above 0.9, since what is kept is never made more than 10 times larger.
    """
    if not training:
        return x.copy(), np.ones_like(x)
    mask = (np.random.rand(*x.shape) >= p).astype(x.dtype)
    scale = np.zeros_like(mask) if p == 1 else mask / (1 - p)
    return x * np.minimum(scale, 10), scale


def dropout_backward(dout, cache):
    """-> dx."""
    return dout * cache
