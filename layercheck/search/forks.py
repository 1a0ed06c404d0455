"""A process of its own for each thing that may end it: a fork of one that has imported a family."""

from __future__ import annotations

import json
import os
import signal
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

from layercheck.processes.death import exit_text
from layercheck.processes.parent import end_with

TICK = 0.002
"""Seconds after which a fork is looked at first; each look waits a little longer."""

LONGEST_TICK = 0.05


class Ended(NamedTuple):
    """How a fork ended: `done`, `crash` or `hang` · told: what it gave, `SIGSEGV`, or after how
    long · cpu: seconds of processor time."""

    how: str
    told: Any
    cpu: float = 0.0


def forked(
    work: Callable[[], Any], reply: Path, quiet: float, progress: Callable[[], int] = int
) -> Ended:
    """Do some work, which gives something that JSON has, in a fork. quiet: seconds without progress
    after which it hangs."""
    reply.unlink(missing_ok=True)
    parent = os.getpid()
    child = os.fork()
    if not child:
        run_and_exit(work, reply, parent)
    status, cpu = waited(child, quiet, progress)
    if status is None:
        return Ended("hang", f"no answer within {quiet:g} s", cpu)
    if reply.exists() and status == 0:
        return Ended("done", json.loads(reply.read_text(encoding="utf-8")), cpu)
    return Ended("crash", exit_text(status), cpu)


def run_and_exit(work: Callable[[], Any], reply: Path, parent: int) -> None:
    """The fork's side; never returns."""
    status = 1
    try:
        end_with(parent)
        half = reply.with_suffix(".half")
        half.write_text(json.dumps(work()), encoding="utf-8")
        half.replace(reply)
        status = 0
    except BaseException as error:
        print(f"{type(error).__name__}: {error}", file=sys.stderr, flush=True)
    finally:
        os._exit(status)


def waited(child: int, quiet: float, progress: Callable[[], int]) -> tuple[int | None, float]:
    """Wait for a fork; its exit status as subprocess has it, None where it was ended as it hung,
    and its processor time."""
    tick, seen, since, hangs = TICK, progress(), time.monotonic(), False
    while True:
        gone, status, used = os.wait4(child, 0 if hangs else os.WNOHANG)
        if gone:
            cpu = used.ru_utime + used.ru_stime
            return None if hangs else os.waitstatus_to_exitcode(status), cpu
        if progress() != seen:
            seen, since = progress(), time.monotonic()
        hangs = time.monotonic() - since > quiet
        if hangs:
            os.kill(child, signal.SIGKILL)
        else:
            time.sleep(tick)
        tick = min(2 * tick, LONGEST_TICK)
