"""A normalization by other statistics: over other axes, eps elsewhere, the median for the mean."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import combinations

import numpy as np

from layercheck.reporting.numbers import joined
from oracles.oracle import Array
from ref_layers import OPS

from .instead import is_right
from .norm import Axes, Norm, norm_of
from .shown import Shown

RANK = 16


SCALES: dict[str, Callable[[Norm], Array]] = {
    "without eps": lambda n: np.sqrt(n.variance()),
    "with eps added to the standard deviation": lambda n: np.sqrt(n.variance()) + n.eps,
    "with eps added twice": lambda n: np.sqrt(n.variance() + 2 * n.eps),
    "with eps squared": lambda n: np.sqrt(n.variance() + n.eps**2),
    "with eps taken off": lambda n: np.sqrt(n.variance() - n.eps),
    "with a root of eps added": lambda n: np.sqrt(n.variance()) + np.sqrt(n.eps),
    "with eps for a variance that is smaller": lambda n: np.sqrt(np.maximum(n.variance(), n.eps)),
    "without the root of the variance": lambda n: n.variance() + n.eps,
    "without a division by the spread": lambda n: np.ones_like(n.variance()),
    "with the mean absolute deviation for the standard deviation": lambda n: np.sqrt(
        np.mean(np.abs(n.x - n.center()), axis=n.axes, keepdims=True) ** 2 + n.eps
    ),
    "with a sum of squares for the variance": lambda n: np.sqrt(n.variance() * n.count + n.eps),
    "with the variance divided by one less than the count": lambda n: np.sqrt(
        n.variance() * n.count / (n.count - 1) + n.eps
    ),
    "with the mean of the squares for the variance": lambda n: np.sqrt(
        np.mean(n.x * n.x, axis=n.axes, keepdims=True) + n.eps
    ),
    "with the spread about the mean": lambda n: np.sqrt(n.x.var(n.axes, keepdims=True) + n.eps),
}
"""What it is divided by. Of two that are the same only one is told: neither is the right one."""

CENTERS: dict[str, Callable[[Norm], Array]] = {
    "with the median for the mean": lambda n: np.median(n.x, axis=n.axes, keepdims=True),
    "without the mean taken off": lambda n: np.zeros_like(n.variance()),
    "with the mean added": lambda n: -n.x.mean(axis=n.axes, keepdims=True),
    "with the mean taken off": lambda n: n.x.mean(axis=n.axes, keepdims=True),
}
"""What is taken off."""


def true(shown: Shown) -> Iterator[str]:
    """`out is what comes of a variance over samples too`."""
    norm = norm_of(shown) if shown.fits and shown.name in ("out", "dx") else None
    found = OF_SHARES[shown.seen.case.op](shown) if shown.seen.case.op in OF_SHARES else iter(())
    if norm is not None:
        found = outs(norm) if shown.name == "out" else gradients(norm)
    with np.errstate(all="ignore"):
        for text, make in found:
            told = text if norm is None else norm.told(text)
            sentence = f"{shown.name} is what comes {told}"
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
    center, scale = norm.center(), norm.std()
    for text, other in SCALES.items():
        yield text, lambda other=other: norm.out(center, other(norm))  # type: ignore[misc]
    for text, middle in CENTERS.items():
        yield text, lambda middle=middle: norm.out(middle(norm), scale)  # type: ignore[misc]
    for axes, where in others(norm):
        new = (norm.center(axes), norm.std(axes))
        if norm.is_centered:
            yield f"of mean and variance {where}", lambda new=new: norm.out(*new)  # type: ignore[misc]
            yield f"of a mean {where}", lambda new=new: norm.out(new[0], scale)  # type: ignore[misc]
        yield f"of a variance {where}", lambda new=new: norm.out(center, new[1])  # type: ignore[misc]


def gradients(norm: Norm) -> Iterator[tuple[str, Callable[[], Array]]]:
    """The gradient by other statistics, where those of the forward are right."""
    axes, scale = norm.axes, norm.std()
    for text, other in SCALES.items():
        yield text, lambda other=other: norm.dx(other(norm), axes, axes)  # type: ignore[misc]
    for each, where in others(norm):
        yield (
            f"of a sum of dout times the normalized x {where}",
            lambda each=each: norm.dx(scale, axes, each),  # type: ignore[misc]
        )
        if norm.is_centered:
            yield f"of sums {where}", lambda each=each: norm.dx(scale, each, each)  # type: ignore[misc]
            yield (
                f"of a sum of dout {where}",
                lambda each=each: norm.dx(scale, each, axes),  # type: ignore[misc]
            )


def others(norm: Norm) -> Iterator[tuple[Axes, str]]:
    """Other axes, in words."""
    for size in range(1, len(norm.words) + 1):
        for axes in combinations(range(len(norm.words)), size):
            if not {*axes} & {*norm.axes} and len(axes) + len(norm.axes) == len(norm.words):
                yield axes, "over the other axes"
            if axes != norm.axes:
                every = len(axes) == len(norm.words)
                told = "all axes" if every else joined(norm.words[axis] for axis in axes)
                yield axes, f"over {told}"


def softmax_of_samples(shown: Shown) -> Iterator[tuple[str, Callable[[], Array]]]:
    """The gradient of a loss with probabilities that sum to 1 over the samples."""
    question = shown.seen.question
    x, dout = question.inputs["x"].astype(np.longdouble), question.dout
    if shown.name != "dx" or x.ndim != 2 or dout.ndim:
        return
    parts = len(x) if question.attributes["reduction"] == "mean" else 1

    def made() -> Array:
        own, other = (OPS["softmax"].forward(x, dim=axis)[0] for axis in (1, 0))
        return np.asarray(shown.right + dout / parts * (other - own))

    yield "of a softmax over the samples", made


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


OF_SHARES = {
    "softmax": softmax_over,
    "log_softmax": softmax_over,
    "softmax_cross_entropy": softmax_of_samples,
}
"""By op, shares that are taken along other axes."""
