"""A row in the terminal."""

from __future__ import annotations

from collections.abc import Iterator
from textwrap import indent

from .differ import FAMILIES, Pair
from .row import KINDS


def lines_of(pair: Pair, one: str, other: str) -> Iterator[str]:
    """The question, both answers, and the code of either side."""
    row = pair.row
    yield f"{row.op}: {row.title}"
    yield f"  {row.case}"
    if pair.one != pair.other:
        width = max(len(one), len(other))
        yield f"  {one:{width}}  {pair.one}"
        yield f"  {other:{width}}  {pair.other}"
    else:
        yield f"  both: {pair.one}"
    if row.note:
        yield f"  {row.note}"
    for name in dict.fromkeys([one, *FAMILIES.get(one, ()), other, *FAMILIES.get(other, ())]):
        for code, told in ((row.call, f"{name}, asked with"), (row.recipe, f"{name}, to agree")):
            if name in code:
                yield f"  {told}:"
                yield indent(code[name].strip(), "      ")
    yield ""


def line_of(pair: Pair, one: str, other: str) -> str:
    """The same in one line."""
    answers = f"{one} {pair.one}, {other} {pair.other}"
    if pair.one == pair.other:
        answers = KINDS[pair.row.kind]
    return f"  {pair.row.op}: {pair.row.title} ({answers})"
