"""Calls in a given order: what is put to an implementation at once, and what came of each."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol, runtime_checkable

from layercheck.submissions.profiles.performing import Step
from oracles.oracle import Question

from .protocol import Failure
from .ways import USUAL, Way

NOT_ASKED = "not asked"
"""The kind of failure where a layer cannot be asked so, which is no fault of its."""


@dataclass(frozen=True)
class Script:
    """questions · steps: see `performing.Step` · memory: how arguments lie in memory · way: how a
    framework's layer is asked · times: how
    often all steps are made, at most as long as seconds of processor time allow.
    """

    questions: Sequence[Question]
    steps: Sequence[Step]
    memory: str = ""
    way: Way = USUAL
    times: int = 1
    seconds: float = 10.0


@dataclass(frozen=True)
class Performed:
    """steps: the arrays of each by name, or why there is none; of several times one below the other
    · failures: by the number of the step, after which none was made · times: how often all were ·
    changed: the inputs that a step overwrote, by its number.
    """

    steps: Sequence[Mapping[str, Any]]
    failures: Mapping[int, Failure] = field(default_factory=dict)
    times: int = 1
    changed: Mapping[int, Sequence[str]] = field(default_factory=dict)


@runtime_checkable
class Performs(Protocol):
    """An implementation that can be asked in a given order."""

    def perform(self, script: Script) -> Performed:
        """What came of each step."""
        ...


@runtime_checkable
class PerformsAhead(Protocol):
    """One that can be asked so without waiting."""

    def begin_script(self, script: Script) -> Callable[[], Performed]:
        """Put a script to it; what it gives is called for what came of it."""
        ...


def begin_script(implementation: Performs, script: Script) -> Callable[[], Performed]:
    """Ask without waiting, where the implementation can; what came of it is called for later."""
    if isinstance(implementation, PerformsAhead):
        return implementation.begin_script(script)
    performed = implementation.perform(script)
    return lambda: performed
