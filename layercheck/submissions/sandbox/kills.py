"""A child that was killed from outside, as by a system that has no memory left: asked once more."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from layercheck.processes.death import ChildDied

if TYPE_CHECKING:
    from layercheck.processes.wire import Message

    Ask = Callable[[], Message]

MOST = 4
"""How often at most for one file, whatever its functions do to themselves."""


class Kills:
    """How often a file was asked once more: its load once, and each of its functions. What that
    takes counts like any other time of it.

    own: whether it was killed when it was asked once more, too. Then it kills itself, and is not
    asked again at all.
    """

    def __init__(self) -> None:
        self.count, self.own = 0, False
        self._again = set[str]()

    def again(self, about: str, ask: Ask, once_more: Ask) -> Message:
        """What is asked; where its child was killed, and by no limit of ours, in another one.
        about: what may be asked once more. Raises ChildDied."""
        try:
            return ask()
        except ChildDied as died:
            if about in self._again:
                raise died.again() from None
            if not died.is_kill or self.own or self.count >= MOST:
                raise
        self._again.add(about)
        self.count += 1
        try:
            return once_more()
        except ChildDied as died:
            self.own = died.is_kill
            raise died.again() from None


def about(request: Mapping[str, Any]) -> str:
    """What a request is about: a function, by its number, or the file."""
    ((name, asked),) = request.items()
    return str(asked.get("target", name))
