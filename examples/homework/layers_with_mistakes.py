"""The same homework with five mistakes that are often made; README.md says which.

Every `*_forward` returns its output and a cache; every `*_backward` takes the gradient of the
output and that cache. Images are (N, C, H, W).
"""

import numpy as np

# ------------------------------------------------------------------ affine and relu


def affine_forward(x, w, b):
    """x: (N, d_1, ..., d_k), w: (D, M), b: (M,) -> out: (N, M), where D = d_1 * ... * d_k."""
    flat = x.reshape(len(x), -1)
    return flat @ w + b, (x, w)


def affine_backward(dout, cache):
    """dout: (N, M) -> dx as x, dw: (D, M), db: (M,)."""
    x, w = cache
    flat = x.reshape(len(x), -1)
    return (dout @ w.T).reshape(x.shape), flat.T @ dout, dout.sum(axis=0)


def relu_forward(x):
    """Negative numbers become 0."""
    return np.maximum(x, 0), x


def relu_backward(dout, cache):
    """The gradient passes where x was positive."""
    return np.where(cache > 0, dout, 0)


# ------------------------------------------------------------------ losses


def softmax_loss(x, y):
    """Scores x: (N, C), labels y: (N,) -> the mean cross entropy and its gradient."""
    samples = np.arange(len(x))
    shifted = x - x.max(axis=1, keepdims=True)
    log_total = np.log(np.exp(shifted).sum(axis=1, keepdims=True))
    log_shares = shifted - log_total
    loss = -log_shares[samples, y].mean()
    dx = np.exp(log_shares)
    dx[samples, y] -= 1
    return loss, dx / len(x)


def svm_loss(x, y):
    """Scores x: (N, C), labels y: (N,) -> the mean hinge loss with margin 1, and its gradient."""
    dx = np.zeros_like(x)
    loss = 0.0
    for n in range(x.shape[0]):
        for c in range(x.shape[1]):
            excess = x[n, c] - x[n, y[n]] + 1
            if c != y[n] and excess > 0:
                loss += excess
                dx[n, c] += 1
                dx[n, y[n]] -= 1
    return loss / len(x), dx / len(x)


# ------------------------------------------------------------------ batch normalization


def batchnorm_forward(x, gamma, beta, bn_param):
    """x: (N, D). bn_param: mode ("train" or "test"), eps, momentum, running_mean, running_var.

    In training the running statistics in bn_param move: momentum of the old, the rest of the new.
    """
    eps = bn_param.get("eps", 1e-5)
    momentum = bn_param.get("momentum", 0.9)
    size = x.shape[1]
    running_mean = bn_param.get("running_mean", np.zeros(size, dtype=x.dtype))
    running_var = bn_param.get("running_var", np.zeros(size, dtype=x.dtype))
    if bn_param["mode"] == "test":
        xhat = (x - running_mean) / np.sqrt(running_var + eps)
        return gamma * xhat + beta, None
    mean = x.mean(axis=0)
    centered = x - mean
    var = (centered**2).mean(axis=0)
    std = np.sqrt(var + eps)
    xhat = centered / std
    bn_param["running_mean"] = momentum * running_mean + (1 - momentum) * mean
    bn_param["running_var"] = momentum * running_var + (1 - momentum) * var
    return gamma * xhat + beta, (xhat, centered, std, gamma)


def batchnorm_backward(dout, cache):
    """Step by step through the graph of the forward pass."""
    xhat, _, std, gamma = cache
    count = len(dout)
    dbeta = dout.sum(axis=0)
    dgamma = (dout * xhat).sum(axis=0)
    dxhat = dout * gamma
    dcentered = dxhat / std
    dmean = -dcentered.sum(axis=0)
    return dcentered + dmean / count, dgamma, dbeta


def batchnorm_backward_alt(dout, cache):
    """The same, simplified on paper."""
    xhat, _, std, gamma = cache
    dbeta = dout.sum(axis=0)
    dgamma = (dout * xhat).sum(axis=0)
    dxhat = dout * gamma
    along = (dxhat * xhat).mean(axis=0)
    return (dxhat - dxhat.mean(axis=0) - xhat * along) / std, dgamma, dbeta


# ------------------------------------------------------------------ layer normalization


def layernorm_forward(x, gamma, beta, ln_param):
    """x: (N, D): every sample is normalized by itself."""
    eps = ln_param.get("eps", 1e-5)
    centered = x - x.mean(axis=1, keepdims=True)
    std = np.sqrt((centered**2).mean(axis=1, keepdims=True) + eps)
    xhat = centered / std
    return gamma * xhat + beta, (xhat, std, gamma)


def layernorm_backward(dout, cache):
    """dout: (N, D) -> dx: (N, D), dgamma: (D,), dbeta: (D,)."""
    xhat, std, gamma = cache
    dxhat = dout * gamma
    count = len(dout)
    along = (dxhat * xhat).sum(axis=1, keepdims=True) / count
    dx = (dxhat - dxhat.sum(axis=1, keepdims=True) / count - xhat * along) / std
    return dx, (dout * xhat).sum(axis=0), dout.sum(axis=0)


# ------------------------------------------------------------------ dropout


def dropout_forward(x, dropout_param):
    """Inverted dropout: we keep each number with probability p, and divide it by p.

    dropout_param: p, mode ("train" or "test"), and a seed to get the same mask again.
    """
    p, mode = dropout_param["p"], dropout_param["mode"]
    if "seed" in dropout_param:
        np.random.seed(dropout_param["seed"])
    mask = None
    if mode == "train":
        mask = (np.random.rand(*x.shape) < p).astype(x.dtype)
        out = x * mask / p
    else:
        out = x.copy()
    return out, (dropout_param, mask)


def dropout_backward(dout, cache):
    """The gradient passes where x did, scaled alike."""
    dropout_param, mask = cache
    if dropout_param["mode"] == "train":
        return dout * mask / dropout_param["p"]
    return dout.copy()


# ------------------------------------------------------------------ convolution


def conv_forward_naive(x, w, b, conv_param):
    """x: (N, C, H, W), w: (F, C, HH, WW), b: (F,); conv_param: stride, pad."""
    stride, pad = conv_param["stride"], conv_param["pad"]
    samples, channels, height, width = x.shape
    filters, _, kernel_height, kernel_width = w.shape
    rows = (height + 2 * pad - kernel_height) // stride + 1
    columns = (width + 2 * pad - kernel_width) // stride + 1
    padded = np.pad(x, ((0, 0), (0, 0), (pad, pad), (pad, pad)))
    out = np.zeros((samples, filters, rows, columns))
    for n in range(samples):
        for f in range(filters):
            for i in range(rows):
                for j in range(columns):
                    top, left = i * stride, j * stride
                    window = padded[n, :, top : top + kernel_height, left : left + kernel_width]
                    for c in range(channels):
                        out[n, f, i, j] += np.sum(window[c] * w[f, c]) + b[f]
    return out, (x, w, b, conv_param)


def conv_backward_naive(dout, cache):
    """Every window's gradient goes back to its pixels and to its filter."""
    x, w, b, conv_param = cache
    stride, pad = conv_param["stride"], conv_param["pad"]
    _, _, kernel_height, kernel_width = w.shape
    padded = np.pad(x, ((0, 0), (0, 0), (pad, pad), (pad, pad)))
    dpadded = np.zeros_like(padded)
    dw = np.zeros_like(w)
    db = np.zeros_like(b)
    samples, filters, rows, columns = dout.shape
    for n in range(samples):
        for f in range(filters):
            for i in range(rows):
                for j in range(columns):
                    top, left = i * stride, j * stride
                    place = (
                        n,
                        slice(None),
                        slice(top, top + kernel_height),
                        slice(left, left + kernel_width),
                    )
                    dw[f] += dout[n, f, i, j] * padded[place]
                    dpadded[place] += dout[n, f, i, j] * w[f]
                    db[f] += dout[n, f, i, j]
    return dpadded[:, :, pad:-pad, pad:-pad], dw, db


# ------------------------------------------------------------------ max pooling


def max_pool_forward_naive(x, pool_param):
    """x: (N, C, H, W); pool_param: pool_height, pool_width, stride."""
    tall, wide = pool_param["pool_height"], pool_param["pool_width"]
    stride = pool_param["stride"]
    samples, channels, height, width = x.shape
    rows = (height - tall) // stride + 1
    columns = (width - wide) // stride + 1
    out = np.zeros((samples, channels, rows, columns))
    for i in range(rows):
        for j in range(columns):
            top, left = i * stride, j * stride
            window = x[:, :, top : top + tall, left : left + wide]
            out[:, :, i, j] = window.max(axis=(2, 3))
    return out, (x, pool_param)


def max_pool_backward_naive(dout, cache):
    """Every window's gradient goes to its first maximum."""
    x, pool_param = cache
    tall, wide = pool_param["pool_height"], pool_param["pool_width"]
    stride = pool_param["stride"]
    dx = np.zeros_like(x)
    samples, channels, rows, columns = dout.shape
    for n in range(samples):
        for c in range(channels):
            for i in range(rows):
                for j in range(columns):
                    top, left = i * stride, j * stride
                    window = x[n, c, top : top + tall, left : left + wide]
                    u, v = np.unravel_index(window.argmax(), window.shape)
                    dx[n, c, top + u, left + v] = dout[n, c, i, j]
    return dx


# ------------------------------------------------------------------ normalization of images


def spatial_batchnorm_forward(x, gamma, beta, bn_param):
    """x: (N, C, H, W): batch normalization where every pixel is a sample."""
    samples, channels, height, width = x.shape
    pixels = x.transpose(0, 2, 3, 1).reshape(-1, channels)
    out, cache = batchnorm_forward(pixels, gamma, beta, bn_param)
    return out.reshape(samples, height, width, channels).transpose(0, 3, 1, 2), cache


def spatial_batchnorm_backward(dout, cache):
    """dout: (N, C, H, W) -> dx: (N, C, H, W), dgamma: (C,), dbeta: (C,)."""
    samples, channels, height, width = dout.shape
    pixels = dout.transpose(0, 2, 3, 1).reshape(-1, channels)
    dx, dgamma, dbeta = batchnorm_backward_alt(pixels, cache)
    return dx.reshape(samples, height, width, channels).transpose(0, 3, 1, 2), dgamma, dbeta


def spatial_groupnorm_forward(x, gamma, beta, G, gn_param):
    """x: (N, C, H, W), gamma and beta: (1, C, 1, 1); G groups of neighbouring channels."""
    eps = gn_param.get("eps", 1e-5)
    grouped = x.reshape(len(x), G, -1)
    centered = grouped - grouped.mean(axis=2, keepdims=True)
    std = np.sqrt((centered**2).mean(axis=2, keepdims=True) + eps)
    xhat = (centered / std).reshape(x.shape)
    return gamma * xhat + beta, (xhat, std, gamma, G)


def spatial_groupnorm_backward(dout, cache):
    """dout: (N, C, H, W) -> dx as x, dgamma and dbeta: (1, C, 1, 1)."""
    xhat, std, gamma, G = cache
    others = (0, 2, 3)
    grouped = xhat.reshape(len(xhat), G, -1)
    dgrouped = (dout * gamma).reshape(grouped.shape)
    along = (dgrouped * grouped).mean(axis=2, keepdims=True)
    dx = (dgrouped - dgrouped.mean(axis=2, keepdims=True) - grouped * along) / std
    dgamma = (dout * xhat).sum(axis=others, keepdims=True)
    return dx.reshape(dout.shape), dgamma, dout.sum(axis=others, keepdims=True)
