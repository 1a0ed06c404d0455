"""Writing a file so that a reader never sees half of it."""

from __future__ import annotations

import os
import stat
import sys
from pathlib import Path

STDOUT = "-"


def write_text(path: str | os.PathLike[str], text: str) -> None:
    """Write UTF-8 to a file beside `path`, then put it in its place; raises OSError.

    `-` is standard output. What is no regular file (a device, a FIFO) is written to as it is; a
    link stays one.
    """
    if os.fspath(path) == STDOUT:
        sys.stdout.write(text)
        sys.stdout.flush()
        return
    target = Path(path).resolve() if Path(path).is_symlink() else Path(path)
    if target.exists() and not stat.S_ISREG(target.stat().st_mode):
        with target.open("w", encoding="utf-8", errors="backslashreplace", newline="\n") as file:
            file.write(text)
        return
    replace_with(target, text)


def replace_with(target: Path, text: str) -> None:
    """Put a new file in the place of a regular one, or of none."""
    target.parent.mkdir(parents=True, exist_ok=True)
    temporary = target.with_name(f".{target.name}.{os.getpid()}.tmp")
    try:
        with temporary.open("w", encoding="utf-8", errors="backslashreplace", newline="\n") as file:
            file.write(text)
        temporary.replace(target)
    finally:
        temporary.unlink(missing_ok=True)
