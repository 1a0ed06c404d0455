"""A file read: which of its functions are asked, how, and why the others are not.

Functions are matched one by one. The profile that knows most of a file goes first, since a name may
mean one thing to one of them and another to the next; what it does not know, the others are asked.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from difflib import get_close_matches
from types import ModuleType
from typing import Any

from . import known_profiles
from .due import HELPER, IN_ITS_PLACE, NO_FORWARD, NO_LAYER, NO_OP, NOT_HERE, PRIVATE
from .imports import wanted
from .inventory import File, is_private, names_in, statements
from .marks import settle_names, wrong_mark
from .matching import Found, Matched, claims
from .names import op_meant, plain
from .syntax import outline, parse
from .words import with_words

MOST = 2000
"""How many functions and classes a file may have."""

ALIKE = 0.75
"""How much of a name has to be right for another one to be suggested."""


@dataclass
class Reading:
    """What was found in a file.

    found: what is asked · not_checked: the other functions and classes, with the reason · imports:
    modules that it may want from its own folder · problem: why it does not parse · known: every
    name that is accounted for · broken: what is wrong in itself, with the reason · ops: of
    functions that are not asked, the op that a profile knows them for.
    """

    found: list[Found] = field(default_factory=list)
    not_checked: dict[str, str] = field(default_factory=dict)
    imports: list[str] = field(default_factory=list)
    problem: str = ""
    known: frozenset[str] = frozenset()
    broken: dict[str, str] = field(default_factory=dict)
    ops: dict[str, str] = field(default_factory=dict)

    @property
    def profiles(self) -> list[str]:
        """The profiles that have a part in it."""
        return list(dict.fromkeys(found.profile.NAME for found in self.found))


def read(
    source: str,
    name: str,
    profile: str = "",
    table: Mapping[str, Any] | None = None,
    helpers: Mapping[str, ast.Module] | None = None,
) -> Reading:
    """Read a file.

    profile: the only one to ask, all by default · table: what somebody declared of the file ·
    helpers: the modules beside it, by name.
    Raises ValueError for a declaration that cannot be meant, or a profile that does not exist.
    """
    problem = ""
    try:
        tree = parse(source, name)
    except SyntaxError as error:
        tree, problem = outline(source), str(error)
    settle_names(tree)
    every = known_profiles()
    known = frozenset(n for module in every.values() for n in module.names())
    file = File(tree, source, table or {}, known, helpers or {})
    if len(file.definitions) > MOST:
        raise ValueError(f"it defines {len(file.definitions):,} names; at most {MOST:,} are read")
    chosen = [named(every, profile)] if profile else in_order(file)
    matched = Matched(file)
    for module in chosen:
        matched.add(module)
    defined = frozenset(file.definitions)
    if problem:
        unread = dict.fromkeys(file.definitions, "not read: the file does not parse")
        return Reading(matched.in_order(), unread, [], problem, defined)
    told = left_out(matched, chosen)
    broken = {n: text for n, node in file.definitions.items() if (text := wrong_mark(node))}
    broken |= file.wrong
    asked, lost = without(matched.in_order(), broken)
    asked = [replace(one, target=with_words(file, one.target)) for one in asked]
    told = {n: text for n, text in {**told, **lost}.items() if n not in broken}
    return Reading(asked, told, wanted(tree), "", defined, broken, matched.lost_ops)


def without(found: Sequence[Found], broken: Container[str]) -> tuple[list[Found], dict[str, str]]:
    """What can be asked beside names that are wrong, and what cannot for its other half."""
    kept: list[Found] = []
    lost: dict[str, str] = {}
    for one in found:
        both = dict.fromkeys(filter(None, (one.target.forward, one.target.backward)))
        wrong = [name for name in both if name.partition(".")[0] in broken]
        if wrong:
            lost |= dict.fromkeys(both, f"{wrong[0]}, which belongs to it, cannot be read")
        else:
            kept.append(one)
    return kept, lost


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


# ---------------------------------------------------------------------- what is left out

DECLARE = "; say what it is with @layercheck.implements"


def left_out(matched: Matched, chosen: Sequence[ModuleType]) -> dict[str, str]:
    """The functions, classes and methods that no target is about, each with the reason."""
    file, asked = matched.file, matched.taken
    lacking = {n for one in matched.found for n in (one.target.forward, one.target.backward)}
    lacking |= {n for n, text in matched.lost.items() if text == NOT_HERE}
    helpers = dict(helpers_of(file, asked))
    reasons = {}
    for name in file.definitions:
        if name in asked:
            continue
        if name in helpers:
            reasons[name] = f"{HELPER}{helpers[name]}"
        elif name not in matched.lost:
            reasons[name] = reason(file, name, lacking - asked - {""}, chosen)
    lost = {n: text if in_file(text) else f"{text}{DECLARE}" for n, text in matched.lost.items()}
    others = {n: text for one in matched.found for n, text in one.target.others.items()}
    told = {**lost, **reasons, **others}
    return {n: text for n, text in told.items() if text and n not in matched.asked}


def helpers_of(file: File, asked: Iterable[str]) -> Iterator[tuple[str, str]]:
    """What the functions that are asked mention, and what that mentions in turn, with the first of
    them."""
    mentioned = {name: names_in(node) for name, node in file.definitions.items()}
    for user in sorted(asked, reverse=True):
        due, seen = [user], {user}
        while due:
            new = mentioned.get(due.pop(), set()) - seen
            seen |= new
            due += new
        yield from ((name, user) for name in seen)


def in_file(text: str) -> bool:
    """Whether a reason is not about how to call something."""
    return text.startswith((NOT_HERE, "its forward", "it is async"))


def reason(file: File, name: str, lacking: set[str], chosen: Sequence[ModuleType]) -> str:
    """Why a function that no profile knows, or that cannot be read, is not asked."""
    if is_private(name):
        return PRIVATE
    node = file.definitions[name]
    if isinstance(node, ast.ClassDef):
        return reason_of_class(file, node)
    if name in file.known:
        return known_name(file, name)
    known = [*lacking, *(n for module in chosen for n in module.names())]
    alike = [n for n in (name, name.removesuffix("s")) if n in lacking]
    alike += get_close_matches(name, sorted(lacking), 1, ALIKE)
    alike += get_close_matches(name, known, 1, ALIKE)
    hint = f"; did you mean {alike[0]}?" if alike and alike[0] != name else ""
    return f"{NO_OP}{hint or DECLARE}"


def reason_of_class(file: File, node: ast.ClassDef) -> str:
    """Why a class is not asked."""
    methods = [n.name for n in statements(node.body) if isinstance(n, ast.FunctionDef)]
    public = ", ".join(n for n in methods if not is_private(n)) or "no public method"
    if {plain(node.name), plain(node.name.removesuffix("Layer"))} & file.known_plainly:
        return f"{NO_FORWARD} that can be seen here; has: {public}{DECLARE}"
    functions = [n for n in methods if n in file.known and "_" in n]
    if functions:
        return f"{', '.join(functions)}: written as methods; write them as functions of the file"
    return f"{NO_LAYER}{DECLARE}"


def known_name(file: File, name: str) -> str:
    """Why something that is called like an op is not asked all the same."""
    node = file.definitions[name]
    if isinstance(node, ast.AsyncFunctionDef):
        return "it is async: a layer is called and returns"
    if name not in file.functions:
        return "it is made by a call, so that its arguments cannot be read; write it with def"
    stem = re.sub(r"_(backward|grad|bwd)$", "", name)
    if stem != name and not any(
        op_meant(one) == op_meant(name) for one in file.functions if one != name
    ):
        return f"its forward {stem} is not in this file"
    return f"another function of this file is {IN_ITS_PLACE}{DECLARE}"


def described(tree: ast.Module) -> str:
    """What a file defines, for people."""
    defined = list(File(tree, "").definitions)
    more = f" and {len(defined) - 8} more" if len(defined) > 8 else ""
    return f"defines {', '.join(defined[:8])}{more}" if defined else "defines no function or class"


def expected() -> list[str]:
    """What every profile looks for, a line each."""
    return [f"{own}: {module.DESCRIPTION}" for own, module in known_profiles().items()]
