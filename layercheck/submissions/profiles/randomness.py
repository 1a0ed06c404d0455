"""Dropout draws its mask by itself: here its random numbers are chosen so that a known one results.

While a layer runs, NumPy's uniform numbers come from a stream. Its first numbers lie on the side of
the threshold that the wanted mask asks for; seeding starts it again, as with real numbers; what is
drawn later is random.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from itertools import product
from typing import Any

import numpy as np

from .call import Answer, AsksAgain, Call, NotAsked, Session
from .views import Array

Holders = Callable[[], Sequence[Any]]
"""The namespaces that may hold a generator, or one of NumPy's functions."""

STYLES = ("below", "above")
"""Kept where a number is below the threshold, or above it."""

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


NUMPY_FUNCTIONS = (
    "seed",
    "rand",
    "random",
    "random_sample",
    "ranf",
    "sample",
    "uniform",
    "binomial",
    "randint",
    "choice",
)


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


class Steered:
    """A session of a dropout that draws its own mask: its numbers are chosen.

    said: `keep` or `drop`, the likelier meaning of the layer's p · make: a session of the layer,
    for a call whose p is the layer's · holders: what may keep generators. Every reading is tried
    with copies of its own; if none fits, the first one counts.
    """

    def __init__(
        self, call: Call, said: str, make: Callable[[Call], Session], holders: Holders
    ) -> None:
        self.call, self.make, self.holders = call, make, holders
        self.meanings = (said, "drop" if said == "keep" else "keep")
        self.tell: Callable[[str], str] = lambda meaning: ""
        """What to say of the meaning that p has."""

    def forward(self) -> Answer:
        """The output under the case's mask; at test time of the layer as it is."""
        if not self.call.attributes["training"]:
            self.stream: Stream | None = None
            return self._chosen(*self._tried(self.meanings[0], None))
        tries = []
        for meaning, style in product(self.meanings, STYLES):
            tries.append(self._tried(meaning, Stream(uniforms(*self._wanted, style))))
            if agrees(self.call.inputs["x"], *self._wanted, tries[-1][-1].get("out")):
                return self._chosen(*tries[-1])
        return self._chosen(*tries[0])

    def backward(self, dout: Array) -> Answer:
        """The gradient; numbers that are drawn for it are random ones."""
        with self._drawing(self.stream):
            return self.session.backward(dout)

    def again(self, call: Call) -> Answer:
        """The outputs of the same object for another question; its numbers are random ones."""
        if not isinstance(self.session, AsksAgain):
            raise NotAsked("it is no object that can be asked twice")
        own, p = call.with_copies(), call.attributes["p"]
        own.attributes["p"] = 1 - p if self.is_kept else p
        self.stream = None
        return self.session.again(own)

    @property
    def _wanted(self) -> tuple[Array, float]:
        """The mask, and the probability to drop."""
        return known_mask(self.call), float(self.call.attributes["p"])

    def _tried(
        self, meaning: str, stream: Stream | None
    ) -> tuple[str, Stream | None, Session, Answer]:
        """One reading: what p means, where numbers come from, and what the layer makes of it."""
        own, p = self.call.with_copies(), self.call.attributes["p"]
        own.attributes["p"] = p if meaning == "drop" else 1 - p
        session = self.make(own)
        with self._drawing(stream):
            return meaning, stream, session, session.forward()

    def _chosen(
        self, meaning: str, stream: Stream | None, session: Session, answer: Answer
    ) -> Answer:
        """Go on with this reading."""
        self.stream, self.session, self.is_kept = stream, session, meaning == "keep"
        p, own, self.call = self.call.attributes["p"], session.call.attributes["p"], session.call
        if meaning == "keep":
            self.call.as_counted("p", own, p)
        if told := self.tell(meaning):
            self.call.note(f"convention: {told}")
        return answer

    def _drawing(self, stream: Stream | None) -> AbstractContextManager[None]:
        return nullcontext() if stream is None else drawn_from(stream, self.holders())


def agrees(x: Array, mask: Array, p: float, out: Any) -> bool:
    """Whether out looks like x under this mask; only to recognise a convention, never to judge."""
    if not isinstance(out, np.ndarray) or out.shape != x.shape or out.dtype.kind != "f":
        return False
    expected = np.where(mask, x.astype(float) / (1 - p) if p < 1 else 0.0, 0.0)
    return bool(np.allclose(out, expected, rtol=1e-2, atol=0))
