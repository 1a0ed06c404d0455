"""The picture of a failing case: its arrays, what is wrong of them, and what that depends on."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from layercheck.cases.case import Case
from layercheck.implementations.protocol import Answer
from layercheck.judging.drawn import question_as_drawn
from layercheck.judging.facts import DOUT, Facts
from layercheck.reporting.picture.record import Map, Panel, Picture, Role
from oracles.oracle import Array, Question

from .depends import depends
from .elements import Elements, elements_of

MOST_NUMBERS = 160
"""How many numbers a picture shows one by one; of more it is a map."""

MOST_COLUMNS = 12
"""How many of them stand in a row at most."""

MOST_CELLS = 24
"""How many cells a map has in each direction at most."""

MOST_MAPS = 4


def picture_of(known: Facts, answer: Answer, array: str) -> Picture | None:
    """The picture of one array of an answer; None where it gave none, or nothing of it is wrong.

    known: the truth of the case and its bounds · array: the one that the failing record names.
    """
    got = answer.arrays.get(array)
    if not isinstance(got, np.ndarray) or array not in known.truth.arrays:  # or an input, changed
        return None
    question, found = asked(known.case, answer), elements_of(known, answer, array)
    if found is None:
        return with_other_shape(known, question, got, array)
    if not found.wrong.size:
        return None
    first = tuple(int(n) for n in np.unravel_index(found.wrong[0], found.shares.shape))
    wrong, of = int(found.wrong.size), found.shares.size
    made = Picture(str(known.case), array, list(first), wrong=wrong, of=of)
    if is_small(question, found.expected, got):
        made.panels.extend(inputs(question, array, first))
        made.panels.extend(answers(array, found))
    else:
        made.maps.extend(maps(array, found.shares, first))
    return made


def asked(case: Case, answer: Answer) -> Question:
    """The question; of a dropout that drew its mask, with the mask that it drew."""
    drew = case.op == "dropout" and "mask" not in case.shapes and case.all_attributes["training"]
    return question_as_drawn(case, answer) if drew else case.question


def with_other_shape(known: Facts, question: Question, got: Array, array: str) -> Picture | None:
    """What was given, expected and got, where these two cannot be held against each other."""
    expected = known.truth.arrays[array]
    if got.dtype.kind not in "biuf" or not is_small(question, expected, got):
        return None
    panels = [panel(name, "input", value) for name, value in given(question, array)]
    panels += [panel(array, "expected", expected), panel(array, "got", got)]
    return Picture(str(known.case), array, None, panels)


def is_small(question: Question, expected: Array, got: Array) -> bool:
    """Whether a person can follow all the numbers."""
    shown = [*question.inputs.values(), question.dout, expected, got]
    columns = max(value.shape[-1] if value.ndim else 1 for value in shown)
    return sum(value.size for value in shown) <= MOST_NUMBERS and columns <= MOST_COLUMNS


def given(question: Question, array: str) -> Iterator[tuple[str, Array]]:
    """What an array is computed from: the inputs, and for a gradient dout."""
    yield from question.inputs.items()
    if array.startswith("d"):
        yield DOUT, question.dout


def inputs(question: Question, array: str, first: tuple[int, ...]) -> Iterator[Panel]:
    """The inputs that the first wrong element depends on, with the numbers that matter marked; all
    of them where it depends on none. Of a loss dout, too: who returns the gradient beside it gave
    that for a dout of 1."""
    masks = depends(question, array, first)
    any_matters = any(mask.any() for mask in masks.values())
    for name, value in given(question, array):
        marked = np.flatnonzero(masks[name])
        of_loss = name == DOUT and not value.ndim
        if marked.size or not any_matters or of_loss:
            yield panel(name, "input", value, marked)


def answers(array: str, found: Elements) -> Iterator[Panel]:
    """Expected, got, and the one less the other."""
    with np.errstate(all="ignore"):
        shown: dict[Role, Array] = {
            "expected": found.expected,
            "got": found.got,
            "difference": found.got - found.expected,
        }
    for role, value in shown.items():
        yield panel(array, role, value, found.wrong, int(found.wrong[0]))


def panel(name: str, role: Role, value: Array, marked: Any = (), first: int | None = None) -> Panel:
    """An array as plain data."""
    numbers = [float(number) for number in value.flat]
    return Panel(name, role, list(value.shape), numbers, [int(n) for n in marked], first)


# ---------------------------------------------------------------------- large arrays


def maps(array: str, shares: Array, first: tuple[int, ...]) -> Iterator[Map]:
    """The first few images with wrong elements."""
    full = shares.reshape((1,) * (2 - shares.ndim) + shares.shape)
    own = (0,) * (2 - shares.ndim) + first
    told = 0
    for place in np.ndindex(*full.shape[:-2]):
        if told < MOST_MAPS and (~(full[place] <= 1)).any():
            told += 1
            title = f"{array}[{', '.join(map(str, place))}]" if place else array
            yield map_of(title, full[place], own[-2:] if own[:-2] == place else None)


def map_of(title: str, image: Array, first: tuple[int, ...] | None) -> Map:
    """One image, in blocks where it is too large."""
    block = [-(-size // MOST_CELLS) for size in image.shape]
    size = [-(-n // b) for n, b in zip(image.shape, block, strict=True)]
    padded = np.zeros([n * b for n, b in zip(size, block, strict=True)])
    padded[: image.shape[0], : image.shape[1]] = image
    cells = padded.reshape(size[0], block[0], size[1], block[1]).max(axis=(1, 3))
    at = None if first is None else (first[0] // block[0]) * size[1] + first[1] // block[1]
    return Map(title, size[1], block, [float(f"{share:.3g}") for share in cells.flat], at)
