"""Which targets of a file are asked: one profile after the other, and no function twice."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from types import ModuleType

from .due import NOT_HERE
from .inventory import File, is_absent, names_in
from .target import Target


@dataclass(frozen=True)
class Found:
    """A target, and the profile that knows how to call it."""

    profile: ModuleType
    target: Target


def claims(file: File, targets: Iterable[Target]) -> set[str]:
    """The names of the file that these targets are about."""
    named = {n.partition(".")[0] for t in targets for n in (t.forward, t.backward) if n}
    return named & file.definitions.keys()


class Matched:
    """Targets found so far: no function is asked by two profiles, and none that is a helper.

    lost: why a function that a profile knows is not asked · lost_ops: the op that it is of.
    """

    def __init__(self, file: File) -> None:
        self.file = file
        self.found: list[Found] = []
        self.taken: set[str] = set()
        self.ops: dict[str, set[str]] = {}
        """The ops that each function is asked for."""
        self.lost: dict[str, str] = {}
        self.lost_ops: dict[str, str] = {}

    def add(self, module: ModuleType) -> None:
        """What one more profile knows of the file."""
        every = list(module.find(self.file))
        parts = {t.part for t in every if t.part is not None and claims(self.file, [t])}
        helpers = self.helpers
        fitting = [target for one in every for target in self.fitting(one, parts, helpers)]
        mine = [Found(module, target) for target in without_doubles(fitting)]
        self.found += mine
        self.taken |= claims(self.file, [one.target for one in mine])
        for one in mine:
            for name in (one.target.forward, one.target.backward):
                self.ops.setdefault(name, set()).add(one.target.op)

    @property
    def asked(self) -> set[str]:
        """The functions that are asked, methods by their whole names."""
        every = (name for one in self.found for name in (one.target.forward, one.target.backward))
        return {*self.taken, *every}

    @property
    def helpers(self) -> set[str]:
        """What the functions that are asked already mention."""
        nodes = [self.file.definitions[name] for name in self.taken]
        return {name for node in nodes for name in names_in(node)} - self.taken

    def fitting(
        self, target: Target, parts: set[int | None], helpers: set[str]
    ) -> Iterator[Target]:
        """The target as it can be asked, if it can."""
        both = (target.forward.partition(".")[0], target.backward)
        self.lost_ops |= dict.fromkeys(filter(None, both), target.op)
        if not claims(self.file, [target]):
            if target.part in parts:
                self.lost[target.forward] = NOT_HERE
        elif target.part is not None and target.forward not in self.file.definitions:
            if target.backward not in self.taken:
                own = f"its forward {target.forward} is not in this file"
                self.lost.setdefault(target.backward, own)
        elif self.is_spoken_for(target, helpers):
            return
        elif target.lost:
            name = target.forward.partition(".")[0]
            self.lost[f"{name} (as {target.op})" if name in self.taken else name] = target.lost
            if claims(self.file, [replace(target, forward="")]):
                own = f"its forward {target.forward} is not asked"
                self.lost.setdefault(target.backward.partition(".")[0], own)
        else:
            yield self.with_gradient(target)

    def with_gradient(self, target: Target) -> Target:
        """The target, without a backward that cannot be asked or is another one's."""
        alone = replace(target, backward="")
        if target.lost_backward:
            self.lost[target.backward] = target.lost_backward
            return alone
        if target.part is not None and is_absent(self.file, target.backward):
            self.lost[target.backward] = NOT_HERE
            return alone
        return alone if self.is_taken(replace(target, forward=""), target.backward) else target

    def is_taken(self, target: Target, name: str) -> bool:
        """Whether a function is asked already; for another op it is asked once more: who declares
        that it is that one has said nothing of this one."""
        return bool(claims(self.file, [target]) & self.taken) and (
            target.op in self.ops.get(name, {target.op})
        )

    def is_spoken_for(self, target: Target, helpers: set[str]) -> bool:
        """Whether a forward is asked already, or is a helper of such; what an assignment asks for
        by its name is none, whoever mentions it."""
        alone = replace(target, backward="")
        is_helper = bool(claims(self.file, [alone]) & helpers) and target.part is None
        return is_helper or self.is_taken(alone, target.forward)

    def in_order(self) -> list[Found]:
        """The targets in the order of the file."""
        places = {name: node.lineno for name, node in self.file.definitions.items()}
        last = max(places.values(), default=0)
        return sorted(self.found, key=lambda one: place(one.target, places, last))


def without_doubles(targets: Sequence[Target]) -> Iterator[Target]:
    """The targets, of a forward that is asked with a backward none without."""
    gradients = {(one.op, one.forward) for one in targets if one.backward}
    alone: set[tuple[str, str]] = set()
    for one in targets:
        asked = (one.op, one.forward)
        if one.backward or (asked not in gradients and asked not in alone):
            alone |= set() if one.backward else {asked}
            yield one


def place(target: Target, places: Mapping[str, int], last: int) -> tuple[int, int]:
    """Where a target stands in the file: at its forward, else its backward, else at the end."""
    named = [name.partition(".")[0] for name in (target.forward, target.backward)]
    lines = [places[name] for name in named if name in places]
    return (lines[0] if lines else last), places.get(named[1], last)
