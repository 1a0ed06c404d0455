"""Measure this machine: the main command, imports, and the layers beside torch.

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
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from layercheck.judging.defects import machine
from ref_layers import (
    batch_norm,
    batch_norm_backward,
    conv2d,
    conv2d_backward,
    group_norm,
    max_pool,
    max_pool_backward,
)


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


def milliseconds(function: Callable[[], Any], seconds: float = 0.5) -> float:
    """Median of single calls over about `seconds`, after one warm-up call."""
    function()
    times: list[float] = []
    while sum(times) < seconds or len(times) < 5:
        start = time.perf_counter()
        function()
        times.append(time.perf_counter() - start)
    return 1000 * statistics.median(times)


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


def layers() -> None:
    import torch
    import torch.nn.functional as F

    torch.set_num_threads(1)
    print("\n## Layers beside torch, one thread, ms\n")
    print(
        "| layer | float32 | torch | ratio | float64 | torch | ratio |\n| --- " + "| --- " * 6 + "|"
    )
    for name, ours, theirs in LAYERS:
        figures = []
        for dtype in ("float32", "float64"):
            mine = milliseconds(ours(dtype))
            other = milliseconds(theirs(dtype, torch, F))
            figures += [f"{mine:.3g}", f"{other:.3g}", f"{mine / other:.2f}"]
        print(f"| {name} | {' | '.join(figures)} |", flush=True)


def draw(dtype: str, *shape: int) -> Any:
    return np.random.RandomState(0).standard_normal(shape).astype(dtype)


def conv(x: tuple[int, ...], w: tuple[int, ...], backward: bool = False, **attributes: Any) -> Any:
    def ours(dtype: str) -> Callable[[], Any]:
        image, kernel = draw(dtype, *x), draw(dtype, *w)
        out, cache = conv2d(image, kernel, **attributes)
        dout = np.ones_like(out)
        return (
            (lambda: conv2d_backward(dout, cache))
            if backward
            else (lambda: conv2d(image, kernel, **attributes))
        )

    def theirs(dtype: str, torch: Any, F: Any) -> Callable[[], Any]:
        image, kernel = (torch.tensor(draw(dtype, *s)).requires_grad_(backward) for s in (x, w))
        if not backward:
            return lambda: F.conv2d(image, kernel, **attributes)
        out = F.conv2d(image, kernel, **attributes)
        dout = torch.ones_like(out)
        return lambda: torch.autograd.grad(out, (image, kernel), dout, retain_graph=True)

    title = "backward" if backward else "forward"
    size = "x".join(map(str, x))
    given = "".join(f", {k} {v}" for k, v in attributes.items())
    return f"conv2d {title} {size}, {w[0]} of {w[2]}x{w[3]}{given}", ours, theirs


def plain(name: str, ours: Any, theirs: Any, *shape: int) -> Any:
    title = f"{name} {'x'.join(map(str, shape))}"
    return (
        title,
        lambda dtype: ours(draw(dtype, *shape)),
        lambda dtype, torch, F: theirs(torch.tensor(draw(dtype, *shape)), torch, F),
    )


def pool_backward(x: Any) -> Callable[[], Any]:
    out, cache = max_pool(x, kernel_size=3, stride=2)
    return lambda: max_pool_backward(out, cache)


def torch_pool_backward(x: Any, torch: Any, F: Any) -> Callable[[], Any]:
    x.requires_grad_()
    out = F.max_pool2d(x, 3, 2)
    dout = out.detach()
    return lambda: torch.autograd.grad(out, x, dout, retain_graph=True)


def norm_backward(x: Any) -> Callable[[], Any]:
    out, cache = batch_norm(x)
    return lambda: batch_norm_backward(out, cache)


def torch_norm_backward(x: Any, torch: Any, F: Any) -> Callable[[], Any]:
    x.requires_grad_()
    out = F.batch_norm(x, None, None, training=True)
    dout = out.detach()
    return lambda: torch.autograd.grad(out, x, dout, retain_graph=True)


LAYERS = [
    conv((2, 3, 32, 32), (32, 3, 3, 3), padding=1),
    conv((50, 3, 32, 32), (32, 3, 7, 7), padding=3),
    conv((8, 64, 56, 56), (64, 64, 3, 3), padding=1),
    conv((8, 3, 224, 224), (64, 3, 7, 7), stride=2, padding=3),
    conv((8, 256, 14, 14), (1024, 256, 1, 1)),
    conv((8, 64, 56, 56), (64, 1, 3, 3), padding=1, groups=64),
    conv((2, 3, 32, 32), (32, 3, 3, 3), backward=True, padding=1),
    conv((8, 64, 56, 56), (64, 64, 3, 3), backward=True, padding=1),
    plain(
        "max_pool forward 3x3 stride 2",
        lambda x: lambda: max_pool(x, kernel_size=3, stride=2),
        lambda x, torch, F: lambda: F.max_pool2d(x, 3, 2),
        8,
        64,
        112,
        112,
    ),
    plain("max_pool backward 3x3 stride 2", pool_backward, torch_pool_backward, 8, 64, 112, 112),
    plain(
        "batch_norm forward",
        lambda x: lambda: batch_norm(x),
        lambda x, torch, F: lambda: F.batch_norm(x, None, None, training=True),
        8,
        64,
        56,
        56,
    ),
    plain("batch_norm backward", norm_backward, torch_norm_backward, 8, 64, 56, 56),
    plain(
        "group_norm forward",
        lambda x: lambda: group_norm(x, num_groups=8),
        lambda x, torch, F: lambda: F.group_norm(x, 8),
        8,
        64,
        28,
        28,
    ),
]


def main() -> None:
    blas = np.show_config(mode="dicts")["Build Dependencies"]["blas"]["name"]
    kernel = os.environ.get("OPENBLAS_CORETYPE", "chosen by itself")
    print("# Measured\n")
    print(
        f"{platform.platform()}, {machine()}, {os.cpu_count()} cores; "
        f"Python {platform.python_version()}, "
        f"NumPy {np.__version__}, {blas}, kernel {kernel}."
    )
    parts = {part.__name__: part for part in (imports, submissions, commands, layers)}
    for name in sys.argv[1:] or parts:
        parts[name]()


if __name__ == "__main__":
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    main()
