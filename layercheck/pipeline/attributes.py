"""Whether the cases of a layer try what its signatures accept."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from itertools import islice
from typing import Any

import numpy as np

from layercheck.cases.case import Case
from layercheck.cases.space import space_of
from layercheck.implementations.functions import same
from layercheck.implementations.layer import Layer
from layercheck.submissions.expressible import expressible
from layercheck.submissions.profiles.names import SPATIAL
from ref_layers import OPS
from ref_layers.op import REQUIRED

FEWEST = 3
"""At how many cases an attribute has to make a difference."""

PLENTY = 8
"""From so many cases with another value on nobody looks whether it makes a difference in three."""

TRIES = 400
"""How many combinations are tried for one attribute."""

ENDS = (0.0, 1.0)
"""Where a number that is a share or a rate ends."""

APART = ("mask_seed",)
"""Attributes of no layer's: a mask is drawn from its own numbers."""


def lacking(layer: Layer, cases: Sequence[Case]) -> Iterator[Case]:
    """Cases for the attributes that a layer's own ones try too little of; each once."""
    made: dict[str, Case] = {}
    small = sorted(cases, key=lambda case: case.elements)
    for name in layer.accepted:
        if name in APART or OPS[layer.op].attributes[name] is REQUIRED:
            continue
        made.update({str(case): case for case in at_ends(layer, name, small)})
        if sum(name in case.attributes for case in small) >= PLENTY:
            continue
        matters = partial(tells, name)
        found = len(list(islice(filter(matters, [*small, *made.values()]), FEWEST)))
        more = expressible(
            layer.op, layer.takes, FEWEST - found, matters, away=(name,), tries=TRIES
        )
        made.update({str(case): case for case in more})
    made.update({str(case): case for case in of_words(layer, [*small, *made.values()])})
    made.update({str(case): case for case in of_sides(layer, [*small, *made.values()])})
    yield from made.values()


def of_words(layer: Layer, cases: Sequence[Case]) -> Iterator[Case]:
    """Cases for the words that a library's function takes somewhere, and that no other case has:
    torch's padding "same", which is for stride 1."""
    for name in layer.accepted if layer.takes.tried else ():
        for word in space_of(layer.op).factors.get(name, ()):
            if isinstance(word, str) and all(c.all_attributes[name] != word for c in cases):
                only = {name: [word]}
                yield from expressible(layer.op, layer.takes, FEWEST, settled=only, tries=TRIES)


def of_sides(layer: Layer, cases: Sequence[Case]) -> Iterator[Case]:
    """Cases for pairs of unlike numbers, where too few tell which of them is the height's."""
    for name in (name for name in layer.accepted if name in SPATIAL):
        matters = partial(tells_sides, name)
        found = len(list(islice(filter(matters, cases), FEWEST)))
        yield from expressible(layer.op, layer.takes, FEWEST - found, matters, tries=TRIES)


def tells_sides(name: str, case: Case) -> bool:
    """Whether another result is right with a pair the other way round."""
    value = case.all_attributes[name]
    if not isinstance(value, tuple) or len(value) != 2 or value[0] == value[1]:
        return False
    turned = {**case.attributes, name: value[::-1]}
    return differ(outputs(case, case.attributes), outputs(case, turned))


def at_ends(layer: Layer, name: str, cases: Sequence[Case]) -> Iterator[Case]:
    """A case at 0 and at 1 of an attribute that is a share, where no other has it: `momentum or
    0.9` takes a given 0 for nothing given."""
    for end in ENDS:
        levels = space_of(layer.op).factors.get(name, ())
        there = (c for c in cases if is_number(c.all_attributes[name], end) and tells(name, c))
        if any(is_number(level, end) for level in levels) and next(there, None) is None:
            matters, only = partial(tells, name), {name: [end]}
            yield from expressible(layer.op, layer.takes, 1, matters, settled=only, tries=TRIES)


def is_number(value: Any, wanted: float) -> bool:
    """Whether an attribute has this value, as a float."""
    return type(value) is float and value == wanted


def tells(name: str, case: Case) -> bool:
    """Whether another result is right than with the attribute at its default."""
    if name not in case.attributes:
        return False
    others = {n: value for n, value in case.attributes.items() if n != name}
    return differ(outputs(case, case.attributes), outputs(case, others))


def differ(one: Mapping[str, Any], other: Mapping[str, Any]) -> bool:
    """Whether two results do."""
    return one.keys() != other.keys() or not all(same(one[n], other[n]) for n in one)


def outputs(case: Case, attributes: Mapping[str, Any]) -> Mapping[str, Any]:
    """What the reference gives with these attributes; nothing where it rejects them."""
    op = OPS[case.op]
    try:
        with np.errstate(all="ignore"):
            return op.name_outputs(op.forward(**case.inputs, **attributes)[0])
    except ValueError:
        return {}
