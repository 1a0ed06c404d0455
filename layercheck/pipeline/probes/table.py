"""The probes: what each asks, and at how many cases."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from layercheck.submissions.profiles.memory import FORMS

from .asked import Asked, Asks
from .attributes import other_attributes
from .calls import interleaved, one_dictionary, overwritten, pending, twice
from .first_step import first_step
from .layers import masks, statistics, unseeded
from .memory import views
from .names import PROBES
from .objects import modes, second_forward
from .remembered import remembered
from .repeats import repeated
from .same_bytes import same_bytes
from .same_sizes import same_sizes
from .some_zeros import some_zeros
from .ways import no_dx, no_gradient, other_mode
from .zeros import zeros


@dataclass(frozen=True)
class Probe:
    """ask: puts its questions · cases: at how many cases of a layer · in_training: whether these
    have to be in training · drawn: whether they are of a dropout in training alone · whole:
    whether such with every optional input come first · wide: whether such of float64 do · beyond:
    the probe whose findings at a case leave nothing to tell by this one."""

    name: str
    ask: Callable[[Asked], Asks]
    cases: int = 1
    in_training: bool = False
    drawn: bool = False
    whole: bool = False
    wide: bool = False
    beyond: str = ""

    @property
    def title(self) -> str:
        """What stands before its findings."""
        return PROBES[self.name]


ALL = [
    Probe("interleaved", interleaved, 2),
    Probe("dictionary", one_dictionary),
    Probe("twice", twice, 2),
    Probe("pending", pending, 2, beyond="interleaved"),
    Probe("overwritten", overwritten),
    *(Probe(form, partial(views, form=form)) for form in FORMS),
    Probe("remembered", remembered, whole=True, wide=True),
    Probe("attributes", other_attributes),
    Probe("same-sizes", same_sizes),
    Probe("same-bytes", same_bytes, 4, beyond="remembered"),
    Probe("second-forward", second_forward),
    Probe("modes", modes, in_training=True),
    Probe("masks", masks, drawn=True),
    Probe("unseeded", unseeded, drawn=True, beyond="masks"),
    Probe("statistics", statistics, in_training=True),
    Probe("first-step", first_step, in_training=True),
    Probe("other-mode", other_mode),
    Probe("no-gradient", no_gradient),
    Probe("no-dx", no_dx),
    Probe("zeros", zeros, whole=True),
    Probe("some-zeros", some_zeros, whole=True),
    Probe("repeated", repeated),
]
BY_NAME = {probe.name: probe for probe in ALL}
