"""`ref_layers/_functions.pyi`: what a type checker sees of layers that are found by themselves."""

from __future__ import annotations

from pathlib import Path

import ref_layers
from ref_layers import OPS

FILE = Path(ref_layers.__file__).parent / "_functions.pyi"


def text() -> str:
    """An import for the forward and backward of every op."""
    lines = [
        f"from .{op} import {op} as {op}\nfrom .{op} import {op}_backward as {op}_backward"
        for op in OPS
    ]
    return '"""Written by `tox run -e generate`."""\n\n' + "\n".join(lines) + "\n"


def write() -> None:
    """Write the file."""
    FILE.write_text(text(), encoding="utf-8")


if __name__ == "__main__":
    write()
