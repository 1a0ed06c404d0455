"""Pairs of numbers that functions take though no text of theirs shows it.

There are more ways to tell a number and a pair apart than a reader of code will know. So a function
that was taken for one of numbers alone is asked a few small cases with the same number twice: where
its answers are those for the number, bit for bit, it takes pairs, and is asked unlike ones.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from functools import partial
from itertools import islice
from typing import Any, Protocol, runtime_checkable

from layercheck.cases.case import Case
from layercheck.cases.quick import quick
from layercheck.implementations.functions import same
from layercheck.implementations.layer import Layer
from layercheck.implementations.protocol import Answer, Reply
from layercheck.submissions.expressible import expressible
from layercheck.submissions.profiles.names import SPATIAL
from layercheck.submissions.profiles.target import Takes
from oracles.oracle import Question
from ref_layers import OPS
from ref_layers.op import REQUIRED

from .attributes import TRIES, tells

TRIED = 2
"""At how many cases a function is asked a pair."""

FOUR = ("pad",)
"""Ops whose two numbers are the two sides of both axes, or the two axes: only a text tells."""


@runtime_checkable
class Taking(Protocol):
    """What is asked what a signature expresses, and may be asked more."""

    def answer_question(self, question: Question) -> Reply:
        """What it answers to any question."""
        ...

    def taking(self, takes: Takes) -> Any:
        """The same, asked what these signatures express."""
        ...


def with_its_pairs(layer: Layer) -> Layer:
    """The layer, asked pairs where its functions take them."""
    takes, asked = layer.takes, layer.implementation
    if not isinstance(asked, Taking):
        return layer
    due = [name for name in layer.accepted if name in SPATIAL and takes.tried is None]
    for name in () if layer.op in FOUR else due:
        kinds = takes.kinds.get(name, ("pair",))
        is_open = "int" in kinds and "pair" not in kinds and name not in takes.integer
        if is_open and takes_pairs(layer, asked, name):
            takes = replace(takes, kinds={**takes.kinds, name: (*kinds, "pair")})
    if takes is layer.takes:
        return layer
    return replace(layer, takes=takes, implementation=asked.taking(takes))


def takes_pairs(layer: Layer, asked: Taking, name: str) -> bool:
    """Whether a function answers a number given twice as it answers the number."""
    ask = asked.answer_question
    cases = [case.question for case in islice(telling(layer, name), TRIED)]
    pairs = [(ask(question), ask(twice(question, name))) for question in cases]
    return bool(pairs) and all(are_alike(*pair) for pair in pairs)


def telling(layer: Layer, name: str) -> Iterator[Case]:
    """Cases in which an attribute is a number that makes a difference, the smallest first."""
    fits = partial(tells_number, layer, name)
    yield from filter(fits, sorted(quick(layer.op), key=lambda case: case.elements))
    yield from expressible(layer.op, layer.takes, TRIED, fits, away=(name,), tries=TRIES)


def tells_number(layer: Layer, name: str, case: Case) -> bool:
    """Whether a layer can be asked a case in which an attribute is a number that matters."""
    if type(case.attributes.get(name)) is not int or layer.refuses(case):
        return False
    return OPS[layer.op].attributes[name] is REQUIRED or tells(name, case)


def twice(question: Question, name: str) -> Question:
    """The question with an attribute's number given twice."""
    value = question.attributes[name]
    return replace(question, attributes={**question.attributes, name: (value, value)})


def are_alike(one: Reply, other: Reply) -> bool:
    """Whether two replies have the same arrays, and no failure."""
    if not (isinstance(one, Answer) and isinstance(other, Answer)) or one.failures:
        return False
    return (
        one.failures == other.failures
        and one.arrays.keys() == other.arrays.keys()
        and "out" in one.arrays
        and all(same(value, other.arrays[key]) for key, value in one.arrays.items())
    )
