"""What is measured: `shapes.txt`, a line a shape, and its case."""

from __future__ import annotations

from dataclasses import dataclass
from math import prod
from pathlib import Path
from typing import Any

from layercheck.cases.case import Case
from layercheck.cases.parse import parse

FILE = Path(__file__).with_name("shapes.txt")


@dataclass(frozen=True)
class Shape:
    """A layer of a network at its real size. source: which network · question: a case without
    dtype."""

    source: str
    question: str

    @property
    def op(self) -> str:
        return self.question.split()[0]

    def case(self, dtype: str) -> Case:
        return parse(f"{self.question} dtype={dtype} fill=normal seed=0")

    @property
    def is_depthwise(self) -> bool:
        """Whether each filter sees a single channel of several."""
        shapes = self.case("float32").shapes
        return self.op == "conv2d" and shapes["w"][1] == 1 < shapes["x"][1]

    @property
    def flop(self) -> float:
        """Of a convolution's forward: two for each multiplication that it adds. 0 for others."""
        case = self.case("float32")
        if self.op not in ("conv2d", "conv2d_transpose"):
            return 0.0
        images = case.shapes["x"] if self.op == "conv2d_transpose" else case.question.dout.shape
        return 2.0 * images[0] * prod(images[2:]) * prod(case.shapes["w"])

    @property
    def described(self) -> dict[str, Any]:
        """What the page tells of it."""
        return {
            "source": self.source,
            "question": self.question,
            "op": self.op,
            "depthwise": self.is_depthwise,
            "flop": self.flop,
        }


def shapes() -> list[Shape]:
    """Every line."""
    lines = (line.split("|") for line in FILE.read_text("utf-8").splitlines()[1:])
    return [Shape(source.strip(), question.strip()) for source, question in lines]
