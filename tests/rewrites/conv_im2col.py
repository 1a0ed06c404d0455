"""Convolution by im2col with index arrays; the gradient goes back by np.add.at.

Max pooling that keeps one flat index a window and scatters with bincount.
"""

import numpy as np


def indices(shape, kernel, stride, pad):
    _, channels, height, width = shape
    rows = (height + 2 * pad - kernel[0]) // stride + 1
    columns = (width + 2 * pad - kernel[1]) // stride + 1
    k = np.repeat(np.arange(channels), kernel[0] * kernel[1])[:, None]
    u = np.tile(np.repeat(np.arange(kernel[0]), kernel[1]), channels)[:, None]
    v = np.tile(np.arange(kernel[1]), kernel[0] * channels)[:, None]
    i = u + stride * np.repeat(np.arange(rows), columns)
    j = v + stride * np.tile(np.arange(columns), rows)
    return k, i, j, rows, columns


def conv_forward_naive(x, w, b, conv_param):
    pad = conv_param["pad"]
    k, i, j, rows, columns = indices(x.shape, w.shape[2:], conv_param["stride"], pad)
    padded = np.pad(x, ((0, 0), (0, 0), (pad, pad), (pad, pad)))
    patches = padded[:, k, i, j]  # (N, C*KH*KW, positions)
    out = w.reshape(len(w), -1) @ patches + b[:, None]
    cache = (x.shape, padded, patches, w, conv_param)
    return out.reshape(len(x), len(w), rows, columns), cache


def conv_backward_naive(dout, cache):
    shape, padded, patches, w, conv_param = cache
    pad = conv_param["pad"]
    k, i, j, _, _ = indices(shape, w.shape[2:], conv_param["stride"], pad)
    d = dout.reshape(dout.shape[0], dout.shape[1], -1)
    dw = (d @ patches.transpose(0, 2, 1)).sum(axis=0).reshape(w.shape)
    dpadded = np.zeros_like(padded)
    np.add.at(dpadded, (slice(None), k, i, j), w.reshape(len(w), -1).T @ d)
    dx = dpadded[:, :, pad : pad + shape[2], pad : pad + shape[3]]
    return dx, dw, dout.sum(axis=(0, 2, 3))


def max_pool_forward_naive(x, pool_param):
    ph, pw, s = pool_param["pool_height"], pool_param["pool_width"], pool_param["stride"]
    N, C, H, W = x.shape
    out = np.full((N, C, (H - ph) // s + 1, (W - pw) // s + 1), -np.inf)
    where = np.zeros(out.shape, dtype=int)
    number = np.arange(x.size).reshape(x.shape)
    for i in range(out.shape[2]):
        for j in range(out.shape[3]):
            at = (slice(None), slice(None), slice(i * s, i * s + ph), slice(j * s, j * s + pw))
            block, names = x[at].reshape(N, C, -1), number[at].reshape(N, C, -1)
            first = block.argmax(axis=2)[..., None]
            out[:, :, i, j] = np.take_along_axis(block, first, 2)[..., 0]
            where[:, :, i, j] = np.take_along_axis(names, first, 2)[..., 0]
    return out, {"where": where, "x": x}


def max_pool_backward_naive(dout, cache):
    x = cache["x"]
    dx = np.bincount(cache["where"].ravel(), weights=dout.ravel(), minlength=x.size)
    return dx.reshape(x.shape)
