"""Puts back what a submission patched, so that our own lines here do what they say.

Not a protection (the parent trusts nothing that comes from here): it keeps messages honest, and
says what was patched. What a submission adds (`np.int = int`) stays; what it replaces comes back.
"""

from __future__ import annotations

import builtins
import io
import json
import json.decoder
import json.encoder
import linecache
import operator
import os
import struct
import sys
import traceback
from types import ModuleType

import numpy as np

WATCHED: tuple[ModuleType, ...] = (
    builtins,
    np,
    os,
    json,
    json.encoder,
    json.decoder,
    struct,
    io,
    sys,
    traceback,
    linecache,
)
LAST = {"_", "last_type", "last_value", "last_traceback", "last_exc", "__warningregistry__"}
MAY_CHANGE = LAST | {"environ", "path", "stdin", "stdout", "stderr", "meta_path", "modules", "argv"}


class Guard:
    """The watched modules as they were before the submission ran."""

    def __init__(self, ours: tuple[ModuleType, ...]) -> None:
        # Bound now: `restore` is syntax and methods of built-in types, which nobody can patch.
        self._live = [
            (m.__name__, m.__dict__, dict(m.__dict__), tuple(m.__dict__.values()))
            for m in (*WATCHED, *ours)
        ]
        self._may_change = MAY_CHANGE
        self._missing = object()
        self._all, self._map, self._is = all, map, operator.is_

    def restore(self) -> list[str]:
        """Put back what was replaced or deleted; names it, as `numpy.array_equal`."""
        patched = []
        for module, live, saved, values in self._live:
            if live.__len__() >= values.__len__() and self._all(
                self._map(self._is, values, live.values())
            ):
                continue  # nothing moved: what was added stands behind
            for name in saved:
                now = live.get(name, self._missing)
                if now is not saved[name] and name not in self._may_change:
                    live[name] = saved[name]
                    patched.append(module + "." + name)
        return patched
