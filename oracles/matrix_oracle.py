"""conv2d and conv2d_transpose as products with one sparse matrix, their gradients too.

No framework and no windows: out = W x, so dx = W^T dout, and dw sums dout[row] x[column] over the
places where each weight stands in W. W comes from `conv2d_matrix`, which shares with the layers
nothing but the arithmetic of sizes.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import scipy

from ref_layers.conv2d_matrix import conv2d_matrix

from .geometry import dilated, explicit, two
from .oracle import Answer, Array, Question, Unsupported


def versions() -> dict[str, str]:
    return {"scipy": scipy.__version__}


def answer(question: Question) -> Answer:
    """Gradients of sum(out * dout), by the transposed matrix."""
    if question.dtype not in (np.float32, np.float64):
        raise Unsupported(f"scipy.sparse has no {question.dtype} products")
    function = {"conv2d": conv2d, "conv2d_transpose": conv2d_transpose}.get(question.op)
    if function is None:
        raise Unsupported(f"the matrix oracle has no {question.op}")
    return function(question.dout, **question.inputs, **question.attributes)


def conv2d(dout: Array, x: Array, w: Array, b: Array | None = None, **attributes: Any) -> Answer:
    matrix, places = _matrices(w, x.shape[1:], attributes)
    out = _times(matrix, x, dout.shape)
    dx, dw = _times(matrix.T, dout, x.shape), _weights(places, dout, x, w)
    return _with_bias({"out": out, "dx": dx, "dw": dw}, dout, b)


def conv2d_transpose(
    dout: Array, x: Array, w: Array, b: Array | None = None, *, padding: Any, **attributes: Any
) -> Answer:
    """The transposed matrix of the conv2d that would lead from out back to x."""
    attributes = {n: attributes[n] for n in ("stride", "dilation", "groups")}  # dout has the size
    image = dout.shape[1:]
    stride, span = two(attributes["stride"]), dilated(w.shape[2:], attributes["dilation"])
    sides = explicit(padding, image[1:], span, stride)
    matrix, places = _matrices(w, image, {**attributes, "padding": sides})
    kept = _kept(x.shape[1:], image, sides, span, stride)
    matrix, places = matrix[kept], places[kept]
    out = _times(matrix.T, x, dout.shape)
    dx, dw = _times(matrix, dout, x.shape), _weights(places, x, dout, w)
    return _with_bias({"out": out, "dx": dx, "dw": dw}, dout, b)


def _matrices(w: Array, shape: tuple[int, ...], attributes: Any) -> tuple[Any, Any]:
    """W, and where in it each weight stands: its number, counted from 1, in its place."""
    numbers = np.arange(1.0, w.size + 1).reshape(w.shape)
    return conv2d_matrix(w, shape, **attributes), conv2d_matrix(numbers, shape, **attributes)


def _kept(
    small: tuple[int, ...], image: tuple[int, ...], sides: Any, span: Any, stride: Any
) -> Array:
    """The rows of W that belong to x: a large output_padding has room for more windows."""
    axes = zip(image[1:], sides, span, stride, strict=True)
    windows = [(n + sum(side) - k) // s + 1 for n, side, k, s in axes]
    rows = np.arange(small[0] * windows[0] * windows[1]).reshape(small[0], *windows)
    return rows[:, : small[1], : small[2]].reshape(-1)


def _times(matrix: Any, x: Array, shape: tuple[int, ...]) -> Array:
    """The matrix times every sample."""
    return np.ascontiguousarray((matrix @ x.reshape(len(x), -1).T).T).reshape(shape)


def _weights(places: Any, rows: Array, columns: Array, w: Array) -> Array:
    """For each weight the sum of rows * columns over all samples and the places where it stands."""
    found = places.tocoo()
    n = len(rows)
    products = rows.reshape(n, -1)[:, found.row] * columns.reshape(n, -1)[:, found.col]
    number = found.data.astype(int) - 1
    sums = np.bincount(number, products.sum(axis=0, dtype=np.float64), w.size)
    return sums.astype(w.dtype).reshape(w.shape)


def _with_bias(named: dict[str, Any], dout: Array, b: Array | None) -> Answer:
    if b is None:
        return named
    return {**named, "out": named["out"] + b.reshape(-1, 1, 1), "db": dout.sum(axis=(0, 2, 3))}
