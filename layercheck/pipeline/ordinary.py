"""Ordinary sizes of what an object leaves open: one sample, several, square images and others.

An object's own sizes are none of the grid's: what it is asked is drawn for it. The op's usual cases
say which sizes people have; with the object's own channels, kernel and attributes in the place of
theirs they are cases of the object.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Any

from layercheck.cases.case import Case
from layercheck.cases.combined import is_valid, make_case
from layercheck.cases.row import row_of
from layercheck.cases.space import Row
from layercheck.cases.standard import usual
from layercheck.implementations.layer import Layer
from ref_layers import OPS, Op
from ref_layers.op import is_size

MOST = 16
"""So many cases are added at most."""

BOUNDS = (1, 2, 4, 11, 32)
"""Sizes up to one of these are alike; beyond the last one, too."""

LARGER = (7, 37)
"""Sizes that are tried of each free axis where no usual case fits."""

MORE = (0, 1, 2, 4, 8, 16, 32)
"""How much larger an image is made where a kernel does not fit it."""


def ordinary(layer: Layer, cases: Sequence[Case]) -> list[Case]:
    """Cases of ordinary sizes that none of a layer's own has."""
    free = Free.of(layer)
    seen = {kind for case in cases for kind in free.kinds(case)}
    pool = {str(case): case for case in free.pool() if not layer.refuses(case)}
    found: list[Case] = []
    while pool and len(found) < MOST:
        new = {text: len(set(free.kinds(case)) - seen) for text, case in pool.items()}
        best = max(new, key=new.__getitem__)
        if not new[best]:
            break
        found.append(pool.pop(best))
        seen.update(free.kinds(found[-1]))
    return found


@dataclass(frozen=True)
class Free:
    """What a layer leaves open: names are the symbols of x of any size, the first one first."""

    layer: Layer
    op: Op
    names: tuple[str, ...]

    @classmethod
    def of(cls, layer: Layer) -> Free:
        """Of a layer."""
        op = OPS[layer.op]
        settled = {*layer.takes.sizes, *op.attributes}
        own = dict.fromkeys(s for symbol in op.inputs["x"].symbols for s in symbol.split("*"))
        return cls(layer, op, tuple(name for name in own if name not in settled))

    @property
    def has_modes(self) -> bool:
        """Whether a case says if it is one of training."""
        return "training" in self.op.attributes and "training" not in self.layer.takes.fixed

    def kinds(self, case: Case) -> Iterator[Hashable]:
        """What is ordinary about a case's sizes: how large each is, which of two is larger."""
        mode = case.all_attributes.get("training") if self.has_modes else None
        row = row_of(case)
        sizes = {n: row[n] for n in self.names if is_size(row.get(n))}
        yield mode, len(sizes)
        for name, size in sizes.items():
            yield mode, name, class_of(size)
            yield name, size % 2
        first, *rest = sizes.items() if sizes else [("", 0)]
        for (one, a), (other, b) in combinations(rest, 2):
            larger = (a > b) - (a < b)
            yield mode, one, other, larger, first[1] == 1
            yield one, other, larger, class_of(min(a, b))

    def pool(self) -> Iterator[Case]:
        """The usual cases with the layer's own sizes and attributes, and further sizes of them."""
        made = [case for case in map(self.own, usual(self.op.name)) if case is not None]
        yield from made
        if self.has_modes:
            yield from (case for case in map(self.outside, made) if case is not None)
        for case in made[:2]:
            yield from self.resized(case)

    def own(self, case: Case) -> Case | None:
        """A usual case as one of the layer; None where it cannot be."""
        takes = self.layer.takes
        row: Row = {**row_of(case), **takes.fixed, **takes.sizes}
        row |= dict.fromkeys(takes.required, True) | dict.fromkeys(takes.absent, False)
        row["fill"] = "normal" if row["fill"] == "wide" else row["fill"]
        return self.fitting(row, case.seed)

    def fitting(self, row: Row, seed: int) -> Case | None:
        """The case of a combination, with a larger image where a kernel does not fit it."""
        for more in MORE:
            grown = {n: row[n] + more for n in self.names[1:] if is_size(row.get(n))}
            if is_valid(self.op, {**row, **grown}, by_levels=False):
                return make_case(self.op, {**row, **grown}, seed)
            if not grown:
                break
        return None

    def outside(self, case: Case) -> Case | None:
        """The case outside of training."""
        return self.changed(case, {"training": False})

    def resized(self, case: Case) -> Iterator[Case]:
        """A case with other sizes of its free axes; one sample where no batch is needed."""
        changes: list[Row] = [{name: size} for name in self.names for size in LARGER]
        changes.append(dict.fromkeys(self.names[1:], 16))
        changes += [{self.names[0]: 1}] if self.names else []
        for change in changes:
            for mode in ({"training": True}, {"training": False}) if self.has_modes else ({},):
                if 1 in change.values() and mode.get("training"):
                    continue
                made = self.changed(case, {**change, **mode})
                if made is not None:
                    yield made

    def changed(self, case: Case, change: Row) -> Case | None:
        """A case with some values in the place of its own."""
        row: dict[str, Any] = row_of(case)
        known = {n: value for n, value in change.items() if row.get(n) is not None}
        return self.fitting({**row, **known}, case.seed) if known else None


def class_of(size: int) -> int:
    """Which sizes are alike."""
    return sum(size > bound for bound in BOUNDS)
