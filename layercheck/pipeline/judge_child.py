"""The child of `crew.py`: judges one file after the other, and writes their reports."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

from layercheck.processes.bounded import limit_memory
from layercheck.processes.trusted import Answerer, serve
from layercheck.processes.wire import Array, Message

from .many import check_and_write
from .options import options_of


def judge(request: dict[str, Any], arrays: dict[str, Array]) -> Message:
    """The row of one file."""
    options = options_of(request["options"])
    row = check_and_write(Path(request["path"]), options, Path(request["base"]))
    return {"row": asdict(row)}, {}


def ready() -> tuple[Mapping[str, Any], Answerer]:
    """It is, when everything is imported."""
    limit_memory()
    return {"ready": True}, judge


if __name__ == "__main__":
    serve(ready)
