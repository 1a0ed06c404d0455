"""A page that knows the bytes of the report beside it: what was edited, or cut, is made anew."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

from .earlier import is_report
from .files import write_text
from .formats import html
from .formats import json as json_format
from .regular import read_regular
from .report import Report

END = "</html>"
MOST, LONGEST_TAIL = 64 << 20, 1000
"""How many bytes of a report are read, and how many at a page's end hold what it knows of it."""


def write_sealed(report: Report, page: Path, data: Path) -> dict[str, Any]:
    """Write both forms, and give the report as plain data; raises OSError."""
    told = json_format.plain_report(report)
    write_text(data, json_format.written(told))
    text = html.render(report).rstrip().removesuffix(END)
    write_text(page, f"{text}{seal_of(data)}{END}\n")
    return told


def seal_of(data: Path) -> str:
    """What a page says of the report beside it; raises OSError."""
    digest = hashlib.sha256(read_regular(data, MOST)).hexdigest()
    return f"<!-- {data.name}: sha256 {digest} -->"


def is_sealed(page: Path, data: Path) -> bool:
    """Whether a page is whole, and the report beside it as it was written; raises OSError, and
    ValueError for what is no regular file."""
    tail = read_regular(page, MOST).rstrip()[-LONGEST_TAIL:].decode("utf-8", "replace")
    return tail.endswith(f"{seal_of(data)}{END}") and is_report(page)
