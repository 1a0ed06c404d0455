"""How much time and memory the judgement of one file may take, whatever stands in the file."""

from __future__ import annotations

import _thread
import os
import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

FILE_SECONDS = 900.0
"""Several times what its sandbox is given."""

MEMORY = 4 << 30
"""Address space that a judgement may take, in bytes, beyond what its process has mapped before."""

GRACE = 5.0
"""Seconds after the end of its time in which what is done is written."""

TOO_LATE = 124
"""The exit status where it was not: as timeout(1) has it."""

ALARM = getattr(signal, "SIGALRM", None)
"""What wakes a process that waits; Windows has none."""


class TimeIsUp(KeyboardInterrupt):
    """The judgement of a file ends here; what is done is told."""


class Clock:
    """is_up: whether so many seconds have passed; told: what to say then."""

    def __init__(self, seconds: float) -> None:
        self.is_up = False
        self.told = f"judging it took longer than {seconds:g} s"

    def ring(self) -> None:
        """Raise TimeIsUp, or KeyboardInterrupt, in the main thread."""
        self.is_up = True
        if ALARM is None:
            _thread.interrupt_main()
        else:
            os.kill(os.getpid(), ALARM)

    def stop(self, *_: Any) -> None:
        """The signal's handler."""
        raise TimeIsUp(self.told)

    def end(self) -> None:
        """End this process where ringing was in vain."""
        with suppress(OSError):
            os.write(2, f"layercheck: {self.told}, and did not end\n".encode())
        os._exit(TOO_LATE)


@contextmanager
def within(seconds: float) -> Iterator[Clock]:
    """A clock that ends what the main thread does after so many seconds."""
    clock = Clock(seconds)
    if threading.current_thread() is not threading.main_thread():
        yield clock
        return
    before = None if ALARM is None else signal.signal(ALARM, clock.stop)
    timers = [threading.Timer(seconds, clock.ring), threading.Timer(seconds + GRACE, clock.end)]
    try:
        for timer in timers:
            timer.daemon = True
            timer.start()
        yield clock
    finally:
        for timer in timers:
            timer.cancel()
        if ALARM is not None:
            signal.signal(ALARM, before)


def limit_memory() -> Callable[[], None]:
    """Where the system can: what sends this process astray ends it, and not the machine. What it
    returns puts the limit back that there was.

    A process that has frameworks loaded may have mapped more than MEMORY by then: it could start
    no thread any more under a limit on the whole.
    """
    try:
        import resource
    except ImportError:  # Windows
        return lambda: None
    before = resource.getrlimit(resource.RLIMIT_AS)
    wanted = (mapped() + MEMORY, *before)
    least = min(most for most in wanted if most != resource.RLIM_INFINITY)
    with suppress(ValueError, OSError):  # macOS has the name, and refuses it
        resource.setrlimit(resource.RLIMIT_AS, (least, before[1]))
    return lambda: resource.setrlimit(resource.RLIMIT_AS, before)


def mapped() -> int:
    """Bytes of address space that this process has, as far as the system tells."""
    with suppress(OSError, ValueError, IndexError):
        return int(Path("/proc/self/statm").read_text().split()[0]) * os.sysconf("SC_PAGE_SIZE")
    return 0
