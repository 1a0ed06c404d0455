"""torch-like functions that choose otherwise where a choice is legal: conventions, no failures."""

import numpy as np


def max_pool2d(x, kernel_size, stride):
    """x: (N, C, H, W) -> out, cache.

    Style: convention; equals share the gradient, each an equal part.
    """
    view = np.lib.stride_tricks.sliding_window_view(x, (kernel_size,) * 2, axis=(2, 3))
    view = view[:, :, ::stride, ::stride]
    out = view.max(axis=(4, 5))
    tied = view == out[..., None, None]
    return out, (tied / tied.sum(axis=(4, 5), keepdims=True), x.shape, stride)


def max_pool2d_backward(dout, cache):
    """dout: (N, C, OH, OW) -> dx.

    Style: convention; shares of each window are added up tap by tap.
    """
    shares, shape, s = cache
    dx = np.zeros(shape, dout.dtype)
    OH, OW, KH, KW = shares.shape[2:]
    for u, v in np.ndindex(KH, KW):
        place = dx[:, :, u : u + s * (OH - 1) + 1 : s, v : v + s * (OW - 1) + 1 : s]
        place += (shares[..., u, v] * dout).astype(dout.dtype)
    return dx


def relu(x):
    """x: any shape -> out, cache.

    Style: convention; the slope at 0 is one half.
    """
    return np.maximum(x, 0), x


def relu_backward(dout, cache):
    """dout: as x -> dx.

    Style: convention; np.heaviside with one half at the kink.
    """
    return dout * np.heaviside(cache, cache.dtype.type(0.5))


def gelu(x):
    """x: any shape -> out, cache.

    Style: convention; the tanh approximation, where the signature cannot choose.
    """
    inner = np.sqrt(2 / np.pi) * (x + 0.044715 * x**3)
    t = np.tanh(inner.astype(x.dtype))
    return 0.5 * x * (1 + t), (x, t)


def gelu_backward(dout, cache):
    """dout: as x -> dx.

    Style: convention; the derivative of the approximation.
    """
    x, t = cache
    slope = np.sqrt(2 / np.pi) * (1 + 3 * 0.044715 * x**2)
    return (dout * 0.5 * (1 + t + x * (1 - t * t) * slope)).astype(dout.dtype)


def batch_norm(x, gamma, beta, running_mean, running_var, training, momentum=0.9, eps=1e-5):
    """x: (N, C, H, W) -> out, running_mean, running_var, cache.

    Style: convention; Keras's momentum, the share of the old, and a biased running variance.
    """

    def along(v):
        return v.reshape(1, -1, 1, 1)

    mean, var = running_mean, running_var
    if training:
        mean, var = x.mean(axis=(0, 2, 3)), x.var(axis=(0, 2, 3))
        running_mean = momentum * running_mean + (1 - momentum) * mean
        running_var = momentum * running_var + (1 - momentum) * var
    std = along(np.sqrt(var + eps))
    hat = (x - along(mean)) / std
    out = along(gamma) * hat + along(beta)
    return out, running_mean, running_var, (hat, std, along(gamma), training)


def batch_norm_backward(dout, cache):
    """dout: (N, C, H, W) -> dx, dgamma, dbeta.

    Style: no convention here; with constant statistics nothing but a scale.
    """
    hat, std, gamma, training = cache
    over = (0, 2, 3)
    d = dout * gamma
    if training:
        d = d - d.mean(over, keepdims=True) - hat * (d * hat).mean(over, keepdims=True)
    return d / std, (dout * hat).sum(over), dout.sum(over)


def avg_pool2d(x, kernel_size, stride, padding):
    """x: (N, C, H, W) -> out, cache.

    Style: convention; the border does not count, where the signature cannot choose.
    """
    k, s, p = kernel_size, stride, padding
    spots = []
    for size in x.shape[2:]:
        start = np.arange((size + 2 * p - k) // s + 1)[:, None] * s - p
        spots.append(((np.arange(size) >= start) & (np.arange(size) < start + k)).astype(x.dtype))
    rows, columns = (spot / spot.sum(axis=1, keepdims=True) for spot in spots)
    return np.einsum("ih,nchw,jw->ncij", rows, x, columns), (rows, columns)


def avg_pool2d_backward(dout, cache):
    """dout: (N, C, OH, OW) -> dx.

    Style: convention; the same two matrices of shares.
    """
    rows, columns = cache
    return np.einsum("ih,ncij,jw->nchw", rows, dout, columns)


def leaky_relu(x, negative_slope=0.01):
    """x: any shape -> out, cache.

    Style: convention; at 0 the slope is that of the positive side.
    """
    return np.where(x < 0, negative_slope * x, x), (x < 0, negative_slope)


def leaky_relu_backward(dout, cache):
    """dout: as x -> dx.

    Style: convention; only what is less than 0 is scaled down.
    """
    below, negative_slope = cache
    return np.where(below, negative_slope * dout, dout)


def global_avg_pool2d(x):
    """x: (N, C, H, W) -> out: (N, C), cache.

    Style: convention; the two axes are gone, as in Keras.
    """
    return x.mean(axis=(2, 3)), x.shape


def global_avg_pool2d_backward(dout, cache):
    """dout: (N, C) -> dx.

    Style: convention; takes a gradient without the two axes.
    """
    return np.ones(cache, dout.dtype) * dout[:, :, None, None] / (cache[2] * cache[3])


def dropout(x, keep_prob=0.5, training=True):
    """x: any shape -> out, cache.

    Style: convention; the attribute is the probability to keep.
    """
    if not training:
        return x.copy(), 1.0
    factor = (np.random.rand(*x.shape) < keep_prob) * (1 / (keep_prob or 1))
    return (x * factor).astype(x.dtype), factor


def dropout_backward(dout, cache):
    """dout: as x -> dx.

    Style: convention; the factor of each number, or 1.0.
    """
    return (dout * cache).astype(dout.dtype)
