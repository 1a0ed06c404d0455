"""What a file defines that its text does not show: told, since nothing of it is checked."""

from __future__ import annotations

import functools
import sys
from collections.abc import Mapping, Sequence
from types import FunctionType
from typing import Any

import numpy as np

from layercheck.submissions.profiles.matching import Found
from layercheck.submissions.profiles.running import FILES

MOST = 40
MADE = "made while the file runs; write it with def or class to have it checked"


def more(module: Mapping[str, Any], file: str, known: frozenset[str]) -> dict[str, str]:
    """The public names of functions and classes that the text does not define, with the reason."""
    found = {
        name: origin(value, file)
        for name, value in module.items()
        if not name.startswith("_") and name not in known
    }
    return dict([(name, text) for name, text in found.items() if text][:MOST])


def origin(value: Any, file: str) -> str:
    """Where a function or class of the submission comes from; empty for anything else."""
    if isinstance(value, FunctionType):
        made_in = value.__code__.co_filename
        if made_in == file:
            return MADE
        return f"imported from {made_in}; check that file" if made_in in FILES else ""
    if isinstance(value, type):
        made_in = getattr(sys.modules.get(str(value.__module__)), "__file__", "")
        if value.__module__ == "submission":
            return MADE
        return f"imported from {made_in}; check that file" if made_in in FILES else ""
    return MADE if isinstance(value, (functools.partial, np.vectorize)) else ""


def unasked(module: Mapping[str, Any], found: Sequence[Found]) -> dict[str, str]:
    """What belongs to something that is asked and shows only now, with the reason."""
    told: dict[str, str] = {}
    for one in found:
        unseen = getattr(one.profile, "unseen", None)
        try:
            told |= {} if unseen is None else unseen(module, one.target)
        except Exception:  # a class may answer what it likes
            told[f"{one.target.forward}"] = "what else it has cannot be told: it raises when asked"
    return dict(list(told.items())[:MOST])
