"""A case as a sentence, for the ids of tests."""

from __future__ import annotations

from .case import Case
from .text import shape_text, value_text


def sentence(case: Case) -> str:
    """Everything that a case's line says, as one reads it.

    >>> from layercheck.cases.parse import parse
    >>> sentence(parse("conv2d x=2x6x9x7 w=5x6x3x2 stride=2 dtype=float64 fill=wide seed=3"))
    'conv2d of x 2x6x9x7 and w 5x6x3x2, stride 2, float64, wide 3'
    """
    *arrays, last = (f"{name} {shape_text(shape)}" for name, shape in case.shapes.items())
    given = f"{', '.join(arrays)} and {last}" if arrays else last
    attributes = (f"{name} {value_text(value)}" for name, value in case.attributes.items())
    return ", ".join([f"{case.op} of {given}", *attributes, case.dtype, f"{case.fill} {case.seed}"])
