"""What a subject means by the way it is written."""

from __future__ import annotations

from pathlib import Path

ORACLE = "oracle:"


def is_file(spec: str) -> bool:
    """Whether a subject means a file: by its ending, or because there is one."""
    return spec.endswith((".py", ".ipynb")) or Path(spec).is_file()
