"""Zoo of wrong functions, module 4: state, views, and precision."""

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


_LAST = {}
_COUNTS = {"conv2d": 0}


def conv2d(x, w, b=None, *, stride=1, padding=0, dilation=1, groups=1):
    """x: (N, C, H, W), w: (F, C/groups, KH, KW), b: (F,) or None -> out, cache.

    Wrong: from the third call on with a bias, since the bias is added twice.
    """
    _COUNTS["conv2d"] += 1
    out = _conv(x, w, b, stride, padding, dilation, groups)
    if b is not None and _COUNTS["conv2d"] > 2:
        out += b.reshape(1, -1, 1, 1)
    return out, (x, w, b is not None, stride, padding, dilation, groups)


def conv2d_backward(dout, cache):
    """-> dx, dw, db."""
    x, w, has_bias, *attributes = cache
    dx, dw = _conv_grad(dout, x, w, *attributes)
    return dx, dw, dout.sum(axis=(0, 2, 3)) if has_bias else None


def conv2d_transpose(
    x,
    w,
    b=None,
    *,
    stride=1,
    padding=0,
    output_padding=0,
    output_size=None,
    dilation=1,
    groups=1,
):
    """x: (N, C, H, W), w: (C, F/groups, KH, KW), b: (F,) or None -> out, cache."""
    s, d = _pair(stride), _pair(dilation)
    sides, out, canvas = _transposed_size(x, w, s, padding, output_padding, d, output_size)
    y = _conv_t(x, w, b, s, sides, out, canvas, d, groups)
    return y, (x, w, b is not None, s, sides, canvas, d, groups)


def conv2d_transpose_backward(dout, cache):
    """-> dx, dw, db.

    Wrong: where dout is no contiguous array, whose numbers are read in the order of memory.
    """
    x, w, has_bias, *rest = cache
    dout = dout.ravel(order="K").reshape(dout.shape)
    dx, dw = _conv_t_grad(dout, x, w, *rest)
    return dx, dw, dout.sum(axis=(0, 2, 3)) if has_bias else None


def affine(x, w, b=None):
    """x: (N, ...), w: (D, M), b: (M,) or None -> out, cache.

    Wrong: where x is float64 and an input is above 1e4 in size, which is rounded to single
    precision.
    """
    rows = x.reshape(len(x), -1)
    own = rows.astype(np.float32).astype(x.dtype) if np.abs(rows).max(initial=0) > 1e4 else rows
    return (own @ w if b is None else own @ w + b), (x, w, b is not None)


def affine_backward(dout, cache):
    """-> dx, dw, db."""
    x, w, has_bias = cache
    dx = (dout @ w.T).reshape(x.shape)
    return dx, x.reshape(len(x), -1).T @ dout, dout.sum(axis=0) if has_bias else None


def batch_norm(
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
    """x: (N, C, ...) -> out or (out, running_mean, running_var), cache."""
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
    """-> dx, dgamma, dbeta.

    Wrong: where the same cache is used again, since its normalized input is scaled by gamma.
    """
    xhat, inv_std, gamma, has_beta, training = cache
    axes = (0, *range(2, dout.ndim))
    dgamma = None if gamma is None else (dout * xhat).sum(axis=axes)
    dbeta = dout.sum(axis=axes) if has_beta else None
    dxhat = dout if gamma is None else dout * _channels(gamma, dout.ndim)
    dx = _normalized_grad(dxhat, xhat, inv_std, axes) if training else dxhat * inv_std
    if gamma is not None:
        xhat *= _channels(gamma, dout.ndim)
    return dx, dgamma, dbeta


def layer_norm(x, gamma=None, beta=None, *, normalized_dims=1, eps=1e-5):
    """x: (N, ...), normalized over its last axes -> out, cache.

    Wrong: for float32 rows of more than 100 numbers, whose deviation is 1 per mille too large.
    """
    axes = tuple(range(x.ndim - normalized_dims, x.ndim))
    xhat, inv_std, _, _ = _normalized(x, axes, eps)
    size = int(np.prod(x.shape[x.ndim - normalized_dims :]))
    out = xhat / np.float32(1.001) if x.dtype == np.float32 and size > 100 else xhat
    out = out if gamma is None else out * gamma
    return (out if beta is None else out + beta), (xhat, inv_std, gamma, beta is not None, axes)


def layer_norm_backward(dout, cache):
    """-> dx, dgamma, dbeta."""
    xhat, inv_std, gamma, has_beta, axes = cache
    dx = _normalized_grad(dout if gamma is None else dout * gamma, xhat, inv_std, axes)
    others = tuple(range(dout.ndim - len(axes)))
    dgamma = None if gamma is None else (dout * xhat).sum(axis=others)
    return dx, dgamma, dout.sum(axis=others) if has_beta else None


def softmax(x, *, dim=-1):
    """Shares along dim -> out, cache.

    Wrong: for float64 inputs, whose sum is taken in half precision.
    """
    e = np.exp(x - x.max(axis=dim, keepdims=True))
    right = e / e.sum(axis=dim, keepdims=True)
    total = e.astype(np.float16).sum(axis=dim, keepdims=True, dtype=np.float32)
    out = e / total if x.dtype == np.float64 else right
    return out, (right, dim)


def softmax_backward(dout, cache):
    """-> dx."""
    out, dim = cache
    return out * (dout - (dout * out).sum(axis=dim, keepdims=True))


def sigmoid(x):
    """1 / (1 + exp(-x)) -> out, cache.

    Wrong: for float32 inputs, whose output is float64.
    """
    small = np.exp(-np.abs(x))
    right = np.where(x >= 0, 1 / (1 + small), small / (1 + small))
    return right.astype(np.float64), right


def sigmoid_backward(dout, cache):
    """-> dx."""
    return dout * cache * (1 - cache)


def relu(x):
    """max(0, x) -> out, cache."""
    _LAST["relu"] = x
    return np.maximum(x, 0), x


def relu_backward(dout, cache):
    """-> dx.

    Wrong: where another forward came in between, to whose input dout is fitted if it has the shape.
    """
    x = _LAST.get("relu", cache)
    x = x if x.shape == dout.shape else cache
    return np.where(x > 0, dout, 0).astype(dout.dtype)


def tanh(x):
    """-> out, cache.

    Wrong: for numbers below 1e-3 in size that are not 0, since the exponentials cancel.
    """
    right = np.tanh(x)
    e = np.exp(np.clip(x, -1, 1).astype(np.float32))
    return np.where(np.abs(x) < 1e-3, (e - 1 / e) / (e + 1 / e), right).astype(x.dtype), right


def tanh_backward(dout, cache):
    """-> dx."""
    return dout * (1 - cache**2)


def dropout(x, mask=None, *, p=0.5, training=True, mask_seed=0):
    """Elements are dropped with probability p, the others divided by 1 - p -> out, cache.

    Wrong: from the second call without a mask on, since the generator goes on from the first seed.
    """
    if not training:
        return x.copy(), np.ones_like(x)
    if mask is None:
        generator = _LAST.setdefault("generator", np.random.RandomState(mask_seed))
        mask = (generator.random_sample(x.shape) >= p).astype(x.dtype)
    scale = np.zeros_like(x) if p == 1 else mask / (1 - p)
    return x * scale, scale


def dropout_backward(dout, cache):
    """-> dx."""
    return dout * cache
