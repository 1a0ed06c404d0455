"""All processes of a child together take no more memory than they may (Linux)."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

TICK = 0.1
"""Seconds between two looks."""


class Watch:
    """Looks at a child until it is stopped, and ends it once.

    most: bytes of resident memory, of it and of all that it started · end: what ends it.
    """

    def __init__(self, process: int, most: int, end: Callable[[], None]) -> None:
        self.process, self.most, self.end = process, most, end
        self.exceeded = False
        self._done = threading.Event()
        threading.Thread(target=self._look, daemon=True).start()

    def stop(self) -> None:
        """It is gone."""
        self._done.set()

    def _look(self) -> None:
        while not self._done.wait(TICK):
            if taken_by(self.process, self.most) > self.most:
                self.exceeded = True
                self.end()
                return


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
