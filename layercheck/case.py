"""A case: one question, fully determined, written as one line of text that replays it.

    conv2d x=2x6x9x7 w=5x6x3x2 b=5 stride=2 padding=1:0,0:1 dtype=float32 fill=normal seed=3

The op, its arrays with their shapes, the attributes that are not at their default, then dtype,
fill and seed. `-` is the shape of a scalar.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

import numpy as np

from oracles.oracle import Question
from ref_layers import OPS, Op
from ref_layers.op import REQUIRED, Array

from .errors import UsageError
from .fills import FILLS, draw

DTYPES = ("float32", "float64", "float16")
Shape = tuple[int, ...]


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
        shapes = (f"{name}={shape_text(shape)}" for name, shape in self.shapes.items())
        attributes = (f"{name}={value_text(value)}" for name, value in self.attributes.items())
        drawn = f"dtype={self.dtype} fill={self.fill} seed={self.seed}"
        return " ".join([self.op, *shapes, *attributes, drawn])

    def __hash__(self) -> int:
        return hash(str(self))

    @property
    def spec(self) -> Op:
        return OPS[self.op]

    @cached_property
    def inputs(self) -> dict[str, Array]:
        """The case's arrays; read-only, since every implementation gets copies."""
        values = {name: self._draw(name, shape) for name, shape in self.shapes.items()}
        for value in values.values():
            value.flags.writeable = False
        return values

    def _draw(self, name: str, shape: Shape) -> Array:
        role, _, symbol = self.spec.inputs[name].draw.partition(":")
        below = self.sizes[symbol] if symbol else 0
        values = draw(self.fill, role, shape, f"{self.op} {name} {self.seed}", below)
        return values if role == "labels" else values.astype(self.dtype)

    @cached_property
    def sizes(self) -> dict[str, int]:
        """The size of each symbol that stands alone in a shape: N, H, W, ..."""
        found: dict[str, int] = {}
        for name, shape in self.shapes.items():
            for symbol, size in zip(self.spec.inputs[name].symbols, shape, strict=False):
                if symbol.isidentifier():
                    found.setdefault(symbol, size)
        return found

    @property
    def elements(self) -> int:
        """How many numbers its arrays hold."""
        return sum(int(np.prod(shape)) for shape in self.shapes.values())

    @cached_property
    def all_attributes(self) -> dict[str, Any]:
        return {**self.spec.attributes, **self.attributes}

    @cached_property
    def out_shape(self) -> Shape:
        """The shape of `out`, by the reference layer; raises ValueError if it has none."""
        roles = {name: self.spec.inputs[name].draw for name in self.shapes}
        blanks = {
            name: np.zeros(shape, np.int64 if roles[name].startswith("labels") else self.dtype)
            for name, shape in self.shapes.items()
        }  # the shape does not depend on values, and drawing them takes most of a grid's time
        with np.errstate(all="ignore"):
            out, _ = self.spec.forward(**blanks, **self.attributes)
        return np.shape(out[0] if isinstance(out, tuple) else out)

    @cached_property
    def question(self) -> Question:
        """What every implementation is asked; raises ValueError if the op rejects the case."""
        fill = self.fill if self.fill == "integers" else "normal"
        drawn = draw(fill, "data", self.out_shape, f"{self.op} dout {self.seed}")
        dout = np.asarray(drawn, dtype=self.dtype)  # an array where out is a scalar, too
        dout.flags.writeable = False
        return Question(
            self.op, self.inputs, self.all_attributes, dout,
            tuple(name for name in self.spec.differentiable if name in self.shapes),
        )  # fmt: skip

    @property
    def forward_question(self) -> Question:
        """The same without gradients: for what frameworks do with a case that the layer rejects."""
        return Question(self.op, self.inputs, self.all_attributes, np.zeros(0, self.dtype), ())

    def with_seed(self, seed: int) -> Case:
        return replace(self, seed=seed)


def shape_text(shape: Shape) -> str:
    return "x".join(str(n) for n in shape) or "-"


def value_text(value: Any) -> str:
    """An attribute as text without spaces: 2 · 1,2 · 1:0,0:2 · same · true · none · 1e-05."""
    if value is None or isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, (tuple, list)):
        nested = any(isinstance(v, (tuple, list)) for v in value)
        return ",".join(":".join(map(value_text, v)) if nested else value_text(v) for v in value)
    return value if isinstance(value, str) else repr(value)


def parse_value(text: str) -> Any:
    """The inverse of value_text."""
    if text in ("none", "true", "false"):
        return {"none": None, "true": True, "false": False}[text]
    if "," in text:
        return tuple(parse_value(part) for part in text.split(","))
    if ":" in text:
        return tuple(parse_value(part) for part in text.split(":"))
    for kind in (int, float):
        try:
            return kind(text)
        except ValueError:
            continue
    if re.fullmatch(r"[a-z_]\w*", text):
        return text
    raise ValueError(text)


def parse(text: str) -> Case:
    """Read a case; raises UsageError with what is wrong and what was expected."""
    op_name, *parts = text.split() or [""]
    if op_name not in OPS:
        raise UsageError(f"unknown op {op_name!r}; expected one of: {', '.join(OPS)}")
    op = OPS[op_name]
    pairs = [part.partition("=") for part in parts]
    for name, equals, value in pairs:
        if not (name and equals and value):
            raise UsageError(f"case: got {name + equals + value!r}, expected name=value")
    names = [name for name, _, _ in pairs]
    if len(set(names)) != len(names):
        raise UsageError(f"case: {max(names, key=names.count)} is given twice; give it once")
    given = {name: value for name, _, value in pairs}
    shapes = {n: parse_shape(n, given.pop(n)) for n in op.inputs if n in given}
    drawn = parse_drawn(given)
    attributes = parse_attributes(op, given)
    check_arrays(op, shapes)
    return Case(op_name, shapes, attributes, **drawn)


def parse_shape(name: str, text: str) -> Shape:
    if text == "-":
        return ()
    if not re.fullmatch(r"\d+(x\d+)*", text):
        raise UsageError(f"case: shape {name}={text}; expected sizes such as {name}=2x3x5x7")
    return tuple(int(n) for n in text.split("x"))


def parse_drawn(given: dict[str, str]) -> dict[str, Any]:
    """Take dtype, fill and seed out of what was given."""
    dtype, fill = given.pop("dtype", "float32"), given.pop("fill", "normal")
    seed = given.pop("seed", "0")
    if dtype not in DTYPES:
        raise UsageError(f"case: dtype={dtype}; expected one of: {', '.join(DTYPES)}")
    if fill not in FILLS:
        raise UsageError(f"case: fill={fill}; expected one of: {', '.join(FILLS)}")
    if not seed.isdecimal():
        raise UsageError(f"case: seed={seed}; expected a whole number such as seed=3")
    return {"dtype": dtype, "fill": fill, "seed": int(seed)}


def parse_like(text: str, default: Any) -> Any:
    """A value; where the default is a word, `none` is the word too (reduction=none)."""
    return text if isinstance(default, str) and text.isidentifier() else parse_value(text)


def parse_attributes(op: Op, given: Mapping[str, str]) -> dict[str, Any]:
    known = op.attributes
    for name in given:
        if name not in known:
            expected = ", ".join([*op.inputs, *known, "dtype", "fill", "seed"])
            raise UsageError(f"case: {op.name} has no {name!r}; expected any of: {expected}")
    try:
        values = {n: parse_like(given[n], default) for n, default in known.items() if n in given}
    except ValueError as error:
        raise UsageError(f"case: cannot read the value {error}; see `layercheck cases`") from None
    missing = [n for n, default in known.items() if default is REQUIRED and n not in values]
    if missing:
        raise UsageError(f"case: {op.name} needs {missing[0]}=VALUE")
    return {n: v for n, v in values.items() if not is_default(v, known[n])}


def is_default(value: Any, default: Any) -> bool:
    return type(value) is type(default) and bool(value == default)


def check_arrays(op: Op, shapes: Mapping[str, Shape]) -> None:
    for name, tensor in op.inputs.items():
        if name not in shapes:
            if not tensor.optional:
                raise UsageError(f"case: {op.name} needs the shape {name}=... ({tensor.shape})")
        elif len(shapes[name]) > 8:
            raise UsageError(f"case: {name} has {len(shapes[name])} dimensions; expected at most 8")
        elif np.prod(shapes[name], dtype=float) > 2**28:
            raise UsageError(f"case: {name}={shape_text(shapes[name])} has over 2^28 elements")
