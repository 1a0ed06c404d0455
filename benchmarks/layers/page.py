"""docs/speed.md, from what was measured."""

from __future__ import annotations

import os
import platform
from collections.abc import Callable, Iterable, Mapping, Sequence
from math import exp, log
from pathlib import Path
from typing import Any

import numpy as np
from jinja2 import Environment, StrictUndefined
from threadpoolctl import threadpool_info

from layercheck.judging.defects import machine

from .plot import draw

ROOT = Path(__file__).parents[2]
TEMPLATE = Path(__file__).with_name("page.md.j2")
PAGE, PICTURE = ROOT / "docs" / "speed.md", ROOT / "docs" / "_static" / "speed.svg"
OTHERS = ("torch", "torch, NHWC", "TensorFlow", "onnx.reference", "limit")
MOST_MEGABYTES = 16
LARGE_FLOP = 1e9
"""A convolution of so many operations keeps a processor busy for long enough to have a rate."""

Row = Mapping[str, Any]
Key = tuple[str, str, str, int, str]


class Times:
    """Seconds, the least of all rounds, by question, dtype, direction, threads and subject."""

    def __init__(self, rows: Sequence[Row]) -> None:
        self.rows = {key_of(row): row for row in rows}
        self.seconds: dict[Key, float] = {}
        for row in rows:
            least = min(row["seconds"], self.seconds.get(key_of(row), row["seconds"]))
            self.seconds[key_of(row)] = least

    def of(self, who: str, threads: int = 1) -> list[Row]:
        """The rows of one subject, in the order of `shapes.txt`."""
        return [r for k, r in self.rows.items() if (k[4], k[3]) == (who, threads)]

    def ratio(self, row: Row, other: str) -> float | None:
        """How many times as long as another subject this row's subject takes."""
        key = key_of(row)
        against = self.seconds.get((*key[:4], other))
        return None if against is None else self.seconds[key] / against


def key_of(row: Row) -> Key:
    return row["question"], row["dtype"], row["direction"], row["threads"], row["who"]


Choice = Callable[[Row], bool]


def of(ops: str, direction: str, dtype: str = "", depthwise: bool | None = None) -> Choice:
    """Rows of some ops in one direction, of one dtype or of all."""

    def chosen(row: Row) -> bool:
        fits = row["op"] in ops.split() and row["direction"] == direction
        return fits and dtype in ("", row["dtype"]) and depthwise in (None, row["depthwise"])

    return chosen


def large(choice: Choice) -> Choice:
    """Those of them that have a rate."""
    return lambda row: choice(row) and row["flop"] >= LARGE_FLOP


POOLS, NORMS, UP = "max_pool avg_pool", "group_norm layer_norm", "conv2d_transpose"
FORWARD, BACKWARD = "forward", "backward"
TARGETS: tuple[tuple[str, str, Choice, float], ...] = (
    ("conv2d forward, float32", "torch", of("conv2d", FORWARD, "float32", False), 1.0),
    ("conv2d backward, float32", "torch", of("conv2d", BACKWARD, "float32", False), 1.0),
    ("conv2d forward, float64", "torch", of("conv2d", FORWARD, "float64", False), 0.6),
    ("conv2d backward, float64", "torch", of("conv2d", BACKWARD, "float64", False), 0.7),
    ("depthwise forward, float32", "torch", of("conv2d", FORWARD, "float32", True), 2.5),
    ("depthwise backward, float32", "torch", of("conv2d", BACKWARD, "float32", True), 2.5),
    ("1 GFLOP forward, float32", "limit", large(of("conv2d", FORWARD, "float32")), 1 / 0.6),
    ("1 GFLOP backward, float32", "limit", large(of("conv2d", BACKWARD, "float32")), 1 / 0.45),
    ("conv2d_transpose forward, float32", "torch", of(UP, FORWARD, "float32"), 1.6),
    ("conv2d_transpose backward, float32", "torch", of(UP, BACKWARD, "float32"), 1.4),
    ("max_pool forward", "torch", of("max_pool", FORWARD), 0.3),
    ("avg_pool forward", "torch", of("avg_pool", FORWARD), 0.5),
    ("max_pool and avg_pool backward", "torch", of(POOLS, BACKWARD), 5.0),
    ("batch_norm forward", "torch", of("batch_norm", FORWARD), 0.7),
    ("batch_norm backward", "torch", of("batch_norm", BACKWARD), 1.5),
    ("group_norm and layer_norm forward", "torch", of(NORMS, FORWARD), 3.0),
    ("group_norm and layer_norm forward", "TensorFlow", of(NORMS, FORWARD), 0.5),
    ("every op, forward, float32", "onnx.reference", lambda row: True, 1 / 3),
)
"""What is aimed at: our time over another's, geometric mean over the shapes."""


def write(rows: Sequence[Row]) -> None:
    """The page and its picture."""
    times = Times(rows)
    draw(times, PICTURE)
    own = sorted(times.of("ours"), key=lambda row: -row["megabytes"])
    page = Environment(undefined=StrictUndefined, keep_trailing_newline=True).from_string(
        TEMPLATE.read_text("utf-8")
    )
    told = page.render(
        environment=environment(),
        aims=[aim for target in TARGETS if (aim := aimed(times, *target))],
        within=sum(row["megabytes"] <= MOST_MEGABYTES for row in own),
        calls=len(own),
        largest=[
            f"`{r['question']}` {r['dtype']} {r['direction']} {r['megabytes']:.0f} MB"
            for r in own[:3]
        ],
        others=OTHERS,
        tables={dtype: table(times, dtype) for dtype in ("float32", "float64")},
        bare=bare(times),
        two=two_threads(times),
    )
    PAGE.write_text(told, "utf-8")


def environment() -> str:
    """This machine, and the libraries that decide."""
    np.ones((2, 2)) @ np.ones((2, 2))
    blas: dict[str, Any] = next((i for i in threadpool_info() if i["user_api"] == "blas"), {})
    kernel = f"{blas.get('internal_api', 'no BLAS')}, kernel {blas.get('architecture', 'unknown')}"
    return (
        f"{machine()}, {os.cpu_count()} cores, Python {platform.python_version()}, "
        f"NumPy {np.__version__} with {kernel}"
    )


def mean(values: Iterable[float]) -> float:
    """Geometric."""
    logs = [log(value) for value in values]
    return exp(sum(logs) / len(logs))


def aimed(times: Times, title: str, other: str, choice: Choice, most: float) -> dict[str, Any]:
    """A line of what was aimed at; nothing where nothing was measured."""
    found = [r for row in times.of("ours") if choice(row) and (r := times.ratio(row, other))]
    if not found:
        return {}
    shapes, measured, worst = len(found), mean(found), max(found)
    names = "title other most measured missed shapes worst"
    values = (title, other, most, measured, measured > most, shapes, worst)
    return dict(zip(names.split(), values, strict=True))


def table(times: Times, dtype: str) -> list[dict[str, Any]]:
    """A line a shape and direction."""
    return [
        {
            "question": row["question"],
            "direction": row["direction"],
            "milliseconds": 1e3 * times.seconds[key_of(row)],
            "ratios": [
                "" if ratio is None else f"{ratio:.2f}"
                for ratio in (times.ratio(row, other) for other in OTHERS)
            ],
        }
        for row in times.of("ours")
        if row["dtype"] == dtype
    ]


def bare(times: Times) -> float:
    """The products of large convolutions alone, over torch's whole forward."""
    rows = (row for row in times.of("limit") if large(of("conv2d", FORWARD, "float32"))(row))
    return mean(ratio for row in rows if (ratio := times.ratio(row, "torch")))


def two_threads(times: Times) -> dict[str, float]:
    """The convolutions with two threads, over themselves with one and over torch with two."""
    rows = [row for row in times.of("ours", 2) if row["flop"]]
    with_one = (times.seconds[key_of({**row, "threads": 1})] for row in rows)
    return {
        "alone": mean(times.seconds[key_of(r)] / t for r, t in zip(rows, with_one, strict=True)),
        "torch": mean(ratio for row in rows if (ratio := times.ratio(row, "torch"))),
    }
