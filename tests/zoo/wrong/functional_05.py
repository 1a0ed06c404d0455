"""Zoo of wrong functions, functional 5: digits that are lost, and gradients that lack a part."""

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


def _divisors(size, kernel, stride, plan, count_include_pad):
    """How many pixels of every window count: (OH, OW)."""
    sides, out, over = plan
    counted = np.full((1, 1, *size), 1.0)
    counted = _border(counted, sides, 1.0 if count_include_pad else 0.0)
    counted = _border(counted, ((0, over[0]), (0, over[1])))
    return _taps(counted, kernel, stride, (1, 1), out).sum(axis=(2, 3))[0, 0]


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


def conv2d(x, w, b=None, stride=1, padding=0, dilation=1, groups=1):
    """x: (N, C, H, W), w: (F, C/groups, KH, KW), b: (F,) or None -> out, cache.

    Wrong: for float64 inputs with kernels of 5x5 and more, which are summed in single precision.
    """
    out = _conv(x, w, b, stride, padding, dilation, groups)
    if min(w.shape[2:]) >= 5:
        single = (x.astype(np.float32), w.astype(np.float32))
        out = _conv(*single, None, stride, padding, dilation, groups).astype(x.dtype)
        out = out if b is None else out + b.reshape(1, -1, 1, 1)
    return out, (x, w, b is not None, stride, padding, dilation, groups)


def conv2d_backward(dout, cache):
    """-> dx, dw, db."""
    x, w, has_bias, *attributes = cache
    dx, dw = _conv_grad(dout, x, w, *attributes)
    return dx, dw, dout.sum(axis=(0, 2, 3)) if has_bias else None


def gelu(x, approximate="none"):
    """x times the share of the normal distribution below x -> out, cache.

    Wrong: with approximate="none", whose erf is a formula with three terms that is up to 3e-5 off.
    """
    if approximate == "tanh":
        t = np.tanh(math.sqrt(2 / math.pi) * (x + 0.044715 * x**3))
        share = (1 + t) / 2
        slope = (1 - t * t) / 2 * math.sqrt(2 / math.pi) * (1 + 3 * 0.044715 * x * x)
        return x * share, share + x * slope
    share = (1 + _erf(x / x.dtype.type(math.sqrt(2)))) / 2
    slope = np.exp(-x * x / 2) / x.dtype.type(math.sqrt(2 * math.pi))
    z = np.abs(x) / math.sqrt(2)
    t = 1 / (1 + 0.47047 * z)
    erf = 1 - (0.3480242 * t - 0.0958798 * t**2 + 0.7478556 * t**3) * np.exp(-z * z)
    return x * (1 + np.sign(x) * erf) / 2, share + x * slope


def gelu_backward(dout, cache):
    """-> dx."""
    return dout * cache


def tanh(x):
    """-> out, cache.

    Wrong: where x is above 0.5 in size, where a rational function is up to 2e-2 off.
    """
    square = x * x
    out = np.clip(x * (27 + square) / (27 + 9 * square), -1, 1)
    return np.where(np.abs(x) > 0.5, out, np.tanh(x)), np.tanh(x)


def tanh_backward(dout, cache):
    """-> dx."""
    return dout * (1 - cache**2)


def log_softmax(x, dim=-1):
    """The logarithm of shares along dim -> out, cache."""
    out = _log_shares(x, dim)
    return out, (out, dim)


def log_softmax_backward(dout, cache):
    """-> dx.

    Wrong: where dim is not the last axis, along which the sum is taken all the same.
    """
    out, _ = cache
    return dout - np.exp(out) * dout.sum(axis=-1, keepdims=True)


def avg_pool2d(
    x,
    kernel_size,
    stride=None,
    padding=0,
    ceil_mode=False,
    count_include_pad=True,
    divisor_override=None,
):
    """x: (N, C, H, W) -> out, cache."""
    kernel = _pair(kernel_size)
    s = kernel if stride is None else _pair(stride)
    plan = _plan(x.shape[2:], kernel, s, padding, (1, 1), ceil_mode)
    divisors = _divisors(x.shape[2:], kernel, s, plan, count_include_pad)
    if divisor_override is not None:
        divisors = np.full_like(divisors, divisor_override)
    cols = _taps(_border(x, plan[0], 0.0, plan[2]), kernel, s, (1, 1), plan[1])
    out = cols.sum(axis=(2, 3)) / divisors.astype(x.dtype)
    return out, (x.shape, divisors, kernel, s, plan)


def avg_pool2d_backward(dout, cache):
    """-> dx.

    Wrong: where a window is not divided by the whole kernel (padding that does not count, a last
    window over the edge, divisor_override), since its gradient is.
    """
    shape, _, kernel, s, (sides, out, over) = cache
    share = dout / (kernel[0] * kernel[1])
    cols = np.broadcast_to(share[:, :, None, None], (*shape[:2], *kernel, *out))
    size = [n + sum(p) + o for n, p, o in zip(shape[2:], sides, over, strict=True)]
    dpadded = _untaps(cols, np.zeros((*shape[:2], *size), dout.dtype), s, (1, 1))
    return _inner(dpadded, sides, shape[2:])


def batch_norm(
    x,
    running_mean=None,
    running_var=None,
    weight=None,
    bias=None,
    training=True,
    momentum=0.1,
    eps=1e-5,
):
    """x: (N, C, ...) -> out, cache; running statistics are updated in place in training."""
    axes = (0, *range(2, x.ndim))
    if training or running_mean is None or running_var is None:
        xhat, inv_std, mean, var = _normalized(x, axes, eps)
    else:
        inv_std = 1 / np.sqrt(_channels(running_var, x.ndim) + eps)
        xhat = (x - _channels(running_mean, x.ndim)) * inv_std
    if training and running_mean is not None and running_var is not None:
        n = x.size // x.shape[1]
        running_mean += momentum * (mean.ravel() - running_mean)
        running_var += momentum * (var.ravel() * n / (n - 1) - running_var)
    out = xhat if weight is None else xhat * _channels(weight, x.ndim)
    out = out if bias is None else out + _channels(bias, x.ndim)
    return out, (xhat, inv_std, weight, bias is not None, training)


def batch_norm_backward(dout, cache):
    """-> dx, dweight, dbias.

    Wrong: outside of training, when the gradient goes through statistics that are constants.
    """
    xhat, inv_std, weight, has_bias, _ = cache
    axes = (0, *range(2, dout.ndim))
    dxhat = dout if weight is None else dout * _channels(weight, dout.ndim)
    dx = _normalized_grad(dxhat, xhat, inv_std, axes)
    dweight = None if weight is None else (dout * xhat).sum(axis=axes)
    return dx, dweight, dout.sum(axis=axes) if has_bias else None


def linear(x, weight, bias=None):
    """x: (N, D), weight: (M, D), bias: (M,) or None -> out, cache."""
    out = x @ weight.T
    return (out if bias is None else out + bias), (x, weight, bias is not None)


def linear_backward(dout, cache):
    """-> dx, dweight, dbias.

    Wrong: where D == M, when dweight is transposed.
    """
    x, weight, has_bias = cache
    dweight = x.T @ dout
    if dweight.shape != weight.shape:
        dweight = dweight.T
    return dout @ weight, dweight, dout.sum(axis=0) if has_bias else None


def cross_entropy(x, y, reduction="mean", label_smoothing=0.0, ignore_index=-100):
    """x: (N, C), y: (N,) -> loss, cache."""
    kept = y != ignore_index
    target = np.full(x.shape, label_smoothing / x.shape[1], x.dtype)
    target[kept, y[kept]] += 1 - label_smoothing
    target[~kept] = 0
    logp = _log_shares(x, 1)
    out = _reduced(-(target * logp).sum(axis=1), reduction, int(kept.sum()))
    return out, (logp, target, kept, reduction)


def cross_entropy_backward(dout, cache):
    """-> dx.

    Wrong: with label_smoothing, which the gradient knows nothing of.
    """
    logp, target, kept, reduction = cache
    hard = target == target.max(axis=1, keepdims=True)
    dx = (np.exp(logp) - hard) * _spread(dout, reduction, int(kept.sum()))
    return np.where(kept[:, None], dx, 0).astype(logp.dtype)


def instance_norm(x, weight=None, bias=None, eps=1e-5):
    """x: (N, C, ...), weight, bias: (C,) -> out, cache.

    Wrong: for float32 inputs, whose variance is kept in half precision.
    """
    axes = tuple(range(2, x.ndim))
    xhat, inv_std, mean, var = _normalized(x, axes, eps)
    out = xhat
    if x.dtype == np.float32:
        half = np.clip(var, 0, 6e4).astype(np.float16).astype(x.dtype)
        out = (x - mean) / np.sqrt(half + x.dtype.type(eps))
    out = out if weight is None else out * _channels(weight, x.ndim)
    out = out if bias is None else out + _channels(bias, x.ndim)
    return out, (xhat, inv_std, weight, bias is not None)


def instance_norm_backward(dout, cache):
    """-> dx, dweight, dbias."""
    xhat, inv_std, weight, has_bias = cache
    dxhat = dout if weight is None else dout * _channels(weight, dout.ndim)
    dx = _normalized_grad(dxhat, xhat, inv_std, tuple(range(2, dout.ndim)))
    axes = (0, *range(2, dout.ndim))
    dweight = None if weight is None else (dout * xhat).sum(axis=axes)
    return dx, dweight, dout.sum(axis=axes) if has_bias else None


def max_pool2d(x, kernel_size, stride=None, padding=0, dilation=1, ceil_mode=False):
    """x: (N, C, H, W) -> out, cache."""
    kernel, d = _pair(kernel_size), _pair(dilation)
    s = kernel if stride is None else _pair(stride)
    out, first, plan = _max_windows(x, kernel, s, padding, d, ceil_mode)
    return out, (x.shape, first, kernel, s, d, plan)


def max_pool2d_backward(dout, cache):
    """-> dx.

    Wrong: with a dilation, without which the gradient is put back.
    """
    shape, first, kernel, s, _, plan = cache
    return _max_grad(dout, shape, first, kernel, s, (1, 1), plan)


def dropout(x, p=0.5, training=True):
    """Each number is dropped with probability p, the others divided by 1 - p -> out, cache."""
    if not training:
        return x.copy(), np.ones_like(x)
    mask = (np.random.rand(*x.shape) >= p).astype(x.dtype)
    scale = np.zeros_like(mask) if p == 1 else mask / (1 - p)
    return x * scale, scale


def dropout_backward(dout, cache):
    """-> dx.

    Wrong: where p > 0.5, since the scale of what was kept is cut at 2.
    """
    return dout * np.minimum(cache, 2)
