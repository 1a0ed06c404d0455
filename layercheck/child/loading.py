"""Runs a submission's source as a module of its own."""

from __future__ import annotations

import importlib
import linecache
import sys
import types
from collections.abc import Mapping
from pathlib import PurePath
from types import ModuleType
from typing import Any

from .failures import LOADED


def load(name: str, source: str, profile: ModuleType) -> Mapping[str, Any]:
    """What the submission defines: by the profile's own `load(source, name)` if it has one."""
    remember_lines(name, source)
    own = getattr(profile, "load", None)
    return own(source, name) if own is not None else execute(source, name)


def execute(source: str, name: str) -> Mapping[str, Any]:
    """Run the source as a module named by the file's stem, never as `__main__`."""
    stem = PurePath(name).stem
    if not stem.isidentifier() or stem in sys.modules or stem in sys.stdlib_module_names:
        stem = "submission"
    module = types.ModuleType(stem)
    module.__file__ = name
    sys.modules[stem] = module
    exec(compile(source, name, "exec"), module.__dict__)
    return module.__dict__


def remember_lines(name: str, source: str) -> None:
    """Tracebacks show the submission's lines although no file of that name lies here."""
    LOADED.append(name)
    linecache.cache[name] = (len(source), None, source.splitlines(keepends=True), name)


def find_profile(name: str, folders: list[str]) -> ModuleType:
    """A profile by its name: `layercheck/profiles/<name>.py`, or one in the folders given."""
    profiles = importlib.import_module("layercheck.profiles")
    profiles.__path__ = [*folders, *profiles.__path__]
    return importlib.import_module(f"layercheck.profiles.{name}")


def defined(names: Mapping[str, Any]) -> list[str]:
    """The functions and classes of a namespace."""
    return sorted(n for n, v in names.items() if not n.startswith("_") and callable(v))
