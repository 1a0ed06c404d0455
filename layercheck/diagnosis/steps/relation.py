"""A general relation: how the wrong numbers stand to the right ones, in every failing case."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace

import numpy as np

from layercheck.reporting.records import Diagnosis

from ..evidence import Evidence, Seen
from ..relations import Shown, relations
from ..relations.along import axes_of
from ..relations.scale import SYMBOLS
from ..relations.shown import shown_of

RANK = 40
LEAST = "diagnosis"
FURTHER = 3
"""How many further failing cases have to show it."""


def explain(evidence: Evidence) -> Diagnosis | None:
    """What holds of one failing array in all the cases where it fails; the first array of which
    something is known."""
    failing = [seen for seen in evidence.tried if seen.failing]
    for name in dict.fromkeys(n for seen in failing for n in seen.failing if n):
        mine = [one for seen in failing if name in seen.failing for one in [shown_of(seen, name)]]
        shown = [one for one in mine if one is not None and says_much(one)]
        if None in mine or not shown:
            continue
        further = list(further_of(evidence, name))
        every = [*shown, *further]
        text = next((text for text in holding(every) if is_borne_out(text, every)), "")
        if text and len(shown) + len(further) > 1:
            return Diagnosis("relation", f"{text}.", "", [], [name], len(shown), 0, len(further))
    return None


def holding(shown: list[Shown]) -> Iterator[str]:
    """Sentences that hold of every one, the most telling first."""
    for relation in relations():
        with np.errstate(all="ignore"):
            left = list(dict.fromkeys(relation.true(shown[0])))
            for one in shown[1:]:
                asked = replace(one, wanted=frozenset(left))
                held = set(relation.true(asked)) if left else set()
                left = [text for text in left if text in held]
        yield from left


def is_borne_out(text: str, shown: list[Shown]) -> bool:
    """Whether every axis that a sentence speaks of has several places in some case (of one sample
    anything is in the last one), and the sizes that it counts by are not alike in all of them: what
    is divided by 2 wherever N is 4 need not be divided by sqrt(N)."""
    most: dict[str, int] = {}
    for one in shown:
        for word, size in zip(axes_of(one), one.right.shape, strict=False):
            most[word] = max(size, most.get(word, 0))
    named = [symbol for symbol in SYMBOLS if re.search(rf"\b{symbol}\b", text)]
    vary = any(len({one.names.get(symbol) for one in shown}) > 1 for symbol in named)
    return (vary or not named) and all(
        size > 1 for word, size in most.items() if f" {word}" in text
    )


def says_much(shown: Shown) -> bool:
    """Whether an array has numbers to go by: of one that should be 0 hardly anything holds."""
    return bool(shown.right.any()) and shown.right.size > 0


def further_of(evidence: Evidence, name: str) -> Iterator[Shown]:
    """The array in further cases where it fails."""
    found = 0
    for case in evidence.draws(10):
        if found == FURTHER:
            return
        seen: Seen | None = evidence.ask_once(case)
        one = shown_of(seen, name) if seen is not None and name in seen.failing else None
        if one is not None and says_much(one):
            found += 1
            yield one
