"""Which inputs a submission's functions overwrote."""

from __future__ import annotations

from collections.abc import Collection, Mapping

import numpy as np

from layercheck.reporting.records import Part
from oracles.oracle import Array, Question

from .functions import same
from .protocol import PARTS


def changed_by(
    question: Question, arrays: Mapping[str, Array], seen: Collection[str]
) -> dict[Part, tuple[str, ...]]:
    """The inputs that each function overwrote, by the bytes that came back after it.

    seen: those that are changed in the end; what nobody told of is laid to the forward.
    """
    before: dict[str, Array] = {**question.inputs, "dout": question.dout}
    found: dict[Part, tuple[str, ...]] = {}
    for part in PARTS:
        after = {n: arrays[f"{part} {n}"] for n in before if f"{part} {n}" in arrays}
        names = tuple(n for n, value in after.items() if not same(value, np.asarray(before[n])))
        before.update(after)
        if names:
            found[part] = names
    told = {name for names in found.values() for name in names}
    for name in seen:
        if name not in told:
            part = "backward" if name == "dout" else "forward"
            found[part] = (*found.get(part, ()), name)
    return found
