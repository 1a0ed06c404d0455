"""What a subject means by the way it is written."""

from __future__ import annotations

from pathlib import Path

ORACLE = "oracle:"
SOURCES = (".py", ".ipynb")
"""How files end that people write: no report is called so."""


def is_file(spec: str) -> bool:
    """Whether a subject means a file: by its ending, or because there is one."""
    return spec.lower().endswith(SOURCES) or Path(spec).is_file()
