"""Rules of functions that make arrays, or move elements about."""

from __future__ import annotations

from typing import Any

import numpy as np

from .bounded import FUNCTIONS, STRUCTURAL, Bounded, rule, wrap


@rule(FUNCTIONS, np.full_like)
def full_like(
    a: Any, fill: Any, dtype: Any = None, order: str = "K", subok: bool = True, shape: Any = None
) -> Any:
    kind = a.dtype if dtype is None else np.dtype(dtype)
    plain = np.full(a.shape if shape is None else shape, fill, dtype=kind)
    return wrap(plain, a.dtype)


@rule(FUNCTIONS, np.zeros_like, np.empty_like)
def zeros_like(
    a: Any, dtype: Any = None, order: str = "K", subok: bool = True, shape: Any = None
) -> Any:
    zeros = full_like(a, 0, dtype, order, subok, shape)
    if isinstance(zeros, Bounded):
        zeros.parts[2][...] = 0  # an empty sum has no terms
    return zeros


@rule(FUNCTIONS, np.ones_like)
def ones_like(
    a: Any, dtype: Any = None, order: str = "K", subok: bool = True, shape: Any = None
) -> Any:
    return full_like(a, 1, dtype, order, subok, shape)


@rule(FUNCTIONS, np.where)
def where(condition: Any, a: Any, b: Any) -> Any:
    bounded = a if isinstance(a, Bounded) else b
    ndim = max(np.ndim(condition), np.ndim(a), np.ndim(b))
    a, b = (bounded.convert(array).of_dimensions(ndim) for array in (a, b))
    return Bounded(np.where(condition, a.parts, b.parts), bounded.dtype)


@rule(FUNCTIONS, np.clip)
def clip(a: Any, low: Any, high: Any) -> Any:
    above = a if low is None else np.maximum(a, low)
    return above if high is None else np.minimum(above, high)


@rule(FUNCTIONS, np.argmax)
def argmax(a: Bounded, *args: Any, **kwargs: Any) -> Any:
    return np.argmax(a.value, *args, **kwargs)


@rule(FUNCTIONS, np.shape)
def shape(a: Bounded) -> tuple[int, ...]:
    return tuple(a.shape)


@rule(FUNCTIONS, np.ndim)
def ndim(a: Bounded) -> int:
    return int(a.ndim)


@rule(FUNCTIONS, np.size)
def size(a: Bounded) -> int:
    return int(a.size)


STRUCTURAL.update(
    (np.reshape, np.transpose, np.swapaxes, np.moveaxis, np.expand_dims, np.squeeze, np.ravel),
    (np.concatenate, np.stack, np.split, np.broadcast_to, np.repeat, np.tile, np.flip, np.copy),
    (np.take_along_axis, np.roll, np.pad),
)
