"""Two calls alike in every size, also of their output, with other attributes: stride 1 without
padding and stride 2 with it make the same of 4x4 and a kernel of 3."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import product

from layercheck.cases.case import Case
from layercheck.cases.quick import quick
from layercheck.implementations.layer import Layer
from layercheck.implementations.script import Performed
from layercheck.judging.facts import near_facts
from layercheck.reporting.records import Part
from layercheck.submissions.profiles.performing import Step

from ..attributes import differ, outputs
from .asked import Asked, Asks, held
from .memory import beyond_bounds, expected, in_dtypes, parted

TRIED = {"stride": (1, 2, 3), "padding": (0, 1, 2), "dilation": (1, 2)}
"""Attributes that change what an index map is, and not always the size of what comes out."""

MOST = 10
"""How many small cases are looked at for such another one."""


def same_sizes(asked: Asked) -> Asks:
    """Forward and backward of a case after a forward of one with the same sizes; each judged, or,
    of a layer with another convention, held against the same calls alone."""
    if not asked.unfailing or "stride" not in asked.layer.accepted:
        return
    for first, second in pairs(asked.layer, asked.case.dtype):
        parts = asked.layer.parts(second)
        steps: list[Step] = [("forward", 0, 0), *((part, 1, 1) for part in parts)]
        performed: Performed = yield asked.script(steps, first.question, second.question)
        yield from asked.broken(performed, steps, f"after {first}")
        if performed.failures:
            return
        if not asked.sound:
            yield from as_alone(asked, performed, second, parts, f"after {first}")
            continue
        known = parted(near_facts(second, second.question), parts)
        made = {name: value for step in performed.steps[1:] for name, value in step.items()}
        yield from beyond_bounds(asked, in_dtypes(made, expected(known)), known)


def as_alone(
    asked: Asked, performed: Performed, case: Case, parts: Sequence[Part], when: str
) -> Asks:
    """The arrays of a case, held against those of a call that nothing came before."""
    alone: Performed = yield asked.script([(part, 0, 0) for part in parts], case.question)
    for number, part in enumerate(parts):
        if number < len(alone.steps) and not alone.failures:
            yield from held(performed, number + 1, when, alone.steps[number], part)


def pairs(layer: Layer, dtype: str) -> Iterator[tuple[Case, Case]]:
    """Small cases that a layer is asked, each with another one of the same sizes; one for each
    set of attributes in which they differ."""
    seen: set[frozenset[str]] = set()
    small = sorted((c for c in quick(layer.op) if c.fill == "normal"), key=lambda c: c.elements)
    for case in (case for case in small[:MOST] if fits(layer, case)):
        for other in others(layer, replace(case, dtype=dtype)):
            changed = changes(case, other)
            if changed not in seen and fits(layer, other):
                seen.add(changed)
                yield replace(case, dtype=dtype), other


def changes(case: Case, other: Case) -> frozenset[str]:
    """The attributes in which two cases differ."""
    one, two = case.all_attributes, other.all_attributes
    return frozenset(name for name in TRIED if one.get(name) != two.get(name))


def fits(layer: Layer, case: Case) -> bool:
    """Whether a layer is asked a case."""
    return not layer.refuses(case) and not layer.goes_beyond(case)


def others(layer: Layer, case: Case) -> Iterator[Case]:
    """The same arrays with other attributes, and an output of the same size but other numbers."""
    names = [name for name in TRIED if name in layer.accepted]
    for values in product(*(TRIED[name] for name in names)):
        other = replace(
            case, attributes={**case.attributes, **dict(zip(names, values, strict=True))}
        )
        try:
            alike = other.out_shape == case.out_shape and 0 not in case.out_shape
            apart = alike and differ(
                outputs(case, case.attributes), outputs(other, other.attributes)
            )
        except (ValueError, TypeError):
            continue
        if apart:
            yield other
