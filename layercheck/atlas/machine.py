"""The processor: kernel libraries choose their code by its widest vectors, and so their defects."""

from __future__ import annotations

from collections.abc import Collection
from functools import cache
from pathlib import Path

WIDEST = ("avx512f", "avx2", "asimd")
"""Instruction sets that kernels are written for, as /proc/cpuinfo calls them, the widest first."""

CPUINFO = Path("/proc/cpuinfo")


@cache
def instructions() -> frozenset[str]:
    """What this machine's processor can, as Linux lists it; nothing where it does not say."""
    try:
        lines = CPUINFO.read_text(encoding="utf-8").splitlines()
    except OSError:
        return frozenset()
    told = next((line for line in lines if line.startswith(("flags", "Features"))), "")
    return frozenset(told.split())


def widest() -> str:
    """The widest set of this machine; empty where it has none of them, or does not say."""
    return widest_of(instructions())


def widest_of(has: Collection[str]) -> str:
    """The same of what a processor can.

    >>> widest_of({"sse2", "avx2", "fma"}), widest_of({"fp", "asimd"}), widest_of(())
    ('avx2', 'asimd', '')
    """
    return next((name for name in WIDEST if name in has), "")
