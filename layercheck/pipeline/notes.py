"""What a check tells beside its verdict."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence

from layercheck.cases.grids import GRIDS
from layercheck.implementations.layer import Layer
from layercheck.reporting.records import Beyond, Comparison
from layercheck.reporting.words import many

from .unordinary import UNORDINARY


def beyond_text(beyond: Beyond) -> str:
    """What a function does beyond the contract, if it fails there."""
    if not beyond.failed:
        return ""
    counted = f"fails in {beyond.failed} of {beyond.cases} cases"
    return f"beyond {what_is_asked(beyond.where)}: {counted} where {beyond.where}"


def unfit_text(layer: Layer | None) -> str:
    """What refuses the most cases of the grid, where no case fits, and what to do."""
    if layer is None:
        return ""
    said = Counter(map(layer.refuses, GRIDS["quick"]([layer.op])))
    why, count = said.most_common(1)[0]
    told = f": {why} in {count} of {many(said.total(), 'case')}" if why else ""
    return f"{told}; say how it is called as {layer.op}: hints=, or @layercheck.implements"


def what_is_asked(where: str) -> str:
    """What a case goes beyond under a condition."""
    return "ordinary numbers" if where in UNORDINARY else "the assignment"


def most_unlimited(comparisons: Sequence[Comparison]) -> dict[str, int]:
    """How many elements of each array have no limit, whoever it is held against."""
    found = [(c.unlimited, c.array) for c in comparisons if c.unlimited]
    return {array: most for most, array in sorted(found)}


def unlimited_text(array: str, count: int) -> str:
    """That some elements could be held against nothing."""
    return f"{array}: {count} elements may be anything by rounding; they only had to be finite"


def also_text(shown: str, wrong: Mapping[str, int], held_against: Mapping[str, bool]) -> list[str]:
    """What is told of the other arrays that fail: `dw is wrong in 3 cases`."""
    words = {True: "is wrong", False: "fails"}
    return [
        f"{name} {words[held_against[name]]} in {many(count, 'case')}"
        for name, count in wrong.items()
        if name != shown
    ]
