"""The probes by their names, which `layercheck replay --probe` takes."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial

from layercheck.submissions.profiles.memory import FORMS

from .asked import Asked, Found
from .calls import interleaved, twice
from .memory import views
from .objects import modes, second_forward
from .repeats import repeated


@dataclass(frozen=True)
class Probe:
    """title: what stands before its findings · ask: puts its questions · cases: at how many cases
    of a layer · in_training: whether it needs a case in training."""

    name: str
    title: str
    ask: Callable[[Asked], Iterator[Found]]
    cases: int = 1
    in_training: bool = False


ALL = [
    Probe("interleaved", "calls interleaved", interleaved, 2),
    Probe("twice", "backward twice on one cache", twice, 2),
    *(Probe(form, title, partial(views, form=form)) for form, title in FORMS.items()),
    Probe("second-forward", "second forward of one object", second_forward),
    Probe("modes", "in and out of training", modes, in_training=True),
    Probe("repeated", "repeated", repeated),
]

PROBES = {probe.name: probe for probe in ALL}
