"""Two calls alike in every size, also of their output, with other attributes: stride 1 without
padding and stride 2 with it make the same of 4x4 and a kernel of 3."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import product
from typing import Any

from layercheck.cases.case import Case
from layercheck.cases.quick import quick
from layercheck.implementations.layer import Layer
from layercheck.implementations.script import Performed
from layercheck.judging.facts import near_facts
from layercheck.reporting.records import Part
from layercheck.submissions.profiles.performing import Step
from ref_layers import OPS

from ..attributes import differ, outputs
from ..kept_cases import chosen
from .asked import Asked, Asks, held
from .memory import judged_anew, parted

TRIED = {"stride": (1, 2, 3), "padding": (0, 1, 2), "dilation": (1, 2)}
"""Attributes that change what an index map is, and not always the size of what comes out."""

KERNEL = "kernel_size"
KERNELS = (2, 3, (2, 3), (3, 2))
"""Sizes of a window that is no array's, tried alone: windows that need not fit make as many."""

MOST, FEW, LARGER = 10, 3, (1, 2, 3)
"""How many small cases are looked at for such another one, and how many with images that are larger
by so much."""


def same_sizes(asked: Asked) -> Asks:
    """Forward and backward of a case after a forward of one with the same sizes; each judged, or,
    of a layer with another convention, held against the same calls alone."""
    if not asked.unfailing or "stride" not in asked.layer.accepted:
        return
    for first, second in pairs(asked, asked.case.dtype):
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
        yield from judged_anew(asked, made, known)


def as_alone(
    asked: Asked, performed: Performed, case: Case, parts: Sequence[Part], when: str
) -> Asks:
    """The arrays of a case, held against those of a call that nothing came before."""
    alone: Performed = yield asked.script([(part, 0, 0) for part in parts], case.question)
    for number, part in enumerate(parts):
        if number < len(alone.steps) and not alone.failures:
            yield from held(performed, number + 1, when, alone.steps[number], part)


def pairs(asked: Asked, dtype: str) -> Iterator[tuple[Case, Case]]:
    """Small cases that a layer is asked, each with another one of the same sizes; one for each
    set of attributes in which they differ."""
    seen: set[frozenset[str]] = set()
    small = sorted(
        (c for c in quick(asked.layer.op) if c.fill == "normal"), key=lambda c: c.elements
    )
    grown = (with_larger_image(c, by) for c in small[:FEW] for by in LARGER)
    for case in (case for case in (*small[:MOST], *grown) if case and fits(asked, case)):
        for other in chosen(others, asked.layer, [replace(case, dtype=dtype)]):
            changed = changes(case, other)
            if changed not in seen and fits(asked, other):
                seen.add(changed)
                yield replace(case, dtype=dtype), other


def with_larger_image(case: Case, by: int) -> Case | None:
    """The case with stride 2 and an image so much larger, of which some windows do not fit evenly;
    None where there is no such case, or none whose image alone can be another."""
    symbols, shape = OPS[case.op].inputs["x"].symbols, case.shapes["x"]
    at = [number for number, symbol in enumerate(symbols) if symbol in ("H", "W")]
    grown = {**case.shapes, "x": tuple(n + by * (i in at) for i, n in enumerate(shape))}
    attributes = {**case.attributes, "stride": 2}
    whole = at and at[-1] < len(shape)
    return replace(case, shapes=grown, attributes=attributes) if whole else None


def changes(case: Case, other: Case) -> frozenset[str]:
    """The attributes in which two cases differ."""
    one, two = case.all_attributes, other.all_attributes
    return frozenset(name for name in (*TRIED, KERNEL) if one.get(name) != two.get(name))


def fits(asked: Asked, case: Case) -> bool:
    """Whether a layer is asked a case, or answers it rightly though it goes beyond the contract:
    where windows need not fit, one attribute alone makes no other size."""
    return not asked.layer.refuses(case) and asked.keeps_to(case)


def others(layer: Layer, cases: Sequence[Case]) -> Iterator[Case]:
    """The arrays of one case with other attributes, and an output of the same size but other
    numbers."""
    (case,) = cases
    names = [name for name in TRIED if name in layer.accepted]
    levels = product(*(TRIED[name] for name in names))
    tried: list[dict[str, Any]] = [dict(zip(names, one, strict=True)) for one in levels]
    tried += [{KERNEL: size} for size in KERNELS if KERNEL in layer.accepted]
    for values in tried:
        other = replace(case, attributes={**case.attributes, **values})
        try:
            alike = other.out_shape == case.out_shape and 0 not in case.out_shape
            apart = alike and differ(
                outputs(case, case.attributes), outputs(other, other.attributes)
            )
        except (ValueError, TypeError):
            continue
        if apart:
            yield other
