"""A Dask cluster of real processes: a scheduler and workers of one thread each."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[1]
ENVIRONMENT = {**os.environ, "PYTHONPATH": str(ROOT), "OMP_NUM_THREADS": "1"}
SECONDS = 120.0


@dataclass
class Machines:
    """A scheduler and its workers. address: the scheduler's."""

    address: str
    workers: list[subprocess.Popen[str]]


@contextmanager
def machines_of(workers: int, folder: Path) -> Iterator[Machines]:
    """So many workers; ended with the context. folder: for the scheduler's address."""
    file = folder / f"scheduler-{workers}.json"
    quiet = ("--no-dashboard", "--scheduler-file", str(file))
    started = [dask("scheduler", "--port", "0", "--host", "127.0.0.1", *quiet)]
    try:
        machines = Machines(address_in(file), [])
        one = ("--no-dashboard", "--no-nanny", "--nthreads", "1", "--memory-limit", "0")
        machines.workers += [dask("worker", machines.address, *one) for _ in range(workers)]
        started += machines.workers
        wait_for(machines.address, workers)
        yield machines
    finally:
        for process in started[::-1]:
            end(process)


def dask(*arguments: str) -> subprocess.Popen[str]:
    """A process of Dask's own."""
    quiet = subprocess.DEVNULL
    command = [sys.executable, "-m", "dask", *arguments]
    return subprocess.Popen(
        command, cwd=ROOT, env=ENVIRONMENT, stdout=quiet, stderr=quiet, text=True
    )


def address_in(file: Path) -> str:
    """What a scheduler writes down when it is ready."""
    last = time.monotonic() + SECONDS
    while not file.exists():
        assert time.monotonic() < last
        time.sleep(0.1)
    address: str = json.loads(file.read_text())["address"]
    return address


def wait_for(address: str, workers: int) -> None:
    """Until so many have come."""
    from distributed import Client

    with Client(address, set_as_default=False) as client:
        client.wait_for_workers(workers, timeout=SECONDS)


def end(process: subprocess.Popen[str]) -> None:
    """By a signal that may be heard, else by one that need not."""
    process.terminate()
    try:
        process.wait(10)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
