"""Where the time of a run goes: seconds by stage, each without those of the stages within it."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import wraps
from typing import ParamSpec, TypeVar

P = ParamSpec("P")
T = TypeVar("T")

BEGAN = time.perf_counter()
"""When this module was imported: early, after Python's own start."""

START, OTHER = "start-up", "everything else"


class Stages:
    """Seconds by stage, of the thread that turned it on."""

    def __init__(self) -> None:
        self.thread: int | None = None
        self.seconds: dict[str, float] = {}
        self.calls: dict[str, int] = {}
        self.within: list[float] = []
        """Of each stage that is open, the seconds of the stages within it."""

    def begin(self) -> None:
        """Count from now on; what went before was the start."""
        self.thread = threading.get_ident()
        self.seconds, self.calls = {START: time.perf_counter() - BEGAN}, {START: 1}

    @contextmanager
    def entered(self, name: str) -> Iterator[None]:
        """A stage, from here to the end of the context."""
        began = time.perf_counter()
        self.within.append(0.0)
        try:
            yield
        finally:
            whole = time.perf_counter() - began
            self.seconds[name] = self.seconds.get(name, 0.0) + whole - self.within.pop()
            self.calls[name] = self.calls.get(name, 0) + 1
            if self.within:
                self.within[-1] += whole

    def lines(self) -> list[str]:
        """A table, the longest first; what no stage had is told as that."""
        whole = time.perf_counter() - BEGAN
        told = {**self.seconds, OTHER: max(0.0, whole - sum(self.seconds.values()))}
        width = max(map(len, told))
        head = f"where {whole:.2f} s went in this process, while others worked beside it:"
        rows = sorted(told.items(), key=lambda item: -item[1])
        return [
            head,
            *(
                f"  {name:<{width}} {seconds:7.3f} s {seconds / whole:4.0%} {self.times(name)}"
                for name, seconds in rows
            ),
        ]

    def times(self, name: str) -> str:
        """How often a stage was entered, where that says something."""
        count = self.calls.get(name, 1)
        return f"{count:6,} times" if count > 1 else ""


STAGES = Stages()


def stage(name: str) -> Callable[[Callable[P, T]], Callable[P, T]]:
    """Count a function as a stage, or as a part of one."""

    def decorate(function: Callable[P, T]) -> Callable[P, T]:
        @wraps(function)
        def timed(*given: P.args, **named: P.kwargs) -> T:
            if STAGES.thread != threading.get_ident():
                return function(*given, **named)
            with STAGES.entered(name):
                return function(*given, **named)

        return timed

    return decorate
