"""What a probe found, as records that every output shows."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import numpy as np

from layercheck.implementations.functions import same
from layercheck.judging.facts import EXACT, Facts
from layercheck.reporting.records import Comparison
from layercheck.reporting.verdict import Verdict

from .asked import Alone, Asked, Broke, Found, Held
from .rounded import is_rounded_anew
from .table import Probe


def comparisons(probe: Probe, one: Found, known: Facts, asked: Asked) -> Iterator[Comparison]:
    """What fails, as a record that every output shows."""
    pairing = known.pairing(asked.layer.implementation.name, EXACT)
    if isinstance(one, Alone):
        return
    if isinstance(one, Comparison):
        reason = f"{probe.title}: {one.reason or f'{one.array} is wrong'}"
        yield replace(one, verdict=Verdict.ERROR, reason=reason, probe=probe.name)
    elif isinstance(one, Broke):
        reason = f"{probe.title}: {one.when}: {one.failure}"
        yield replace(pairing.note(one.part, "", Verdict.ERROR, reason), probe=probe.name)
    elif not same(one.got, one.expected) and not is_rounded_anew(one, known, asked):
        reason = f"{probe.title}: {one.when}: {difference(one)}"
        made = pairing.note(one.part, one.array, Verdict.ERROR, reason)
        yield replace(made, probe=probe.name, **element(one))


def difference(one: Held) -> str:
    """In what an array differs."""
    if not isinstance(one.got, np.ndarray):
        return f"{one.array} is missing, or not always of one shape and dtype"
    if one.got.shape != one.expected.shape:
        return f"{one.array}: got shape {one.got.shape}, expected {one.expected.shape}"
    return f"{one.array} is not {one.than}"


def element(one: Held) -> dict[str, Any]:
    """The element that differs most."""
    got = one.got
    if not isinstance(got, np.ndarray) or got.shape != one.expected.shape or not got.size:
        return {}
    with np.errstate(all="ignore"):
        off = np.abs(got.astype(np.longdouble) - one.expected.astype(np.longdouble))
    place = np.unravel_index(int(np.argmax(np.where(np.isnan(off), np.inf, off))), got.shape)
    index = tuple(int(i) for i in place)
    return {"got": float(got[place]), "expected": float(one.expected[place]), "worst_index": index}
