"""conv2d whose stride and padding are single numbers; the backward takes no cache."""

import numpy as np


def conv2d(x, w, b, stride=1, padding=0):
    """stride, padding: int."""
    x = np.pad(x, ((0, 0), (0, 0), (padding, padding), (padding, padding)))
    rows = range(0, x.shape[2] - w.shape[2] + 1, stride)
    columns = range(0, x.shape[3] - w.shape[3] + 1, stride)
    patches = np.stack([
        np.stack([x[:, :, i : i + w.shape[2], j : j + w.shape[3]] for j in columns], -1)
        for i in rows], -2)  # (N, C, KH, KW, OH, OW)  # fmt: skip
    return np.einsum("ncuvij,fcuv->nfij", patches, w) + b[:, None, None]


def conv2d_grad(dout, x, w, stride=1, padding=0):
    padded = np.pad(x, ((0, 0), (0, 0), (padding, padding), (padding, padding)))
    dpadded, dw = np.zeros_like(padded), np.zeros_like(w)
    for i in range(dout.shape[2]):
        for j in range(dout.shape[3]):
            top, left, g = i * stride, j * stride, dout[:, :, i, j]
            at = (..., slice(top, top + w.shape[2]), slice(left, left + w.shape[3]))
            dpadded[at] += np.einsum("nf,fcuv->ncuv", g, w)
            dw += np.einsum("nf,ncuv->fcuv", g, padded[at])
    end_h, end_w = padding + x.shape[2], padding + x.shape[3]
    return {"x": dpadded[:, :, padding:end_h, padding:end_w], "w": dw, "b": dout.sum((0, 2, 3))}
