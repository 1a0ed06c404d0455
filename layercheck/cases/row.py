"""A case as the combination that it is of: its sizes by symbol, attributes and optional inputs."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from math import prod

from ref_layers.op import is_size

from .case import Case
from .combined import FURTHER, has_last_axis
from .space import Row


def row_of(case: Case) -> Row:
    """The combination of which `make_case` makes the case again; raises ValueError where the shapes
    do not fit their symbols."""
    return dict(_row_of(case))


@lru_cache(maxsize=1024)
def _row_of(case: Case) -> Row:
    row: Row = {**case.all_attributes, "dtype": case.dtype, "fill": case.fill}
    row.update((name, name in case.shapes) for name in case.spec.optional)
    further = case.shapes["x"][len(case.spec.inputs["x"].symbols) :]
    row.update({FURTHER: further} if further else {})
    pairs = list(symbols_of(case))
    known = {n: v for n, v in case.all_attributes.items() if is_size(v)}
    known |= {symbol: size for symbol, size in pairs if "*" not in symbol and symbol not in known}
    for symbol, size in pairs:
        open_ones = [name for name in symbol.split("*") if name not in known]
        rest = 1 if size is None else size // max(1, prod_of(symbol, known))
        known.update(zip(open_ones, [rest] + [1] * len(open_ones), strict=False))
    settled = {name: known[name] for symbol, _ in pairs for name in symbol.split("*")}
    row.update((name, value) for name, value in settled.items() if name not in row)
    for absent in (n for s in absent_symbols(case) for n in s.split("*") if n not in row):
        row[absent] = 1
    return row


def prod_of(symbol: str, known: Row) -> int:
    """The product of what is known of a symbol's factors."""
    return prod(known[name] for name in symbol.split("*") if known.get(name) is not None)


def symbols_of(case: Case) -> Iterator[tuple[str, int | None]]:
    """Each symbol with its size; None for an axis that the array lacks. What has the last sizes of
    another array says nothing of its own."""
    for name, shape in case.shapes.items():
        symbols = case.spec.inputs[name].symbols
        lacking = (None,) * (len(symbols) - len(shape))
        told = shape[: len(symbols)] if has_last_axis(case.spec, name) else shape
        if not case.spec.inputs[name].last:
            yield from zip(symbols, (*told, *lacking), strict=True)


def absent_symbols(case: Case) -> Iterator[str]:
    """Those of arrays that the case leaves away."""
    for name, tensor in case.spec.inputs.items():
        if name not in case.shapes:
            yield from tensor.symbols
