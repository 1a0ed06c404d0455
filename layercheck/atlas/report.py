"""Writing the atlas: pages for people, JSON for programs."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from .page import first_page, op_page
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


def write(executed: Sequence[Executed], folder: Path) -> None:
    """`README.md`, a page an op and `atlas.json`."""
    folder.mkdir(parents=True, exist_ok=True)
    here = versions()
    (folder / "README.md").write_text(first_page(executed, here), encoding="utf-8")
    for op in dict.fromkeys(one.row.op for one in executed):
        rows = [one for one in executed if one.row.op == op]
        (folder / f"{op}.md").write_text(op_page(op, rows, here), encoding="utf-8")
    (folder / "atlas.json").write_text(as_json(executed, here), encoding="utf-8")


def as_json(executed: Sequence[Executed], here: dict[str, str]) -> str:
    """All rows with what was seen."""
    rows: list[dict[str, Any]] = []
    for one in executed:
        seen = {name: asdict(found) for name, found in one.found.items()}
        rows.append({"op": one.row.op, **asdict(one.row), "seen": seen})
    return json.dumps({"versions": here, "rows": rows}, indent=1, ensure_ascii=False) + "\n"
