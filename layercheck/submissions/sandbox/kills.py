"""A child that was killed from outside, as by a system that has no memory left: asked once more."""

from __future__ import annotations

from collections.abc import Callable

from layercheck.processes.death import ChildDied
from layercheck.processes.wire import Message

MOST = 4
"""How often at most for one file, whatever its functions do to themselves."""

Ask = Callable[[], Message]


class Kills:
    """How often a file was asked once more. What that takes counts like any other time of it."""

    def __init__(self) -> None:
        self.count = 0

    def again(self, ask: Ask, once_more: Ask) -> Message:
        """What is asked; where its child was killed, and by no limit of ours, in another one.
        Raises ChildDied."""
        try:
            return ask()
        except ChildDied as died:
            if not died.is_kill or self.count >= MOST:
                raise
        self.count += 1
        try:
            return once_more()
        except ChildDied as died:
            raise died.again() from None
