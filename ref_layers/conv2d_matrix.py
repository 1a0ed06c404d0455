"""conv2d written out as one sparse matrix: the layer is linear, and this is its matrix."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from .arrays import require
from .op import Array
from .windows import Padding, Windows, windows


def conv2d_matrix(
    w: Array,
    input_shape: Sequence[int],
    *,
    stride: int | Sequence[int] = 1,
    padding: Padding = 0,
    dilation: int | Sequence[int] = 1,
    groups: int = 1,
) -> Any:
    """The matrix of conv2d without bias: conv2d(x[n]).ravel() = W @ x[n].ravel() for each sample.

    w: (F, C/groups, KH, KW) · input_shape: (C, H, W), of one sample -> W: scipy.sparse CSR matrix
    (F*OH*OW, C*H*W), in w's dtype. All samples at once: (W @ x.reshape(N, -1).T).T. Its
    transpose is conv2d_transpose with the same weights, which is also conv2d's gradient dx:
    W.T @ y[n].ravel(). Other arguments as in conv2d.

    Raises ImportError without SciPy (extra `sparse`), ValueError where shapes do not fit.
    Source: Dumoulin and Visin, A guide to convolution arithmetic for deep learning, 2016,
    section 4.1.

    >>> conv2d_matrix(np.array([[[[1.0, 2.0]]]]), (1, 1, 3)).toarray()
    array([[1., 2., 0.],
           [0., 1., 2.]])
    """
    sparse = load_scipy()
    check_shapes(w, input_shape, groups)
    c, height, width = input_shape
    win = windows("conv2d_matrix", (height, width), w.shape[2:], stride, padding, dilation)
    f, oh, ow = w.shape[0], *win.out
    # axes of all that follows: (F, C/groups, KH, KW, OH, OW)
    h, v = positions(win, 0)[:, None, :, None], positions(win, 1)[None, :, None, :]
    group = np.arange(f) // (f // groups)
    channel = (group[:, None] * (c // groups) + np.arange(c // groups))[..., None, None, None, None]
    row = np.arange(f * oh * ow).reshape(f, 1, 1, 1, oh, ow)
    column = (channel * height + h) * width + v
    inside = (h >= 0) & (h < height) & (v >= 0) & (v < width)
    parts = np.broadcast_arrays(w[..., None, None], row, column, inside)
    seen = parts[3]
    values, rows, columns = (part[seen] for part in parts[:3])
    return sparse.csr_matrix((values, (rows, columns)), shape=(f * oh * ow, c * height * width))


def positions(win: Windows, axis: int) -> Array:
    """Which row (axis 0) or column (axis 1) of the image tap u of window i sees: (K, O)."""
    taps = np.arange(win.kernel[axis])[:, None] * win.dilation[axis]
    starts = np.arange(win.out[axis]) * win.stride[axis] - win.padding[axis][0]
    place: Array = taps + starts
    return place


def load_scipy() -> Any:
    """scipy.sparse; raises ImportError that says how to get it."""
    try:
        from scipy import sparse
    except ImportError:
        raise ImportError(
            "conv2d_matrix needs SciPy; install it with: python -m pip install 'layercheck[sparse]'"
        ) from None
    return sparse


def check_shapes(w: Array, shape: Sequence[int], groups: int) -> None:
    """Raise ValueError where shapes or groups do not fit."""
    require("conv2d_matrix input_shape", len(shape) == 3, tuple(shape), "(C, H, W)")
    require("conv2d_matrix w", w.ndim == 4, w.shape, "(F, C/groups, KH, KW)")
    c, f = shape[0], w.shape[0]
    divides = groups >= 1 and c % groups == 0 and f % groups == 0
    require("conv2d_matrix groups", divides, groups, f"a divisor of C = {c} and of F = {f}")
    fits = w.shape[1] == c // groups
    require("conv2d_matrix w", fits, w.shape, f"(F, {c // groups}, KH, KW) for groups {groups}")
