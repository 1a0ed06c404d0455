"""A report as JSON: one comparison a line, so that two reports can be compared with diff.

The form is described in docs/report-schema.md and, for programs, in report.schema.json.
"""

from __future__ import annotations

import json
import os
from importlib import resources
from pathlib import Path
from typing import Any

from .files import write_text
from .report import VERSION, Report

BY_LINE = ("checks", "comparisons", "defects")


def write_json(report: Report, path: str | os.PathLike[str]) -> None:
    """Write the report; raises OSError, and then leaves what was at `path` before as it was."""
    write_text(path, json_text(report))


def read_json(path: str | os.PathLike[str]) -> dict[str, Any]:
    """What write_json wrote, as plain data; raises ValueError for another format or version."""
    data = json.loads(Path(path).read_text(encoding="utf-8"))
    version = data.get("version") if isinstance(data, dict) else None
    if version != VERSION:
        raise ValueError(f"{path}: report version {version}, expected {VERSION}")
    return data  # type: ignore[no-any-return]


def schema() -> dict[str, Any]:
    """The JSON Schema (2020-12) of a report."""
    text = resources.files("reports").joinpath("report.schema.json").read_text(encoding="utf-8")
    return json.loads(text)  # type: ignore[no-any-return]


def json_text(report: Report) -> str:
    """The report as JSON text: a line for each section, check, comparison and defect."""
    sections = ",\n".join(
        f"{compact(name)}:{section(name, value)}" for name, value in report.to_json().items()
    )
    return f"{{\n{sections}\n}}\n"


def section(name: str, value: Any) -> str:
    """The value of one of the report's fields, by line where it is a long list."""
    if name in BY_LINE and value:
        return "[\n" + ",\n".join(map(compact, value)) + "\n]"
    return compact(value)


def compact(value: Any) -> str:
    """JSON without spaces; raises ValueError for nan and infinities."""
    return json.dumps(value, separators=(",", ":"), allow_nan=False)
