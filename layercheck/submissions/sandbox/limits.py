"""How much a submission may take, and how large it may be."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Limits:
    """call_seconds: each call, and the load · total_seconds: all of them · memory_bytes: address
    space of each process · all_bytes: resident memory of all together (Linux) · output_bytes: one
    reply · text_bytes: printed text kept of each call · file_bytes: each file, and the private
    folder where the system sees to it · folder_bytes, folder_files: all files in the private folder
    together (Linux) · processes: beside the first · open_files: of each process.
    """

    call_seconds: float = 10.0
    total_seconds: float = 120.0
    memory_bytes: int = 2 << 30
    all_bytes: int = 3 << 29
    output_bytes: int = 64 << 20
    text_bytes: int = 64 << 10
    file_bytes: int = 1 << 20
    folder_bytes: int = 16 << 20
    folder_files: int = 1000
    processes: int = 16
    open_files: int = 64


MOST_SOURCE = 1 << 20
"""How many bytes of a Python file are read, and of a helper beside it."""

MOST_NOTEBOOK = 32 << 20
"""The same of a notebook, whose pictures stand in it too."""
