"""What people get wrong in affine."""

from __future__ import annotations

from typing import Any

import numpy as np

from ref_layers.affine import Cache, affine, affine_backward, rows
from ref_layers.op import Array


def bias_missing(x: Array, w: Array, b: Array | None = None) -> Any:
    """The bias is not added. Add b to every row of x @ w."""
    return affine(x, w)[0], Cache(x, w, b)


def bias_subtracted(x: Array, w: Array, b: Array | None = None) -> Any:
    """The bias is subtracted. Add it."""
    return affine(x, w, None if b is None else -b)[0], Cache(x, w, b)


def bias_once_for_each_input(x: Array, w: Array, b: Array | None = None) -> Any:
    """The bias stands inside the sum, so it is added D times. Add it once, after the product."""
    return affine(x, w, None if b is None else len(w) * b)[0], Cache(x, w, b)


def weights_as_torch_has_them(x: Array, w: Array, b: Array | None = None) -> Any:
    """The weights are read as (M, D), row by row. They are (D, M) here: multiply by w, not w.T."""
    return affine(x, w.reshape(w.shape[::-1]).T, b)[0], Cache(x, w, b)


def flattened_from_the_back(x: Array, w: Array, b: Array | None = None) -> Any:
    """Samples are flattened in column-major order. Flatten in C order: the last axis runs
    fastest."""
    columns = x.reshape(len(x), -1, order="F")
    return affine(columns, w, b)[0], Cache(x, w, b)


def batch_mixed(x: Array, w: Array, b: Array | None = None) -> Any:
    """x is reshaped to (D, N) and transposed, which mixes the samples. Reshape to (N, D)."""
    mixed = x.reshape(-1, len(x)).T
    return affine(mixed, w, b)[0], Cache(x, w, b)


def promoted_to_double(x: Array, w: Array, b: Array | None = None) -> Any:
    """float32 becomes float64. Look for np.zeros, np.eye, astype and the like; keep x's dtype."""
    out, cache = affine(x, w, b)
    return out + np.zeros(w.shape[1]), cache


def dx_left_flat(dout: Array, cache: Cache) -> Any:
    """dx has shape (N, D). A gradient has the shape of its input: reshape to x.shape."""
    _, dw, db = affine_backward(dout, cache)
    return dout @ cache.w.T, dw, db


def dx_without_weights(dout: Array, cache: Cache) -> Any:
    """dx is the sum of dout, as if all weights were 1. Multiply by w.T."""
    ones = cache._replace(w=np.ones_like(cache.w))
    return (affine_backward(dout, ones)[0], *affine_backward(dout, cache)[1:])


def dw_averaged(dout: Array, cache: Cache) -> Any:
    """dw is averaged over the batch. Sum over samples: the mean is the loss's affair."""
    dx, dw, db = affine_backward(dout, cache)
    return dx, dw / len(dout), db


def dw_without_dout(dout: Array, cache: Cache) -> Any:
    """dw takes the gradient from above for 1. Multiply rows(x).T by dout."""
    dx, _, db = affine_backward(dout, cache)
    return dx, rows(cache.x).T @ np.ones_like(dout), db


def dw_transposed(dout: Array, cache: Cache) -> Any:
    """dw has shape (M, D). It is rows(x).T @ dout, of the shape of w."""
    dx, dw, db = affine_backward(dout, cache)
    return dx, dw.T, db


def db_averaged(dout: Array, cache: Cache) -> Any:
    """db is averaged over the batch. Sum over samples."""
    dx, dw, db = affine_backward(dout, cache)
    return dx, dw, None if db is None else dout.mean(axis=0)


def db_as_a_row(dout: Array, cache: Cache) -> Any:
    """db has shape (1, M). A gradient has the shape of its parameter, (M,)."""
    dx, dw, db = affine_backward(dout, cache)
    return dx, dw, None if db is None else db.reshape(1, -1)


def db_of_the_first_sample(dout: Array, cache: Cache) -> Any:
    """db is the gradient of one sample only. Sum over all of them."""
    dx, dw, db = affine_backward(dout, cache)
    return dx, dw, None if db is None else dout[0].copy()
