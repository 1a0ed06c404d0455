"""The quick grid: the few cases of the standard grid that submissions are judged by.

For each op a file `<op>.txt`, one case a line with what it is there to catch, written by
`layercheck choose-quick` (`layercheck/upkeep/choose_quick.py` says how).
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from importlib import resources
from pathlib import Path

from ..case import Case
from ..parse import parse

FOLDER = Path(__file__).parent
MARK = "  # "


@cache
def quick(op_name: str) -> tuple[Case, ...]:
    """The quick grid of one op; empty if none was chosen."""
    return tuple(parse(case) for case, _ in lines(op_name))


def lines(op_name: str) -> Iterator[tuple[str, str]]:
    """Each case of the file with the mistakes that it is there to catch."""
    path = resources.files(__package__) / f"{op_name}.txt"
    if not path.is_file():
        return
    for line in path.read_text(encoding="utf-8").splitlines():
        case, _, reason = line.partition(MARK)
        if case.strip():
            yield case.strip(), reason
