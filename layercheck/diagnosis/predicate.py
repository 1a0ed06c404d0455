"""A condition that may set failing cases apart."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from .limits import Limit

Names = dict[str, Any]
Holds = Callable[[Names], bool]


@dataclass(frozen=True)
class Predicate:
    """text: a sentence's end · holds: at a case's names · rank: the lowest is simplest · is_exact:
    whether every case where it holds fails · name: the attribute or size that it is on · of: all
    that it is on; empty of what the arrays hold · limits: the numbers that it has · halves: the two
    that have to hold together."""

    text: str
    holds: Callable[[Names], bool]
    rank: int = 0
    is_exact: bool = True
    name: str = ""
    of: tuple[str, ...] = ()
    limits: tuple[Limit, ...] = ()
    halves: tuple[Predicate, ...] = ()

    @property
    def parts(self) -> tuple[Predicate, ...]:
        """Its halves; of a simple one itself."""
        return self.halves or (self,)
