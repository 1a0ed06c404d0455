"""Whether the cases of a layer try what its signature accepts two and three at a time.

A mistake may need several conditions: dilation with groups, a stride without a bias, a padding
above 2 with both. What matters is what leaves the usual use: an attribute away from its default, an
input left away, one sample, one group or as many groups as channels, either dtype; of three things
at a time all that a signature has a place for.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from itertools import combinations
from typing import Any

from layercheck.cases.case import DTYPES, Case
from layercheck.cases.quick import quick
from layercheck.cases.text import is_default
from layercheck.implementations.layer import Layer
from layercheck.submissions.expressible import expressible
from ref_layers import OPS
from ref_layers.op import REQUIRED

from .attributes import APART, outputs, tells

TRIES = 20
"""How many combinations are tried to bring two uses together."""

ENOUGH = 5
"""In so many cases three uses that come together are tried at sizes enough."""

DTYPE, ABSENT = "dtype ", "no "
EDGES = ("one sample", "one group", "a group a channel")
Uses = tuple[str, ...]


def unpaired(layer: Layer, cases: Sequence[Case]) -> Iterator[Case]:
    """Cases for the pairs of uses that the quick grid has, but in no case of a layer's own."""
    uses = uses_of(layer)
    seen = {pair for case in cases for pair in together_in(case, uses, 2)}
    wanted = {pair: None for case in quick(layer.op) for pair in together_in(case, uses, 2)}
    yield from brought_together(layer, wanted, seen, lambda case: together_in(case, uses, 2))
    yield from untripled(layer, cases)


def untripled(layer: Layer, cases: Sequence[Case]) -> Iterator[Case]:
    """Cases for three attributes at a time that are away from their defaults, with a padding of
    more than the grids' where there is a place for it."""
    attributes = [use for use in uses_of(layer) if use in OPS[layer.op].attributes]
    counted = Counter(three for case in cases for three in together_in(case, attributes, 3))
    seen = {three for three, times in counted.items() if times >= ENOUGH}
    wanted = combinations(attributes, 3)
    found = brought_together(layer, wanted, seen, lambda case: together_in(case, attributes, 3))
    yield from (wider(layer, case) for case in found)


def brought_together(
    layer: Layer, wanted: Iterable[Uses], seen: set[Uses], has_now: Callable[[Case], Iterator[Uses]]
) -> Iterator[Case]:
    """Cases for the wanted uses that no case has yet. seen: those that one has · has_now: those
    that a case has."""
    for number, together in enumerate(wanted):
        for case in drawn(layer, together, number) if together not in seen else ():
            seen.update(has_now(case))
            yield case


def wider(layer: Layer, case: Case) -> Case:
    """The case with its padding two wider; as it is where that is no number, or is refused."""
    padding = case.attributes.get("padding")
    if type(padding) is not int:
        return case
    other = replace(case, attributes={**case.attributes, "padding": padding + 2})
    return case if layer.refuses(other) or not outputs(other, other.attributes) else other


def uses_of(layer: Layer) -> list[str]:
    """The uses that a signature can express."""
    op, takes = OPS[layer.op], layer.takes
    attributes = [n for n in layer.accepted if n not in APART and op.attributes[n] is not REQUIRED]
    left = [n for n in op.optional if n not in (*takes.absent, *takes.required)]
    return [
        *attributes,
        *(f"{ABSENT}{name}" for name in left),
        *EDGES,
        *(f"{DTYPE}{dtype}" for dtype in DTYPES[:2]),
    ]


def together_in(case: Case, uses: Sequence[str], count: int) -> Iterator[Uses]:
    """The uses that a case has, so many at a time."""
    return combinations([use for use in uses if has(case, use)], count)


def has(case: Case, use: str) -> bool:
    """Whether a case is of this use."""
    if use.startswith(DTYPE):
        return case.dtype == use.removeprefix(DTYPE)
    if use.startswith(ABSENT):
        return use.removeprefix(ABSENT) not in case.shapes
    if use in EDGES:
        return is_edge(case, use)
    return not is_default(case.all_attributes[use], OPS[case.op].attributes[use])


def is_edge(case: Case, use: str) -> bool:
    """Whether a case is of a size or a number of groups that is a special one."""
    x, groups = case.shapes["x"], groups_of(case)
    if use == "one sample":
        return x[:1] == (1,)
    channels = x[1] if len(x) > 1 else 0
    return groups == (1 if use == "one group" else channels) and channels > 1


def groups_of(case: Case) -> Any:
    """How many groups it has, if its op knows any."""
    return next((v for n, v in case.all_attributes.items() if n in ("groups", "num_groups")), None)


def drawn(layer: Layer, together: Uses, seed: int) -> list[Case]:
    """A case that has these uses, in which each attribute of them makes a difference."""
    attributes = [use for use in together if use in OPS[layer.op].attributes]
    settled: dict[str, Sequence[Any]] = {}
    for use in together:
        if use.startswith(DTYPE):
            settled["dtype"] = [use.removeprefix(DTYPE)]
        elif use.startswith(ABSENT):
            settled[use.removeprefix(ABSENT)] = [False]

    def every(case: Case) -> bool:
        told = all(tells(name, case) for name in attributes)
        return told and all(has(case, use) for use in together)

    return expressible(
        layer.op,
        layer.takes,
        1,
        every,
        seed=seed,
        away=attributes,
        settled=settled,
        tries=TRIES,
    )
