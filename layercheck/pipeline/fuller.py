"""Cases with every array that an op may have, where a piece of code ran without some of them only:
what it does to running statistics shows where there are any."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace

from layercheck.cases.case import Case
from layercheck.implementations.layer import Layer
from layercheck.implementations.protocol import Answer, Reply
from ref_layers import OPS

MOST = 8
"""How many such cases a layer is asked at most."""


def fuller(layer: Layer, told: Iterable[tuple[Case, Reply]]) -> list[Case]:
    """For what ran in none of the cases that have all arrays: the first in which it ran, with all
    of them. Only where further arrays mean further outputs."""
    if len(OPS[layer.op].outputs) < 2:
        return []
    ran = [(case, reply.ran) for case, reply in told if isinstance(reply, Answer)]
    whole = 0
    for case, places in ran:
        whole |= 0 if lacks(layer, case) else places
    return list(dict.fromkeys(first_of_each(layer, ran, whole)))[:MOST]


def first_of_each(layer: Layer, ran: Iterable[tuple[Case, int]], seen: int) -> Iterator[Case]:
    """The first case that ran each place that was not seen, with all arrays."""
    for case, places in ran:
        new = places & ~seen
        made = completed(layer, case) if new else None
        if made is not None:
            seen |= new
            yield made


def lacks(layer: Layer, case: Case) -> list[str]:
    """The arrays that a case has not, though the layer takes them."""
    op = OPS[layer.op]
    return [n for n in op.optional if n not in case.shapes and n not in layer.takes.absent]


def completed(layer: Layer, case: Case) -> Case | None:
    """The case with all arrays; None where there is none that the layer is asked."""
    inputs, sizes = OPS[case.op].inputs, case.sizes
    try:
        more = {n: tuple(sizes[s] for s in inputs[n].symbols) for n in lacks(layer, case)}
    except KeyError:
        return None
    shapes = {n: {**case.shapes, **more}[n] for n in inputs if n in case.shapes or n in more}
    made = replace(case, shapes=shapes)
    try:
        fits = bool(more) and not layer.refuses(made) and 0 not in made.out_shape
    except (ValueError, TypeError):
        return None
    return made if fits and not layer.goes_beyond(made) else None
