"""The processor: kernel libraries choose their code by its widest vectors, and so their defects."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache
from pathlib import Path

WIDEST = ("avx512f", "avx2", "asimd")
"""Instruction sets that kernels are written for, as /proc/cpuinfo calls them, the widest first."""

CPUINFO = Path("/proc/cpuinfo")


@cache
def widest() -> str:
    """That of this machine; empty where it has none of them, or does not say."""
    try:
        return widest_of(CPUINFO.read_text(encoding="utf-8").splitlines())
    except OSError:
        return ""


def widest_of(lines: Iterable[str]) -> str:
    """The same of a file's lines.

    >>> widest_of(["flags : fpu sse2 avx2 fma"]), widest_of(["Features : fp asimd"])
    ('avx2', 'asimd')
    """
    told = next((line for line in lines if line.startswith(("flags", "Features"))), "")
    has = set(told.split())
    return next((name for name in WIDEST if name in has), "")
