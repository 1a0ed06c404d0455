"""Measure this machine: the main command, homework files and imports; the layers: `layers/`.

Ratios within one run are what counts; absolute times vary from machine to machine. Run with
`tox run -e benchmark`; the output is kept in benchmarks/RESULTS.md.
"""

from __future__ import annotations

import os
import platform
import statistics
import subprocess
import sys
import tempfile
import time
import venv
from pathlib import Path

import numpy as np

from layercheck.judging.defects import machine


def wall(command: list[str], runs: int = 3) -> float:
    """Median wall-clock seconds of a whole process."""
    times = []
    for _ in range(runs):
        start = time.perf_counter()
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        times.append(time.perf_counter() - start)
    return statistics.median(times)


def python(code: str) -> list[str]:
    return [sys.executable, "-c", code]


def imports() -> None:
    nothing, numpy = wall(python("pass"), 7), wall(python("import numpy"), 7)
    ours = wall(python("import ref_layers, oracles, layercheck"), 7)
    print(
        f"\n## Imports\n\nPython {nothing:.3f} s, NumPy {numpy:.3f} s, ours {ours:.3f} s: "
        f"{ours - numpy:.3f} s more than NumPy, {ours / numpy:.2f} times."
    )


def commands() -> None:
    layercheck = [sys.executable, "-m", "layercheck", "check"]
    numpy = wall(python("import numpy"), 5)
    print("\n## Commands\n\n| command | seconds | times the import of NumPy |\n| --- | --- | --- |")
    for arguments in (
        ["ref_layers", "--oracle", "torch", "--oracle", "tensorflow"],
        ["ref_layers", "--oracle", "torch", "--oracle", "tensorflow", "--jobs", "2"],
        ["ref_layers", "--oracle", "torch"],
        ["ref_layers", "--oracle", "exact"],
        ["oracle:torch", "--oracle", "tensorflow"],
    ):
        seconds = wall([*layercheck, *arguments, "--quiet"], 1)
        print(
            f"| `layercheck check {' '.join(arguments)}` | {seconds:.1f} | {seconds / numpy:.0f} |"
        )


def submissions() -> None:
    """Homework files, in a new environment that has NumPy and no framework."""
    root = Path(__file__).parents[1]
    with tempfile.TemporaryDirectory() as folder:
        venv.create(folder, with_pip=True)
        own = str(Path(folder) / "bin" / "python")
        subprocess.run([own, "-m", "pip", "install", "-q", str(root)], check=True)
        numpy = wall([own, "-c", "import numpy"], 5)
        print("\n## Submissions, NumPy only\n")
        print(
            "| file | functions | seconds | times the import of NumPy |\n| --- | --- | --- | --- |"
        )
        for name in ("layers.py", "layers_vectorised.py"):
            file = root / "examples" / "homework" / name
            functions = sum(line.startswith("def ") for line in file.read_text().splitlines())
            seconds = wall([own, "-m", "layercheck", "check", str(file)], 5)
            print(f"| {name} | {functions} | {seconds:.2f} | {seconds / numpy:.1f} |", flush=True)


def main() -> None:
    blas = np.show_config(mode="dicts")["Build Dependencies"]["blas"]["name"]
    kernel = os.environ.get("OPENBLAS_CORETYPE", "chosen by itself")
    print("# Measured\n")
    print(
        f"{platform.platform()}, {machine()}, {os.cpu_count()} cores; "
        f"Python {platform.python_version()}, "
        f"NumPy {np.__version__}, {blas}, kernel {kernel}."
    )
    parts = {part.__name__: part for part in (imports, submissions, commands)}
    for name in sys.argv[1:] or parts:
        parts[name]()


if __name__ == "__main__":
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    main()
