"""Attributes of words that a function of this process takes as members of an Enum."""

from __future__ import annotations

import typing
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from enum import Enum
from typing import Any

from layercheck.submissions.profiles.members import plain


@dataclass(frozen=True)
class Enumerated:
    """The member of an Enum that a word is; any other value as it is."""

    kind: type[Enum]

    def give(self, value: Any, x: Any) -> Any:
        """A word as a member: of this value, where that is a text, else of this name."""
        words = {plain(m.value if isinstance(m.value, str) else m.name): m for m in self.kind}
        return words.get(plain(value), value) if isinstance(value, str) else value


def enumerated(function: Callable[..., Any], own: Mapping[str, str]) -> dict[str, Enumerated]:
    """The arguments that a function annotates with an Enum. own: its names for the op's."""
    hints: dict[str, Any] = {}
    with suppress(Exception):  # an annotation may be anything
        hints = typing.get_type_hints(function)
    kinds = {name: next(enums_in(hints.get(argument)), None) for name, argument in own.items()}
    return {name: Enumerated(kind) for name, kind in kinds.items() if kind is not None}


def enums_in(annotation: Any) -> Iterator[type[Enum]]:
    """The Enums that an annotation is, or has among others."""
    for one in (annotation, *typing.get_args(annotation)):
        if isinstance(one, type) and issubclass(one, Enum):
            yield one
