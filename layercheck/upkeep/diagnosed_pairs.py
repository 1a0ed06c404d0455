"""Pairs of mistakes, and how many are both named: `python -m layercheck.upkeep.diagnosed_pairs`.

The pairs are drawn, always the same ones, among mistakes of one function that both take effect.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from itertools import islice

import numpy as np

from layercheck.cases.grids import GRIDS
from layercheck.diagnosis.apart import differ
from layercheck.diagnosis.candidates import Candidate
from layercheck.diagnosis.compose import is_backward, nested
from layercheck.mistakes import mistakes

from .diagnosed import diagnoses, in_style, layer_in
from .forms import COURSE

COUNT = 30
TRIED = 12
"""At how many cases two mistakes have to give something else than either alone."""


def drawn_pairs(seed: int = 1) -> Iterator[Candidate]:
    """Two mistakes in one function, again and again of another op."""
    rs = np.random.RandomState(seed)
    found = {op: list(mistakes([op])) for op in COURSE}
    seen: set[frozenset[str]] = set()
    while True:
        op = list(COURSE)[rs.randint(len(COURSE))]
        outer, inner = (found[op][i] for i in rs.choice(len(found[op]), 2, replace=False))
        key = frozenset((op, outer.name, inner.name))
        if is_backward(outer) is is_backward(inner) and key not in seen:
            seen.add(key)
            pair = nested(outer, inner)
            if both_show(pair):
                yield pair


def both_show(pair: Candidate) -> bool:
    """Whether the pair gives other numbers than either alone, in the course's questions."""
    op = pair.mistakes[0].op
    layer = layer_in("course", op)
    cases = [case for case in GRIDS["quick"]([op]) if not layer.refuses(case)][:TRIED]
    alone = (Candidate((one,), one.forward, one.backward) for one in pair.mistakes)
    return all(any(differ(pair, one, case) for case in cases) for one in alone)


def came_to(pair: Candidate) -> str:
    """What is told of it: `named`, `wrong name`, `described` or `silent`."""
    op, own = pair.mistakes[0].op, {one.name for one in pair.mistakes}
    found = diagnoses(in_style(pair.forward, pair.backward, "vectorised"), "course", op)
    if found is None:
        return "passes"
    groups = [[set(n.split(" + ")) for n in one.names] for one in found if one.kind == "mistake"]
    if any(own in group for group in groups):
        return "named"
    if any(not any(names <= own for names in group) for group in groups):
        return "wrong name"
    return "one named" if groups else "described" if found else "silent"


def main() -> None:
    """Print what each pair came to, and how many."""
    counted: Counter[str] = Counter()
    for pair in islice(drawn_pairs(), COUNT):
        told = came_to(pair)
        counted[told] += 1
        print(f"{pair.mistakes[0].op} {pair.name}: {told}", flush=True)
    for told, count in counted.most_common():
        print(f"{told} {count}")


if __name__ == "__main__":
    main()
