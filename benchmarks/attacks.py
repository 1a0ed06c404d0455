"""How much memory and time does the whole tool take while a submission attacks it?

`python benchmarks/attacks.py [NAME...]` checks each file of tests/attacks (or those named) and
looks at all processes of the tool twenty times a second: what they hold, shared pages once.
"""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path

from layercheck.processes.watch import TICK, taken_by

ROOT = Path(__file__).parents[1]
MOST = 2.5
"""GB that all processes together may take."""


def measured(path: Path) -> tuple[float, float, int]:
    """Seconds, the most GB, and the exit status of `layercheck check`."""
    began, most = time.monotonic(), 0
    with subprocess.Popen(
        [sys.executable, "-m", "layercheck", "check", str(path), "--quiet"],
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    ) as run:
        while run.poll() is None:
            most = max(most, taken_by(run.pid, 0))
            time.sleep(TICK / 2)
    return time.monotonic() - began, most / (1 << 30), run.returncode


def main(names: list[str]) -> None:
    """Print a line for each, and the worst."""
    paths = sorted((ROOT / "tests" / "attacks").glob("*.py"))
    chosen = [path for path in paths if not names or path.stem in names]
    found = []
    for path in chosen:
        seconds, memory, status = measured(path)
        found.append((memory, seconds))
        print(f"{path.stem:26} {seconds:6.1f} s {memory:6.2f} GB  exit status {status}", flush=True)
    memory, seconds = (max(column) for column in zip(*found, strict=True))
    told = "within" if memory <= MOST else "ABOVE"
    print(f"{len(found)} attacks: at most {memory:.2f} GB ({told} {MOST}), {seconds:.0f} s")


if __name__ == "__main__":
    main(sys.argv[1:])
