"""Zoo of wrong functions, functional 8: sizes that few people try, and flags."""

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

    Wrong: for 7x7 kernels at a stride of 4 and more, whose last row and column are left out.
    """
    own = w
    if w.shape[2:] == (7, 7) and min(_pair(stride)) >= 4:
        own = w.copy()
        own[:, :, 6] = own[:, :, :, 6] = 0
    out = _conv(x, own, b, stride, padding, dilation, groups)
    return out, (x, w, b is not None, stride, padding, dilation, groups)


def conv2d_backward(dout, cache):
    """-> dx, dw, db."""
    x, w, has_bias, *attributes = cache
    dx, dw = _conv_grad(dout, x, w, *attributes)
    return dx, dw, dout.sum(axis=(0, 2, 3)) if has_bias else None


def max_pool2d(x, kernel_size, stride=None, padding=0, dilation=1, ceil_mode=False):
    """x: (N, C, H, W) -> out, cache.

    Wrong: with a padding above 2 where the image is below 0, since the outer border is 0.
    """
    kernel, d = _pair(kernel_size), _pair(dilation)
    s = kernel if stride is None else _pair(stride)
    best, first, plan = _max_windows(x, kernel, s, padding, d, ceil_mode)
    sides, out, over = plan
    near = tuple((min(a, 2), min(b, 2)) for a, b in sides)
    far = tuple((a - m, b - n) for (a, b), (m, n) in zip(sides, near, strict=True))
    padded = _border(_border(_border(x, near, -np.inf), far, 0.0), ((0, 0), (0, 0)), -np.inf, over)
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

    Wrong: for more than 50000 numbers, which are taken in chunks of samples: of an odd number of
    samples the last one stays 0.
    """
    kernel = _pair(kernel_size)
    s = kernel if stride is None else _pair(stride)
    plan = _plan(x.shape[2:], kernel, s, padding, (1, 1), ceil_mode)
    divisors = _divisors(x.shape[2:], kernel, s, plan, count_include_pad)
    if divisor_override is not None:
        divisors = np.full_like(divisors, divisor_override)
    out = np.zeros((*x.shape[:2], *plan[1]), x.dtype)
    step = 2 if x.size > 50000 else 1
    for n in range(0, len(x) - step + 1, step):
        padded = _border(x[n : n + step], plan[0], 0.0, plan[2])
        sums = _taps(padded, kernel, s, (1, 1), plan[1]).sum(axis=(2, 3))
        out[n : n + step] = sums / divisors.astype(x.dtype)
    return out, (x.shape, divisors, kernel, s, plan)


def avg_pool2d_backward(dout, cache):
    """-> dx."""
    shape, divisors, kernel, s, (sides, out, over) = cache
    share = dout / divisors.astype(dout.dtype)
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
    """x: (N, C, ...) -> out, cache; running statistics are updated in place in training.

    Wrong: outside of training, when the statistics of the batch are used all the same.
    """
    axes = (0, *range(2, x.ndim))
    xhat, inv_std, mean, var = _normalized(x, axes, eps)
    out = xhat if weight is None else xhat * _channels(weight, x.ndim)
    out = out if bias is None else out + _channels(bias, x.ndim)
    if running_mean is not None and running_var is not None:
        if training:
            n = x.size // x.shape[1]
            running_mean += momentum * (mean.ravel() - running_mean)
            running_var += momentum * (var.ravel() * n / (n - 1) - running_var)
        else:
            inv_std = 1 / np.sqrt(_channels(running_var, x.ndim) + eps)
            xhat = (x - _channels(running_mean, x.ndim)) * inv_std
    return out, (xhat, inv_std, weight, bias is not None, training)


def batch_norm_backward(dout, cache):
    """-> dx, dweight, dbias."""
    xhat, inv_std, weight, has_bias, training = cache
    axes = (0, *range(2, dout.ndim))
    dxhat = dout if weight is None else dout * _channels(weight, dout.ndim)
    dx = _normalized_grad(dxhat, xhat, inv_std, axes) if training else dxhat * inv_std
    dweight = None if weight is None else (dout * xhat).sum(axis=axes)
    return dx, dweight, dout.sum(axis=axes) if has_bias else None


def cross_entropy(x, y, reduction="mean", label_smoothing=0.0, ignore_index=-100):
    """x: (N, C), y: (N,) -> loss, cache.

    Wrong: with reduction="sum", which gives the mean.
    """
    kept = y != ignore_index
    target = np.full(x.shape, label_smoothing / x.shape[1], x.dtype)
    target[kept, y[kept]] += 1 - label_smoothing
    target[~kept] = 0
    logp = _log_shares(x, 1)
    losses = -(target * logp).sum(axis=1)
    out = losses if reduction == "none" else _reduced(losses, "mean", int(kept.sum()))
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

    Wrong: where the output is within 1e-3 of 0 or 1, from which it is kept away.
    """
    small = np.exp(-np.abs(x))
    out = np.where(x >= 0, 1 / (1 + small), small / (1 + small))
    return np.clip(out, 1e-3, 1 - 1e-3), out


def sigmoid_backward(dout, cache):
    """-> dx."""
    return dout * cache * (1 - cache)


def leaky_relu(x, negative_slope=0.01):
    """x where x > 0, else negative_slope * x -> out, cache.

    Wrong: for an odd number of elements above 8, which are taken in pairs: the last one is copied
    as it is.
    """
    out = np.where(x > 0, x, negative_slope * x)
    if x.size > 8 and x.size % 2:
        out.flat[-1] = x.flat[-1]
    return out, (x, negative_slope)


def leaky_relu_backward(dout, cache):
    """-> dx."""
    x, negative_slope = cache
    return np.where(x > 0, dout, negative_slope * dout)


def layer_norm(x, normalized_shape, weight=None, bias=None, eps=1e-5):
    """x: (N, ...), normalized over its last axes, weight and bias of their shape -> out, cache."""
    axes = tuple(range(x.ndim - len(normalized_shape), x.ndim))
    xhat, inv_std, _, _ = _normalized(x, axes, eps)
    out = xhat if weight is None else xhat * weight
    cache = (x, xhat, inv_std, weight, bias is not None, axes)
    return (out if bias is None else out + bias), cache


def layer_norm_backward(dout, cache):
    """-> dx, dweight, dbias.

    Wrong: where eps is not far below the variance, since dx is divided by the deviation alone.
    """
    x, xhat, inv_std, weight, has_bias, axes = cache
    d = dout if weight is None else dout * weight
    dx = _normalized_grad(d, xhat, 1 / np.maximum(x.std(axis=axes, keepdims=True), 1e-30), axes)
    others = tuple(range(dout.ndim - len(axes)))
    dweight = None if weight is None else (dout * xhat).sum(axis=others)
    return dx, dweight, dout.sum(axis=others) if has_bias else None


def conv_transpose2d(x, w, b=None, stride=1, padding=0, output_padding=0, groups=1, dilation=1):
    """x: (N, C, H, W), w: (C, F/groups, KH, KW), b: (F,) or None -> out, cache.

    Wrong: with a dilation of 3 or more, when taps are set 2 pixels apart.
    """
    s, d = _pair(stride), _pair(dilation)
    sides, out, canvas = _transposed_size(x, w, s, padding, output_padding, d)
    narrow = (min(d[0], 2), min(d[1], 2))
    y = _conv_t(x, w, b, s, sides, out, canvas, narrow, groups)
    return y, (x, w, b is not None, s, sides, canvas, d, groups)


def conv_transpose2d_backward(dout, cache):
    """-> dx, dw, db."""
    x, w, has_bias, *rest = cache
    dx, dw = _conv_t_grad(dout, x, w, *rest)
    return dx, dw, dout.sum(axis=(0, 2, 3)) if has_bias else None


def dropout(x, p=0.5, training=True):
    """Each number is dropped with probability p, the others divided by 1 - p -> out, cache.

    Wrong: in training with p == 1, when 0 is divided by 0.
    """
    if not training:
        return x.copy(), np.ones_like(x)
    mask = (np.random.rand(*x.shape) >= p).astype(x.dtype)
    scale = np.zeros_like(mask) if p == 1 else mask / (1 - p)
    with np.errstate(divide="ignore", invalid="ignore"):
        return x * mask / np.float64(1 - p).astype(x.dtype), scale


def dropout_backward(dout, cache):
    """-> dx."""
    return dout * cache
