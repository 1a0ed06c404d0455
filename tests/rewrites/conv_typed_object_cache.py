"""Convolution with type hints and an object as cache.

Max pooling that keeps one flat index a window and scatters with bincount.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[np.floating]


@dataclass
class Saved:
    padded: Array
    w: Array
    stride: int
    pad: int
    size: tuple[int, int]


def taps(saved: Saved, rows: int, columns: int):
    for u in range(saved.w.shape[2]):
        for v in range(saved.w.shape[3]):
            i = slice(u, u + saved.stride * (rows - 1) + 1, saved.stride)
            j = slice(v, v + saved.stride * (columns - 1) + 1, saved.stride)
            yield u, v, (slice(None), slice(None), i, j)


def conv_forward_naive(
    x: Array, w: Array, b: Array, conv_param: dict[str, int]
) -> tuple[Array, Saved]:
    stride, pad = conv_param["stride"], conv_param["pad"]
    padded = np.pad(x, [(0, 0)] * 2 + [(pad, pad)] * 2)
    saved = Saved(padded, w, stride, pad, (x.shape[2], x.shape[3]))
    rows = (padded.shape[2] - w.shape[2]) // stride + 1
    columns = (padded.shape[3] - w.shape[3]) // stride + 1
    out = np.broadcast_to(b[:, None, None], (len(x), len(w), rows, columns)).copy()
    for u, v, at in taps(saved, rows, columns):
        out += np.moveaxis(np.tensordot(w[:, :, u, v], padded[at], (1, 1)), 0, 1)
    return out, saved


def conv_backward_naive(dout: Array, cache: Saved) -> tuple[Array, Array, Array]:
    dpadded, dw = np.zeros_like(cache.padded), np.zeros_like(cache.w)
    for u, v, at in taps(cache, *dout.shape[2:]):
        dw[:, :, u, v] = np.tensordot(dout, cache.padded[at], ((0, 2, 3), (0, 2, 3)))
        dpadded[at] += np.moveaxis(np.tensordot(cache.w[:, :, u, v], dout, (0, 1)), 0, 1)
    top = cache.pad
    dx = dpadded[:, :, top : top + cache.size[0], top : top + cache.size[1]]
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
