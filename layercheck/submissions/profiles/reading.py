"""A file read: which of its functions are asked, how, and why the others are not.

Functions are matched one by one. The profile that knows most of a file goes first, since a name may
mean one thing to one of them and another to the next; what it does not know, the others are asked.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from difflib import get_close_matches
from types import ModuleType
from typing import Any

from . import known_profiles
from .imports import wanted
from .inventory import File, is_private, names_in
from .names import plain
from .syntax import outline, parse
from .target import Target

MOST = 2000
"""How many functions and classes a file may have."""

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
    modules that it may want from its own folder · problem: why it does not parse · known: every
    name that is accounted for.
    """

    found: list[Found] = field(default_factory=list)
    not_checked: dict[str, str] = field(default_factory=dict)
    imports: list[str] = field(default_factory=list)
    problem: str = ""
    known: frozenset[str] = frozenset()

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
    if len(file.definitions) > MOST:
        raise ValueError(f"it defines {len(file.definitions):,} names; at most {MOST:,} are read")
    chosen = [named(every, profile)] if profile else in_order(file)
    matched = Matched(file)
    for module in chosen:
        matched.add(module)
    defined = frozenset(file.definitions)
    return Reading(matched.in_order(), left_out(matched, chosen), wanted(tree), problem, defined)


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


def claims(file: File, targets: Iterable[Target]) -> set[str]:
    """The names of the file that these targets are about."""
    named = {n.partition(".")[0] for t in targets for n in (t.forward, t.backward) if n}
    return named & file.definitions.keys()


class Matched:
    """Targets found so far: no function is asked by two profiles, and none that is a helper.

    lost: why a function that a profile knows is not asked.
    """

    def __init__(self, file: File) -> None:
        self.file = file
        self.found: list[Found] = []
        self.taken: set[str] = set()
        self.lost: dict[str, str] = {}

    def add(self, module: ModuleType) -> None:
        """What one more profile knows of the file."""
        every = list(module.find(self.file))
        parts = {t.part for t in every if t.part is not None and claims(self.file, [t])}
        helpers = self.helpers
        mine = [
            Found(module, target) for one in every for target in self.fitting(one, parts, helpers)
        ]
        self.found += mine
        self.taken |= claims(self.file, [one.target for one in mine])

    @property
    def helpers(self) -> set[str]:
        """What the functions that are asked already mention."""
        nodes = [self.file.definitions[name] for name in self.taken]
        return {name for node in nodes for name in names_in(node)} - self.taken

    def fitting(
        self, target: Target, parts: set[int | None], helpers: set[str]
    ) -> Iterator[Target]:
        """The target as it can be asked, if it can."""
        if not claims(self.file, [target]):
            if target.part in parts:
                self.lost[target.forward] = "not in this file, though its assignment asks for it"
        elif target.part is not None and target.forward not in self.file.definitions:
            if target.backward not in self.taken:
                own = f"its forward {target.forward} is not in this file"
                self.lost.setdefault(target.backward, own)
        elif claims(self.file, [replace(target, backward="")]) & (self.taken | helpers):
            return
        elif target.lost:
            self.lost[target.forward.partition(".")[0]] = target.lost
            if target.backward:
                own = f"its forward {target.forward} is not asked"
                self.lost.setdefault(target.backward.partition(".")[0], own)
        elif target.lost_backward:
            self.lost[target.backward] = target.lost_backward
            yield replace(target, backward="")
        elif claims(self.file, [replace(target, forward="")]) & self.taken:
            yield replace(target, backward="")
        else:
            yield target

    def in_order(self) -> list[Found]:
        """The targets in the order of the file."""
        places = {name: node.lineno for name, node in self.file.definitions.items()}
        last = max(places.values(), default=0)
        return sorted(self.found, key=lambda one: place(one.target, places, last))


def place(target: Target, places: Mapping[str, int], last: int) -> tuple[int, int]:
    """Where a target stands in the file: at its forward, else its backward, else at the end."""
    named = [name.partition(".")[0] for name in (target.forward, target.backward)]
    lines = [places[name] for name in named if name in places]
    return (lines[0] if lines else last), places.get(named[1], last)


# ---------------------------------------------------------------------- what is left out

DECLARE = "; say what it is with @layercheck.implements"


def left_out(matched: Matched, chosen: Sequence[ModuleType]) -> dict[str, str]:
    """The functions, classes and methods that no target is about, each with the reason."""
    file, asked = matched.file, matched.taken
    lacking = {n for one in matched.found for n in (one.target.forward, one.target.backward)}
    users = {name: names_in(node) for name, node in file.definitions.items()}
    reasons = {}
    for name in file.definitions:
        if name in asked:
            continue
        using = [user for user in asked if name in users[user]]
        if using:
            reasons[name] = f"a helper of {min(using)}"
        elif name not in matched.lost:
            reasons[name] = reason(file, name, lacking - asked - {""}, chosen)
    lost = {n: text if in_file(text) else f"{text}{DECLARE}" for n, text in matched.lost.items()}
    return {**reasons, **{n: text for n, text in lost.items() if n not in reasons}}


def in_file(text: str) -> bool:
    """Whether a reason is not about how to call something."""
    return text.startswith(("not in this file", "its forward"))


def reason(file: File, name: str, lacking: set[str], chosen: Sequence[ModuleType]) -> str:
    """Why a function that no profile knows, or that cannot be read, is not asked."""
    if is_private(name):
        return "private: its name says that it is a helper"
    is_class = isinstance(file.definitions[name], ast.ClassDef)
    if name in file.known or (is_class and plain(name) in file.known):
        return known_name(file, name)
    known = [*lacking, *(n for module in chosen for n in module.names())]
    alike = [n for n in (name, name.removesuffix("s")) if n in lacking]
    alike += get_close_matches(name, sorted(lacking), 1, ALIKE)
    alike += get_close_matches(name, known, 1, ALIKE)
    hint = f"; did you mean {alike[0]}?" if alike and alike[0] != name else ""
    return f"no op is called like this{hint or DECLARE}"


def known_name(file: File, name: str) -> str:
    """Why something that is called like an op is not asked all the same."""
    node = file.definitions[name]
    if isinstance(node, ast.AsyncFunctionDef):
        return "it is async: a layer is called and returns"
    if isinstance(node, ast.ClassDef):
        return f"a class without a forward that can be seen in this file{DECLARE}"
    if name not in file.functions:
        return "it is made by a call, so that its arguments cannot be read; write it with def"
    return f"another function of this file is asked in its place{DECLARE}"


def described(tree: ast.Module) -> str:
    """What a file defines, for people."""
    defined = list(File(tree, "").definitions)
    more = f" and {len(defined) - 8} more" if len(defined) > 8 else ""
    return f"defines {', '.join(defined[:8])}{more}" if defined else "defines no function or class"


def expected() -> list[str]:
    """What every profile looks for, a line each."""
    return [f"{own}: {module.DESCRIPTION}" for own, module in known_profiles().items()]
