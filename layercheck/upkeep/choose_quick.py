"""Choosing the quick grid, for maintainers.

The usual cases, then a greedy cover of the standard grid that rejects every named mistake three
times, three times too among the plain uses that narrow signatures can express, then has every
choice of optional inputs at sizes above 1, and then takes in as many pairs of attribute values as
fit. Beyond the usual cases the fill `wide` is left out: only elementwise-stable algorithms pass it,
and FFT and Winograd convolution are right, yet stable only in norm. It stays where nothing else
shows a mistake, as exp that overflows; never for a linear op.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Container, Iterator, Mapping, Sequence
from itertools import combinations
from pathlib import Path

import numpy as np

from layercheck.cases.case import Case
from layercheck.cases.quick import MARK
from layercheck.cases.space import space_of
from layercheck.cases.standard import standard, usual
from layercheck.cases.text import value_text
from layercheck.cases.where import condition
from layercheck.judging.defects import known_defects
from layercheck.mistakes import mistakes
from oracles import ESTABLISHED
from ref_layers import Op

from .mutation import try_mistakes

MOST = 80
"""How many cases an op may have."""

TIMES = 3
"""How often every mistake must be rejected."""

Token = tuple[str, ...]


def write(op_name: str, folder: Path) -> int:
    """Choose the quick grid of one op and write its file; returns how many cases it has."""
    chosen = choose(op_name)
    text = "".join(f"{case}{MARK}{', '.join(reasons)}\n" for case, reasons in chosen)
    (folder / f"{op_name}.txt").write_text(text, encoding="utf-8")
    return len(chosen)


def choose(op_name: str) -> list[tuple[Case, list[str]]]:
    """The smallest cases that together catch every mistake, then pairs of attribute values."""
    every = [case for case in standard(op_name) if may_be_quick(case)]
    caught = rejections(op_name, every)
    given = {str(case) for case in usual(op_name)}
    candidates = list(without_wide(every, caught, given))
    stages = [
        [mistake_tokens(caught[str(case)], is_plain(case)) for case in candidates],
        [choice_tokens(case) for case in candidates],
        [pair_tokens(case) if is_plain(case) else frozenset() for case in candidates],
        [pair_tokens(case) for case in candidates],
    ]
    order = [i for i, case in enumerate(candidates) if str(case) in given]
    for tokens in stages:
        extend_cover(order, tokens, [weight(case) for case in candidates])
    return [(candidates[i], reasons_of(caught[str(candidates[i])])) for i in sorted(order)]


def may_be_quick(case: Case) -> bool:
    """None at which a framework is known to return what happens to lie in memory.

    Those defects are of float32; others are the same in every run and can be recorded.
    """
    return case.dtype != "float32" or not any(
        set(ESTABLISHED) & set(defect.oracles) and condition(defect.condition)(case)
        for defect in known_defects()
        if defect.kind == "wrong" and not defect.instead
    )


def without_wide(
    candidates: Sequence[Case], caught: Mapping[str, Sequence[str]], given: Container[str]
) -> Iterator[Case]:
    """Leave out `wide`, but for mistakes that nothing else shows, as exp's overflow.

    given: cases that are chosen already.
    """
    shown = Counter(n for c in candidates if c.fill != "wide" for n in caught[str(c)])
    for case in candidates:
        hidden = any(shown[name] < TIMES for name in caught[str(case)])
        if case.fill != "wide" or str(case) in given or (hidden and not case.spec.linear):
            yield case


def rejections(op_name: str, candidates: Sequence[Case]) -> dict[str, list[str]]:
    """By case the names of the mistakes that it rejects."""
    caught: dict[str, list[str]] = {str(case): [] for case in candidates}
    for outcome in try_mistakes(list(mistakes([op_name])), candidates):
        for case in outcome.rejected:
            caught[case].append(outcome.mistake.name)
    return caught


def is_plain(case: Case) -> bool:
    """Whether the case is of the op's plain block."""
    op, given = case.spec, case.all_attributes
    for name, values in space_of(op.name).plain.items():
        if name in op.inputs and (name in case.shapes) not in values:
            return False
        if name in given and given[name] not in values:
            return False
        if values == (None,) and name not in given and name in case.sizes:
            return False  # a size that plain arrays do not have
    return True


def weight(case: Case) -> float:
    """What a case costs: large shapes take space in the recordings and time in slow loops."""
    return float(np.sqrt(case.elements + int(np.prod(case.out_shape)) + 50))


def mistake_tokens(names: Sequence[str], plain: bool) -> frozenset[Token]:
    kinds = ("any", "plain") if plain else ("any",)
    return frozenset((kind, name) for kind in kinds for name in names)


def pair_tokens(case: Case) -> frozenset[Token]:
    """The pairs of values of the case's attributes, and of which optional inputs it has."""
    op: Op = case.spec
    values = [(name, value_text(value)) for name, value in case.all_attributes.items()]
    values += [(n, str(n in case.shapes)) for n, t in op.inputs.items() if t.optional]
    values.append(("dtype", case.dtype))
    return frozenset((*a, *b) for a, b in combinations(values, 2))


def choice_tokens(case: Case) -> frozenset[Token]:
    """Which optional inputs the case has, with each attribute that switches: what is computed for
    one of them alone shows where no axis is 1, since there a sum is what is summed."""
    inputs = case.spec.inputs
    given = [str(name in case.shapes) for name, tensor in inputs.items() if tensor.optional]
    if not given or 1 in case.shapes[next(iter(inputs))]:
        return frozenset()
    switches = [(n, str(v)) for n, v in case.all_attributes.items() if isinstance(v, bool)]
    return frozenset(("inputs", *given, *switch) for switch in switches or [("", "")])


def extend_cover(order: list[int], tokens: Sequence[frozenset[Token]], costs: list[float]) -> None:
    """Add cases, the one with most new tokens for its cost first, up to MOST in all.

    A mistake is wanted TIMES times, a pair of values once.
    """
    wanted = {
        token: TIMES if token[0] in ("any", "plain") else 1 for found in tokens for token in found
    }
    for i in order:
        for token in tokens[i]:
            wanted[token] -= 1
    while len(order) < MOST:
        gains = [
            0.0 if i in order else sum(wanted[token] > 0 for token in found) / costs[i]
            for i, found in enumerate(tokens)
        ]
        best = int(np.argmax(gains)) if gains else 0
        if not gains or gains[best] == 0:
            return
        order.append(best)
        for token in tokens[best]:
            wanted[token] -= 1


def reasons_of(names: Sequence[str]) -> list[str]:
    return list(names) or ["a usual case, or a pair of attribute values"]
