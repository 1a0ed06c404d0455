"""How wrong numbers relate to the right ones: one file a kind of relation, found by its name.

A relation is a module with `true(shown) -> Iterator[str]`: sentences that hold for one array of one
case, the most telling first. What holds in every failing case is told.
"""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Iterator
from functools import cache
from typing import Protocol, cast, runtime_checkable

from .shown import Shown

__all__ = ["Relation", "Shown", "Strict", "Telling", "relations"]


class Relation(Protocol):
    """A module of this folder. RANK: the lowest says most."""

    RANK: int

    def true(self, shown: Shown) -> Iterator[str]:
        """What holds of an array."""
        ...


@runtime_checkable
class Telling(Protocol):
    """A relation that says of a case that passes, too, whether it would be told there."""

    def would_differ(self, shown: Shown, text: str) -> bool:
        """Whether an array would be another one, were it as a sentence says."""
        ...


@runtime_checkable
class Strict(Relation, Telling, Protocol):
    """One whose sentences have a number, and are told only if no case speaks against them."""

    def says(self, shown: Shown, text: str) -> bool:
        """Whether a sentence is one of its own."""
        ...


@cache
def relations() -> tuple[Relation, ...]:
    """Every kind of relation, those that say most first."""
    names = (module.name for module in pkgutil.iter_modules(__path__))
    modules = (importlib.import_module(f"{__name__}.{name}") for name in names)
    found = [cast(Relation, module) for module in modules if hasattr(module, "RANK")]
    return tuple(sorted(found, key=lambda one: one.RANK))
