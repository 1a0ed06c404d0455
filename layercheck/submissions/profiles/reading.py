"""A file read: which of its functions are asked, how, and why the others are not.

Functions are matched one by one. The profile that knows most of a file goes first, since a name may
mean one thing to one of them and another to the next; what it does not know, the others are asked.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from difflib import get_close_matches
from types import ModuleType
from typing import Any

from . import known_profiles
from .imports import wanted
from .inventory import File, names_in
from .syntax import outline, parse
from .target import Target

ALIKE = 0.75
"""How much of a name has to be right for another one to be suggested."""


@dataclass(frozen=True)
class Found:
    """A target, and the profile that knows how to call it."""

    profile: ModuleType
    target: Target


@dataclass
class Reading:
    """What was found in a file.

    found: what is asked · not_checked: the other functions and classes, with the reason · imports:
    modules that it may want from its own folder · problem: why it does not parse.
    """

    found: list[Found] = field(default_factory=list)
    not_checked: dict[str, str] = field(default_factory=dict)
    imports: list[str] = field(default_factory=list)
    problem: str = ""

    @property
    def profiles(self) -> list[str]:
        """The profiles that have a part in it."""
        return list(dict.fromkeys(found.profile.NAME for found in self.found))


def read(
    source: str, name: str, profile: str = "", table: Mapping[str, Any] | None = None
) -> Reading:
    """Read a file.

    profile: the only one to ask, all by default · table: what somebody declared of the file.
    Raises ValueError for a declaration that cannot be meant, or a profile that does not exist.
    """
    problem = ""
    try:
        tree = parse(source, name)
    except SyntaxError as error:
        tree, problem = outline(source), str(error)
    every = known_profiles()
    known = frozenset(n for module in every.values() for n in module.names())
    file = File(tree, source, table or {}, known)
    chosen = [named(every, profile)] if profile else in_order(file)
    found = list(match(file, chosen))
    return Reading(found, left_out(file, found, chosen), wanted(tree), problem)


def named(every: Mapping[str, ModuleType], profile: str) -> ModuleType:
    """The profile of this name."""
    if profile not in every:
        raise ValueError(f"unknown profile {profile!r}; expected one of: {', '.join(every)}")
    return every[profile]


def in_order(file: File) -> list[ModuleType]:
    """The profiles, the one that knows most of the file first."""
    every = list(known_profiles().values())
    known = {module.NAME: len(claims(file, module.find(file))) for module in every}
    return sorted(every, key=lambda module: -known[module.NAME] * getattr(module, "WEIGHT", 1))


def match(file: File, chosen: Sequence[ModuleType]) -> Iterator[Found]:
    """Targets in the order of the file; no function is asked by two profiles."""
    taken: set[str] = set()
    found: list[Found] = []
    for module in chosen:
        mine = [t for t in module.find(file) if not claims(file, [t]) & taken]
        mine = [t for t in mine if claims(file, [t]) or completes(file, t, mine)]
        found += [Found(module, target) for target in mine]
        taken |= claims(file, mine)
    places = {name: node.lineno for name, node in file.definitions.items()}
    last = max(places.values(), default=0)
    yield from sorted(found, key=lambda one: place(one.target, places, last))


def claims(file: File, targets: Sequence[Target]) -> set[str]:
    """The names of the file that these targets are about."""
    named = {n.partition(".")[0] for t in targets for n in (t.forward, t.backward) if n}
    return named & file.definitions.keys()


def completes(file: File, target: Target, others: Sequence[Target]) -> bool:
    """Whether a target that the file lacks belongs to an assignment of which it has a part."""
    if target.part is None:
        return True
    return any(other.part == target.part and claims(file, [other]) for other in others)


def place(target: Target, places: Mapping[str, int], last: int) -> tuple[int, int]:
    """Where a target stands in the file: at its forward, else its backward, else at the end."""
    named = [name.partition(".")[0] for name in (target.forward, target.backward)]
    lines = [places[name] for name in named if name in places]
    return (lines[0] if lines else last), places.get(named[1], last)


# ---------------------------------------------------------------------- what is left out


def left_out(file: File, found: Sequence[Found], chosen: Sequence[ModuleType]) -> dict[str, str]:
    """The functions and classes that no target is about, each with the reason."""
    asked = claims(file, [one.target for one in found])
    lacking = {n for one in found for n in (one.target.forward, one.target.backward) if n} - asked
    users = {name: names_in(node) for name, node in file.definitions.items()}
    reasons = {}
    for name in file.definitions:
        if name not in asked:
            using = [user for user in asked if name in users[user]]
            reasons[name] = reason(name, using, lacking, chosen)
    return reasons


def reason(name: str, users: Sequence[str], lacking: set[str], chosen: Sequence[ModuleType]) -> str:
    """Why a function is not asked."""
    if users:
        return f"a helper of {min(users)}"
    known = [*lacking, *(n for module in chosen for n in module.names())]
    alike = [n for n in (name, name.removesuffix("s")) if n in lacking]
    alike += get_close_matches(name, sorted(lacking), 1, ALIKE)
    alike += get_close_matches(name, known, 1, ALIKE)
    hint = f"; did you mean {alike[0]}?" if alike and alike[0] != name else ""
    declare = "" if hint else "; say what it is with @layercheck.implements"
    return f"no op is called like this{hint}{declare if not name.startswith('_') else ''}"


def described(tree: ast.Module) -> str:
    """What a file defines, for people."""
    defined = list(File(tree, "").definitions)
    more = f" and {len(defined) - 8} more" if len(defined) > 8 else ""
    return f"defines {', '.join(defined[:8])}{more}" if defined else "defines no function or class"


def expected() -> list[str]:
    """What every profile looks for, a line each."""
    return [f"{own}: {module.DESCRIPTION}" for own, module in known_profiles().items()]
