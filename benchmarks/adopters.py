"""Measure what a library's CI pays: the pytest plugin, collection, memory of a large run.

Absolute times vary from machine to machine. Prints what benchmarks/RESULTS.md holds.
"""

from __future__ import annotations

import os
import re
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from contextlib import suppress
from pathlib import Path

from layercheck.cases.grids import GRIDS
from layercheck.implementations.module import Module

ROOT = Path(__file__).parents[1]
PYTEST = [sys.executable, "-m", "pytest", "-q", "-p", "no:hypothesispytest"]
PLUGIN = ["-p", "layercheck.plugin"]
WORKERS = 2
MEGABYTE = 1024


def processor(command: list[str], runs: int = 3) -> float:
    """Median processor seconds of a command and all that it starts: those of a machine that has
    nothing else to do, whatever this one has."""
    found = []
    for _ in range(runs):
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        subprocess.run(command, check=False, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        found.append(after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime)
    return statistics.median(found)


def layers_own(grid: str) -> tuple[int, float]:
    """How many cases a grid has, and the seconds that the layers take to answer them, twice each as
    a check asks them."""
    module = Module("ref_layers", follow=False)
    cases = list(GRIDS[grid](None))
    for case in cases:
        _ = case.question
    start = time.process_time()
    for case in cases:
        module.answer(case)
    return len(cases), time.process_time() - start


def plugin(folder: str) -> None:
    """What a case costs each of the workers, beyond the layers' own time."""
    shared = [*PYTEST, *PLUGIN, "-n", str(WORKERS), "--rootdir", folder]
    empty = processor(shared)
    whole = [*shared, "--layercheck=ref_layers"]
    full = processor(whole)
    count, own = layers_own("quick")
    each = 1000 * (full - empty - own) / WORKERS / count
    print(
        "\n## pytest\n\nProcessor seconds, of all processes together. "
        f"`pytest -n {WORKERS} --layercheck=ref_layers`: {count} cases {full:.2f}, an empty run "
        f"{empty:.2f}, the layers' own time {own:.2f}: {each:.2f} ms a case and worker beyond it."
    )
    os.environ["LAYERCHECK_CACHE"] = os.path.join(folder, "kept")
    first, again = processor(whole, 1), processor(whole)
    os.environ["LAYERCHECK_CACHE"] = "off"
    each = 1000 * (again - empty - own) / WORKERS / count
    print(f"With results kept: {first:.2f} at first, then {again:.2f}: {each:.2f} ms.")


def collection(folder: str) -> None:
    """How long the cases of the standard grid take to collect: first, and with the plan kept."""
    alone = [*PYTEST, *PLUGIN, "--rootdir", folder, "--collect-only"]
    given = ["--layercheck=ref_layers", "--layercheck-grid=standard"]
    empty = processor(alone)
    first, again = processor([*alone, *given], 1), processor([*alone, *given])
    count = len(list(GRIDS["standard"](None)))
    print(
        f"Collecting {count:,} cases: {first - empty:.2f} at first, {again - empty:.2f} with the "
        "plan kept in pytest's cache."
    )


def idle() -> None:
    """What the plugin adds to a run that does not ask for it."""
    without, with_it = processor(PYTEST, 11), processor([*PYTEST, *PLUGIN], 11)
    print(f"An idle plugin: {1000 * (with_it - without):.0f} ms of {without:.2f} s.")


def memory(folder: str) -> None:
    """Peak memory of a run with many comparisons, streamed."""
    target = Path(folder) / "report.jsonl"
    command = [sys.executable, "-m", "layercheck", "check", "ref_layers", "--quiet", "--jobs", "1"]
    command += ["--report", f"jsonl={target}", "--oracle", "torch", "--oracle", "tensorflow"]
    process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.DEVNULL)
    peak = 0.0
    while process.poll() is None:  # its own: what it waits for at last has the frameworks' as well
        with suppress(OSError):
            told = Path(f"/proc/{process.pid}/status").read_text()
            peak = max([peak, *(int(n) / MEGABYTE for n in re.findall(r"VmHWM:\s*(\d+)", told))])
        time.sleep(0.1)
    with target.open() as lines:
        count = sum('"array"' in line for line in lines)
    print(f"\n## Memory\n\n{count:,} comparisons, streamed: {peak:.0f} MB at most.")


def main() -> None:
    """All of it, as in a fresh environment into which we were installed: our files are compiled,
    and no results are kept of an earlier run. The folder holds pytest's cache."""
    with tempfile.TemporaryDirectory() as folder, tempfile.TemporaryDirectory() as beside:
        os.environ |= {"PYTHONPATH": str(ROOT), "PYTHONPYCACHEPREFIX": beside}
        os.environ |= {"LAYERCHECK_CACHE": "off", "PYTEST_DEBUG_TEMPROOT": beside}
        os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
        os.chdir(folder)
        (Path(folder) / "test_one.py").write_text("def test_one(): pass\n")
        processor([*PYTEST, *PLUGIN, "--layercheck=ref_layers", "-k", "relu"], 1)  # compiles
        plugin(folder)
        collection(folder)
        idle()
        memory(folder)


if __name__ == "__main__":
    main()
