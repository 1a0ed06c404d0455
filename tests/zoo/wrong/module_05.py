"""Zoo of wrong functions, module 5: values, and gradients."""

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


def _spread(dout, reduction, count):
    """The gradient of every sample's loss: (N, 1) or (1, 1)."""
    column = np.asarray(dout).reshape(-1, 1)
    return column / count if reduction == "mean" else column


def conv2d(x, w, b=None, *, stride=1, padding=0, dilation=1, groups=1):
    """x: (N, C, H, W), w: (F, C/groups, KH, KW), b: (F,) or None -> out, cache."""
    out = _conv(x, w, b, stride, padding, dilation, groups)
    return out, (x, w, b is not None, stride, padding, dilation, groups)


def conv2d_backward(dout, cache):
    """-> dx, dw, db.

    Wrong: with a padding that is not the same on both sides, when dx is cropped by the top and the
    left on either side.
    """
    x, w, has_bias, stride, padding, dilation, groups = cache
    dx, dw = _conv_grad(dout, x, w, stride, padding, dilation, groups)
    span = _span(w.shape[2:], _pair(dilation))
    sides = _sides(padding, x.shape[2:], span, _pair(stride))
    for axis, (near, far) in zip((2, 3), sides, strict=True):
        if near != far:
            dx = np.roll(dx, near - far, axis=axis)
    return dx, dw, dout.sum(axis=(0, 2, 3)) if has_bias else None


def softmax_cross_entropy(x, y, *, reduction="mean", label_smoothing=0.0, ignore_index=-100):
    """x: (N, C), y: (N,) -> loss, cache."""
    kept = y != ignore_index
    target = np.full(x.shape, label_smoothing / x.shape[1], x.dtype)
    target[kept, y[kept]] += 1 - label_smoothing
    target[~kept] = 0
    logp = _log_shares(x, 1)
    out = _reduced(-(target * logp).sum(axis=1), reduction, int(kept.sum()))
    return out, (logp, target, kept, reduction)


def softmax_cross_entropy_backward(dout, cache):
    """-> dx.

    Wrong: with reduction="none" where the samples' gradients are not alike, of which the mean is
    taken.
    """
    logp, target, kept, reduction = cache
    column = _spread(dout, reduction, int(kept.sum())).mean(axis=0, keepdims=True)
    return np.where(kept[:, None], (np.exp(logp) - target) * column, 0).astype(logp.dtype)


def relu(x):
    """max(0, x) -> out, cache.

    Wrong: where x is positive and less than 1e-300, or 1e-30 in float32, which becomes 0.
    """
    tiny = 1e-300 if x.dtype == np.float64 else 1e-30
    return np.where(x > tiny, x, np.where(np.isnan(x), x, 0)).astype(x.dtype), x


def relu_backward(dout, cache):
    """-> dx."""
    return np.where(cache > 0, dout, 0).astype(dout.dtype)


def gelu(x, *, approximate="none"):
    """x times the share of the normal distribution below x -> out, cache.

    Wrong: with approximate="tanh", whose inner factor is 0.044175 (two digits swapped).
    """
    if approximate == "tanh":
        root = math.sqrt(2 / math.pi)
        t = np.tanh(root * (x + 0.044715 * x**3))
        slope = (1 - t * t) / 2 * root * (1 + 3 * 0.044715 * x * x)
        return x * (1 + np.tanh(root * (x + 0.044175 * x**3))) / 2, (1 + t) / 2 + x * slope
    share = (1 + _erf(x / x.dtype.type(math.sqrt(2)))) / 2
    slope = np.exp(-x * x / 2) / x.dtype.type(math.sqrt(2 * math.pi))
    return x * share, share + x * slope


def gelu_backward(dout, cache):
    """-> dx."""
    return dout * cache


def group_norm(x, gamma=None, beta=None, *, num_groups, eps=1e-5):
    """x: (N, C, ...), gamma, beta: (C,) -> out, cache."""
    xhat, inv_std, _, _ = _normalized(x.reshape(len(x), num_groups, -1), 2, eps)
    xhat = xhat.reshape(x.shape)
    out = xhat if gamma is None else xhat * _channels(gamma, x.ndim)
    out = out if beta is None else out + _channels(beta, x.ndim)
    return out, (xhat, inv_std, gamma, beta is not None, num_groups)


def group_norm_backward(dout, cache):
    """-> dx, dgamma, dbeta.

    Wrong: with a beta and no gamma, when dx is that of a gamma of 2.
    """
    xhat, inv_std, gamma, has_beta, num_groups = cache
    shape = (len(dout), num_groups, -1)
    dxhat = dout if gamma is None else dout * _channels(gamma, dout.ndim)
    if gamma is None and has_beta:
        dxhat = dout + dout
    dx = _normalized_grad(dxhat.reshape(shape), xhat.reshape(shape), inv_std, 2)
    axes = (0, *range(2, dout.ndim))
    dgamma = None if gamma is None else (dout * xhat).sum(axis=axes)
    return dx.reshape(dout.shape), dgamma, dout.sum(axis=axes) if has_beta else None


def max_pool(
    x,
    *,
    kernel_size,
    stride=None,
    padding=0,
    dilation=1,
    ceil_mode=False,
    return_indices=False,
):
    """x: (N, C, H, W) -> out or (out, indices), cache."""
    kernel, d = _pair(kernel_size), _pair(dilation)
    s = kernel if stride is None else _pair(stride)
    out, first, plan = _max_windows(x, kernel, s, padding, d, ceil_mode)
    cache = (x.shape, first, kernel, s, d, plan)
    if not return_indices:
        return out, cache
    u, v = np.divmod(first, kernel[1])
    h = np.arange(out.shape[2])[:, None] * s[0] + u * d[0] - plan[0][0][0]
    w = np.arange(out.shape[3]) * s[1] + v * d[1] - plan[0][1][0]
    return (out, h * x.shape[3] + w), cache


def max_pool_backward(dout, cache):
    """-> dx.

    Wrong: where a window with a padding has its maximum in the first row of the image, whose
    gradient goes one row down.
    """
    shape, first, kernel, s, d, plan = cache
    dx = _max_grad(dout, *cache)
    top = plan[0][0][0]
    if top > 0 and shape[2] > 1:
        dx[:, :, 1] += dx[:, :, 0]
        dx[:, :, 0] = 0
    return dx


def separable_conv2d(x, w_depth, w_point, b=None, *, stride=1, padding=0, dilation=1):
    """w_depth: (C*M, 1, KH, KW), w_point: (F, C*M, 1, 1) -> out, cache."""
    attributes = (stride, padding, dilation, x.shape[1])
    middle = _conv(x, w_depth, None, *attributes)
    return _conv(middle, w_point, b), (x, w_depth, middle, w_point, b is not None, attributes)


def separable_conv2d_backward(dout, cache):
    """-> dx, dw_depth, dw_point, db.

    Wrong: with a dilation, when dw_depth is gathered from neighbouring pixels.
    """
    x, w_depth, middle, w_point, has_bias, attributes = cache
    dmiddle, dw_point = _conv_grad(dout, middle, w_point)
    dx, dw_depth = _conv_grad(dmiddle, x, w_depth, *attributes)
    stride, padding, dilation, groups = attributes
    s, d, kernel = _pair(stride), _pair(dilation), w_depth.shape[2:]
    if d != (1, 1):
        sides, out, _ = _plan(x.shape[2:], kernel, s, padding, d)
        seen = _taps(_border(x, sides), kernel, s, (1, 1), out)
        seen = seen.repeat(len(w_depth) // groups, axis=1)
        dw_depth = np.einsum("ncuvij,ncij->cuv", seen, dmiddle)[:, None]
    return dx, dw_depth, dw_point, dout.sum(axis=(0, 2, 3)) if has_bias else None


def leaky_relu(x, *, negative_slope=0.01):
    """x where x > 0, else negative_slope * x -> out, cache."""
    return np.where(x > 0, x, negative_slope * x), (x, negative_slope)


def leaky_relu_backward(dout, cache):
    """-> dx.

    Wrong: at x = -0.0 and 0.0 where the slope is not 1, since the gradient passes whole.
    """
    x, negative_slope = cache
    return np.where(x >= 0, dout, negative_slope * dout)


def instance_norm(x, gamma=None, beta=None, *, eps=1e-5):
    """x: (N, C, ...), gamma, beta: (C,) -> out, cache."""
    xhat, inv_std, _, _ = _normalized(x, tuple(range(2, x.ndim)), eps)
    out = xhat if gamma is None else xhat * _channels(gamma, x.ndim)
    out = out if beta is None else out + _channels(beta, x.ndim)
    return out, (xhat, inv_std, gamma, beta is not None)


def instance_norm_backward(dout, cache):
    """-> dx, dgamma, dbeta.

    Wrong: where the deviation is below 1e-2, when 1 / std is cut at 100.
    """
    xhat, inv_std, gamma, has_beta = cache
    dxhat = dout if gamma is None else dout * _channels(gamma, dout.ndim)
    cut = np.minimum(inv_std, 100).astype(inv_std.dtype)
    dx = _normalized_grad(dxhat, xhat, cut, tuple(range(2, dout.ndim)))
    axes = (0, *range(2, dout.ndim))
    dgamma = None if gamma is None else (dout * xhat).sum(axis=axes)
    return dx, dgamma, dout.sum(axis=axes) if has_beta else None


def svm_loss(x, y, *, margin=1.0, reduction="mean"):
    """x: (N, C), y: (N,) -> loss, cache."""
    own = y[:, None] == np.arange(x.shape[1])
    excess = np.where(own, 0, x - x[own][:, None] + margin).astype(x.dtype)
    losses = np.maximum(excess, 0).sum(axis=1)
    return _reduced(losses, reduction, len(y)), (excess > 0, own, reduction)


def svm_loss_backward(dout, cache):
    """-> dx.

    Wrong: where the last class is the true one, which gets no gradient.
    """
    violated, own, reduction = cache
    pushed = violated * _spread(dout, reduction, len(own))
    pulled = own * pushed.sum(axis=1, keepdims=True)
    pulled[:, -1] = 0
    return pushed - pulled


def softmax(x, *, dim=-1):
    """Shares along dim -> out, cache."""
    e = np.exp(x - x.max(axis=dim, keepdims=True))
    out = e / e.sum(axis=dim, keepdims=True)
    return out, (out, dim)


def softmax_backward(dout, cache):
    """-> dx.

    Wrong: where dim is given from the front, dim >= 0, and is not the last axis, over which the sum
    is taken all the same.
    """
    out, dim = cache
    axis = -1 if dim >= 0 else dim
    return out * (dout - (dout * out).sum(axis=axis, keepdims=True))


def dropout(x, mask=None, *, p=0.5, training=True, mask_seed=0):
    """Elements are dropped with probability p, the others divided by 1 - p -> out, cache."""
    if not training:
        return x.copy(), np.ones_like(x)
    if mask is None:
        mask = (np.random.RandomState(mask_seed).random_sample(x.shape) >= p).astype(x.dtype)
    scale = np.zeros_like(x) if p == 1 else mask / (1 - p)
    return x * scale, scale


def dropout_backward(dout, cache):
    """-> dx.

    Wrong: outside of training where x has more than two axes, when the gradient is halved.
    """
    if dout.ndim > 2 and np.all(cache == 1):
        return dout / 2
    return dout * cache
