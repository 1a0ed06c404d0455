"""Whoever serves a process ends with it, however that ended."""

from __future__ import annotations

import os
import sys
import threading
import time

TICK = 0.25
"""Seconds between two looks at who the parent is."""


def end_with(parent: int) -> None:
    """From now on this process ends soon after its parent, in the middle of its work too.

    parent: its number, told by itself: it may be gone by now. Its death shows in another parent's
    number. A death signal of the kernel's would come with the end of the thread that started this
    process, which is earlier.
    """
    if sys.platform == "win32":  # there a process keeps the number; the closed pipe has to do
        return
    threading.Thread(target=_watch, args=(parent,), daemon=True).start()


def _watch(parent: int) -> None:
    while os.getppid() == parent:
        time.sleep(TICK)
    os._exit(1)
