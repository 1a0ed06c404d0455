"""The parent's ends of a child's pipes: both are closed, however late the child lets go."""

from __future__ import annotations

import os
import time
from multiprocessing import Pipe

import pytest

from layercheck.processes import pipes as module
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


def test_what_nobody_asked_for_is_read_up_to_a_bound(monkeypatch: pytest.MonkeyPatch) -> None:
    """And the rest as soon as there is room: nothing is lost."""
    monkeypatch.setattr(module, "AHEAD", 3 * module.LEAST)
    ours, theirs = Pipe()
    reader, writer = os.pipe()
    pipes = Pipes(ours, os.fdopen(reader, "rb"), 1 << 10, 1 << 10)
    for number in range(10):
        theirs.send_bytes(bytes([number]))
    time.sleep(0.3)
    assert pipes._inbox.qsize() <= 3
    assert [pipes.receive(60) for _ in range(10)] == [bytes([number]) for number in range(10)]
    os.close(writer)
    theirs.close()
    pipes.close(seconds=60)
