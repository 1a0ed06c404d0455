"""A normalization's arrays, each axis of its own, and its statistics."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from oracles.oracle import Array

from .shown import Shown

IMAGES = ("samples", "channels", "rows", "columns")
OVER_TRAILING = ("layer_norm", "rms_norm")
"""Which normalize over the last axes, and have weights of their shape."""

WITHOUT_A_MEAN = {
    "mean absolute deviation": "mean of |x|",
    "standard deviation": "root of the mean square",
    "variance": "mean square",
    "sqrt(var + eps)": "sqrt(mean square + eps)",
}
"""What the statistics are called of a layer that takes no mean off."""

Axes = tuple[int, ...]


@dataclass(frozen=True)
class Norm:
    """A question's arrays with an axis for each word. axes: which share their statistics ·
    is_centered: whether the mean is taken off, else the variance is the mean square."""

    words: tuple[str, ...]
    axes: Axes
    x: Array
    dout: Array
    gamma: Array
    beta: Array
    eps: float
    is_centered: bool = True

    def center(self, axes: Axes | None = None) -> Array:
        """What is taken off."""
        mean = self.x.mean(axis=self.axes if axes is None else axes, keepdims=True)
        return np.asarray(mean if self.is_centered else np.zeros_like(mean))

    def variance(self, axes: Axes | None = None) -> Array:
        """The mean square of what is left."""
        over = self.axes if axes is None else axes
        left = self.x - self.center(over)
        return np.asarray((left * left).mean(axis=over, keepdims=True))

    def std(self, axes: Axes | None = None) -> Array:
        """What it is divided by."""
        return np.asarray(np.sqrt(self.variance(axes) + self.eps))

    @property
    def xhat(self) -> Array:
        """x, normalized."""
        return np.asarray((self.x - self.center()) / self.std())

    @property
    def count(self) -> float:
        """How many numbers share a statistic."""
        return float(np.prod([self.x.shape[axis] for axis in self.axes]))

    def out(self, center: Array, scale: Array) -> Array:
        """As it comes of these statistics."""
        return np.asarray((self.x - center) / scale * self.gamma + self.beta)

    def dx(self, scale: Array, middle: Axes, along: Axes) -> Array:
        """As it comes of this spread, and of sums over these axes."""
        g, xhat = self.dout * self.gamma, self.xhat
        less = g.mean(axis=middle, keepdims=True) if self.is_centered else 0
        return np.asarray((g - less - xhat * (g * xhat).mean(axis=along, keepdims=True)) / scale)

    def told(self, text: str) -> str:
        """A sentence in the words of this layer."""
        if self.is_centered:
            return text
        for word, own in WITHOUT_A_MEAN.items():
            text = text.replace(word, own)
        return text


def norm_of(shown: Shown) -> Norm | None:
    """A normalization's arrays, each axis of its own; None of another layer, or of a layer that
    uses what it has kept."""
    question = shown.seen.question
    named: Mapping[str, Any] = question.attributes
    x = question.inputs["x"].astype(np.longdouble)
    words, axes, shape = places(question.op, x.shape, named)
    if not words or named.get("training") is False:
        return None
    gamma, beta = (
        spread_out(question.inputs.get(name), question.op, x.shape, default).reshape(shape)
        for name, default in (("gamma", 1.0), ("beta", 0.0))
    )
    dout = question.dout.astype(np.longdouble).reshape(shape)
    eps = float(shown.names.get("eps", 0.0))
    is_centered = question.op != "rms_norm"
    return Norm(words, axes, x.reshape(shape), dout, gamma, beta, eps, is_centered)


def places(
    op: str, shape: tuple[int, ...], named: Mapping[str, Any]
) -> tuple[tuple[str, ...], Axes, tuple[int, ...]]:
    """The words of the axes, which share statistics, and the shape that has them all."""
    if op == "batch_norm_1d":
        return ("samples", "columns"), (0,), shape
    if op == "batch_norm":
        return IMAGES, (0, 2, 3), shape
    if op == "instance_norm":
        return IMAGES, (2, 3), shape
    if op == "group_norm":
        groups = named["num_groups"]
        split = (shape[0], groups, shape[1] // groups, *shape[2:])
        return ("samples", "groups", "channels", "rows", "columns"), (2, 3, 4), split
    if op in OVER_TRAILING:
        last = named["normalized_dims"]
        words = (*IMAGES[:1], *IMAGES[5 - len(shape) :])
        if len(words) == len(shape):
            return words, tuple(range(len(shape) - last, len(shape))), shape
    return (), (), shape


def spread_out(value: Array | None, op: str, shape: tuple[int, ...], default: float) -> Array:
    """A weight in the shape of x."""
    if value is None:
        return np.full(shape, default, np.longdouble)
    wide = value.astype(np.longdouble)
    if op not in OVER_TRAILING:
        wide = wide.reshape(-1, *(1,) * (len(shape) - 2))
    return np.broadcast_to(wide, shape)
