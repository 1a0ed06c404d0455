"""Reading a case from its line of text."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

import numpy as np

from layercheck.errors import UsageError, unknown
from ref_layers import OPS, Op
from ref_layers.op import REQUIRED

from .case import DTYPES, Case
from .fills import FILLS, RARE
from .named_fills import AROUND, DOUT, OF_DOUT_ALONE, is_fill
from .room import check_room
from .text import Shape, is_default, parse_value, shape_text

LONGEST_NUMBER = 18
"""How many digits a seed may have."""


def parse(text: str) -> Case:
    """Read a case; raises UsageError with what is wrong and what was expected."""
    op_name, *parts = text.split() or [""]
    if op_name not in OPS:
        raise unknown("op", op_name, OPS)
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
    check_room(op_name, shapes, attributes)
    return Case(op_name, shapes, attributes, **drawn)


def parse_shape(name: str, text: str) -> Shape:
    if text == "-":
        return ()
    if not re.fullmatch(r"\d{1,18}(x\d{1,18})*", text):
        raise UsageError(f"case: shape {name}={text[:80]}; expected sizes such as {name}=2x3x5x7")
    return tuple(int(n) for n in text.split("x"))


def parse_drawn(given: dict[str, str]) -> dict[str, Any]:
    """Take dtype, fill and seed out of what was given."""
    dtype, fill = given.pop("dtype", "float32"), given.pop("fill", "normal")
    seed = given.pop("seed", "0")
    if dtype not in DTYPES:
        raise UsageError(f"case: dtype={dtype}; expected one of: {', '.join(DTYPES)}")
    if not is_fill(fill):
        of_numbers = (f"{kind}:NUMBER" for kind in AROUND)
        of_dout = (f"{DOUT}:{sign}" for sign in OF_DOUT_ALONE)
        names = ", ".join((*FILLS, *RARE, *of_numbers, *of_dout))
        raise UsageError(f"case: fill={fill}; expected one of: {names}")
    if not seed.isdecimal() or len(seed) > LONGEST_NUMBER:
        raise UsageError(f"case: seed={seed[:40]}; expected a whole number such as seed=3")
    return {"dtype": dtype, "fill": fill, "seed": int(seed)}


def parse_like(text: str, default: Any) -> Any:
    """A value; where the default is a word, `none` is the word too (reduction=none), and
    words may have hyphens."""
    word = isinstance(default, str) and text.replace("-", "_").isidentifier()
    return text if word else parse_value(text)


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


def check_arrays(op: Op, shapes: Mapping[str, Shape]) -> None:
    for name, tensor in op.inputs.items():
        if name not in shapes:
            if not tensor.optional:
                raise UsageError(f"case: {op.name} needs the shape {name}=... ({tensor.shape})")
        elif len(shapes[name]) > 8:
            raise UsageError(f"case: {name} has {len(shapes[name])} dimensions; expected at most 8")
        elif np.prod(shapes[name], dtype=float) > 2**28:
            raise UsageError(f"case: {name}={shape_text(shapes[name])} has over 2^28 elements")
