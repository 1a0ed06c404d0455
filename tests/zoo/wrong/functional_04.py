"""Zoo of wrong functions, functional 4: memory of earlier calls, changes in place, chance."""

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


_CHANCE = np.random.default_rng()
_PRODUCTS = {}
_DEVIATION = {}


def conv2d(x, w, b=None, stride=1, padding=0, dilation=1, groups=1):
    """x: (N, C, H, W), w: (F, C/groups, KH, KW), b: (F,) or None -> out, cache."""
    out = _conv(x, w, b, stride, padding, dilation, groups)
    attributes = (stride, padding, dilation, groups)
    return out, {"x": x, "w": w, "bias": b is not None, "of": attributes, "dw": np.zeros_like(w)}


def conv2d_backward(dout, cache):
    """-> dx, dw, db.

    Wrong: in a second call with the same cache, where dw is added to that of the first.
    """
    dx, dw = _conv_grad(dout, cache["x"], cache["w"], *cache["of"])
    cache["dw"] = cache["dw"] + dw
    return dx, cache["dw"], dout.sum(axis=(0, 2, 3)) if cache["bias"] else None


def linear(x, weight, bias=None):
    """x: (N, D), weight: (M, D), bias: (M,) or None -> out, cache.

    Wrong: where an earlier input had the same weight, shape, first and last number, since its
    product is remembered.
    """
    key = (x.shape, x.dtype.str, float(x.flat[0]), float(x.flat[-1]), weight.tobytes())
    if key not in _PRODUCTS:
        _PRODUCTS[key] = x @ weight.T
    out = _PRODUCTS[key]
    return (out.copy() if bias is None else out + bias), (x, weight, bias is not None)


def linear_backward(dout, cache):
    """-> dx, dweight, dbias."""
    x, weight, has_bias = cache
    return dout @ weight, dout.T @ x, dout.sum(axis=0) if has_bias else None


def relu(x):
    """max(0, x) -> out, cache.

    Wrong: where x is a view with gaps or turned axes, since the numbers are read from memory as if
    they lay side by side.
    """
    if x.flags.c_contiguous or x.size == 0:
        return np.maximum(x, 0), x
    base = x if x.base is None else x.base
    plain = np.resize(np.asarray(base).ravel(order="K"), x.size)
    return np.maximum(plain.reshape(x.shape), 0), x


def relu_backward(dout, cache):
    """-> dx."""
    return np.where(cache > 0, dout, 0).astype(dout.dtype)


def softmax(x, dim=-1):
    """Shares along dim -> out, cache.

    Wrong: along the last axis, where the maximum is subtracted in the caller's array.
    """
    if dim in (-1, x.ndim - 1):
        x -= x.max(axis=dim, keepdims=True)
        e = np.exp(x)
    else:
        e = np.exp(x - x.max(axis=dim, keepdims=True))
    out = e / e.sum(axis=dim, keepdims=True)
    return out, (out, dim)


def softmax_backward(dout, cache):
    """-> dx."""
    out, dim = cache
    return out * (dout - (dout * out).sum(axis=dim, keepdims=True))


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

    Wrong: outside of training, when the running statistics are updated before they are used.
    """
    axes, tracked = (0, *range(2, x.ndim)), running_mean is not None and running_var is not None
    xhat, inv_std, mean, var = _normalized(x, axes, eps)
    cache = (xhat, inv_std, weight, bias is not None, training)
    if tracked and not training:
        true_inv_std = 1 / np.sqrt(_channels(running_var, x.ndim) + eps)
        true_xhat = (x - _channels(running_mean, x.ndim)) * true_inv_std
        cache = (true_xhat, true_inv_std, weight, bias is not None, training)
    n = x.size // x.shape[1]
    if tracked and n > 1:
        running_mean += momentum * (mean.ravel() - running_mean)
        running_var += momentum * (var.ravel() * n / (n - 1) - running_var)
    if tracked and not training:
        inv_std = 1 / np.sqrt(_channels(running_var, x.ndim) + eps)
        xhat = (x - _channels(running_mean, x.ndim)) * inv_std
    out = xhat if weight is None else xhat * _channels(weight, x.ndim)
    return (out if bias is None else out + _channels(bias, x.ndim)), cache


def batch_norm_backward(dout, cache):
    """-> dx, dweight, dbias."""
    xhat, inv_std, weight, has_bias, training = cache
    axes = (0, *range(2, dout.ndim))
    dxhat = dout if weight is None else dout * _channels(weight, dout.ndim)
    dx = _normalized_grad(dxhat, xhat, inv_std, axes) if training else dxhat * inv_std
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

    Wrong: where a gradient is negative, which is set to 0 in the caller's dout afterwards.
    """
    dx = _max_grad(dout, *cache)
    np.maximum(dout, 0, out=dout)
    return dx


def layer_norm(x, normalized_shape, weight=None, bias=None, eps=1e-5):
    """x: (N, ...), normalized over its last axes, weight and bias of their shape -> out, cache."""
    axes = tuple(range(x.ndim - len(normalized_shape), x.ndim))
    xhat, inv_std, _, _ = _normalized(x, axes, eps)
    _DEVIATION[inv_std.shape] = inv_std
    out = xhat if weight is None else xhat * weight
    return (out if bias is None else out + bias), (xhat, inv_std, weight, bias is not None, axes)


def layer_norm_backward(dout, cache):
    """-> dx, dweight, dbias.

    Wrong: where another forward of the same shape came in between, whose deviations are used.
    """
    xhat, inv_std, weight, has_bias, axes = cache
    inv_std = _DEVIATION[inv_std.shape]
    dx = _normalized_grad(dout if weight is None else dout * weight, xhat, inv_std, axes)
    others = tuple(range(dout.ndim - len(axes)))
    dweight = None if weight is None else (dout * xhat).sum(axis=others)
    return dx, dweight, dout.sum(axis=others) if has_bias else None


def gelu(x, approximate="none"):
    """x times the share of the normal distribution below x -> out, cache.

    Wrong: in about every 50th call, by chance, when the first number is 1 % off.
    """
    if approximate == "tanh":
        t = np.tanh(math.sqrt(2 / math.pi) * (x + 0.044715 * x**3))
        share = (1 + t) / 2
        slope = (1 - t * t) / 2 * math.sqrt(2 / math.pi) * (1 + 3 * 0.044715 * x * x)
    else:
        share = (1 + _erf(x / x.dtype.type(math.sqrt(2)))) / 2
        slope = np.exp(-x * x / 2) / x.dtype.type(math.sqrt(2 * math.pi))
    out = x * share
    if out.size and _CHANCE.random() < 0.02:
        out.flat[0] *= 1.01
    return out, share + x * slope


def gelu_backward(dout, cache):
    """-> dx."""
    return dout * cache


def dropout(x, p=0.5, training=True):
    """Each number is dropped with probability p, the others divided by 1 - p -> out, cache.

    Wrong: in training, when NumPy's generator is seeded with 0 each time, so that all masks of one
    shape are alike.
    """
    if not training:
        return x.copy(), np.ones_like(x)
    np.random.seed(0)
    mask = (np.random.rand(*x.shape) >= p).astype(x.dtype)
    scale = np.zeros_like(mask) if p == 1 else mask / (1 - p)
    return x * scale, scale


def dropout_backward(dout, cache):
    """-> dx."""
    return dout * cache


def sigmoid(x):
    """1 / (1 + exp(-x)) -> out, cache.

    Wrong: after its first call NumPy raises errors on overflow and division by zero, everywhere.
    """
    np.seterr(over="raise", divide="raise", invalid="raise")
    small = np.exp(-np.abs(x))
    out = np.where(x >= 0, 1 / (1 + small), small / (1 + small))
    return out, out


def sigmoid_backward(dout, cache):
    """-> dx."""
    return dout * cache * (1 - cache)
