"""The case of a combination: a value for every size, attribute and optional input."""

from __future__ import annotations

from collections.abc import Sequence
from math import prod

from ref_layers import Op

from .case import Case
from .space import Row, space_of
from .text import is_default

FURTHER = "further"
"""What a combination calls the sizes that x has beyond those of its symbols: of (N, C, ...)."""


def has_last_axis(op: Op, name: str) -> bool:
    """Whether an array has the last of x's symbols as its own last: what follows it follows there,
    too."""
    return op.inputs[name].symbols[-1:] == op.inputs["x"].symbols[-1:]


def is_valid(op: Op, row: Row, by_levels: bool = True) -> bool:
    """Whether the space's own rule and the layer itself accept the combination.

    by_levels: whether that rule counts: not where somebody else has chosen the sizes.
    """
    if by_levels and not space_of(op.name).valid(row):
        return False
    try:
        return 0 not in make_case(op, row, 0).out_shape
    except ValueError:
        return False


def make_case(op: Op, row: Row, seed: int) -> Case:
    """The case of one combination."""
    given = {name: row.get(name, True) for name in op.inputs}
    last = op.inputs["x"].symbols[-1]
    shapes = {n: shape_of(t.symbols, row, last) for n, t in op.inputs.items() if given[n]}
    for name, tensor in op.inputs.items():
        if name in shapes and has_last_axis(op, name):
            shapes[name] += row.get(FURTHER, ())
        if tensor.last and name in shapes:
            shapes[name] = shapes[name][-row[tensor.last] :]
    chosen = {n: row[n] for n in op.attributes if n in row}
    values = {n: v(row) if callable(v) else v for n, v in chosen.items()}
    attributes = {n: v for n, v in values.items() if not is_default(v, op.attributes[n])}
    return Case(op.name, shapes, attributes, row["dtype"], row["fill"], seed)


def shape_of(symbols: Sequence[str], row: Row, last: str = "") -> tuple[int, ...]:
    """The sizes of an array; an axis that has no level but None is left out. last: the last of x's
    symbols: a product that ends with it counts what follows it, too."""
    further = row.get(FURTHER, ()) if last else ()
    sizes = (
        [
            *(row[name] for name in symbol.split("*")),
            *(further if symbol.endswith(f"*{last}") else ()),
        ]
        for symbol in symbols
    )
    told = ([size for size in factors if size is not None] for factors in sizes)
    return tuple(prod(factors) for factors in told if factors)
