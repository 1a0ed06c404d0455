"""What of a function's code no case ran, as its check tells it."""

from __future__ import annotations

from collections.abc import Iterable

from layercheck.implementations.layer import Layer
from layercheck.reporting.records import NeverRun
from layercheck.submissions.coverage.place import Code, Place

from .hunting import Ran


def never_run(name: str, layers: Iterable[Layer], asked: Iterable[str], ran: Ran) -> list[NeverRun]:
    """The places of a function, and of the helpers that it calls, in the order of the file.

    asked: every function that is; a helper that others share is not held against one of them.
    """
    found: dict[NeverRun, None] = {}
    for layer in layers:
        code, own = layer.code, layer.code.reach([name])
        shared = used_by_others(code, set(asked)) - set(asked)
        for number in code.lacking(own, ran.of(layer)):
            place = code.places[number]
            found[told(code, place, place.counts and place.owner not in shared)] = None
    return sorted(found, key=lambda one: (one.file, one.first, one.last))


def told(code: Code, place: Place, counts: bool) -> NeverRun:
    """The record of a place."""
    return NeverRun(code.file, place.first, place.last, place.what, counts)


def used_by_others(code: Code, asked: set[str]) -> set[str]:
    """What a function that is not asked calls, which no helper of those that are calls itself."""
    helpers = code.reach(asked)
    return code.reach(code.uses.keys() - helpers)
