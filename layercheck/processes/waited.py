"""How long a machine let a process wait that wanted to run (Linux)."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path

from .watch import below

NANO = 1e-9


def waited(root: int) -> float:
    """Seconds since their start that a process, or one below it, was ready to run and did not: the
    longest of them. 0.0 where the system does not tell."""
    return max(map(_waited, (root, *below(root))))


def _waited(process: int) -> float:
    with suppress(OSError, ValueError, IndexError):
        return int(Path(f"/proc/{process}/schedstat").read_text().split()[1]) * NANO
    return 0.0
