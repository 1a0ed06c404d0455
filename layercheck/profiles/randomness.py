"""Dropout draws its mask by itself: here its random numbers are chosen so that a known one results.

While a layer runs, NumPy's uniform numbers come from a stream. Its first numbers lie on the side of
the threshold that the wanted mask asks for; seeding starts it again, as with real numbers; what is
drawn later is random.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

import numpy as np

from .profile import Answer, Array, Call

Run = Callable[[Call, float], Answer]
RandomState = np.random.RandomState
GENERATORS = (np.random.Generator, np.random.RandomState)
"""As they are before anything is replaced."""


class Stream:
    """Uniform numbers from 0 to 1, the first of them known."""

    def __init__(self, first: Array) -> None:
        self.first = first.ravel()
        self.seed()

    def seed(self, *_: Any, **__: Any) -> None:
        """Start again."""
        self.used = 0
        self.later = RandomState(20260101)

    def draw(self, size: Any = None) -> Any:
        """So many numbers; a single one for None."""
        count = 1 if size is None else int(np.prod(size))
        known = self.first[self.used : self.used + count]
        self.used += count
        numbers = np.concatenate([known, self.later.random_sample(count - known.size)])
        return float(numbers[0]) if size is None else numbers.reshape(size)

    def random(self, size: Any = None, dtype: Any = float, out: Any = None) -> Any:
        if out is not None:
            out[...] = self.draw(out.shape)
            return out
        numbers = self.draw(size)
        return numbers if size is None else numbers.astype(dtype)

    random_sample = ranf = sample = random

    def rand(self, *shape: int) -> Any:
        return self.draw(shape or None)

    def uniform(self, low: Any = 0.0, high: Any = 1.0, size: Any = None) -> Any:
        return low + (high - low) * self.draw(size)

    def binomial(self, n: int, p: Any, size: Any = None) -> Any:
        """Successes among n; the n trials of one element use numbers of n draws."""
        return sum((np.asarray(self.draw(size)) < p).astype(int) for _ in range(n))

    def randint(self, low: int, high: int | None = None, size: Any = None, dtype: Any = int) -> Any:
        start, end = (0, low) if high is None else (low, high)
        return np.asarray(np.floor(start + (end - start) * self.draw(size))).astype(dtype)

    integers = randint

    def choice(self, a: Any, size: Any = None, replace: bool = True, p: Any = None) -> Any:
        values = np.arange(a) if np.ndim(a) == 0 else np.asarray(a)
        shares = np.full(len(values), 1 / len(values)) if p is None else np.asarray(p)
        place = np.searchsorted(np.cumsum(shares), self.draw(size), side="right")
        return values[np.minimum(place, len(values) - 1)]

    def generator(self, *_: Any, **__: Any) -> Stream:
        """What default_rng and RandomState give: this stream, from its start."""
        self.seed()
        return self

    def __getattr__(self, name: str) -> Any:
        return getattr(np.random, name)


NUMPY_FUNCTIONS = ("seed", "rand", "random", "random_sample", "ranf", "sample", "uniform",
                   "binomial", "randint", "choice")  # fmt: skip


@contextmanager
def drawn_from(stream: Stream, holders: Sequence[dict[str, Any]] = ()) -> Iterator[None]:
    """While it lasts, NumPy and Python draw from the stream; so do generators that holders keep."""
    own = {name: getattr(stream, name) for name in NUMPY_FUNCTIONS}
    own.update(default_rng=stream.generator, RandomState=stream.generator)
    python = {"random": stream.draw, "seed": stream.seed, "uniform": stream.uniform}
    originals = {id(getattr(np.random, name)): made for name, made in own.items()}
    originals.update({id(getattr(random, name)): made for name, made in python.items()})
    swaps: list[tuple[dict[str, Any], dict[str, Any]]] = [
        (vars(np.random), own),
        (vars(random), python),
        *((holder, kept_generators(holder, originals, stream)) for holder in holders),
    ]
    before = [(place, {name: place[name] for name in new}) for place, new in swaps]
    try:
        for place, new in swaps:
            place.update(new)
        yield
    finally:
        for place, old in before:
            place.update(old)


def kept_generators(
    holder: dict[str, Any], originals: dict[int, Any], stream: Stream
) -> dict[str, Any]:
    """Names under which a namespace or an object keeps a generator, or one of NumPy's functions."""
    found = {n: originals[id(value)] for n, value in holder.items() if id(value) in originals}
    found.update({n: stream for n, value in holder.items() if isinstance(value, GENERATORS)})
    return found


def known_mask(call: Call) -> Array:
    """The mask that the case has, or that the op draws for its seed."""
    if "mask" in call.inputs:
        return np.asarray(call.inputs["mask"] != 0)
    seed, p = call.attributes.get("mask_seed", 0), call.attributes["p"]
    return np.asarray(RandomState(seed).random_sample(call.inputs["x"].shape) >= p)


def uniforms(mask: Array, p: float, style: str) -> Array:
    """Numbers by which an element is kept where the mask says so.

    style: `below`, kept where number < 1 - p; `above`, kept where number >= p. None is near the
    threshold.
    """
    inside = 0.05 + 0.9 * RandomState(1).random_sample(mask.shape)
    if style == "below":
        return np.where(mask, (1 - p) * inside, 1 - p * inside)
    return np.where(mask, p + (1 - p) * inside, p * inside)


def with_known_mask(
    call: Call, meanings: Sequence[str], run: Run, holders: Callable[[], Sequence[dict[str, Any]]]
) -> tuple[str, Answer]:
    """Run a dropout so that it draws the known mask; which meaning of p it has, and its answer.

    meanings: `keep` and `drop`, the likelier first: which probability the layer's p is. run: calls
    the layer with that p. If no reading fits, the answer is that of the first one.
    """
    mask, p = known_mask(call), float(call.attributes["p"])
    tries = []
    for meaning in meanings:
        for style in ("below", "above"):
            own = replace(call, inputs={n: value.copy() for n, value in call.inputs.items()})
            with drawn_from(Stream(uniforms(mask, p, style)), holders()):
                answer = run(own, p if meaning == "drop" else 1 - p)
            tries.append((meaning, own, answer))
            if agrees(call.inputs["x"], mask, p, answer.get("out")):
                return settle(call, *tries[-1])
    return settle(call, *tries[0])


def settle(call: Call, meaning: str, own: Call, answer: Answer) -> tuple[str, Answer]:
    """What the layer did to its copies is done to the call's arrays, where the check looks."""
    for name, value in own.inputs.items():
        np.copyto(call.inputs[name], value)
    return meaning, answer


def agrees(x: Array, mask: Array, p: float, out: Any) -> bool:
    """Whether out looks like x under this mask; only to recognise a convention, never to judge."""
    if not isinstance(out, np.ndarray) or out.shape != x.shape or out.dtype.kind != "f":
        return False
    expected = np.where(mask, x.astype(float) / (1 - p) if p < 1 else 0.0, 0.0)
    return bool(np.allclose(out, expected, rtol=1e-2, atol=0))
