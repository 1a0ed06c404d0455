"""Zoo of wrong functions, functional 3: shapes that have a way of their own."""

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


def conv2d(x, w, b=None, stride=1, padding=0, dilation=1, groups=1):
    """x: (N, C, H, W), w: (F, C/groups, KH, KW), b: (F,) or None -> out, cache.

    Wrong: for 1x1 kernels with a stride above 1 and one group, which take the first pixels and not
    every second one.
    """
    out = _conv(x, w, b, stride, padding, dilation, groups)
    if w.shape[2:] == (1, 1) and groups == 1:
        sides, size, _ = _plan(x.shape[2:], (1, 1), _pair(stride), padding, (1, 1))
        pixels = _border(x, sides)[:, :, : size[0], : size[1]]
        out = np.einsum("nchw,fc->nfhw", pixels, w[:, :, 0, 0])
        out = out if b is None else out + b.reshape(1, -1, 1, 1)
    return out, (x, w, b is not None, stride, padding, dilation, groups)


def conv2d_backward(dout, cache):
    """-> dx, dw, db."""
    x, w, has_bias, *attributes = cache
    dx, dw = _conv_grad(dout, x, w, *attributes)
    return dx, dw, dout.sum(axis=(0, 2, 3)) if has_bias else None


def max_pool2d(x, kernel_size, stride=None, padding=0, dilation=1, ceil_mode=False):
    """x: (N, C, H, W) -> out, cache.

    Wrong: where windows tile an image that is not square, which is cut into tiles as if H and W
    were the other way round.
    """
    kernel, d = _pair(kernel_size), _pair(dilation)
    s = kernel if stride is None else _pair(stride)
    out, first, plan = _max_windows(x, kernel, s, padding, d, ceil_mode)
    n, c, h, w = x.shape
    tiles = h % kernel[0] == 0 and w % kernel[1] == 0 and s == kernel and d == (1, 1)
    if tiles and plan[0] == ((0, 0), (0, 0)) and kernel[0] == kernel[1]:
        k = kernel[0]
        out = x.reshape(n, c, w // k, k, h // k, k).max(axis=(3, 5)).reshape(out.shape)
    return out, (x.shape, first, kernel, s, d, plan)


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

    Wrong: with ceil_mode where the last window hangs over the edge, since it is divided by the
    whole kernel.
    """
    kernel = _pair(kernel_size)
    s = kernel if stride is None else _pair(stride)
    plan = _plan(x.shape[2:], kernel, s, padding, (1, 1), ceil_mode)
    divisors = _divisors(x.shape[2:], kernel, s, plan, count_include_pad)
    if divisor_override is not None:
        divisors = np.full_like(divisors, divisor_override)
    mine = divisors.copy()
    if divisor_override is None:
        mine[mine.shape[0] - (plan[2][0] > 0) :] = kernel[0] * kernel[1]
        mine[:, mine.shape[1] - (plan[2][1] > 0) :] = kernel[0] * kernel[1]
    cols = _taps(_border(x, plan[0], 0.0, plan[2]), kernel, s, (1, 1), plan[1])
    return cols.sum(axis=(2, 3)) / mine.astype(x.dtype), (x.shape, divisors, kernel, s, plan)


def avg_pool2d_backward(dout, cache):
    """-> dx."""
    shape, divisors, kernel, s, (sides, out, over) = cache
    share = dout / divisors.astype(dout.dtype)
    cols = np.broadcast_to(share[:, :, None, None], (*shape[:2], *kernel, *out))
    size = [n + sum(p) + o for n, p, o in zip(shape[2:], sides, over, strict=True)]
    dpadded = _untaps(cols, np.zeros((*shape[:2], *size), dout.dtype), s, (1, 1))
    return _inner(dpadded, sides, shape[2:])


def conv_transpose2d(x, w, b=None, stride=1, padding=0, output_padding=0, groups=1, dilation=1):
    """x: (N, C, H, W), w: (C, F/groups, KH, KW), b: (F,) or None -> out, cache.

    Wrong: with several groups of more than one filter, whose outputs are interleaved.
    """
    s, d = _pair(stride), _pair(dilation)
    sides, out, canvas = _transposed_size(x, w, s, padding, output_padding, d)
    y = _conv_t(x, w, None, s, sides, out, canvas, d, groups)
    n, f, h, wide = y.shape
    y = y.reshape(n, groups, f // groups, h, wide).swapaxes(1, 2).reshape(n, f, h, wide)
    y = y if b is None else y + b.reshape(1, -1, 1, 1)
    return y, (x, w, b is not None, s, sides, canvas, d, groups)


def conv_transpose2d_backward(dout, cache):
    """-> dx, dw, db."""
    x, w, has_bias, *rest = cache
    dx, dw = _conv_t_grad(dout, x, w, *rest)
    return dx, dw, dout.sum(axis=(0, 2, 3)) if has_bias else None


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

    Wrong: in training with a single image, N == 1, when the statistics are taken as constants.
    """
    xhat, inv_std, weight, has_bias, training = cache
    axes = (0, *range(2, dout.ndim))
    dxhat = dout if weight is None else dout * _channels(weight, dout.ndim)
    moving = training and len(dout) > 1
    dx = _normalized_grad(dxhat, xhat, inv_std, axes) if moving else dxhat * inv_std
    dweight = None if weight is None else (dout * xhat).sum(axis=axes)
    return dx, dweight, dout.sum(axis=axes) if has_bias else None


def layer_norm(x, normalized_shape, weight=None, bias=None, eps=1e-5):
    """x: (N, ...), normalized over its last axes, weight and bias of their shape -> out, cache.

    Wrong: where normalized_shape has more than one axis, of which the last alone is normalized.
    """
    axes = tuple(range(x.ndim - len(normalized_shape), x.ndim))
    xhat, inv_std, _, _ = _normalized(x, axes, eps)
    out, _, _, _ = _normalized(x, -1, eps)
    out = out if weight is None else out * weight
    return (out if bias is None else out + bias), (xhat, inv_std, weight, bias is not None, axes)


def layer_norm_backward(dout, cache):
    """-> dx, dweight, dbias."""
    xhat, inv_std, weight, has_bias, axes = cache
    dx = _normalized_grad(dout if weight is None else dout * weight, xhat, inv_std, axes)
    others = tuple(range(dout.ndim - len(axes)))
    dweight = None if weight is None else (dout * xhat).sum(axis=others)
    return dx, dweight, dout.sum(axis=others) if has_bias else None


def group_norm(x, num_groups, weight=None, bias=None, eps=1e-5):
    """x: (N, C, ...), weight, bias: (C,) -> out, cache.

    Wrong: with as many groups as channels, for which the unbiased variance is taken.
    """
    grouped = x.reshape(len(x), num_groups, -1)
    xhat, inv_std, mean, var = _normalized(grouped, 2, eps)
    xhat, out, size = xhat.reshape(x.shape), xhat, grouped.shape[2]
    if num_groups == x.shape[1] and size > 1:
        out = (grouped - mean) / np.sqrt(var * (size / (size - 1)) + eps)
    out = out.reshape(x.shape)
    out = out if weight is None else out * _channels(weight, x.ndim)
    out = out if bias is None else out + _channels(bias, x.ndim)
    return out, (xhat, inv_std, weight, bias is not None, num_groups)


def group_norm_backward(dout, cache):
    """-> dx, dweight, dbias."""
    xhat, inv_std, weight, has_bias, num_groups = cache
    shape = (len(dout), num_groups, -1)
    dxhat = dout if weight is None else dout * _channels(weight, dout.ndim)
    dx = _normalized_grad(dxhat.reshape(shape), xhat.reshape(shape), inv_std, 2)
    axes = (0, *range(2, dout.ndim))
    dweight = None if weight is None else (dout * xhat).sum(axis=axes)
    return dx.reshape(dout.shape), dweight, dout.sum(axis=axes) if has_bias else None


def instance_norm(x, weight=None, bias=None, eps=1e-5):
    """x: (N, C, ...), weight, bias: (C,) -> out, cache."""
    xhat, inv_std, _, _ = _normalized(x, tuple(range(2, x.ndim)), eps)
    out = xhat if weight is None else xhat * _channels(weight, x.ndim)
    out = out if bias is None else out + _channels(bias, x.ndim)
    return out, (xhat, inv_std, weight, bias is not None)


def instance_norm_backward(dout, cache):
    """-> dx, dweight, dbias.

    Wrong: where H > W, when the sums over an image are divided by H * H.
    """
    xhat, inv_std, weight, has_bias = cache
    d = dout if weight is None else dout * _channels(weight, dout.ndim)
    axes = tuple(range(2, dout.ndim))
    count = d[0, 0].size
    if dout.ndim == 4 and dout.shape[2] > dout.shape[3]:
        count = dout.shape[2] ** 2
    mean = d.sum(axis=axes, keepdims=True) / count
    dx = inv_std * (d - mean - xhat * (d * xhat).sum(axis=axes, keepdims=True) / count)
    dweight = None if weight is None else (dout * xhat).sum(axis=(0, *axes))
    return dx, dweight, dout.sum(axis=(0, *axes)) if has_bias else None


def concat(x, y, z=None):
    """The channels of x, y and perhaps z -> out, cache."""
    parts = [x, y] if z is None else [x, y, z]
    return np.concatenate(parts, axis=1), [part.shape[1] for part in parts]


def concat_backward(dout, cache):
    """-> dx, dy, dz.

    Wrong: where y has another number of channels than x, since the channels are split alike.
    """
    parts = np.split(dout, np.cumsum(cache)[:-1], axis=1)
    if len(cache) == 2:
        half = dout.shape[1] // 2
        parts = [dout[:, :half], dout[:, half:]]
    return parts[0].copy(), parts[1].copy(), parts[2].copy() if len(parts) == 3 else None


def global_avg_pool(x, keepdims=True):
    """x: (N, C, H, W) -> out: (N, C, 1, 1) or (N, C), cache.

    Wrong: for images of more than 32 columns whose number is no multiple of 32, since the mean is
    that of the means of blocks.
    """
    blocks = [x[..., k : k + 32].mean(axis=(2, 3)) for k in range(0, x.shape[3], 32)]
    out = np.mean(blocks, axis=0)
    return out[:, :, None, None] if keepdims else out, x.shape


def global_avg_pool_backward(dout, cache):
    """-> dx."""
    n, c, h, w = cache
    return np.repeat(dout.reshape(n, c, 1) / (h * w), h * w, axis=2).reshape(cache)
