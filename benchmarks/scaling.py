"""How much do further machines help? Two workers on this one stand for them.

`python benchmarks/scaling.py [--files 24]` starts a scheduler and one worker of one thread, then
two, and asks both for the cases of a module (exact result alone) and for a class of homework
files; cases and files per second are told, and the ratio.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).parents[1]
HOMEWORK = ROOT / "examples" / "homework" / "layers.py"
OPS = ("conv2d", "batch_norm", "max_pool")
ENVIRONMENT = {**os.environ, "PYTHONPATH": str(ROOT), "OMP_NUM_THREADS": "1"}
TABLE = "[score]\nconv_forward_naive = 1\n"


@contextmanager
def cluster(workers: int, folder: Path) -> Iterator[str]:
    """The address of a scheduler with so many workers."""
    file = folder / f"scheduler-{workers}.json"
    told = ("--no-dashboard", "--scheduler-file", str(file))
    started = [dask("scheduler", "--port", "0", "--host", "127.0.0.1", *told)]
    try:
        while not file.exists():
            time.sleep(0.1)
        address: str = json.loads(file.read_text())["address"]
        one = ("--no-dashboard", "--no-nanny", "--nthreads", "1", "--memory-limit", "0")
        started += [dask("worker", address, *one) for _ in range(workers)]
        wait_for(address, workers)
        yield address
    finally:
        for process in started[::-1]:
            process.terminate()
            process.wait()


def dask(*arguments: str) -> subprocess.Popen[bytes]:
    """A process of Dask's own."""
    quiet = subprocess.DEVNULL
    command = [sys.executable, "-m", "dask", *arguments]
    return subprocess.Popen(command, cwd=ROOT, env=ENVIRONMENT, stdout=quiet, stderr=quiet)


def wait_for(address: str, workers: int) -> None:
    """Until so many have come."""
    from distributed import Client

    with Client(address, set_as_default=False) as client:
        client.wait_for_workers(workers)


def seconds(arguments: Sequence[str]) -> float:
    """How long a check takes."""
    began = time.perf_counter()
    command = [sys.executable, "-m", "layercheck", "check", *arguments, "--quiet"]
    subprocess.run(command, cwd=ROOT, env=ENVIRONMENT, check=False, capture_output=True)
    return time.perf_counter() - began


def measured(address: str, folder: Path, files: int) -> tuple[float, float]:
    """Cases and files per second."""
    out, report = folder / "out", folder / "report.json"
    ops = [part for op in OPS for part in ("--op", op)]
    told = ("--oracle", "exact", "--json", str(report), "--scheduler", address)
    of_cases = seconds(["ref_layers", *ops, *told])
    cases = json.loads(report.read_text())["summary"]["cases"]
    shutil.rmtree(out, ignore_errors=True)
    table = str(folder / "score.toml")
    told = ("--out", str(out), "--scheduler", address)
    of_files = seconds([str(folder / "in"), "--require", table, *told])
    return cases / of_cases, files / of_files


def main() -> None:
    """Measure, and print a line for each number of workers."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--files", type=int, default=24)
    files = parser.parse_args().files
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        (folder / "in").mkdir()
        (folder / "score.toml").write_text(TABLE)
        for number in range(files):
            shutil.copy(HOMEWORK, folder / "in" / f"student{number:03}.py")
        found = []
        for workers in (1, 2):
            with cluster(workers, folder) as address:
                found.append(measured(address, folder, files))
            print(
                f"{workers} workers: {found[-1][0]:.1f} cases/s, {found[-1][1]:.2f} files/s",
                flush=True,
            )
        (one, two) = found
        print(f"two beside one: {two[0] / one[0]:.2f} in cases, {two[1] / one[1]:.2f} in files")


if __name__ == "__main__":
    main()
