"""Cases that follow from a signature and from other cases: found once, then kept."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

from layercheck.cases.case import Case
from layercheck.cases.parse import parse
from layercheck.implementations.layer import Layer
from layercheck.judging.kept.keeping import kept_lines

Choice = Callable[[Layer, Sequence[Case]], Iterable[Case]]


def chosen(choice: Choice, layer: Layer, cases: Sequence[Case]) -> list[Case]:
    """What a choice finds for a layer by its op, its signature and the cases it has; of a library's
    function, which is asked what it takes, found each time."""
    if layer.takes.tried is not None:
        return list(choice(layer, cases))
    lines = kept_lines(
        "\n".join([choice.__name__, layer.op, repr(layer.takes), *layer.habits, *map(str, cases)]),
        lambda: [str(case) for case in choice(layer, cases)],
    )
    return [parse(line) for line in lines]
