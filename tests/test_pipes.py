"""The parent's ends of a child's pipes: both are closed, however late the child lets go."""

from __future__ import annotations

import os
import time
from multiprocessing import Pipe

from layercheck.processes.pipes import Pipes


def test_pipes_that_something_still_holds_are_closed_when_it_lets_go() -> None:
    ours, theirs = Pipe()
    reader, writer = os.pipe()
    printed = os.fdopen(reader, "rb")
    pipes = Pipes(ours, printed, 1 << 10, 1 << 10)
    pipes.close(seconds=0.05)
    assert not printed.closed  # closing what a thread reads would block
    os.close(writer)
    theirs.close()
    deadline = time.monotonic() + 60
    while not (printed.closed and ours.closed) and time.monotonic() < deadline:
        time.sleep(0.01)
    assert printed.closed
    assert ours.closed


def test_pipes_are_closed_at_once_where_nothing_holds_them() -> None:
    ours, theirs = Pipe()
    reader, writer = os.pipe()
    printed = os.fdopen(reader, "rb")
    pipes = Pipes(ours, printed, 1 << 10, 1 << 10)
    os.close(writer)
    theirs.close()
    pipes.close(seconds=60)
    assert printed.closed
    assert ours.closed
