"""Test ids that can be read aloud."""

from __future__ import annotations

from typing import Any

from layercheck.cases.case import Case
from layercheck.cases.text import shape_text, value_text


def sentence(case: Case) -> str:
    """`conv2d of 2x3x7x5 with w 4x3x3x2 and b, stride 2, padding 1, float32 normal, seed 7`."""
    x, *others = case.shapes
    arrays = [f"w {shape_text(case.shapes['w'])}"] if "w" in others else []
    arrays += [name for name in others if name != "w"]
    given = f" with {' and '.join(arrays)}" if arrays else ""
    attributes = "".join(f", {phrase(name, value)}" for name, value in case.attributes.items())
    drawn = f"{case.dtype} {case.fill.replace('_', ' ')}, seed {case.seed}"
    return f"{case.op} of {shape_text(case.shapes[x])}{given}{attributes}, {drawn}"


def phrase(name: str, value: Any) -> str:
    words = name.replace("_", " ")
    if isinstance(value, bool):
        return words if value else f"no {words}"
    text = value_text(value)
    return f"{words} {text.replace(',', ' by ').replace(':', ' and ')}"
