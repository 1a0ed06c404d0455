"""A report as JSON: a line for each section and each record of a list.

The form is described in docs/report-schema.md and, for programs, in report.schema.json; both are
generated from the records.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from importlib import resources
from pathlib import Path
from typing import Any

from ..files import write_text
from ..plain import plain
from ..regular import read_regular
from ..report import VERSION, Report

SUFFIX = ".json"
COMPARED = ("subject", "manifest", "checks", "defects", "cases", "comparisons")
"""The fields that two reports are compared by."""

MOST = 256 << 20
"""How large a report is that is read, in bytes: that of 2,000,000 comparisons has some 200 MB."""

BY_LINE = ("checks", "not_checked", "failures", "closest", "defects", "changes")


def render(report: Report) -> str:
    """The report as JSON text."""
    return written(plain_report(report))


def written(data: Mapping[str, Any]) -> str:
    """The same of a report as plain data."""
    sections = ",\n".join(f"{compact(name)}:{section(name, value)}" for name, value in data.items())
    return f"{{\n{sections}\n}}\n"


def write(report: Report, path: str | os.PathLike[str]) -> None:
    """Write the report; raises OSError, and then leaves what was at `path` before as it was."""
    write_text(path, render(report))


def read(path: str | os.PathLike[str]) -> dict[str, Any]:
    """What `write` wrote, as plain data; raises ValueError for another form or version, for what is
    larger than MOST or no regular file, and OSError."""
    return parsed(read_regular(Path(path), MOST), path)


def parsed(told: bytes, path: str | os.PathLike[str]) -> dict[str, Any]:
    """The same of its bytes. path: of what is told."""
    data = json.loads(told.decode("utf-8"))
    version = data.get("version") if isinstance(data, dict) else None
    if version != VERSION:
        raise ValueError(f"{path}: report version {version}, expected {VERSION}")
    return data  # type: ignore[no-any-return]


def schema() -> dict[str, Any]:
    """The JSON Schema (2020-12) of a report."""
    path = resources.files("layercheck.reporting") / "report.schema.json"
    return json.loads(path.read_text(encoding="utf-8"))  # type: ignore[no-any-return]


def plain_report(report: Report) -> dict[str, Any]:
    """The report as plain data."""
    return plain(report)  # type: ignore[no-any-return]


def section(name: str, value: Any) -> str:
    """The value of one of the report's fields, by line where it is a list of records."""
    if name in BY_LINE and value:
        return "[\n" + ",\n".join(map(compact, value)) + "\n]"
    if isinstance(value, dict) and name in ("cases", "comparisons"):
        lines = ",\n".join(f"{compact(key)}:{compact(inner)}" for key, inner in value.items())
        return f"{{\n{lines}\n}}"
    return compact(value)


def compact(value: Any) -> str:
    """JSON without spaces; raises ValueError for nan and infinities."""
    return json.dumps(value, separators=(",", ":"), allow_nan=False)
