"""The exact result and the bounds of a question as bytes, and back."""

from __future__ import annotations

import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from layercheck.judging.bounds import Bound
from layercheck.processes.wire import WireError, pack, unpack
from oracles.exact import Truth
from oracles.oracle import Array

SUM = 4
"""Bytes of the checksum that stands before the rest."""


@dataclass(frozen=True)
class Found:
    """bounds: of each array · truth: the exact result · drawn: the values of the question, where it
    is a case's."""

    bounds: Mapping[str, Bound]
    truth: Truth
    drawn: Mapping[str, Array] = field(default_factory=dict)


def coded(found: Found) -> bytes:
    """As bytes, with a checksum; of the exact result what `storable` leaves of it."""
    arrays = {f"drawn {name}": value for name, value in found.drawn.items()}
    units = {name: bound.unit for name, bound in found.bounds.items()}
    truth = [found.truth.unit_roundoff, found.truth.arithmetic]
    head: dict[str, Any] = {"units": units, "truth": truth}
    for name, bound in found.bounds.items():
        arrays[f"likely {name}"], arrays[f"worst {name}"] = bound.likely, bound.worst
    for name, value in found.truth.arrays.items():
        arrays |= {f"{part} {name}": kept for part, kept in halves(value)}
    return sealed(pack(head, arrays))


def sealed(body: bytes) -> bytes:
    """Bytes with their checksum."""
    return zlib.crc32(body).to_bytes(SUM, "big") + body


def unsealed(data: bytes) -> bytes:
    """The inverse; raises ValueError where the checksum is another one."""
    if sealed(data[SUM:]) != data:
        raise ValueError("another checksum")
    return data[SUM:]


def decoded(data: bytes) -> Found:
    """The inverse of `coded`; raises ValueError for anything else."""
    try:
        head, arrays = unpack(unsealed(data))
        bounds = {
            name: Bound(arrays[f"likely {name}"], arrays[f"worst {name}"], unit)
            for name, unit in head["units"].items()
        }
        exact = {name: whole(arrays, name) for name in named("high", arrays)}
        truth = Truth(exact, *head["truth"])
        drawn = {name: arrays[f"drawn {name}"] for name in named("drawn", arrays)}
    except (WireError, KeyError, TypeError, AttributeError):
        raise ValueError("not a result") from None
    return Found(bounds, truth, drawn)


def named(part: str, arrays: Mapping[str, Array]) -> list[str]:
    """Of what there is such a part."""
    return [name.partition(" ")[2] for name in arrays if name.startswith(f"{part} ")]


def halves(value: Array) -> Iterator[tuple[str, Array]]:
    """A number in extended precision as float64 and what is left, which `storable` made few bits
    of; others as they are."""
    if value.dtype != np.longdouble:
        yield "high", value
        return
    high = value.astype(np.float64)
    with np.errstate(invalid="ignore"):
        low = np.where(np.isfinite(value), value - high, 0).astype(np.float32)
    yield "high", high
    if low.any():
        yield "low", low


def whole(arrays: Mapping[str, Array], name: str) -> Array:
    """The inverse of `halves`."""
    high = arrays[f"high {name}"]
    if high.dtype != np.float64:
        return high
    low = arrays.get(f"low {name}")
    value = high.astype(np.longdouble)
    return value if low is None else np.asarray(value + low.astype(np.longdouble))
