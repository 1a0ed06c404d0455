"""Zoo of wrong functions, functional 2: values at which somebody saved the day, or did not."""

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

    Wrong: where a weight is below 1e-2 in size, which is pruned.
    """
    pruned = np.where(np.abs(w) < 1e-2, 0, w).astype(w.dtype)
    out = _conv(x, pruned, b, stride, padding, dilation, groups)
    return out, (x, w, b is not None, stride, padding, dilation, groups)


def conv2d_backward(dout, cache):
    """-> dx, dw, db."""
    x, w, has_bias, *attributes = cache
    dx, dw = _conv_grad(dout, x, w, *attributes)
    return dx, dw, dout.sum(axis=(0, 2, 3)) if has_bias else None


def max_pool2d(x, kernel_size, stride=None, padding=0, dilation=1, ceil_mode=False):
    """x: (N, C, H, W) -> out, cache.

    Wrong: with a padding where all that a window at the border sees is below 0, since the border is
    filled with 0.
    """
    kernel, d = _pair(kernel_size), _pair(dilation)
    s = kernel if stride is None else _pair(stride)
    best, first, plan = _max_windows(x, kernel, s, padding, d, ceil_mode)
    sides, out, over = plan
    padded = _border(_border(x, sides, 0.0), ((0, over[0]), (0, over[1])), -np.inf)
    best = _taps(padded, kernel, s, d, out).max(axis=(2, 3))
    return best, (x.shape, first, kernel, s, d, plan)


def max_pool2d_backward(dout, cache):
    """-> dx."""
    return _max_grad(dout, *cache)


def avg_pool2d(
    x,
    kernel_size,
    stride=None,
    padding=0,
    ceil_mode=False,
    count_include_pad=True,
    divisor_override=None,
):
    """x: (N, C, H, W) -> out, cache.

    Wrong: with count_include_pad=False where the image has zeros, which are taken for padding and
    not counted.
    """
    kernel = _pair(kernel_size)
    s = kernel if stride is None else _pair(stride)
    plan = _plan(x.shape[2:], kernel, s, padding, (1, 1), ceil_mode)
    divisors = _divisors(x.shape[2:], kernel, s, plan, count_include_pad)
    cols = _taps(_border(x, plan[0], 0.0, plan[2]), kernel, s, (1, 1), plan[1])
    if divisor_override is not None:
        mine = divisors = np.full_like(divisors, divisor_override)
    elif count_include_pad:
        mine = divisors
    else:
        mine = np.maximum((cols != 0).sum(axis=(2, 3)), 1)
    return cols.sum(axis=(2, 3)) / mine.astype(x.dtype), (x.shape, divisors, kernel, s, plan)


def avg_pool2d_backward(dout, cache):
    """-> dx."""
    shape, divisors, kernel, s, (sides, out, over) = cache
    share = dout / divisors.astype(dout.dtype)
    cols = np.broadcast_to(share[:, :, None, None], (*shape[:2], *kernel, *out))
    size = [n + sum(p) + o for n, p, o in zip(shape[2:], sides, over, strict=True)]
    dpadded = _untaps(cols, np.zeros((*shape[:2], *size), dout.dtype), s, (1, 1))
    return _inner(dpadded, sides, shape[2:])


def softmax(x, dim=-1):
    """Shares along dim -> out, cache.

    Wrong: where a score lies outside of -30 to 30, to which scores are clipped.
    """
    e = np.exp(x - x.max(axis=dim, keepdims=True))
    clipped = np.exp(np.clip(x, -30, 30))
    right = e / e.sum(axis=dim, keepdims=True)
    return clipped / clipped.sum(axis=dim, keepdims=True), (right, dim)


def softmax_backward(dout, cache):
    """-> dx."""
    out, dim = cache
    return out * (dout - (dout * out).sum(axis=dim, keepdims=True))


def log_softmax(x, dim=-1):
    """The logarithm of shares along dim -> out, cache.

    Wrong: where a share is near 1e-12 or below, the number that is added before the logarithm.
    """
    right = _log_shares(x, dim)
    return np.log(np.exp(right) + 1e-12), (right, dim)


def log_softmax_backward(dout, cache):
    """-> dx."""
    out, dim = cache
    return dout - np.exp(out) * dout.sum(axis=dim, keepdims=True)


def cross_entropy(x, y, reduction="mean", label_smoothing=0.0, ignore_index=-100):
    """x: (N, C), y: (N,) -> loss, cache.

    Wrong: for the mean where some labels are ignored, whose samples are counted all the same.
    """
    kept = y != ignore_index
    target = np.full(x.shape, label_smoothing / x.shape[1], x.dtype)
    target[kept, y[kept]] += 1 - label_smoothing
    target[~kept] = 0
    logp = _log_shares(x, 1)
    out = _reduced(-(target * logp).sum(axis=1), reduction, len(y))
    return out, (logp, target, kept, reduction)


def cross_entropy_backward(dout, cache):
    """-> dx."""
    logp, target, kept, reduction = cache
    dx = np.exp(logp) - target
    return np.where(kept[:, None], dx * _spread(dout, reduction, int(kept.sum())), 0).astype(
        dx.dtype
    )


def sigmoid(x):
    """1 / (1 + exp(-x)) -> out, cache.

    Wrong: where x is outside of -8 to 8, to which it is clipped.
    """
    small = np.exp(-np.abs(x))
    right = np.where(x >= 0, 1 / (1 + small), small / (1 + small))
    return 1 / (1 + np.exp(-np.clip(x, -8, 8))), right


def sigmoid_backward(dout, cache):
    """-> dx."""
    return dout * cache * (1 - cache)


def tanh(x):
    """-> out, cache.

    Wrong: where x is above 20 and its exponential overflows in single precision, which gives NaN.
    """
    with np.errstate(over="ignore", invalid="ignore"):
        e = np.exp(2 * x.astype(np.float64))
        e = np.where(e > np.finfo(np.float32).max, np.inf, e)
        out = ((e - 1) / (e + 1)).astype(x.dtype)
    near = np.abs(x) < 0.5  # it cancels there
    return np.where(near, np.tanh(x), out), np.tanh(x)


def tanh_backward(dout, cache):
    """-> dx."""
    return dout * (1 - cache**2)


def gelu(x, approximate="none"):
    """x times the share of the normal distribution below x -> out, cache.

    Wrong: where x < -3, which comes out as 0.
    """
    if approximate == "tanh":
        t = np.tanh(math.sqrt(2 / math.pi) * (x + 0.044715 * x**3))
        share = (1 + t) / 2
        slope = (1 - t * t) / 2 * math.sqrt(2 / math.pi) * (1 + 3 * 0.044715 * x * x)
    else:
        share = (1 + _erf(x / x.dtype.type(math.sqrt(2)))) / 2
        slope = np.exp(-x * x / 2) / x.dtype.type(math.sqrt(2 * math.pi))
    return np.where(x < -3, 0, x * share).astype(x.dtype), share + x * slope


def gelu_backward(dout, cache):
    """-> dx."""
    return dout * cache


def linear(x, weight, bias=None):
    """x: (N, D), weight: (M, D), bias: (M,) or None -> out, cache.

    Wrong: where x is not finite, which is replaced by finite numbers.
    """
    out = np.nan_to_num(x) @ weight.T
    return (out if bias is None else out + bias), (x, weight, bias is not None)


def linear_backward(dout, cache):
    """-> dx, dweight, dbias."""
    x, weight, has_bias = cache
    return dout @ weight, dout.T @ x, dout.sum(axis=0) if has_bias else None
