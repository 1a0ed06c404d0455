"""A normalization's gradients, part by part: how often each counts, and what is summed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from oracles.oracle import Array

from .norm import OVER_TRAILING, Norm, norm_of
from .normalized import is_it
from .scale import named_factors
from .shown import Shown

RANK = 17
BOTH = "paths through the mean and the variance"
PARTS = {"path through the mean": 1, "path through the variance": 2, "direct path": 0}
NOTHING = 1e-9
"""How small a part is, beside the whole, that is not there."""

POWERS = (-3, -2, -1.5, -1, -0.5, 0.5, 1, 1.5, 2, 3)
NEAR = 1e-2
"""How far a weight may be from what is seen to be tried exactly."""

ENOUGH = 3
"""How many numbers have to share a statistic for a part of the gradient to be one of its own."""


@dataclass(frozen=True)
class Paths:
    """dx = (g - mean(g) - xhat mean(g xhat)) / std, of g = dout gamma. parts: the three, over std
    each · rest: what the first has beyond the others, at right angles to both · share: the mean of
    xhat^2, below 1 for eps · std: of each group."""

    parts: tuple[Array, Array, Array]
    rest: Array
    share: Array
    std: Array

    def weights(self, got: Array) -> tuple[float, float, float]:
        """How often each of the three counts in an array that is made of them, by projections; nan
        of one that is not there: of two numbers nothing is left beside the paths."""
        whole, mean, through = self.parts
        least = NOTHING * float(np.abs(whole).max())
        direct = along(got, self.rest, least)
        given = 1.0 if np.isnan(direct) else direct
        inside = given * along(through / self.share, through, least)
        return direct, given - along(got, mean, least), inside - along(got, through, least)

    def made(self, weights: Sequence[Array | float]) -> Array:
        """What they come to at these weights."""
        direct, mean, through = (w * part for w, part in zip(weights, self.parts, strict=True))
        return np.asarray(direct - mean - through)


def along(value: Array, axis: Array, least: float) -> float:
    """The coefficient of one array in another that is made of it and what is at right angles; nan
    of one in which no number is larger than what rounding leaves."""
    there = float(np.abs(axis).max()) > least
    return float((value * axis).sum() / (axis * axis).sum()) if there else float("nan")


def paths_of(norm: Norm) -> Paths:
    """The parts of the right gradient."""
    std, xhat, g = norm.std(), norm.xhat, norm.dout * norm.gamma
    mean = np.broadcast_to(g.mean(axis=norm.axes, keepdims=True) * norm.is_centered, g.shape)
    through = xhat * (g * xhat).mean(axis=norm.axes, keepdims=True)
    share = (xhat * xhat).mean(axis=norm.axes, keepdims=True)
    share = np.where(share > 0, share, 1)
    return Paths(
        (g / std, mean / std, through / std), (g - mean - through / share) / std, share, std
    )


def tells(shown: Shown) -> bool:
    """Whether enough numbers share a statistic."""
    norm = norm_of(shown)
    return norm is None or int(np.prod([norm.x.shape[a] for a in norm.axes])) > ENOUGH


def true(shown: Shown) -> Iterator[str]:
    """`dx is right, but its path through the variance counts 2 times`, `dgamma is what comes of
    dout times x`."""
    if not shown.fits or shown.name not in ("dx", "dgamma") or not np.isfinite(shown.got).all():
        return
    norm = norm_of(shown)
    if norm is None:
        return
    with np.errstate(all="ignore"):
        yield from (counted if shown.name == "dx" else summed)(shown, norm)


def counted(shown: Shown, norm: Norm) -> Iterator[str]:
    """A part of dx that counts more or less than once."""
    paths = paths_of(norm)
    seen = paths.weights(shown.got.astype(np.longdouble).reshape(norm.x.shape))
    choices = {name: (place,) for name, place in PARTS.items()} | {BOTH: (1, 2)}
    for name, places in choices.items():
        how = "each count" if len(places) > 1 else "counts"
        there = [seen[place] for place in places if not np.isnan(seen[place])]
        for text, weight in weights(shown, there[0] if there else float("nan"), paths.std):
            sentence = norm.told(f"{shown.name} is right, but its {name} {how} {text}")
            weighted = [weight if place in places else 1.0 for place in range(3)]
            if shown.wants(sentence) and is_it(shown, paths.made(weighted)):
                yield sentence
    yield from without_gamma(shown, norm, paths)


def without_gamma(shown: Shown, norm: Norm, paths: Paths) -> Iterator[str]:
    """A part that is made of dout alone, where dout times gamma belongs."""
    bare = paths_of(replace(norm, gamma=np.ones_like(norm.gamma)))
    for name, places in {**{n: (p,) for n, p in PARTS.items()}, BOTH: (1, 2)}.items():
        verb = "are" if len(places) > 1 else "is"
        made = f"its {name} {verb} made of dout without gamma"
        sentence = norm.told(f"{shown.name} is right, but {made}")
        parts = [(bare if n in places else paths).parts[n] for n in range(3)]
        if shown.wants(sentence) and is_it(shown, parts[0] - parts[1] - parts[2]):
            yield sentence


def weights(shown: Shown, seen: float, std: Array) -> Iterator[tuple[str, Array | float]]:
    """What a weight may be, in words: a number with a name, a power of the standard deviation,
    else what is seen; any of them where nothing is (nan)."""
    unseen = np.isnan(seen)
    if unseen or abs(seen + 1) <= NEAR:
        yield "with the wrong sign", -1.0
    if unseen or abs(seen) <= NEAR:
        yield "not at all", 0.0
    known = named_factors(shown)
    inverse = {f"1/{name}": 1 / value for name, value in known.items()}
    for name, weight in {**known, **inverse}.items():
        if unseen or abs(weight - seen) <= NEAR * abs(seen):
            yield f"{name} times", weight
    for power in POWERS:
        yield f"std^{power:g} times, where std is sqrt(var + eps)", std**power
    yield "by another factor than 1", seen


def summed(shown: Shown, norm: Norm) -> Iterator[str]:
    """dgamma as it comes of another product than dout times the normalized x."""
    for text, factor in factors(norm).items():
        sentence = f"{shown.name} is what comes of dout times {text}"
        if shown.wants(sentence):
            value = (norm.dout * factor).reshape(shown.seen.question.inputs["x"].shape)
            if is_it(shown, folded(value, shown)):
                yield sentence


def factors(norm: Norm) -> Mapping[str, Array]:
    """What dout may have been multiplied by."""
    center, variance, xhat = norm.x - norm.center(), norm.std() ** 2, norm.xhat
    return {
        "x": norm.x,
        "x less its mean, not divided by the standard deviation": center,
        "x less its mean, divided by the variance": center / variance,
        "x divided by the standard deviation, its mean not taken off": norm.x / np.sqrt(variance),
        "out": xhat * norm.gamma + norm.beta,
        "gamma times the normalized x": xhat * norm.gamma,
        "the square of the normalized x": xhat * xhat,
    }


def folded(value: Array, shown: Shown) -> Array:
    """The sum over all axes that a parameter has not: its own are the channels, or the last."""
    if shown.seen.case.op in OVER_TRAILING:
        return np.asarray(value.sum(axis=tuple(range(value.ndim - shown.right.ndim))))
    return np.asarray(value.sum(axis=(0, *range(2, value.ndim))))
