"""A general relation: how the wrong numbers stand to the right ones, in every failing case."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import partial
from math import prod

import numpy as np

from layercheck.implementations.protocol import CHANGED_INPUTS, DIFFERS
from layercheck.reporting.numbers import joined
from layercheck.reporting.records import Diagnosis
from layercheck.reporting.words import many

from ..elsewhere import ELSEWHERE, is_limited, those_that_fail
from ..evidence import Evidence, Seen
from ..relations import Relation, Shown, relations
from ..relations.along import axes_of
from ..relations.changes import is_square
from ..relations.instead import is_right
from ..relations.paths import tells
from ..relations.places import SIZES, by_chance
from ..relations.scale import GUARDED, SYMBOLS, ratio_told, sizes_of
from ..relations.shown import shown_of, unit_of
from ..written import as_written

RANK = 40
LEAST = "diagnosis"
NO_NUMBERS = ("mask:", CHANGED_INPUTS, DIFFERS)
"""How the reasons begin that do not speak of the array's numbers."""

VALUES_RIGHT = "its values are right"
"""What a reason says of an array of another shape."""

FEWEST_PLACES = 3
"""How many cases have to show that it is always the same place along an axis: in one of two samples
anything is in the last one half of the time."""

CHANCE = 0.01
"""How likely it may be that all that is wrong lies at a place by chance: of some thirty places that
are looked at, hardly any holds what is wrong in all cases so seldom."""

PLACES = ("in the last ", "in the first ", "in the second ", "after the first ", "before the last ")
"""What is said of such a place."""

OF_ANOTHER = "what the layer gives for "
"""How a sentence begins of a layer that is asked something else."""

RATIO = re.compile(
    r"\w+ is (the negative of what it should be|.+ times what it should be"
    r"|what it should be divided by .+)(, (as if|with a) .+)?"
)
"""What is said of numbers that are so many times what they should be."""

FURTHER = 3
"""How many further failing cases have to show it."""


def explain(evidence: Evidence) -> Diagnosis | None:
    """What holds of each failing array in all the cases where it fails; an array of which nothing
    is known is named beside the others, and where none is known, nothing is said."""
    told = told_of(evidence)
    return diagnosis_of(told, evidence) if told else None


def explain_by_ratios(evidence: Evidence) -> Diagnosis | None:
    """The same where each failing array is so many times what it should be, which says more than
    two mistakes whose factors come to the same; else None."""
    told = told_of(evidence)
    are_ratios = all(RATIO.fullmatch(text) for text, _, _ in told.values())
    whole = bool(told) and are_ratios and told.keys() == {*arrays_wrong(evidence)}
    return diagnosis_of(told, evidence) if whole else None


def arrays_wrong(evidence: Evidence) -> list[str]:
    """The arrays that fail in the cases that are tried."""
    every = (name for seen in evidence.tried for name in seen.failing)
    return [name for name in dict.fromkeys(every) if name]


def told_of(evidence: Evidence) -> dict[str, tuple[str, int, int]]:
    """By failing array what holds of it, in how many cases and in how many further ones."""
    failing = [seen for seen in evidence.tried if seen.failing]
    names = arrays_wrong(evidence)
    told: dict[str, tuple[str, int, int]] = {}
    for name in sorted(names, key=lambda name: name != "out"):
        of_out = told["out"][0] if "out" in told else ""
        found = known_of(name, failing, evidence, of_out if "out" in names else None)
        if found is not None:
            told[name] = found
    return {name: told[name] for name in names if name in told}


def diagnosis_of(told: dict[str, tuple[str, int, int]], evidence: Evidence) -> Diagnosis:
    """It in words."""
    open_ones = [name for name in arrays_wrong(evidence) if name not in told]
    sentences = [f"{text}{how_often(name, evidence)}." for name, (text, _, _) in told.items()]
    if open_ones:
        verb = "is" if len(open_ones) == 1 else "are"
        sentences.append(f"{joined(open_ones)} {verb} wrong as well: this does not say why.")
    if is_limited({name: text for name, (text, _, _) in told.items()}, evidence):
        sentences = [f"{those_that_fail(evidence)}{sentences[0]}", *sentences[1:], ELSEWHERE]
    shown = max(count for _, count, _ in told.values())
    further = max(count for _, _, count in told.values())
    return Diagnosis("relation", " ".join(sentences), "", [], list(told), shown, 0, further)


def known_of(
    name: str, failing: Sequence[Seen], evidence: Evidence, of_out: str | None = None
) -> tuple[str, int, int] | None:
    """A sentence on an array, and in how many cases, and further ones, it was seen to hold; None
    where none does. An array that fails for what is no matter of its numbers has none; a case in
    which it is hardly off tells nothing beside others.

    of_out: what is said of the outputs, where they are wrong as well.
    """
    mine = [seen for seen in failing if name in seen.failing]
    if any(seen.failing[name].startswith(NO_NUMBERS) for seen in mine):
        return None
    if all(VALUES_RIGHT in seen.failing[name] for seen in mine):
        forms = dict.fromkeys(seen.failing[name].partition(":")[0] for seen in mine)
        return f"{name} has the right values in another {' or '.join(forms)}", len(mine), 0
    fitting = [seen for seen in mine if not seen.failing[name].startswith("shape")]
    if not 0 < len(fitting) < len(mine):
        return known_at(mine, name, evidence, of_out)
    others = [seen for seen in mine if seen not in fitting]
    whole = known_at([*others, *fitting], name, evidence, of_out)
    if whole is not None:
        return whole
    part = known_at(fitting, name, evidence, of_out, fitting_only=True)
    return None if part is None else (f"{part[0]}, where it has the right shape", *part[1:])


def known_at(
    cases: Sequence[Seen],
    name: str,
    evidence: Evidence,
    of_out: str | None,
    fitting_only: bool = False,
) -> tuple[str, int, int] | None:
    """The same of these cases, of which the first proposes what the others have to bear out.
    fitting_only: whether cases in which the array has another shape do not count."""
    every = [shown_of(seen, name) for seen in cases]
    shown = [one for one in every if one is not None and says_much(one)]
    if None in every or not shown:
        return None
    further = [one for one in further_of(evidence, name) if one.fits or not fitting_only]
    both = [*shown, *further]
    both = [one for one in both if not is_right(one, one.got)] or both
    if len(both) < 2:
        return None
    told = (
        [text for text in texts if is_borne_out(text, both) and agrees(text, name, of_out)]
        for texts in holding(both, evidence)
    )
    text = next(filter(None, (first_that_stands(texts, name, evidence) for texts in told)), "")
    return (text, len(shown), len(further)) if text else None


def agrees(text: str, name: str, of_out: str | None) -> bool:
    """Whether a sentence does not contradict what is known of the outputs: whoever computes a
    gradient of another x computes its outputs of it, too."""
    if of_out is None or name == "out" or OF_ANOTHER not in text or "dout" in text:
        return True
    return text.partition(OF_ANOTHER)[2] == of_out.partition(OF_ANOTHER)[2]


def first_that_stands(texts: Sequence[str], name: str, evidence: Evidence) -> str:
    """The first sentence that no case speaks against where that is asked; nothing where none is."""
    stand = (as_written(texts[place:], name, evidence) for place in range(len(texts)))
    return next(filter(None, stand), "")


def how_often(name: str, evidence: Evidence) -> str:
    """In how many cases an array is wrong, where others are so in more."""
    count = sum(name in seen.failing for seen in evidence.failing)
    all_of = len(evidence.failing)
    others = many(all_of - count, "other")
    return (
        f", in {count} of {all_of} failing cases; it is right in {others}" if count < all_of else ""
    )


def holding(shown: list[Shown], evidence: Evidence) -> Iterator[list[str]]:
    """By relation the sentences that hold of every one, the most telling first."""
    cases = [(id(one.seen), one.name) for one in shown]
    for relation in relations():
        key = (id(relation), *cases)
        if key not in evidence.held:
            evidence.held[key] = held_by(relation, shown)
        yield evidence.held[key]


def held_by(relation: Relation, shown: list[Shown]) -> list[str]:
    """The sentences of a relation that hold of every one."""
    with np.errstate(all="ignore"):
        left = list(dict.fromkeys(relation.true(shown[0])))
        for one in shown[1:]:
            held = set(relation.true(replace(one, wanted=frozenset(left)))) if left else set()
            left = [text for text in left if text in held]
    return left


def is_borne_out(text: str, shown: list[Shown]) -> bool:
    """Whether every axis that a sentence speaks of has several places in some case (of one sample
    anything is in the last one), and the sizes that it counts by are not alike in all of them: what
    is divided by 2 wherever N is 4 need not be divided by sqrt(N); nor need any other quantity be
    meant that is always one number."""
    if all(is_lost(one) or is_square(one.seen.question, text) for one in shown):
        return False
    if "wrong only" in text and prod(by_chance(text, one) for one in shown) > CHANCE:
        return False
    most: dict[str, int] = {}
    for one in shown:
        for word, size in zip(axes_of(one), one.right.shape, strict=False):
            most[word] = max(size, most.get(word, 0))
    named = [symbol for symbol in SYMBOLS if re.search(rf"\b{symbol}\b", text)]
    if "path" in text and not any(tells(one) for one in shown):
        return False
    ratios = {one for one in map(partial(ratio_told, text), shown) if one is not None}
    is_one = "but cut off" in text and all(len(np.unique(one.got)) == 1 for one in shown)
    if is_one or len(ratios) == 1 or (GUARDED in text and not ratios):
        return False
    vary = any(len({sizes_of(one).get(symbol) for one in shown}) > 1 for symbol in named)
    least = max([2, *(size for place, size in SIZES.items() if place in text)])
    if not (vary or not named):
        return False
    spoken = [word for word in most if f" {word}" in text]
    return all(most[word] >= least for word in spoken) and all(
        sum(size_along(one, word) >= least for one in shown) >= FEWEST_PLACES
        for word in spoken
        if any(place in text for place in PLACES)
    )


def is_lost(shown: Shown) -> bool:
    """Whether all that is wrong of an array is 0 beside far larger numbers: hardly any formula does
    not lose such a number."""
    if not shown.fits or not np.isfinite(shown.right).all():
        return False
    least = unit_of(shown.seen.case.dtype) * np.abs(shown.right).max(initial=0)
    there = shown.wrong
    return bool((shown.got[there] == 0).all() and (np.abs(shown.right[there]) < least).all())


def size_along(shown: Shown, word: str) -> int:
    """How many places an array has along an axis; 1 where it has no such axis."""
    sizes = dict(zip(axes_of(shown), shown.right.shape, strict=False))
    return int(sizes.get(word, 1))


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
