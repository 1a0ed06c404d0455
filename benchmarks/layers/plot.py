"""The picture of docs/speed.md: each op's time over torch's."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import matplotlib as mpl

if TYPE_CHECKING:
    from .page import Times

COLOURS = {"float32": "#0b5cad", "float64": "#c2571a"}
"""Seen apart by everybody, on light and on dark."""

GREY = "#7d8590"


def draw(times: Times, path: Path) -> None:
    """A dot a shape; one line an op."""
    mpl.use("svg")
    mpl.rcParams.update({"svg.hashsalt": "speed", "svg.fonttype": "none", "font.size": 9})
    from matplotlib import pyplot

    ops = list(dict.fromkeys(row["op"] for row in times.of("ours")))
    figure, axes = pyplot.subplots(1, 2, figsize=(9, 0.24 * len(ops) + 1.2), sharey=True)
    for axis, direction in zip(axes, ("forward", "backward"), strict=True):
        for row in times.of("ours"):
            ratio = times.ratio(row, "torch")
            if row["direction"] == direction and ratio is not None:
                place = ops.index(row["op"]) + (0.15 if row["dtype"] == "float64" else -0.15)
                axis.plot(ratio, place, "o", color=COLOURS[row["dtype"]], markersize=4, alpha=0.8)
        axis.axvline(1, color=GREY, linewidth=1)
        axis.set(xscale="log", yticks=range(len(ops)), yticklabels=ops, title=direction)
        axis.set_xlabel("our time / torch's", color=GREY)
        axis.grid(axis="x", which="major", color=GREY, alpha=0.3)
        axis.tick_params(colors=GREY)
        axis.title.set_color(GREY)
        for side in axis.spines.values():
            side.set_color(GREY)
    axes[0].invert_yaxis()
    for dtype, colour in COLOURS.items():
        axes[1].plot([], [], "o", color=colour, label=dtype)
    axes[1].legend(loc="upper right", frameon=False, labelcolor=GREY)
    figure.tight_layout()
    figure.savefig(path, format="svg", transparent=True, metadata={"Date": None})
    pyplot.close(figure)
