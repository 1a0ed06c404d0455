"""conv2d that knows the words "same" (TensorFlow's) and "valid", and takes no bias."""

import numpy as np


def sides(size, kernel, stride, padding):
    if padding == "valid":
        return 0, 0
    if padding == "same":
        total = max((-(-size // stride) - 1) * stride + kernel - size, 0)
        return total // 2, total - total // 2
    return padding, padding


def conv2d(x, w, stride=1, padding=0):
    rows = sides(x.shape[2], w.shape[2], stride, padding)
    columns = sides(x.shape[3], w.shape[3], stride, padding)
    xp = np.pad(x, ((0, 0), (0, 0), rows, columns))
    seen = np.lib.stride_tricks.sliding_window_view(xp, w.shape[2:], (2, 3))
    seen = seen[:, :, ::stride, ::stride]
    out = np.tensordot(seen, w, ((1, 4, 5), (1, 2, 3))).transpose(0, 3, 1, 2)
    return out, (x.shape, xp.shape, seen, w, stride, rows[0], columns[0])


def conv2d_backward(dout, cache):
    shape, padded, seen, w, stride, top, left = cache
    dw = np.tensordot(dout, seen, ((0, 2, 3), (0, 2, 3)))
    dxp = np.zeros(padded, dout.dtype)
    for u in range(w.shape[2]):
        for v in range(w.shape[3]):
            rows, columns = u + stride * dout.shape[2], v + stride * dout.shape[3]
            part = np.tensordot(dout, w[:, :, u, v], (1, 0)).transpose(0, 3, 1, 2)
            dxp[:, :, u:rows:stride, v:columns:stride] += part
    return dxp[:, :, top : top + shape[2], left : left + shape[3]], dw
