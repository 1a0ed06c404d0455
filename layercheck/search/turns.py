"""Who does what: several workers take from the same streams and suspicions, each one its own."""

from __future__ import annotations

import threading
from collections.abc import Callable, Hashable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TypeVar

T = TypeVar("T")
Offered = Callable[[], Iterable[tuple[Hashable, T]]]
"""What there is to do, the most urgent first, each with what it is known by."""


@dataclass
class Turns:
    """taken: what some worker is at, of all of a search. Safe for several threads."""

    taken: set[Hashable] = field(default_factory=set)
    lock: threading.Lock = field(default_factory=threading.Lock)

    @contextmanager
    def first(self, offered: Offered[T]) -> Iterator[T | None]:
        """The first that nobody is at, this worker's own within the context; None where there is
        none. What is offered is asked for while nobody else may take any of it."""
        with self.lock:
            free = ((key, one) for key, one in offered() if key not in self.taken)
            key, one = next(free, (None, None))
            self.taken.add(key)
        try:
            yield one
        finally:
            with self.lock:
                self.taken.discard(key)
