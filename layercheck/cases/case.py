"""A case: one question, fully determined, written as one line of text that replays it.

    conv2d x=2x6x9x7 w=5x6x3x2 b=5 stride=2 padding=1:0,0:1 dtype=float32 fill=normal seed=3

The op, its arrays with their shapes, the attributes that are not at their default, then dtype,
fill and seed. `-` is the shape of a scalar.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property, lru_cache
from math import prod
from typing import Any

import numpy as np

from layercheck.stages import stage
from oracles.oracle import Question
from ref_layers import OPS, Op
from ref_layers.op import Array

from .draws import draw
from .fills import OF_DOUT
from .named_fills import fill_of, of_dout
from .text import Shape, shape_text, value_text
from .values import Values

DTYPES = ("float32", "float64", "float16")


@lru_cache(maxsize=4096)
def out_shape(
    op: str, shapes: tuple[tuple[str, Shape], ...], attributes: tuple[tuple[str, Any], ...]
) -> Shape:
    """The shape of `out`, by the reference layer; raises ValueError if it has none. It does not
    depend on values, and drawing them takes most of a grid's time."""
    spec = OPS[op]
    blanks = {
        name: np.zeros(shape, int if spec.inputs[name].draw.startswith("labels") else float)
        for name, shape in shapes
    }
    with np.errstate(all="ignore"):
        out, _ = spec.forward(**blanks, **dict(attributes))
    return np.shape(out[0] if isinstance(out, tuple) else out)


INPUTS = Values[Mapping[str, Array]](lambda inputs: inputs)
QUESTIONS = Values[Question](lambda question: {**question.inputs, "dout": question.dout})
"""What was drawn for cases."""


@dataclass(frozen=True)
class Case:
    """op: name · shapes: of the arrays that are given · attributes: those not at their default."""

    op: str
    shapes: Mapping[str, Shape]
    attributes: Mapping[str, Any] = field(default_factory=dict)
    dtype: str = "float32"
    fill: str = "normal"
    seed: int = 0

    def __str__(self) -> str:
        return self._text

    @cached_property
    def _text(self) -> str:
        shapes = (f"{name}={shape_text(shape)}" for name, shape in self.shapes.items())
        attributes = (f"{name}={value_text(value)}" for name, value in self.attributes.items())
        drawn = f"dtype={self.dtype} fill={self.fill} seed={self.seed}"
        return " ".join([self.op, *shapes, *attributes, drawn])

    def __hash__(self) -> int:
        return hash(str(self))

    @property
    def spec(self) -> Op:
        return OPS[self.op]

    @property
    def inputs(self) -> Mapping[str, Array]:
        """The case's arrays; read-only, since every implementation gets copies."""
        return INPUTS.get(self._text, self._inputs)

    def _inputs(self) -> Mapping[str, Array]:
        values = {name: self._draw(name, shape) for name, shape in self.shapes.items()}
        for value in values.values():
            value.flags.writeable = False
        return values

    def _draw(self, name: str, shape: Shape) -> Array:
        role, _, symbol = self.spec.inputs[name].draw.partition(":")
        below = self.sizes[symbol] if symbol else 0
        fill = fill_of(self.fill, name)
        values = draw(fill, role, shape, f"{self.op} {name} {self.seed}", below)
        if role == "labels":
            step = {"ignored": 2, "all_ignored": 1}.get(self.fill)
            if step is not None and self.needs:
                values[::step] = self.all_attributes["ignore_index"]
            return np.full_like(values, values[0]) if self.fill == "same_labels" else values
        return values.astype(self.dtype)

    @cached_property
    def sizes(self) -> dict[str, int]:
        """The size of each symbol that stands alone in a shape, N, H, W, ..., and of one that
        stands beside it in a product: M of `C*M`."""
        found: dict[str, int] = {}
        for name, shape in self.shapes.items():
            for symbol, size in zip(self.spec.inputs[name].symbols, shape, strict=False):
                first, _, other = symbol.partition("*")
                if symbol.isidentifier():
                    found.setdefault(symbol, size)
                elif other.isidentifier() and found.get(first):
                    found.setdefault(other, size // found[first])
        return found

    @property
    def needs(self) -> tuple[str, ...]:
        """The attributes that its values mean something to: who has no place for them cannot be
        asked."""
        needed = ("ignore_index",) if self.fill in ("ignored", "all_ignored") else ()
        return tuple(name for name in needed if name in self.spec.attributes)

    @property
    def elements(self) -> int:
        """How many numbers its arrays hold."""
        return sum(prod(shape) for shape in self.shapes.values())

    @cached_property
    def all_attributes(self) -> dict[str, Any]:
        return {**self.spec.attributes, **self.attributes}

    @cached_property
    def out_shape(self) -> Shape:
        """The shape of `out`, by the reference layer; raises ValueError if it has none."""
        return out_shape(self.op, tuple(self.shapes.items()), tuple(self.attributes.items()))

    def take_drawn(self, inputs: Mapping[str, Array], dout: Array) -> None:
        """Take the values that were drawn for it earlier, unless it has its own by now."""
        INPUTS.put(self._text, inputs)
        QUESTIONS.put(self._text, self._asked(dout))

    @property
    def question(self) -> Question:
        """What every implementation is asked; raises ValueError if the op rejects the case."""
        return QUESTIONS.get(self._text, self._question)

    @stage("drawing values")
    def _question(self) -> Question:
        fill = self.fill if self.fill in OF_DOUT else "normal"
        drawn = draw(fill, "data", self.out_shape, f"{self.op} dout {self.seed}")
        drawn = of_dout(self.fill, drawn)
        dout = np.asarray(drawn, dtype=self.dtype)  # an array where out is a scalar, too
        dout.flags.writeable = False
        return self._asked(dout)

    def _asked(self, dout: Array) -> Question:
        return Question(
            self.op,
            self.inputs,
            self.all_attributes,
            dout,
            tuple(name for name in self.spec.differentiable if name in self.shapes),
        )

    @property
    def forward_question(self) -> Question:
        """The same without gradients: for what frameworks do with a case that the layer rejects."""
        return Question(self.op, self.inputs, self.all_attributes, np.zeros(0, self.dtype), ())

    def with_seed(self, seed: int) -> Case:
        return replace(self, seed=seed)
