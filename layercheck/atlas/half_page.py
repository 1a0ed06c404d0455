"""The tables of the 16-bit formats, as a page."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from layercheck.reporting.numbers import number
from layercheck.reporting.words import in_words

from .half import Line

HEAD = (
    "| array | framework | largest error | at x | beyond 1 unit |",
    "| --- | --- | --- | --- | --- |",
)


def page(lines: Sequence[Line], versions: Mapping[str, str], cpu: str) -> str:
    """All tables, by op and format."""
    here = in_words(dict(sorted(versions.items())))
    told = [
        "# Activations in 16 bits",
        "",
        f"Every finite number of float16 and bfloat16 put to each activation, with {here}, "
        f"on a processor with {cpu or 'no wide vectors'}.",
        "An error is told in units in the last place of the exact result: half a unit is the best",
        "that a rounded answer can be. The gradient is that of the sum of `out`, but for x = 0.",
        "Made by `layercheck atlas --half --write docs/atlas`.",
    ]
    for key in dict.fromkeys(key_of(line) for line in lines):
        told += ["", f"## {key}", "", *HEAD, *rows([one for one in lines if key_of(one) == key])]
    return "\n".join(told) + "\n"


def key_of(line: Line) -> str:
    """`gelu approximate=tanh, bfloat16`."""
    return f"{line.op}{' ' if line.said else ''}{line.said}, {line.kind}"


def rows(lines: Sequence[Line]) -> Iterator[str]:
    """The rows of one table, by array."""
    for line in sorted(lines, key=lambda line: (line.array != "out", line.array)):
        yield "| " + " | ".join(cells(line)) + " |"


def cells(line: Line) -> list[str]:
    """What stands in a row."""
    if line.refused:
        return ["", line.family, line.refused.replace("|", "\\|"), "", ""]
    size = "not finite" if line.error == float("inf") else number(line.error, 3)
    at = number(line.at, 4) if line.error else ""
    return [line.array, line.family, size, at, f"{line.beyond:,}"]
