"""Attributes of words that are only switched on and off: `approximate=True`."""

from __future__ import annotations

import ast
from dataclasses import dataclass
from typing import Any, ClassVar

from .call import Call
from .signatures import Argument, names_it

OFF = "none"
"""The word that says that such an attribute is off, where others have False."""


@dataclass(frozen=True)
class Switch:
    """True for every word but the one that says that it is off."""

    order: ClassVar[str] = OFF
    kinds: ClassVar[tuple[str, ...]] = ()

    def give(self, value: Any, x: Any) -> Any:
        """A word as True or False."""
        return value != OFF if isinstance(value, str) else value

    def tell(self, call: Call, name: str, value: Any) -> None:
        """Nothing: that it is switched is what the signature says."""


def is_switch(usual: Any, default: Any, annotation: Any) -> bool:
    """Whether a function switches an attribute of the op that has this default: by its own default,
    or by its annotation, as a type or as a text.

    >>> is_switch("none", True, ""), is_switch("none", "none", ""), is_switch("none", None, "bool")
    (True, False, True)
    """
    return bool(usual == OFF) and (isinstance(default, bool) or annotation in (bool, "bool"))


def is_switched(tree: ast.AST, usual: Any, argument: Argument) -> bool:
    """The same of a text, which compares it with no word."""
    compared = (n for n in ast.walk(tree) if isinstance(n, ast.Compare))
    of_words = any(names_it(n, argument.name) and has_word(n) for n in compared)
    return is_switch(usual, argument.default, argument.annotation) and not of_words


def has_word(node: ast.AST) -> bool:
    """Whether a part of a text has a string."""
    parts = (n for n in ast.walk(node) if isinstance(n, ast.Constant))
    return any(isinstance(part.value, str) for part in parts)
