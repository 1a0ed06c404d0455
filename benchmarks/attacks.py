"""How much memory and time does the whole tool take while a submission attacks it?

`python benchmarks/attacks.py [NAME...]` checks each file of tests/attacks (or those named), told of
its surroundings as the tests do it, and looks at all processes of the tool twenty times a second:
what they hold, shared pages once. The status is 1 where one took more than it may, or passed.
"""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import tempfile
import time
from contextlib import closing
from pathlib import Path

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT / "tests"))

from attacked import read_attack, surroundings  # noqa: E402 (it lies there)

from layercheck.processes.watch import TICK, taken_by  # noqa: E402
from layercheck.submissions.sandbox.limits import Limits  # noqa: E402

MOST = 2.5
"""GB that all processes together may take."""

LONGEST = Limits().total_seconds + 5
"""Seconds that a check of a submission may take that uses up all of its own."""

HONEST = {"right"}
"""What an attack's docstring expects that computes what it should, and so may pass."""


def measured(path: Path) -> tuple[float, float, int]:
    """Seconds, the most GB, and the exit status of `layercheck check`."""
    began, most = time.monotonic(), 0
    with (
        tempfile.TemporaryDirectory(prefix="attacked-") as folder,
        closing(socket.create_server(("127.0.0.1", 0))) as server,
    ):
        values = surroundings(Path(folder), server.getsockname()[1])
        (file := Path(folder, path.name)).write_text(read_attack(path, values).source)
        with subprocess.Popen(
            [sys.executable, "-m", "layercheck", "check", str(file), "--quiet"],
            env={**os.environ, "PYTHONPATH": str(ROOT)},
            cwd=folder,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        ) as run:
            while run.poll() is None:
                most = max(most, taken_by(run.pid, 0))
                time.sleep(TICK / 2)
    return time.monotonic() - began, most / (1 << 30), run.returncode


def main(names: list[str]) -> int:
    """Print a line for each, and the worst; how many did not hold."""
    paths = sorted((ROOT / "tests" / "attacks").glob("*.py"))
    chosen = [path for path in paths if not names or path.stem in names]
    found, bad = [], []
    print("| attack | seconds | GB | exit status |\n| --- | --- | --- | --- |")
    for path in chosen:
        seconds, memory, status = measured(path)
        found.append((seconds, memory))
        print(f"| {path.stem} | {seconds:.1f} | {memory:.2f} | {status} |", flush=True)
        passed = status == 0 and not read_attack(path, {}).expected & HONEST
        if seconds > LONGEST or memory > MOST or passed:
            bad.append(path.stem)
    seconds, memory = (max(column) for column in zip(*found, strict=True))
    print(
        f"\n{len(found)} attacks: at most {memory:.2f} GB of {MOST}, {seconds:.0f} s of "
        f"{LONGEST:.0f}; did not hold: {', '.join(bad) or 'none'}"
    )
    return len(bad)


if __name__ == "__main__":
    sys.exit(bool(main(sys.argv[1:])))
