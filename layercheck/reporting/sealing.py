"""A page that knows the bytes of the report beside it: what was edited, or cut, is made anew."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

from .earlier import form_of_head
from .files import replace_bytes, replace_with
from .formats import html
from .formats import json as json_format
from .regular import read_settled
from .report import Report

END = "</html>"
MOST, LONGEST_TAIL = 64 << 20, 1000
"""How many bytes of a report are read, and how many at a page's end hold what it knows of it."""


def write_sealed(report: Report, page: Path, data: Path) -> dict[str, Any]:
    """Write both forms, and give the report as plain data; raises OSError. No link is followed: the
    places are the run's own."""
    plain = json_format.plain_report(report)
    told = json_format.written(plain).encode("utf-8", "backslashreplace")
    replace_bytes(data, told)
    text = html.render(report).rstrip().removesuffix(END)
    replace_with(page, f"{text}{seal_of(data.name, told)}{END}\n")
    return plain


def seal_of(name: str, told: bytes) -> str:
    """What a page says of the report beside it."""
    return f"<!-- {name}: sha256 {hashlib.sha256(told).hexdigest()} -->"


def read_own(data: Path) -> dict[str, Any]:
    """A report of this run; no link leads to it. Raises OSError and ValueError."""
    return json_format.parsed(read_settled(data, json_format.MOST), data)


def read_sealed(page: Path, data: Path) -> dict[str, Any] | None:
    """A report as it was written, if its page is whole and says so; None where it is another one.

    Each file is read once. Raises OSError, and ValueError for what is no report or no regular file.
    """
    head, told = read_settled(page, MOST), read_settled(data, MOST)
    tail = head.rstrip()[-LONGEST_TAIL:].decode("utf-8", "replace")
    if not tail.endswith(f"{seal_of(data.name, told)}{END}") or not form_of_head(head):
        return None
    return json_format.parsed(told, data)
