"""A normalization by other statistics: over other axes, eps elsewhere, the median for the mean."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from itertools import combinations
from typing import Any

import numpy as np

from layercheck.reporting.numbers import joined
from oracles.oracle import Array

from .instead import is_right
from .shown import Shown

RANK = 16
SOFTMAX = ("softmax", "log_softmax")
Axes = tuple[int, ...]
Scale = Callable[[Array, Axes, float], Array]


def spread(x: Array, axes: Axes) -> Array:
    """The variance."""
    return np.asarray(x.var(axis=axes, keepdims=True))


SCALES: dict[str, Scale] = {
    "without eps": lambda x, a, e: np.sqrt(spread(x, a)),
    "with eps added to the standard deviation": lambda x, a, e: np.sqrt(spread(x, a)) + e,
    "with eps added twice": lambda x, a, e: np.sqrt(spread(x, a) + 2 * e),
    "with eps squared": lambda x, a, e: np.sqrt(spread(x, a) + e * e),
    "with eps taken off": lambda x, a, e: np.sqrt(spread(x, a) - e),
    "with a root of eps added": lambda x, a, e: np.sqrt(spread(x, a)) + np.sqrt(e),
    "without the root of the variance": lambda x, a, e: spread(x, a) + e,
    "without a division by the spread": lambda x, a, e: np.ones_like(spread(x, a)),
    "with the mean absolute deviation for the standard deviation": lambda x, a, e: np.sqrt(
        np.mean(np.abs(x - x.mean(axis=a, keepdims=True)), axis=a, keepdims=True) ** 2 + e
    ),
    "with a sum of squares for the variance": lambda x, a, e: np.sqrt(
        spread(x, a) * count(x, a) + e
    ),
    "with the variance divided by one less than the count": lambda x, a, e: np.sqrt(
        spread(x, a) * count(x, a) / (count(x, a) - 1) + e
    ),
    "with the mean of the squares for the variance": lambda x, a, e: np.sqrt(
        np.mean(x * x, axis=a, keepdims=True) + e
    ),
}
"""What it is divided by."""

CENTERS: dict[str, Callable[[Array, Axes], Array]] = {
    "with the median for the mean": lambda x, a: np.median(x, axis=a, keepdims=True),
    "without the mean taken off": lambda x, a: np.zeros_like(spread(x, a)),
    "with the mean added": lambda x, a: -x.mean(axis=a, keepdims=True),
}
"""What is taken off."""


def count(x: Array, axes: Axes) -> float:
    """How many numbers share a statistic."""
    return float(np.prod([x.shape[axis] for axis in axes]))


@dataclass(frozen=True)
class Norm:
    """A question's arrays with an axis for each word. axes: which share their statistics."""

    words: tuple[str, ...]
    axes: Axes
    x: Array
    dout: Array
    gamma: Array
    beta: Array
    eps: float

    def out(self, center: Array, scale: Array) -> Array:
        """As it comes of these statistics."""
        return np.asarray((self.x - center) / scale * self.gamma + self.beta)

    def dx(self, scale: Array, middle: Axes, along: Axes) -> Array:
        """As it comes of this spread, and of sums over these axes."""
        x, g = self.x, self.dout * self.gamma
        right = np.sqrt(spread(x, self.axes) + self.eps)
        xhat = (x - x.mean(axis=self.axes, keepdims=True)) / right
        less = g.mean(axis=middle, keepdims=True)
        return np.asarray((g - less - xhat * (g * xhat).mean(axis=along, keepdims=True)) / scale)


def true(shown: Shown) -> Iterator[str]:
    """`out is what comes of a variance over samples too`."""
    norm = norm_of(shown) if shown.fits and shown.name in ("out", "dx") else None
    found = softmax_over(shown) if shown.seen.case.op in SOFTMAX else iter(())
    if norm is not None:
        found = outs(norm) if shown.name == "out" else gradients(norm)
    with np.errstate(all="ignore"):
        for text, make in found:
            sentence = f"{shown.name} is what comes {text}"
            if shown.wants(sentence) and is_it(shown, make()):
                yield sentence


def is_it(shown: Shown, value: Array) -> bool:
    """Whether the array is this one, and not the right one."""
    given = value.reshape(shown.right.shape)
    if is_right(shown, given.astype(np.float64)):
        return False
    most, right = (
        float(np.max(np.abs(v), initial=0, where=np.isfinite(v))) for v in (given, shown.right)
    )
    return shown.is_near(given) and shown.equals(given, scale=most / right if right else 1.0)


def outs(norm: Norm) -> Iterator[tuple[str, Callable[[], Array]]]:
    """The output by other statistics."""
    x, axes, eps = norm.x, norm.axes, norm.eps
    center, scale = x.mean(axis=axes, keepdims=True), np.sqrt(spread(x, axes) + eps)
    for text, other in SCALES.items():
        yield text, lambda other=other: norm.out(center, other(x, axes, eps))  # type: ignore[misc]
    for text, middle in CENTERS.items():
        yield text, lambda middle=middle: norm.out(middle(x, axes), scale)  # type: ignore[misc]
    for other_axes, where in others(norm):
        new = (x.mean(axis=other_axes, keepdims=True), np.sqrt(spread(x, other_axes) + eps))
        yield f"of mean and variance {where}", lambda new=new: norm.out(*new)  # type: ignore[misc]
        yield f"of a variance {where}", lambda new=new: norm.out(center, new[1])  # type: ignore[misc]
        yield f"of a mean {where}", lambda new=new: norm.out(new[0], scale)  # type: ignore[misc]


def gradients(norm: Norm) -> Iterator[tuple[str, Callable[[], Array]]]:
    """The gradient by other statistics, where those of the forward are right."""
    x, axes, eps = norm.x, norm.axes, norm.eps
    scale = np.sqrt(spread(x, axes) + eps)
    for text, other in SCALES.items():
        yield text, lambda other=other: norm.dx(other(x, axes, eps), axes, axes)  # type: ignore[misc]
    for each, where in others(norm):
        yield f"of sums {where}", lambda each=each: norm.dx(scale, each, each)  # type: ignore[misc]
        yield (
            f"of a sum of dout {where}",
            lambda each=each: norm.dx(scale, each, axes),  # type: ignore[misc]
        )
        yield (
            f"of a sum of dout times the normalized x {where}",
            lambda each=each: norm.dx(scale, axes, each),  # type: ignore[misc]
        )


def others(norm: Norm) -> Iterator[tuple[Axes, str]]:
    """Other axes, in words."""
    for size in range(1, len(norm.words) + 1):
        for axes in combinations(range(len(norm.words)), size):
            if axes != norm.axes:
                every = len(axes) == len(norm.words)
                told = "all axes" if every else joined(norm.words[axis] for axis in axes)
                yield axes, f"over {told}"


def softmax_over(shown: Shown) -> Iterator[tuple[str, Callable[[], Array]]]:
    """A softmax with a sum over other axes."""
    question = shown.seen.question
    if shown.name != "out":
        return
    x = question.inputs["x"]
    own = int(question.attributes.get("dim", -1)) % max(x.ndim, 1)
    words = (*(f"axis {axis}" for axis in range(x.ndim - 1)), "the last axis")

    def made(axes: Axes, top: Axes) -> Array:
        shifted = x - x.max(axis=top, keepdims=True)
        total = np.exp(shifted).sum(axis=axes, keepdims=True)
        is_log = question.op == "log_softmax"
        return np.asarray(shifted - np.log(total) if is_log else np.exp(shifted) / total)

    for size in range(1, x.ndim + 1):
        for axes in combinations(range(x.ndim), size):
            if axes == (own,):
                continue
            rest = len(axes) == x.ndim - 1 and own not in axes
            every = ["all axes"] * (len(axes) == x.ndim) + ["every other axis"] * rest
            for over in (joined(words[axis] for axis in axes), *every):
                told = f"of a sum over {over}"
                yield told, lambda axes=axes: made(axes, axes)  # type: ignore[misc]
                also = f"of the right largest number, but a sum over {over}"
                yield also, lambda axes=axes: made(axes, (own,))  # type: ignore[misc]


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
    return Norm(words, axes, x.reshape(shape), dout, gamma, beta, eps)


def places(
    op: str, shape: tuple[int, ...], named: Mapping[str, Any]
) -> tuple[tuple[str, ...], Axes, tuple[int, ...]]:
    """The words of the axes, which share statistics, and the shape that has them all."""
    images = ("samples", "channels", "rows", "columns")
    if op == "batch_norm_1d":
        return ("samples", "columns"), (0,), shape
    if op == "batch_norm":
        return images, (0, 2, 3), shape
    if op == "instance_norm":
        return images, (2, 3), shape
    if op == "group_norm":
        groups = named["num_groups"]
        split = (shape[0], groups, shape[1] // groups, *shape[2:])
        return ("samples", "groups", "channels", "rows", "columns"), (2, 3, 4), split
    if op == "layer_norm":
        last = named["normalized_dims"]
        words = (*images[:1], *images[5 - len(shape) :])
        if len(words) == len(shape):
            return words, tuple(range(len(shape) - last, len(shape))), shape
    return (), (), shape


def spread_out(value: Array | None, op: str, shape: tuple[int, ...], default: float) -> Array:
    """A weight in the shape of x."""
    if value is None:
        return np.full(shape, default, np.longdouble)
    wide = value.astype(np.longdouble)
    if op != "layer_norm":
        wide = wide.reshape(-1, *(1,) * (len(shape) - 2))
    return np.broadcast_to(wide, shape)
