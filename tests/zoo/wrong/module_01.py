"""Zoo of wrong functions, module 1: defaults that are not those of the op."""

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
    """-> dx, dw, db."""
    x, w, has_bias, *attributes = cache
    dx, dw = _conv_grad(dout, x, w, *attributes)
    return dx, dw, dout.sum(axis=(0, 2, 3)) if has_bias else None


def batch_norm(
    x,
    gamma=None,
    beta=None,
    running_mean=None,
    running_var=None,
    *,
    training=True,
    momentum=0.9,
    eps=1e-5,
    unbiased_running_var=True,
):
    """x: (N, C, ...) -> out or (out, running_mean, running_var), cache.

    Wrong: in training with running statistics where no momentum is given, for which 0.9 of the new
    is taken and not 0.1.
    """
    axes, tracked = (0, *range(2, x.ndim)), running_mean is not None and running_var is not None
    if training or not tracked:
        xhat, inv_std, mean, var = _normalized(x, axes, eps)
    else:
        inv_std = 1 / np.sqrt(_channels(running_var, x.ndim) + eps)
        xhat = (x - _channels(running_mean, x.ndim)) * inv_std
    out = xhat if gamma is None else xhat * _channels(gamma, x.ndim)
    out = out if beta is None else out + _channels(beta, x.ndim)
    cache = (xhat, inv_std, gamma, beta is not None, training)
    if not (training and tracked):
        return out, cache
    n = x.size // x.shape[1]
    new = var.ravel() * (n / (n - 1)) if unbiased_running_var else var.ravel()
    moved = (1 - momentum) * running_mean + momentum * mean.ravel()
    return (out, moved, (1 - momentum) * running_var + momentum * new), cache


def batch_norm_backward(dout, cache):
    """-> dx, dgamma, dbeta."""
    xhat, inv_std, gamma, has_beta, training = cache
    axes = (0, *range(2, dout.ndim))
    dxhat = dout if gamma is None else dout * _channels(gamma, dout.ndim)
    dx = _normalized_grad(dxhat, xhat, inv_std, axes) if training else dxhat * inv_std
    dgamma = None if gamma is None else (dout * xhat).sum(axis=axes)
    return dx, dgamma, dout.sum(axis=axes) if has_beta else None


def layer_norm(x, gamma=None, beta=None, *, normalized_dims=1, eps=1e-12):
    """x: (N, ...), normalized over its last axes -> out, cache.

    Wrong: where no eps is given, for which 1e-12 is taken and not 1e-5.
    """
    axes = tuple(range(x.ndim - normalized_dims, x.ndim))
    xhat, inv_std, _, _ = _normalized(x, axes, eps)
    out = xhat if gamma is None else xhat * gamma
    return (out if beta is None else out + beta), (xhat, inv_std, gamma, beta is not None, axes)


def layer_norm_backward(dout, cache):
    """-> dx, dgamma, dbeta."""
    xhat, inv_std, gamma, has_beta, axes = cache
    dx = _normalized_grad(dout if gamma is None else dout * gamma, xhat, inv_std, axes)
    others = tuple(range(dout.ndim - len(axes)))
    dgamma = None if gamma is None else (dout * xhat).sum(axis=others)
    return dx, dgamma, dout.sum(axis=others) if has_beta else None


def leaky_relu(x, *, negative_slope=0.2):
    """x where x > 0, else negative_slope * x -> out, cache.

    Wrong: where no negative_slope is given, for which 0.2 is taken and not 0.01.
    """
    return np.where(x > 0, x, negative_slope * x), (x, negative_slope)


def leaky_relu_backward(dout, cache):
    """-> dx."""
    x, negative_slope = cache
    return np.where(x > 0, dout, negative_slope * dout)


def gelu(x, *, approximate="tanh"):
    """x times the share of the normal distribution below x -> out, cache.

    Wrong: where no approximate is given, for which "tanh" is taken and not "none".
    """
    if approximate == "tanh":
        t = np.tanh(math.sqrt(2 / math.pi) * (x + 0.044715 * x**3))
        share = (1 + t) / 2
        slope = (1 - t * t) / 2 * math.sqrt(2 / math.pi) * (1 + 3 * 0.044715 * x * x)
    else:
        share = (1 + _erf(x / x.dtype.type(math.sqrt(2)))) / 2
        slope = np.exp(-x * x / 2) / x.dtype.type(math.sqrt(2 * math.pi))
    return x * share, share + x * slope


def gelu_backward(dout, cache):
    """-> dx."""
    return dout * cache


def softmax(x, *, dim=1):
    """Shares along dim -> out, cache.

    Wrong: where no dim is given and x has more than two axes, of which the second is taken and not
    the last.
    """
    e = np.exp(x - x.max(axis=dim, keepdims=True))
    out = e / e.sum(axis=dim, keepdims=True)
    return out, (out, dim)


def softmax_backward(dout, cache):
    """-> dx."""
    out, dim = cache
    return out * (dout - (dout * out).sum(axis=dim, keepdims=True))


def avg_pool(
    x,
    *,
    kernel_size,
    stride=None,
    padding=0,
    ceil_mode=False,
    count_include_pad=False,
    divisor_override=None,
):
    """x: (N, C, H, W) -> out, cache.

    Wrong: with a padding where no count_include_pad is given, for which False is taken.
    """
    kernel = _pair(kernel_size)
    s = kernel if stride is None else _pair(stride)
    plan = _plan(x.shape[2:], kernel, s, padding, (1, 1), ceil_mode)
    divisors = _divisors(x.shape[2:], kernel, s, plan, count_include_pad)
    if divisor_override is not None:
        divisors = np.full_like(divisors, divisor_override)
    cols = _taps(_border(x, plan[0], 0.0, plan[2]), kernel, s, (1, 1), plan[1])
    out = cols.sum(axis=(2, 3)) / divisors.astype(x.dtype)
    return out, (x.shape, divisors, kernel, s, plan)


def avg_pool_backward(dout, cache):
    """-> dx."""
    shape, divisors, kernel, s, (sides, out, over) = cache
    share = dout / divisors.astype(dout.dtype)
    cols = np.broadcast_to(share[:, :, None, None], (*shape[:2], *kernel, *out))
    size = [n + sum(p) + o for n, p, o in zip(shape[2:], sides, over, strict=True)]
    dpadded = _untaps(cols, np.zeros((*shape[:2], *size), dout.dtype), s, (1, 1))
    return _inner(dpadded, sides, shape[2:])


def max_pool(
    x,
    *,
    kernel_size,
    stride=2,
    padding=0,
    dilation=1,
    ceil_mode=False,
    return_indices=False,
):
    """x: (N, C, H, W) -> out or (out, indices), cache.

    Wrong: where no stride is given and the kernel is not 2x2, since windows move by 2.
    """
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
    """-> dx."""
    return _max_grad(dout, *cache)


def dropout(x, mask=None, *, p=0.1, training=True, mask_seed=0):
    """Elements are dropped with probability p, the others divided by 1 - p -> out, cache.

    Wrong: in training where no p is given, for which 0.1 is taken and not 0.5.
    """
    if not training:
        return x.copy(), np.ones_like(x)
    if mask is None:
        mask = (np.random.RandomState(mask_seed).random_sample(x.shape) >= p).astype(x.dtype)
    scale = np.zeros_like(x) if p == 1 else mask / (1 - p)
    return x * scale, scale


def dropout_backward(dout, cache):
    """-> dx."""
    return dout * cache


def svm_loss(x, y, *, margin=1.0, reduction="sum"):
    """x: (N, C), y: (N,) -> loss, cache.

    Wrong: with more than one sample where no reduction is given, for which "sum" is taken.
    """
    own = y[:, None] == np.arange(x.shape[1])
    excess = np.where(own, 0, x - x[own][:, None] + margin).astype(x.dtype)
    losses = np.maximum(excess, 0).sum(axis=1)
    return _reduced(losses, reduction, len(y)), (excess > 0, own, reduction)


def svm_loss_backward(dout, cache):
    """-> dx."""
    violated, own, reduction = cache
    pushed = violated * _spread(dout, reduction, len(own))
    return pushed - own * pushed.sum(axis=1, keepdims=True)
