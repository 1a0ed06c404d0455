"""Words that are members of an Enum: `mode: Mode = Mode.NEAREST`."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from .signatures import UNKNOWN, Argument, literal


@dataclass(frozen=True)
class Members:
    """kind: the name of the Enum · by_word: the names of its members, by their words."""

    kind: str
    by_word: Mapping[str, str]


def enum_of(tree: ast.AST, annotation: str) -> Members | None:
    """The Enum of a text that an annotation names, alone or beside others; None without one.

    A member's word is its value where that is a text, else its name.
    """
    classes = {n.name: n for n in ast.walk(tree) if isinstance(n, ast.ClassDef) if is_enum(n)}
    own = next((n for n in re.findall(r"\w+", annotation) if n in classes), "")
    return Members(own, dict(words_of(classes[own]))) if own else None


def is_enum(node: ast.ClassDef) -> bool:
    """Whether a class is an Enum by its bases: `Enum`, `enum.StrEnum`."""
    return any(ast.unparse(base).endswith("Enum") for base in node.bases)


def words_of(node: ast.ClassDef) -> Iterator[tuple[str, str]]:
    """Each word of an Enum with its member."""
    for part in node.body:
        if isinstance(part, ast.Assign) and isinstance(part.targets[0], ast.Name):
            name, value = part.targets[0].id, literal(part.value)
            yield plain(value if isinstance(value, str) and value is not UNKNOWN else name), name


def plain(word: str) -> str:
    """A word without case, its parts joined alike.

    >>> plain("NEAREST_EXACT")
    'nearest-exact'
    """
    return word.lower().replace("_", "-")


def members_of(
    tree: ast.AST, matched: Mapping[str, str], arguments: Sequence[Argument]
) -> dict[str, Members]:
    """The attributes whose arguments are annotated with an Enum of the text."""
    own = {a.name: enum_of(tree, a.annotation) for a in arguments if a.annotation}
    found = {name: own.get(argument) for name, argument in matched.items()}
    return {name: members for name, members in found.items() if members is not None}


def as_members(
    values: Mapping[str, Any], members: Mapping[str, Members], namespace: Any
) -> dict[str, Any]:
    """The attributes, words as the members that they are. namespace: that of the file."""
    given = dict(values)
    for name, one in members.items():
        word = given.get(name)
        if isinstance(word, str) and plain(word) in one.by_word:
            given[name] = getattr(namespace[one.kind], one.by_word[plain(word)])
    return given
