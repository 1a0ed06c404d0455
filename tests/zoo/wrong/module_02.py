"""Zoo of wrong functions, module 2: forms of padding, indices, and rare values of attributes."""

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
    """x: (N, C, H, W), w: (F, C/groups, KH, KW), b: (F,) or None -> out, cache.

    Wrong: with padding="same" where an odd number of pixels is added, of which the odd one goes to
    the top and the left.
    """
    mine = "same_lower" if padding == "same" else padding
    out = _conv(x, w, b, stride, mine, dilation, groups)
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
    """x: (N, C, H, W), w: (C, F/groups, KH, KW), b: (F,) or None -> out, cache.

    Wrong: with an output_size, whose additional rows and columns are those above and to the left
    where there is a padding.
    """
    s, d = _pair(stride), _pair(dilation)
    sides, out, canvas = _transposed_size(x, w, s, padding, output_padding, d, output_size)
    y = _conv_t(x, w, b, s, sides, out, canvas, d, groups)
    if output_size is not None and not isinstance(padding, str):
        _, least, _ = _transposed_size(x, w, s, padding, 0, d)
        starts = [p[0] - (o - n) for p, o, n in zip(sides, out, least, strict=True)]
        near = [max(0, n) for n in starts]
        moved = tuple((n, p[1]) for n, p in zip(near, sides, strict=True))
        y = _conv_t(x, w, b, s, moved, out, canvas, d, groups)
    return y, (x, w, b is not None, s, sides, canvas, d, groups)


def conv2d_transpose_backward(dout, cache):
    """-> dx, dw, db."""
    x, w, has_bias, *rest = cache
    dx, dw = _conv_t_grad(dout, x, w, *rest)
    return dx, dw, dout.sum(axis=(0, 2, 3)) if has_bias else None


def pad(x, *, padding, value=0.0):
    """x: (N, C, H, W) with a border of value -> out, cache.

    Wrong: where the left side and the right side are not alike, which are swapped.
    """
    rows, (left, right) = sides = _sides(padding, x.shape[2:], (1, 1), (1, 1))
    return _border(x, (rows, (right, left)), value), (sides, x.shape[2:])


def pad_backward(dout, cache):
    """-> dx."""
    return _inner(dout, *cache).copy()


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
    """x: (N, C, H, W) -> out or (out, indices), cache.

    Wrong: with return_indices and a padding, since places are those in the padded image.
    """
    kernel, d = _pair(kernel_size), _pair(dilation)
    s = kernel if stride is None else _pair(stride)
    out, first, plan = _max_windows(x, kernel, s, padding, d, ceil_mode)
    cache = (x.shape, first, kernel, s, d, plan)
    if not return_indices:
        return out, cache
    u, v = np.divmod(first, kernel[1])
    h = np.arange(out.shape[2])[:, None] * s[0] + u * d[0]
    w = np.arange(out.shape[3]) * s[1] + v * d[1]
    return (out, h * (x.shape[3] + sum(plan[0][1])) + w), cache


def max_pool_backward(dout, cache):
    """-> dx."""
    return _max_grad(dout, *cache)


def avg_pool(
    x,
    *,
    kernel_size,
    stride=None,
    padding=0,
    ceil_mode=False,
    count_include_pad=True,
    divisor_override=None,
):
    """x: (N, C, H, W) -> out, cache.

    Wrong: with a divisor_override below 0, whose sign is lost.
    """
    kernel = _pair(kernel_size)
    s = kernel if stride is None else _pair(stride)
    plan = _plan(x.shape[2:], kernel, s, padding, (1, 1), ceil_mode)
    divisors = _divisors(x.shape[2:], kernel, s, plan, count_include_pad)
    if divisor_override is not None:
        divisors = np.full_like(divisors, divisor_override)
    cols = _taps(_border(x, plan[0], 0.0, plan[2]), kernel, s, (1, 1), plan[1])
    out = cols.sum(axis=(2, 3)) / np.abs(divisors).astype(x.dtype)
    return out, (x.shape, divisors, kernel, s, plan)


def avg_pool_backward(dout, cache):
    """-> dx."""
    shape, divisors, kernel, s, (sides, out, over) = cache
    share = dout / divisors.astype(dout.dtype)
    cols = np.broadcast_to(share[:, :, None, None], (*shape[:2], *kernel, *out))
    size = [n + sum(p) + o for n, p, o in zip(shape[2:], sides, over, strict=True)]
    dpadded = _untaps(cols, np.zeros((*shape[:2], *size), dout.dtype), s, (1, 1))
    return _inner(dpadded, sides, shape[2:])


def softmax_cross_entropy(x, y, *, reduction="mean", label_smoothing=0.0, ignore_index=-100):
    """x: (N, C), y: (N,) -> loss, cache.

    Wrong: where ignore_index is one of the classes, since only labels below 0 are ignored.
    """
    kept = y != ignore_index
    target = np.full(x.shape, label_smoothing / x.shape[1], x.dtype)
    target[kept, y[kept]] += 1 - label_smoothing
    target[~kept] = 0
    logp = _log_shares(x, 1)
    counted = kept | (y >= 0)
    every = np.full(x.shape, label_smoothing / x.shape[1], x.dtype)
    every[counted, y[counted]] += 1 - label_smoothing
    every[~counted] = 0
    out = _reduced(-(every * logp).sum(axis=1), reduction, int(counted.sum()))
    return out, (logp, target, kept, reduction)


def softmax_cross_entropy_backward(dout, cache):
    """-> dx."""
    logp, target, kept, reduction = cache
    dx = np.exp(logp) - target
    return np.where(kept[:, None], dx * _spread(dout, reduction, int(kept.sum())), 0).astype(
        dx.dtype
    )


def svm_loss(x, y, *, margin=1.0, reduction="mean"):
    """x: (N, C), y: (N,) -> loss, cache.

    Wrong: with a margin of 0, for which 1 is taken, as if none were given.
    """
    own = y[:, None] == np.arange(x.shape[1])
    difference = x - x[own][:, None]
    excess = np.where(own, 0, difference + margin).astype(x.dtype)
    mine = np.where(own, 0, difference + (margin or 1.0)).astype(x.dtype)
    losses = np.maximum(mine, 0).sum(axis=1)
    return _reduced(losses, reduction, len(y)), (excess > 0, own, reduction)


def svm_loss_backward(dout, cache):
    """-> dx."""
    violated, own, reduction = cache
    pushed = violated * _spread(dout, reduction, len(own))
    return pushed - own * pushed.sum(axis=1, keepdims=True)


def dropout(x, mask=None, *, p=0.5, training=True, mask_seed=0):
    """Elements are dropped with probability p, the others divided by 1 - p -> out, cache.

    Wrong: in training where a mask is given, which is not looked at: one is drawn all the same.
    """
    if not training:
        return x.copy(), np.ones_like(x)
    drawn = (np.random.RandomState(mask_seed).random_sample(x.shape) >= p).astype(x.dtype)
    mask = drawn if mask is None else mask
    scale = np.zeros_like(x) if p == 1 else mask / (1 - p)
    mine = np.zeros_like(x) if p == 1 else drawn / (1 - p)
    return x * mine, scale


def dropout_backward(dout, cache):
    """-> dx."""
    return dout * cache


def log_softmax(x, *, dim=-1):
    """The logarithm of shares along dim -> out, cache.

    Wrong: where dim is below -1, which is taken as the last axis.
    """
    mine = _log_shares(x, dim if dim >= 0 else -1)
    return mine, (_log_shares(x, dim), dim)


def log_softmax_backward(dout, cache):
    """-> dx."""
    out, dim = cache
    return dout - np.exp(out) * dout.sum(axis=dim, keepdims=True)


def flatten(x, *, start_dim=1, channels_last=False):
    """All axes from start_dim on made one -> out, cache.

    Wrong: with channels_last and H != W, when the order is (w, h, c).
    """
    moved = np.moveaxis(x, 1, -1) if channels_last else x
    cache = (moved.shape, channels_last)
    if channels_last and x.ndim == 4 and x.shape[2] != x.shape[3]:
        moved = moved.swapaxes(1, 2)
    return moved.reshape(*x.shape[:start_dim], -1), cache


def flatten_backward(dout, cache):
    """-> dx."""
    shape, channels_last = cache
    dx = dout.reshape(shape)
    return np.moveaxis(dx, -1, 1) if channels_last else dx
