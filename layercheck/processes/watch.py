"""What a child may not exceed, looked at while it runs (Linux)."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from pathlib import Path

from .death import ChildDied

TICK = 0.1
"""Seconds between two looks."""


Look = Callable[[int], ChildDied | None]
"""At a process: why it has to end, if it has to."""


class Watch:
    """Looks at a child until it is stopped, and ends it once.

    process: its number · looks: what is looked at · end: what ends it · found: why it was ended.
    """

    def __init__(self, process: int, looks: Sequence[Look], end: Callable[[], None]) -> None:
        self.process, self.looks, self.end = process, tuple(looks), end
        self.found: ChildDied | None = None
        self._done = threading.Event()
        threading.Thread(target=self._watch, daemon=True).start()

    def stop(self) -> None:
        """It is gone."""
        self._done.set()

    def _watch(self) -> None:
        while not self._done.wait(TICK):
            for look in self.looks:
                self.found = look(self.process)
                if self.found is not None:
                    self.end()
                    return


def memory_of_all(most: int) -> Look:
    """A look at the resident memory of a process and of all that it started. most: bytes."""

    def look(process: int) -> ChildDied | None:
        if taken_by(process, most) <= most:
            return None
        return ChildDied("out of memory", f"its processes took more than {most >> 20} MB together")

    return look


def taken_by(root: int, enough: int) -> int:
    """Resident bytes of a process and of all below it; what they share is counted once where that
    decides whether it is enough."""
    found = [root, *below(root)]
    total = sum(map(resident, found))
    return total if total <= enough else sum(map(proportional, found))


def below(root: int) -> Iterator[int]:
    """The processes below one, as far as the system lists them."""
    with suppress(OSError, ValueError):
        for thread in os.listdir(f"/proc/{root}/task"):
            for child in Path(f"/proc/{root}/task/{thread}/children").read_text().split():
                yield int(child)
                yield from below(int(child))


def resident(process: int) -> int:
    """Its pages, those too that others have; 0 of one that is gone."""
    with suppress(OSError, ValueError, IndexError):
        pages = int(Path(f"/proc/{process}/statm").read_text().split()[1])
        return pages * os.sysconf("SC_PAGE_SIZE")
    return 0


def proportional(process: int) -> int:
    """Its pages, those that it shares by its share in them; all where nobody may look."""
    with suppress(OSError, ValueError, IndexError):
        for line in Path(f"/proc/{process}/smaps_rollup").read_text().splitlines():
            if line.startswith("Pss:"):
                return int(line.split()[1]) * 1024
    return resident(process)
