"""conv_transpose2d by adding every pixel's kernel into the output."""

import numpy as np


def conv_transpose2d(input, weight, bias=None, stride=1, padding=0, output_padding=0):  # noqa: A002
    s, p = stride, padding
    n, c, h, w = input.shape
    kh, kw = weight.shape[2:]
    full = np.zeros((n, weight.shape[1], (h - 1) * s + kh + output_padding,
                     (w - 1) * s + kw + output_padding), input.dtype)  # fmt: skip
    for i in range(h):
        for j in range(w):
            part = np.einsum("nc,cfuv->nfuv", input[:, :, i, j], weight)
            full[:, :, i * s : i * s + kh, j * s : j * s + kw] += part
    out = full[:, :, p : full.shape[2] - p, p : full.shape[3] - p]
    if bias is not None:
        out = out + bias.reshape(1, -1, 1, 1)
    return out, (input, weight, bias, s, p, full.shape)


def conv_transpose2d_backward(dout, cache):
    x, w, bias, s, p, full = cache
    dfull = np.zeros(full, dout.dtype)
    dfull[:, :, p : full[2] - p, p : full[3] - p] = dout
    dx, dw = np.zeros_like(x), np.zeros_like(w)
    for i in range(x.shape[2]):
        for j in range(x.shape[3]):
            d = dfull[:, :, i * s : i * s + w.shape[2], j * s : j * s + w.shape[3]]
            dx[:, :, i, j] = np.einsum("nfuv,cfuv->nc", d, w)
            dw += np.einsum("nc,nfuv->cfuv", x[:, :, i, j], d)
    return dx, dw, None if bias is None else dout.sum(axis=(0, 2, 3))
