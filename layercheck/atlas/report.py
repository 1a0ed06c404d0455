"""Writing the atlas: pages for people, JSON for programs."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from layercheck.reporting.files import write_text

from .page import first_page, op_page
from .row import Row
from .run import Executed

PACKAGES = ("torch", "tensorflow", "keras", "jax", "onnxruntime", "numpy")


def versions() -> dict[str, str]:
    """Of the frameworks that are here."""
    found = {}
    for name in PACKAGES:
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            if name == "tensorflow":
                found |= of_tensorflow()
    return found


def of_tensorflow() -> dict[str, str]:
    """Its build for processors alone has another name."""
    try:
        return {"tensorflow": version("tensorflow-cpu")}
    except PackageNotFoundError:
        return {}


def write_pages(rows: Sequence[Row], folder: Path) -> None:
    """`README.md` and a page an op."""
    for name, text in pages(rows, versions()).items():
        write_text(folder / name, text)


def pages(rows: Sequence[Row], here: Mapping[str, str]) -> dict[str, str]:
    """What stands in each file; all of it comes from the rows and the versions."""
    made = {"README.md": first_page(rows, here)}
    for op in dict.fromkeys(row.op for row in rows):
        made[f"{op}.md"] = op_page(op, [row for row in rows if row.op == op], here)
    return made


def write_json(executed: Sequence[Executed], file: Path) -> None:
    """All rows with what was seen."""
    write_text(file, as_json(executed, versions()))


def as_json(executed: Sequence[Executed], here: dict[str, str]) -> str:
    """All rows with what was seen."""
    rows: list[dict[str, Any]] = []
    for one in executed:
        seen = {name: asdict(found) for name, found in one.found.items()}
        rows.append({"op": one.row.op, **asdict(one.row), "seen": seen})
    return json.dumps({"versions": here, "rows": rows}, indent=1, ensure_ascii=False) + "\n"
