"""A process of its own for each thing that may end it: a fork of one that has imported a family."""

from __future__ import annotations

import json
import os
import signal
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from layercheck.processes.death import exit_text
from layercheck.processes.parent import end_with

TICK = 0.002
"""Seconds after which a fork is looked at first; each look waits a little longer."""

LONGEST_TICK = 0.05


def forked(
    work: Callable[[], Any], reply: Path, quiet: float, progress: Callable[[], int] = int
) -> tuple[str, Any]:
    """What some work gives, done in a fork: (`done`, what it gave as JSON), (`crash`, `SIGSEGV`)
    or (`hang`, after how long). quiet: seconds without progress after which it hangs."""
    reply.unlink(missing_ok=True)
    parent = os.getpid()
    child = os.fork()
    if not child:
        run_and_exit(work, reply, parent)
    ended = waited(child, quiet, progress)
    if ended is None:
        return "hang", f"no answer within {quiet:g} s"
    if reply.exists() and ended == 0:
        return "done", json.loads(reply.read_text(encoding="utf-8"))
    return "crash", exit_text(ended)


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


def waited(child: int, quiet: float, progress: Callable[[], int]) -> int | None:
    """Wait for a fork; its exit status as subprocess has it, None where it was ended as it hung."""
    tick, seen, since = TICK, progress(), time.monotonic()
    while True:
        gone, status = os.waitpid(child, os.WNOHANG)
        if gone:
            return os.waitstatus_to_exitcode(status)
        if progress() != seen:
            seen, since = progress(), time.monotonic()
        if time.monotonic() - since > quiet:
            os.kill(child, signal.SIGKILL)
            os.waitpid(child, 0)
            return None
        time.sleep(tick)
        tick = min(2 * tick, LONGEST_TICK)
