"""Among equal maxima of a window, which one gets the gradient may be chosen."""

from __future__ import annotations

import numpy as np

from ref_layers.max_pool import Cache, max_pool_backward
from ref_layers.op import Array

from . import Given


def to_the_last(given: Given) -> dict[str, Array]:
    """The last of several maxima gets the gradient; in torch and tf.nn the first one does."""
    maxima = _maxima(given.cache)
    last = len(maxima) - 1 - np.argmax(maxima[::-1], axis=0)
    return {"dx": max_pool_backward(given.dout, given.cache._replace(chosen=last))}


def to_the_first_by_columns(given: Given) -> dict[str, Array]:
    """Of several maxima the first one by columns gets the gradient; in torch and tf.nn the first
    one by rows does."""
    maxima, taps = _maxima(given.cache), list(given.cache.windows.taps)
    order = np.array(sorted(range(len(taps)), key=lambda tap: taps[tap][::-1]))
    first = order[np.argmax(maxima[order], axis=0)]
    return {"dx": max_pool_backward(given.dout, given.cache._replace(chosen=first))}


def split(given: Given) -> dict[str, Array]:
    """Several maxima share the gradient; in torch and tf.nn the first one gets all of it."""
    maxima = _maxima(given.cache)
    return {"dx": _routed(given.dout / maxima.sum(axis=0), given.cache, maxima)}


def to_all(given: Given) -> dict[str, Array]:
    """Each of several maxima gets the whole gradient, whose sum grows; in torch and tf.nn the first
    one alone does."""
    return {"dx": _routed(given.dout, given.cache, _maxima(given.cache))}


def _maxima(cache: Cache) -> Array:
    """(taps, N, C, OH, OW): which taps of each window hold its maximum."""
    win = cache.windows
    padded, inside = win.pad(cache.x, -np.inf), win.pad(np.ones(cache.x.shape, bool), False)
    taps = np.stack([win.tap(padded, i, j) for i, j in win.taps])
    real = np.stack([win.tap(inside, i, j) for i, j in win.taps])
    return np.asarray((taps == taps.max(axis=0)) & real)


def _routed(dout: Array, cache: Cache, chosen: Array) -> Array:
    """dout added to every chosen tap of its window."""
    win = cache.windows
    dpadded = np.zeros_like(dout, shape=(*cache.x.shape[:2], *win.padded))
    for (i, j), wins in zip(win.taps, chosen, strict=True):
        win.tap(dpadded, i, j)[...] += np.where(wins, dout, np.zeros_like(dout))
    return win.crop(dpadded)
