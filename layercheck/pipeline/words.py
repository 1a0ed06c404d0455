"""Words of attributes that functions do not take, such as a loss that has a mean and a sum alone.

A function is asked a few small cases at every word, before anything else is asked of it. A word is
left away, and told, where it refuses it by name; or where its text does not have it, though it has
another one, and it fails at it, or answers what it answers at another word, as an `else` does.
What gives one answer at every word is asked all of them, and what its default, its annotation or
its docstring has is always asked. A `Literal` or an Enum says which words there are.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import combinations, islice

import numpy as np

from layercheck.cases.case import Case
from layercheck.cases.quick import quick
from layercheck.cases.space import space_of
from layercheck.implementations.functions import same
from layercheck.implementations.layer import Layer
from layercheck.implementations.protocol import NOT_IMPLEMENTED, Answer, Failure
from layercheck.submissions.profiles.names import names_of
from layercheck.submissions.profiles.words import is_word
from oracles.oracle import Array
from ref_layers import OPS

from .attributes import differ, outputs

TRIED = 3
"""At how many cases a function is asked every word."""

REFUSING = ("ValueError", "KeyError", "AssertionError", "NotImplementedError")
"""What is raised where a word is refused."""

UNNAMED = "which its text does not name"


def with_its_words(layer: Layer) -> Layer:
    """The layer, asked the words alone that its functions take; the others are told."""
    takes, notes = layer.takes, list(layer.notes)
    for name in layer.accepted if takes.tried is None else ():
        if is_word(OPS[layer.op].attributes[name]) and name not in takes.kinds:
            away = Words(layer, name).away()
            taken = tuple(w for w in words_of(layer.op, name) if w not in away)
            takes = replace(takes, kinds={**takes.kinds, name: taken}) if away else takes
            for why in dict.fromkeys(away.values()):
                told = ", ".join(f"{name}={word}" for word, own in away.items() if own == why)
                notes.append(f"not asked: {told}, {why}")
    return replace(layer, takes=takes, notes=tuple(notes))


def words_of(op: str, name: str) -> list[str]:
    """The words that an attribute may be, the op's default first."""
    levels = (OPS[op].attributes[name], *space_of(op).factors.get(name, ()))
    return list(dict.fromkeys(level for level in levels if isinstance(level, str)))


@dataclass(frozen=True)
class Heard:
    """What a function says to a word: `out` of every case, or how it failed in every case."""

    outs: Sequence[Array] = ()
    failures: Sequence[Failure] = ()

    def is_like(self, other: Heard) -> bool:
        """Whether two words have the same answers, bit for bit."""
        return bool(self.outs) and all(map(same, self.outs, other.outs)) and bool(other.outs)


class Words:
    """The words of one attribute, and what a function says to each."""

    def __init__(self, layer: Layer, name: str) -> None:
        self.layer, self.name = layer, name
        self.words = words_of(layer.op, name)
        self.cases = list(islice(self.telling(), TRIED))
        self.heard = {word: self.said(word) for word in self.words} if self.cases else {}
        spoken = layer.takes.words.get(name, {})
        self.promised, self.settled = spoken.get("promised", ()), spoken.get("all", ())
        self.named = {*spoken.get("named", ())} & {*self.words} or {self.words[0]}

    def away(self) -> dict[str, str]:
        """The words that are not asked, each with the reason."""
        away = {word: why for word in self.words if (why := self.why(word))}
        left = [word for word in self.words if word not in away]
        is_silent = self.heard and not any(self.heard[word].outs for word in left)
        return {} if is_silent or not left else away

    def why(self, word: str) -> str:
        """Why a word is not asked; empty if it is."""
        if self.settled and word not in self.named:
            return UNNAMED
        said = self.heard.get(word, Heard())
        refused = bool(said.failures) and all(self.is_refusal(f, word) for f in said.failures)
        if refused and word not in self.promised:
            return f"which it refuses ({said.failures[0].message.strip().partition(chr(10))[0]})"
        fails = bool(said.failures) and len(self.named) > 1
        is_other = said.outs and self.is_another(word)
        return UNNAMED if word not in self.named and (fails or is_other) else ""

    def is_refusal(self, failure: Failure, word: str) -> bool:
        """Whether a failure is an error that refuses a word, by its name or the attribute's; or
        NotImplementedError, where other words are answered: that says it by itself."""
        kind, _, text = failure.message.partition(":")
        if failure.kind == NOT_IMPLEMENTED:
            return any(said.outs for said in self.heard.values())
        if kind not in REFUSING:
            return False
        said = (word, *names_of(self.layer.op, self.name))
        return any(re.search(rf"\b{re.escape(one)}\b", text, re.IGNORECASE) for one in said)

    def is_another(self, word: str) -> bool:
        """Whether a word that the text does not have is answered as another one is, which is asked:
        one that it has, if it has any beside the default, or of several that it does not have the
        one that the answer is nearest to."""
        alike = [one for one, said in self.heard.items() if said.is_like(self.heard[word])]
        others = [one for one, said in self.heard.items() if said.outs and one not in alike]
        if len(alike) < 2 or not others:
            return False
        if not self.named.isdisjoint(alike):
            return len(self.named) > 1
        return word != min(alike, key=self.distance)

    def distance(self, word: str) -> float:
        """How far the answers at a word are from the right ones."""
        pairs = zip(self.heard[word].outs, self.cases, strict=True)
        return max(apart(out, right(self.at(case, word))) for out, case in pairs)

    def said(self, word: str) -> Heard:
        """What the function says to a word."""
        outs, failures = [], []
        for case in self.cases:
            reply = self.layer.implementation.answer(self.at(case, word))
            lost = reply.failures.get("forward") if isinstance(reply, Answer) else reply
            out = reply.arrays.get("out") if isinstance(reply, Answer) else None
            has_out = lost is None and isinstance(out, np.ndarray | np.generic)
            outs += [np.asarray(out)] if has_out else []
            failures += [lost] if isinstance(lost, Failure) else []
        whole = len(self.cases)
        return Heard(outs * (len(outs) == whole), failures * (len(failures) == whole))

    def at(self, case: Case, word: str) -> Case:
        """A case with the attribute at this word."""
        others = {n: value for n, value in case.attributes.items() if n != self.name}
        own = {} if word == self.words[0] else {self.name: word}
        return replace(case, attributes={**others, **own})

    def telling(self) -> Iterator[Case]:
        """Cases that every word makes another one of, the smallest first."""
        for case in sorted(quick(self.layer.op), key=lambda case: case.elements):
            made = [self.at(case, word) for word in self.words]
            if not any(map(self.layer.refuses, made)):
                results = [outputs(one, one.attributes) for one in made]
                if all(results) and all(differ(*pair) for pair in combinations(results, 2)):
                    yield case


def right(case: Case) -> Array:
    """The right `out` of a case."""
    found: Mapping[str, Array] = outputs(case, case.attributes)
    return found["out"]


def apart(one: Array, other: Array) -> float:
    """How far two arrays are apart at most."""
    if one.shape != other.shape:
        return np.inf
    with np.errstate(all="ignore"):
        return float(np.max(np.abs(one.astype(float) - other.astype(float)), initial=0.0))
