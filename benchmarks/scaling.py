"""How much do further machines help? Two workers on this one stand for them.

`python benchmarks/scaling.py [--files 24]` starts a scheduler and one worker of one thread, then
two, and asks both for the cases of a module (exact result alone) and for a class of homework
files, and for a search's questions to torch; what each does in a second is told, and the ratio.
"""

from __future__ import annotations

import argparse
import json
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT / "tests"))

from machines import ENVIRONMENT, machines_of  # noqa: E402 (it lies there)

HOMEWORK = ROOT / "examples" / "homework" / "layers.py"
OPS = ("conv2d", "batch_norm", "max_pool")
WHAT = ("cases", "files", "answers")
MINUTES = 1.0
"""For how long a search goes on, its start included."""

TABLE = "[score]\nconv_forward_naive = 1\n"


def seconds(arguments: Sequence[str]) -> float:
    """How long a check takes."""
    began = time.perf_counter()
    command = [sys.executable, "-m", "layercheck", "check", *arguments, "--quiet"]
    subprocess.run(command, cwd=ROOT, env=ENVIRONMENT, check=False, capture_output=True)
    return time.perf_counter() - began


def answers(address: str, folder: Path) -> float:
    """How many questions of a search are answered in a second."""
    ops = [part for op in OPS for part in ("--op", op)]
    told = ("--minutes", str(MINUTES), "--out", str(folder / "found"), "--scheduler", address)
    command = [sys.executable, "-m", "layercheck", "search", *ops, "--route", "torch", *told]
    shutil.rmtree(folder / "found", ignore_errors=True)
    done = subprocess.run(
        command, cwd=ROOT, env=ENVIRONMENT, check=False, capture_output=True, text=True
    )
    (count,) = re.findall(r"^(\d+) cases", done.stdout, re.MULTILINE)
    return float(count) / (60 * MINUTES)


def measured(address: str, folder: Path, files: int) -> tuple[float, float, float]:
    """Cases, files and answers per second."""
    out, report = folder / "out", folder / "report.json"
    ops = [part for op in OPS for part in ("--op", op)]
    told = ("--oracle", "exact", "--json", str(report), "--scheduler", address)
    of_cases = seconds(["ref_layers", *ops, *told])
    cases = json.loads(report.read_text())["summary"]["cases"]
    shutil.rmtree(out, ignore_errors=True)
    table = str(folder / "score.toml")
    told = ("--out", str(out), "--scheduler", address)
    of_files = seconds([str(folder / "in"), "--require", table, *told])
    return cases / of_cases, files / of_files, answers(address, folder)


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
            with machines_of(workers, folder) as machines:
                found.append(measured(machines.address, folder, files))
            told = (f"{n:.2f} {what}/s" for n, what in zip(found[-1], WHAT, strict=True))
            print(f"{workers} workers: {', '.join(told)}", flush=True)
        ratios = (two / one for one, two in zip(*found, strict=True))
        print("two beside one:", ", ".join(f"{ratio:.2f}" for ratio in ratios))


if __name__ == "__main__":
    main()
