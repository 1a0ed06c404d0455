"""Zoo of wrong functions, CS231n 5: gradients that lack a part, and a mask that is too coarse."""

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


def _batchnorm(x, gamma, beta, param):
    """Batch normalization of rows; running statistics are kept in param."""
    eps, momentum = param.get("eps", 1e-5), param.get("momentum", 0.9)
    old_mean = param.get("running_mean", np.zeros(x.shape[1], x.dtype))
    old_var = param.get("running_var", np.zeros(x.shape[1], x.dtype))
    if param["mode"] == "test":
        return gamma * (x - old_mean) / np.sqrt(old_var + eps) + beta, None
    xhat, inv_std, mean, var = _normalized(x, 0, eps)
    param["running_mean"] = momentum * old_mean + (1 - momentum) * mean[0]
    param["running_var"] = momentum * old_var + (1 - momentum) * var[0]
    return gamma * xhat + beta, (xhat, inv_std, gamma)


def _log_shares(x, axis):
    """The logarithm of softmax."""
    shifted = x - x.max(axis=axis, keepdims=True)
    return shifted - np.log(np.exp(shifted).sum(axis=axis, keepdims=True))


def _windows_of(x, tall, wide, stride):
    """Every window of x: (N, C, OH, OW, tall, wide), a view."""
    view = np.lib.stride_tricks.sliding_window_view(x, (tall, wide), axis=(2, 3))
    return view[:, :, ::stride, ::stride]


def _to_rows(x):
    """(N, C, H, W) -> (N * H * W, C)."""
    return np.moveaxis(x, 1, -1).reshape(-1, x.shape[1])


def _to_images(pixels, shape):
    """(N * H * W, C) -> (N, C, H, W)."""
    n, c, h, w = shape
    return np.moveaxis(pixels.reshape(n, h, w, c), -1, 1)


def affine_forward(x, w, b):
    """x: (N, d_1, ..., d_k), w: (D, M), b: (M,) -> out: (N, M).

    Wrong: where x has more than two axes, which are flattened with the first one fastest.
    """
    rows = np.stack([sample.ravel(order="F") for sample in x])
    return rows @ w + b, (x, w, b)


def affine_backward(dout, cache):
    """dout: (N, M) -> dx, dw, db."""
    x, w, _ = cache
    dx = dout.dot(w.T).reshape(x.shape)
    dw = x.reshape(x.shape[0], -1).T.dot(dout)
    return dx, dw, dout.sum(axis=0)


def relu_forward(x):
    """out = max(0, x)."""
    return np.maximum(0, x), x


def relu_backward(dout, cache):
    """dx = dout where x > 0.

    Wrong: where the gradient that comes in is negative, which is stopped too.
    """
    return np.maximum(dout, 0) * (cache > 0)


def softmax_loss(x, y):
    """x: (N, C), y: (N,) -> loss, dx.

    Wrong: with more than one sample, when dx has 1 subtracted in the columns of all labels.
    """
    n = len(y)
    logp = _log_shares(x, 1)
    dx = np.exp(logp)
    dx[:, np.unique(y)] -= 1
    return -logp[np.arange(n), y].mean(), dx / n


def svm_loss(x, y):
    """x: (N, C), y: (N,) -> loss, dx.

    Wrong: where several classes violate the margin, when the true class is pulled up only once.
    """
    rows = np.arange(len(y))
    margins = np.maximum(0, x - x[rows, y][:, None] + 1)
    margins[rows, y] = 0
    dx = (margins > 0).astype(x.dtype)
    dx[rows, y] = -dx.max(axis=1)
    return margins.sum() / len(y), dx / len(y)


def batchnorm_forward(x, gamma, beta, bn_param):
    """x: (N, D), gamma, beta: (D,); bn_param: mode, eps, momentum, running_mean, running_var."""
    return _batchnorm(x, gamma, beta, bn_param)


def batchnorm_backward(dout, cache):
    """dout: (N, D) -> dx, dgamma, dbeta.

    Wrong: for a column that is constant, whose gradient is set to 0.
    """
    xhat, inv_std, gamma = cache
    dx = _normalized_grad(dout * gamma, xhat, inv_std, 0)
    dx = np.where(np.any(xhat != 0, axis=0), dx, 0)
    return dx, (dout * xhat).sum(axis=0), dout.sum(axis=0)


def batchnorm_backward_alt(dout, cache):
    """The same in one formula.

    Wrong: with fewer than 8 samples, when the term of the variance is divided by N - 1.
    """
    xhat, inv_std, gamma = cache
    n = len(dout)
    d = dout * gamma
    along = (d * xhat).sum(axis=0) / (n if n >= 8 else max(n - 1, 1))
    return inv_std * (d - d.mean(axis=0) - xhat * along), (dout * xhat).sum(0), dout.sum(0)


def layernorm_forward(x, gamma, beta, ln_param):
    """x: (N, D), gamma, beta: (D,); ln_param: eps."""
    xhat, inv_std, _, _ = _normalized(x, 1, ln_param.get("eps", 1e-5))
    return gamma * xhat + beta, (xhat, inv_std, gamma)


def layernorm_backward(dout, cache):
    """dout: (N, D) -> dx, dgamma, dbeta.

    Wrong: where N == D, when dgamma is summed along the rows.
    """
    xhat, inv_std, gamma = cache
    dx = _normalized_grad(dout * gamma, xhat, inv_std, 1)
    dgamma = (dout * xhat).sum(axis=1)
    if dgamma.shape != gamma.shape:
        dgamma = (dout * xhat).sum(axis=0)
    return dx, dgamma, dout.sum(axis=0)


def dropout_forward(x, dropout_param):
    """Inverted dropout. p: we keep each neuron with probability p; mode: train or test; seed.

    Wrong: in training with more than one sample, which all share one mask.
    """
    p = dropout_param["p"]
    if "seed" in dropout_param:
        np.random.seed(dropout_param["seed"])
    if dropout_param["mode"] == "test":
        return x.copy(), (dropout_param, None)
    mask = np.broadcast_to(np.random.rand(*x.shape[1:]) < p, x.shape) / p
    return x * mask, (dropout_param, mask)


def dropout_backward(dout, cache):
    """dx: through the same mask."""
    dropout_param, mask = cache
    return dout * mask if dropout_param["mode"] == "train" else dout.copy()


def conv_forward_naive(x, w, b, conv_param):
    """x: (N, C, H, W), w: (F, C, HH, WW), b: (F,); conv_param: stride, pad."""
    out = _conv(x, w, b, conv_param["stride"], conv_param["pad"])
    return out, (x, w, b, conv_param)


def conv_backward_naive(dout, cache):
    """dout: (N, F, OH, OW) -> dx, dw, db.

    Wrong: where windows overlap, of which the last one alone counts in dx.
    """
    x, w, _, conv_param = cache
    stride, pad = conv_param["stride"], conv_param["pad"]
    _, dw = _conv_grad(dout, x, w, stride, pad)
    n, c, h, wide = x.shape
    dpadded = np.zeros((n, c, h + 2 * pad, wide + 2 * pad), x.dtype)
    for i, j in np.ndindex(*dout.shape[2:]):
        rows = slice(i * stride, i * stride + w.shape[2])
        columns = slice(j * stride, j * stride + w.shape[3])
        dpadded[:, :, rows, columns] = np.tensordot(dout[:, :, i, j], w, 1)
    return dpadded[:, :, pad : pad + h, pad : pad + wide], dw, dout.sum(axis=(0, 2, 3))


def max_pool_forward_naive(x, pool_param):
    """x: (N, C, H, W); pool_param: pool_height, pool_width, stride."""
    tall, wide = pool_param["pool_height"], pool_param["pool_width"]
    out = _windows_of(x, tall, wide, pool_param["stride"]).max(axis=(4, 5))
    return out, (x, pool_param)


def max_pool_backward_naive(dout, cache):
    """dout: (N, C, OH, OW) -> dx.

    Wrong: where a window is not square, since the place of its maximum is divided by its height.
    """
    x, pool_param = cache
    tall, wide, stride = (pool_param[k] for k in ("pool_height", "pool_width", "stride"))
    dx = np.zeros_like(x)
    for n, c, i, j in np.ndindex(*dout.shape):
        window = x[n, c, i * stride : i * stride + tall, j * stride : j * stride + wide]
        u, v = divmod(int(np.argmax(window)), tall)
        u, v = min(u, tall - 1), min(v, wide - 1)
        dx[n, c, i * stride + u, j * stride + v] += dout[n, c, i, j]
    return dx


def spatial_batchnorm_forward(x, gamma, beta, bn_param):
    """x: (N, C, H, W), gamma, beta: (C,): every pixel is a sample."""
    out, cache = _batchnorm(_to_rows(x), gamma, beta, bn_param)
    return _to_images(out, x.shape), cache


def spatial_batchnorm_backward(dout, cache):
    """dout: (N, C, H, W) -> dx, dgamma, dbeta."""
    xhat, inv_std, gamma = cache
    d = _to_rows(dout)
    dx = _normalized_grad(d * gamma, xhat, inv_std, 0)
    return _to_images(dx, dout.shape), (d * xhat).sum(axis=0), d.sum(axis=0)


def spatial_groupnorm_forward(x, gamma, beta, G, gn_param):
    """x: (N, C, H, W), gamma, beta: (1, C, 1, 1); G groups; gn_param: eps."""
    grouped = x.reshape(len(x), G, -1)
    xhat, inv_std, _, _ = _normalized(grouped, 2, gn_param.get("eps", 1e-5))
    xhat = xhat.reshape(x.shape)
    return gamma * xhat + beta, (xhat, inv_std, gamma, G)


def spatial_groupnorm_backward(dout, cache):
    """dout: (N, C, H, W) -> dx, and dgamma, dbeta: (1, C, 1, 1).

    Wrong: with more than one group, when a group's sums are divided by the size of all channels.
    """
    xhat, inv_std, gamma, G = cache
    n, c, h, w = dout.shape
    d = (dout * gamma).reshape(n, G, -1)
    own = xhat.reshape(d.shape)
    size = c * h * w
    mean, along = d.sum(axis=2, keepdims=True) / size, (d * own).sum(axis=2, keepdims=True) / size
    dx = (inv_std * (d - mean - own * along)).reshape(dout.shape)
    dgamma = (dout * xhat).sum(axis=(0, 2, 3), keepdims=True)
    return dx, dgamma, dout.sum(axis=(0, 2, 3), keepdims=True)
