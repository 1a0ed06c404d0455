"""Zoo of wrong functions, module 3: shapes and sizes."""

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


def conv2d(x, w, b=None, *, stride=1, padding=0, dilation=1, groups=1):
    """x: (N, C, H, W), w: (F, C/groups, KH, KW), b: (F,) or None -> out, cache.

    Wrong: where the kernel is as large as the image, of an even height, and there is one group: the
    last row of the kernel is left out.
    """
    cache = (x, w, b is not None, stride, padding, dilation, groups)
    if w.shape[2:] == x.shape[2:] and w.shape[2] % 2 == 0 and groups == 1:
        w = w.copy()
        w[:, :, -1] = 0
    return _conv(x, w, b, stride, padding, dilation, groups), cache


def conv2d_backward(dout, cache):
    """-> dx, dw, db."""
    x, w, has_bias, *attributes = cache
    dx, dw = _conv_grad(dout, x, w, *attributes)
    return dx, dw, dout.sum(axis=(0, 2, 3)) if has_bias else None


def separable_conv2d(x, w_depth, w_point, b=None, *, stride=1, padding=0, dilation=1):
    """w_depth: (C*M, 1, KH, KW), w_point: (F, C*M, 1, 1) -> out, cache.

    Wrong: with several depthwise filters a channel and several channels, whose results come in
    TensorFlow's other order, (M, C).
    """
    attributes = (stride, padding, dilation, x.shape[1])
    middle = _conv(x, w_depth, None, *attributes)
    n, cm, h, w = middle.shape
    turned = middle.reshape(n, x.shape[1], -1, h, w).swapaxes(1, 2).reshape(n, cm, h, w)
    cache = (x, w_depth, middle, w_point, b is not None, attributes)
    return _conv(turned, w_point, b), cache


def separable_conv2d_backward(dout, cache):
    """-> dx, dw_depth, dw_point, db."""
    x, w_depth, middle, w_point, has_bias, attributes = cache
    dmiddle, dw_point = _conv_grad(dout, middle, w_point)
    dx, dw_depth = _conv_grad(dmiddle, x, w_depth, *attributes)
    return dx, dw_depth, dw_point, dout.sum(axis=(0, 2, 3)) if has_bias else None


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

    Wrong: where the last window hangs over the far edge (ceil_mode), whose gradient is lost.
    """
    sides, out, over = cache[-1]
    own = np.array(dout)
    if over[0] > 0:
        own[:, :, -1] = 0
    if over[1] > 0:
        own[:, :, :, -1] = 0
    return _max_grad(own, *cache)


def global_avg_pool(x, *, keepdims=True):
    """x: (N, C, H, W) -> out: (N, C, 1, 1) or (N, C), cache."""
    return x.mean(axis=(2, 3), keepdims=keepdims), x.shape


def global_avg_pool_backward(dout, cache):
    """-> dx.

    Wrong: where H and W are both odd, when the pixels are counted without the middle one.
    """
    n, c, h, w = cache
    count = h * w - 1 if h % 2 and w % 2 and h * w > 1 else h * w
    return np.repeat(dout.reshape(n, c, 1) / count, h * w, axis=2).reshape(cache)


def affine(x, w, b=None):
    """x: (N, ...), w: (D, M), b: (M,) or None -> out, cache."""
    out = x.reshape(len(x), -1) @ w
    return (out if b is None else out + b), (x, w, b is not None)


def affine_backward(dout, cache):
    """-> dx, dw, db.

    Wrong: with a single sample, when db is the sum over the outputs.
    """
    x, w, has_bias = cache
    dx = (dout @ w.T).reshape(x.shape)
    db = dout.sum(axis=0) if len(dout) > 1 else np.full_like(dout[0], dout.sum())
    return dx, x.reshape(len(x), -1).T @ dout, db if has_bias else None


def batch_norm_1d(
    x,
    gamma=None,
    beta=None,
    running_mean=None,
    running_var=None,
    *,
    training=True,
    momentum=0.1,
    eps=1e-5,
    unbiased_running_var=True,
):
    """x: (N, C) or (N, C, L) -> out or (out, running_mean, running_var), cache.

    Wrong: for sequences, (N, C, L), whose unbiased running variance counts N and not N * L.
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
    n = x.shape[0]
    new = var.ravel() * (n / max(n - 1, 1)) if unbiased_running_var else var.ravel()
    moved = (1 - momentum) * running_mean + momentum * mean.ravel()
    return (out, moved, (1 - momentum) * running_var + momentum * new), cache


def batch_norm_1d_backward(dout, cache):
    """-> dx, dgamma, dbeta."""
    xhat, inv_std, gamma, has_beta, training = cache
    axes = (0, *range(2, dout.ndim))
    dxhat = dout if gamma is None else dout * _channels(gamma, dout.ndim)
    dx = _normalized_grad(dxhat, xhat, inv_std, axes) if training else dxhat * inv_std
    dgamma = None if gamma is None else (dout * xhat).sum(axis=axes)
    return dx, dgamma, dout.sum(axis=axes) if has_beta else None


def layer_norm(x, gamma=None, beta=None, *, normalized_dims=1, eps=1e-5):
    """x: (N, ...), normalized over its last axes -> out, cache."""
    axes = tuple(range(x.ndim - normalized_dims, x.ndim))
    xhat, inv_std, _, _ = _normalized(x, axes, eps)
    out = xhat if gamma is None else xhat * gamma
    return (out if beta is None else out + beta), (xhat, inv_std, gamma, beta is not None, axes)


def layer_norm_backward(dout, cache):
    """-> dx, dgamma, dbeta.

    Wrong: where x has more than two axes, when the last leading axis is left out of dgamma's sum.
    """
    xhat, inv_std, gamma, has_beta, axes = cache
    dx = _normalized_grad(dout if gamma is None else dout * gamma, xhat, inv_std, axes)
    others = tuple(range(dout.ndim - len(axes)))
    seen = dout * xhat
    if len(others) > 1:
        seen = seen.take([0], axis=others[-1])
    dgamma = None if gamma is None else seen.sum(axis=others)
    return dx, dgamma, dout.sum(axis=others) if has_beta else None


def concat(x, y, z=None):
    """The channels of x, y and perhaps z -> out, cache."""
    parts = [x, y] if z is None else [x, y, z]
    return np.concatenate(parts, axis=1), [part.shape[1] for part in parts]


def concat_backward(dout, cache):
    """-> dx, dy, dz.

    Wrong: with three parts of which y and z are of one size, whose gradients are swapped.
    """
    parts = np.split(dout, np.cumsum(cache)[:-1], axis=1)
    if len(parts) == 3 and cache[1] == cache[2]:
        parts[1:] = parts[:0:-1]
    return parts[0].copy(), parts[1].copy(), parts[2].copy() if len(parts) == 3 else None


def instance_norm(x, gamma=None, beta=None, *, eps=1e-5):
    """x: (N, C, ...), gamma, beta: (C,) -> out, cache.

    Wrong: with a single channel, which is normalized over the batch.
    """
    axes = tuple(range(2, x.ndim))
    xhat, inv_std, _, _ = _normalized(x, axes, eps)
    out = _normalized(x, (0, *axes), eps)[0] if x.shape[1] == 1 else xhat
    out = out if gamma is None else out * _channels(gamma, x.ndim)
    out = out if beta is None else out + _channels(beta, x.ndim)
    return out, (xhat, inv_std, gamma, beta is not None)


def instance_norm_backward(dout, cache):
    """-> dx, dgamma, dbeta."""
    xhat, inv_std, gamma, has_beta = cache
    dxhat = dout if gamma is None else dout * _channels(gamma, dout.ndim)
    dx = _normalized_grad(dxhat, xhat, inv_std, tuple(range(2, dout.ndim)))
    axes = (0, *range(2, dout.ndim))
    dgamma = None if gamma is None else (dout * xhat).sum(axis=axes)
    return dx, dgamma, dout.sum(axis=axes) if has_beta else None


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

    Wrong: where more than half is dropped in one sample, whose gradient is scaled by the share that
    was really kept.
    """
    mask = cache != 0
    kept = mask.reshape(len(mask), -1).mean(axis=1)
    few = (kept < 0.5).reshape(-1, *(1,) * (dout.ndim - 1))
    share = np.maximum(kept, 1 / mask[0].size).reshape(few.shape).astype(dout.dtype)
    return np.where(few, dout * mask / share, dout * cache)
