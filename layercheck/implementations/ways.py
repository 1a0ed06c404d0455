"""How a framework's function or object is asked beside the usual way: see probes/ways.py."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass


@dataclass(frozen=True)
class Way:
    """memory: how tensors lie in memory, as arguments do · other_mode: an object is asked in
    training where it is usually not, or the other way round · unwanted: the gradients that nobody
    asks for: `x`, or all of them where it is `all`."""

    memory: str = ""
    other_mode: bool = False
    unwanted: str = ""

    def wanted(self, names: Sequence[str]) -> list[str]:
        """Those of some inputs whose gradient is asked for."""
        return [name for name in names if self.unwanted not in (name, "all")]


USUAL = Way()
NOW: ContextVar[Way] = ContextVar("way", default=USUAL)
"""The way in which is asked at this moment."""


@contextmanager
def asked(way: Way) -> Iterator[None]:
    """Ask in a way."""
    before = NOW.set(way)
    try:
        yield
    finally:
        NOW.reset(before)
