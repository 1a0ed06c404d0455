"""Files that `layercheck replay` leaves: arrays and a script, never over anything else."""

from __future__ import annotations

import io
import os
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from layercheck.errors import UsageError
from layercheck.pipeline.places import why_not
from layercheck.reporting.files import named, replace_bytes

SCRIPT_HEAD = b'"""A failing case, as layercheck shows it.'
"""How a script of ours begins."""

CASE_ENTRY = "case.npy"
"""What an archive of ours holds, and hardly another."""


SUFFIXES = {"--save": ".npz", "--script": ".py"}


def check_kept_places(places: Mapping[str, Path | None]) -> None:
    """The same as `check_kept_place` of what every option names."""
    for option, path in places.items():
        if path is not None:
            check_kept_place(path, option, SUFFIXES[option])


def check_kept_place(path: Path, option: str, suffix: str) -> None:
    """Raise UsageError where a file cannot be written, or would take the place of anything but one
    that this option wrote."""
    if path.suffix.lower() != suffix:
        raise UsageError(f"{option} {path}: expected a name that ends in {suffix}")
    if path.is_dir() or not os.access(path.parent, os.W_OK):
        raise UsageError(f"{option}: cannot write {path}: {why_not(path)}; choose another")
    if path.exists() and not is_ours(path):
        raise UsageError(
            f"{option}: {path} is there and was not written by it; choose another name"
        )


def is_ours(path: Path) -> bool:
    """Whether a file is a script or an archive of ours."""
    if path.suffix.lower() == ".py":
        with path.open("rb") as file:
            return file.read(len(SCRIPT_HEAD)) == SCRIPT_HEAD
    try:
        with zipfile.ZipFile(path) as archive:
            return CASE_ENTRY in archive.namelist()
    except (OSError, zipfile.BadZipFile):
        return False


def save_arrays(path: Path, arrays: dict[str, Any]) -> None:
    """Write arrays by name as an .npz that needs no pickle; raises UsageError."""
    import numpy as np

    data = io.BytesIO()
    np.savez(data, **arrays)
    save_bytes(path, data.getvalue())


def save_bytes(path: Path, data: bytes) -> None:
    """Write a file whole or not at all; raises UsageError."""
    try:
        replace_bytes(named(path), data)
    except OSError as error:
        raise UsageError(f"cannot write {path}: {error.strerror}") from None
