"""Is a run over many files that is killed again and again the same as an undisturbed one?

`python benchmarks/resume.py [FILES] [KILLS]` checks so many files (200), once undisturbed, and once
with SIGKILL to the tool at so many (20) random moments, started again each time. It compares the
summaries byte by byte, and looks for processes that ran on.
"""

from __future__ import annotations

import os
import random
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from layercheck.submissions.child.keeper import descendants

ROOT = Path(__file__).parents[1]
SEED = 20261126
LONGEST = 0.15
"""How much of an undisturbed run may pass before the next kill."""

RIGHT = """
import numpy as np

def relu_forward(x):
    return np.maximum(x, 0), x

def relu_backward(dout, cache):
    return dout * (cache > 0)
"""
WRONG = RIGHT.replace("np.maximum(x, 0)", "np.maximum(x, 1)")
BROKEN = "def relu_forward(:\n"
KINDS = (RIGHT, WRONG, RIGHT, BROKEN)


def begun(folder: Path, out: Path) -> subprocess.Popen[bytes]:
    """The tool over a folder."""
    command = [sys.executable, "-m", "layercheck", "check", str(folder), "--out", str(out)]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    return subprocess.Popen(
        [*command, "--jobs", "2", "--quiet"],
        env=environment,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )


def left(processes: list[int], seconds: float = 5.0) -> list[int]:
    """Those of these processes that run on."""
    until = time.monotonic() + seconds
    while (there := [p for p in processes if Path(f"/proc/{p}").exists()]) and (
        time.monotonic() < until
    ):
        time.sleep(0.05)
    return there


def summaries(out: Path) -> dict[str, bytes]:
    """Both forms of the summary."""
    return {name: (out / name).read_bytes() for name in ("summary.csv", "summary.html")}


def main(files: int = 200, kills: int = 20) -> None:
    """Print what came of it."""
    rs = random.Random(SEED)
    with tempfile.TemporaryDirectory() as name:
        folder, once, often = (Path(name, part) for part in ("hw", "once", "often"))
        folder.mkdir()
        for number in range(files):
            text = KINDS[number % len(KINDS)]
            (folder / f"hw{number:03}.py").write_text(f"# {number}\n{text}")
        began = time.monotonic()
        begun(folder, once).wait()
        seconds = time.monotonic() - began
        ran_on = 0
        for _ in range(kills):
            run = begun(folder, often)
            time.sleep(rs.uniform(0.2, LONGEST * seconds))
            below = list(descendants(run.pid))
            run.kill()
            run.wait()
            ran_on += len(left(below))
            done = len(list(often.glob("*.json")))
            print(f"killed; {done} reports", flush=True)
        status = begun(folder, often).wait()
        same = summaries(once) == summaries(often)
        halves = len(list(often.glob(".*")))
        print(
            f"{files} files in {seconds:.0f} s; killed {kills} times: summary "
            f"{'the same, byte for byte' if same else 'ANOTHER'}, exit status {status}, "
            f"{ran_on} processes ran on, {halves} half files left"
        )


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
