"""Dropout draws its mask by itself, in whatever way: here it is asked, and asked again.

What p is to the layer, the probability to keep or to drop, its name and docstring say; where they
do not, its behaviour does. The mask is inferred from what comes back, by who judges it.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from dataclasses import replace
from itertools import count
from typing import Any

import numpy as np

from .call import Answer, AsksAgain, Call, Namespace, NotAsked, Session
from .meaning_of_p import OTHER
from .signatures import Argument
from .views import Array

REPEATS = "repeats"
"""The attribute by which whoever judges asks for so many further outputs: `again`."""

PROBED = "__layercheck_p__"
"""Where a namespace keeps what p was found to be."""

GENERATORS = ("generator", "rng", "random_state", "prng", "random_generator")
"""What arguments that take a generator are called."""

OLD_METHODS = (".rand(", ".randn(", ".random_sample(", ".randint(")
"""What a RandomState has, and a Generator has not."""

CONTRADICTION = "contradiction: "

drawn = count(20260101)
"""A seed for each call, so that a report is the same each time, and no two masks are."""


class Drawing:
    """A session of a dropout that draws its own mask.

    said: what p is by its name or docstring, `keep` or `drop`, empty where that is open ·
    otherwise: what is taken for it then, if the behaviour is not clear either · make: a session of
    the layer for a call whose p is the layer's · seeded: whether a given seed has to decide the
    mask.
    """

    tells_behaviour = False
    """Whether a meaning of p that only the behaviour told is worth a note."""

    def __init__(
        self,
        namespace: Namespace,
        target: str,
        call: Call,
        said: str,
        otherwise: str,
        make: Callable[[Call], Session],
    ) -> None:
        self.namespace, self.target, self.make = namespace, target, make
        self.call, self.said, self.otherwise = call, said, otherwise
        self.repeats = int(call.attributes.pop(REPEATS, 0))

    def forward(self) -> Answer:
        """The output; where it is asked for, `again`: those of further calls, one mask each."""
        behaves = self.behaviour() if self.call.attributes["training"] else ""
        self.meaning = meaning = self.said or behaves or self.otherwise
        self.asked = self.own(self.call.with_copies(), meaning)
        self.session = self.make(self.asked)
        reseed()
        answer = self.session.forward()
        self.call = self.session.call
        if meaning == "keep":
            self.call.as_counted("p", *self.both(meaning))
        self.tell(meaning, behaves)
        if self.repeats:
            answer = {**answer, "again": np.stack([self.redraw(i) for i in range(self.repeats)])}
        return answer

    def backward(self, dout: Array) -> Answer:
        """The gradient; numbers that are drawn for it are new ones."""
        reseed()
        return self.session.backward(dout)

    def own(self, call: Call, meaning: str) -> Call:
        """The call with p as the layer counts it."""
        if meaning == "keep":
            call.attributes["p"] = 1 - call.attributes["p"]
        return call

    def both(self, meaning: str) -> tuple[float, float]:
        """p as the layer counts it, and as the case does."""
        own = self.asked.attributes["p"]
        return own, 1 - own if meaning == "keep" else own

    def again(self, call: Call, renew: bool = False) -> Answer:
        """Ask the same object another question."""
        if not isinstance(self.session, AsksAgain):
            raise NotAsked("it is no object that can be asked twice")
        reseed()
        return self.session.again(self.own(call, self.meaning), renew)

    def redraw(self, number: int) -> Array:
        """One more output: of the same object, or of the function with another seed."""
        reseed()
        call = self.asked.apart()
        if isinstance(self.session, AsksAgain):
            return np.array(self.session.again(call)["out"])
        call.attributes["mask_seed"] = call.attributes.get("mask_seed", 0) + 1 + number
        return np.array(self.make(call).forward()["out"])

    def tell(self, meaning: str, behaves: str) -> None:
        """Note where the behaviour had to say what p is, or says the opposite."""
        if self.said and behaves == OTHER[self.said]:
            told = f"its p is the probability to {behaves}, though it is said to be that to"
            self.call.note(f"{CONTRADICTION}{told} {self.said}")
        elif not self.said and self.tells_behaviour and self.call.attributes["training"]:
            self.call.note(f"convention: p is the probability to {meaning}, by behaviour")

    def behaviour(self) -> str:
        """What p is by what the layer does, found once: `keep`, `drop`, or empty."""
        found: dict[str, str] = self.namespace.get(PROBED, {})
        if self.target not in found:
            found = {**found, self.target: probe(self.make)}
            if isinstance(self.namespace, dict):
                self.namespace[PROBED] = found
        return found[self.target]


def probe(make: Callable[[Call], Session]) -> str:
    """What p is to a layer that is given 1/4: by how many of 4,096 ones it keeps, and how large."""
    attributes = {"p": 0.25, "training": True, "mask_seed": 1}
    reseed()
    try:
        out = make(Call("dropout", {"x": np.ones((64, 64))}, attributes, (64, 64))).forward()["out"]
        kept = np.asarray(out, float)[np.asarray(out) != 0]
        share, scale = kept.size / np.size(out), float(np.median(kept)) if kept.size else 0.0
    except Exception:  # the cases will show it
        return ""
    by_share = "drop" if share > 0.6 else "keep" if 0 < share < 0.4 else ""
    by_scale = {1.33: "drop", 4.0: "keep", 1.0: by_share}.get(round(scale, 2), "")
    return by_share if by_share == by_scale else ""


def reseed() -> None:
    """Begin the global generators anew."""
    seed = next(drawn)
    np.random.seed(seed)
    random.seed(seed)


# ---------------------------------------------------------------------- generators as arguments


def generator_argument(arguments: Sequence[Argument], text: str) -> tuple[str, str]:
    """The argument that has to be a generator, and of which kind; empty if there is none."""
    for argument in arguments:
        if argument.name.lower() in GENERATORS and not argument.optional:
            old = any(f"{argument.name}{method}" in text for method in OLD_METHODS)
            kind = "RandomState" if old or argument.name == "random_state" else "Generator"
            return argument.name, kind
    return "", ""


def generator(kind: str) -> Any:
    """A generator of this kind, with a seed of its own."""
    seed = next(drawn)
    return np.random.RandomState(seed) if kind == "RandomState" else np.random.default_rng(seed)


def without_p(options: Any) -> Any:
    """Options by which a session takes p as it comes: its meaning is settled already."""
    return replace(options, p="drop")
