"""A parent between ours and the submission, which ends whatever the submission leaves running.

Where no process namespace does it: orphans come back to the nearest subreaper (Linux). It runs no
foreign code, ends everything when the submission's process ends, when it is told to (SIGTERM), or
when the other side of the pipe is gone.
"""

from __future__ import annotations

import ctypes
import os
import select
import signal
import sys
import time
from contextlib import suppress
from pathlib import Path

PR_SET_PDEATHSIG, PR_SET_CHILD_SUBREAPER = 1, 36
TICK_MS = 20


def keep(pipe: int) -> bool:
    """Fork: the child returns True and goes on, the keeper stays here until the child has ended."""
    if sys.platform != "linux":
        return False
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0) != 0:
        return False
    child = os.fork()
    if child == 0:
        libc.prctl(PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
        return True
    for fd in (1, 2):
        os.close(fd)
    code = watch(child, pipe)
    end_all()
    os._exit(code)


def watch(child: int, pipe: int) -> int:
    """Wait for the child, for SIGTERM or for the parent's death; the exit code to pass on."""
    told: list[int] = []
    signal.signal(signal.SIGTERM, lambda number, _: told.append(number))
    poll = select.poll()
    poll.register(pipe, 0)  # hang-up only: the messages are the child's to read
    while not told and not poll.poll(TICK_MS):
        ended = reap()
        if child in ended:
            status = ended[child]
            return -status + 128 if status < 0 else status
    return 128 + signal.SIGTERM


def reap() -> dict[int, int]:
    """The children that have ended, orphans included, with how they did."""
    ended = {}
    with suppress(ChildProcessError):
        while True:
            pid, status = os.waitpid(-1, os.WNOHANG)
            if pid == 0:
                break
            ended[pid] = os.waitstatus_to_exitcode(status)
    return ended


def end_all(seconds: float = 2.0) -> None:
    """Kill every descendant until none is left: those of the killed come back to this process."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        reap()
        found = descendants(os.getpid())
        if not found:
            return
        for pid in found:
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)


def descendants(root: int) -> list[int]:
    """Every process below one, from /proc."""
    children: dict[int, list[int]] = {}
    for entry in Path("/proc").glob("[0-9]*/stat"):
        with suppress(OSError, ValueError, IndexError):
            pid, rest = entry.read_text(errors="replace").split(" ", 1)
            parent = int(rest.rpartition(")")[2].split()[1])
            children.setdefault(parent, []).append(int(pid))
    found, todo = [], [root]
    while todo:
        below = children.get(todo.pop(), [])
        found += below
        todo += below
    return found
