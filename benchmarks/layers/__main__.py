"""`python -m benchmarks.layers`: measure every subject, and write docs/speed.md and its picture.

Each subject has processes of its own, at one thread and at two, in turns: what the machine does
beside this meets all of them. `--page FILE` writes the page from what was measured before; `--of
"batch_norm or gelu"` measures those shapes alone and keeps what was measured of the others.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from .measured import SUBJECT
from .page import write
from .subjects import SUBJECTS

ROOT = Path(__file__).parents[2]
THREADS = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")
OPTIONS = (
    "-q -p no:cacheprovider -p no:layercheck -o addopts= -o filterwarnings= "
    "--benchmark-max-time=0.2 --benchmark-min-rounds=3 --benchmark-disable-gc"
)
CLOSEST = ("ours", "torch", "limit")


def measure(who: str, threads: int, folder: Path, chosen: str = "") -> dict[str, Any]:
    """What pytest-benchmark tells of a subject. chosen: the shapes, as pytest's -k has it."""
    out = folder / "measured.json"
    environment = {**os.environ, SUBJECT: who, **dict.fromkeys(THREADS, str(threads))}
    environment.pop("OPENBLAS_CORETYPE", None)  # which halves NumPy's products on some processors
    command = [sys.executable, "-m", "pytest", "benchmarks/layers/measured.py"]
    subprocess.run(
        [*command, *OPTIONS.split(), f"--benchmark-json={out}", "-k", chosen],
        check=True,
        cwd=ROOT,
        env=environment,
        stdout=2,
    )
    made: dict[str, Any] = json.loads(out.read_text("utf-8"))
    return made


def plan(turn: int) -> Iterator[tuple[str, int]]:
    """Who is measured in a turn, and with how many threads."""
    for who in SUBJECTS:
        if turn == 0 or who in CLOSEST:
            yield who, 1
        if turn == 0 and who in CLOSEST:
            yield who, 2


def rows(told: dict[str, Any], threads: int) -> list[dict[str, Any]]:
    """A flat row a measurement; seconds: the least of its rounds."""
    return [
        {**one["extra_info"], "threads": threads, "seconds": one["stats"]["min"]}
        for one in told["benchmarks"]
    ]


def main() -> None:
    parser = argparse.ArgumentParser(description=str(__doc__).partition("\n")[0])
    parser.add_argument("--rounds", type=int, default=2, help="of who is compared with most")
    parser.add_argument("--page", type=Path, help="write the page from this file alone")
    parser.add_argument("--of", default="", help="shapes to measure anew, as pytest's -k has them")
    given = parser.parse_args()
    if given.page is not None:
        write(json.loads(given.page.read_text("utf-8")))
        return
    found: list[dict[str, Any]] = []
    with tempfile.TemporaryDirectory() as folder:
        for turn in range(given.rounds):
            for who, threads in plan(turn):
                found += rows(measure(who, threads, Path(folder), given.of), threads)
    kept = ROOT / "benchmarks" / "layers" / "measured.json"
    anew = {row["question"] for row in found}
    if given.of and kept.exists():
        before = json.loads(kept.read_text("utf-8"))
        found = [*(row for row in before if row["question"] not in anew), *found]
    kept.write_text("[\n" + ",\n".join(map(json.dumps, found)) + "\n]\n", "utf-8")
    write(found)


if __name__ == "__main__":
    main()
