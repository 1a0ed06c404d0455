"""Known defects of the frameworks: `oracles/defects.toml`, read and matched.

A defect excuses an answer where its condition holds and as far as its cap goes: what else is off
there, or more so, is new.
"""

from __future__ import annotations

import platform
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from importlib import resources
from typing import Any

from layercheck._toml import tomllib
from layercheck.cases.case import Case
from layercheck.cases.where import condition
from layercheck.implementations.protocol import Answer, Failure, Implementation, Reply
from layercheck.reporting.verdict import all_pass

from .facts import Facts, agrees
from .instead import facts_instead


@dataclass(frozen=True)
class KnownDefect:
    """One entry of the list.

    oracles: who has it · versions: of the framework, as a requirement · condition: on the case ·
    kind: `wrong`, `crashed`, `raised` or `timed out` · case: one that shows it · what, reason: for
    people · script: the same without layercheck · cpu: instructions that it needs, as
    /proc/cpuinfo calls them · environment: variables with which it shows on every processor.

    The cap · message: what a failure's message says · arrays: those that may be off · instead: what
    is computed in place of the op (`instead.py`), which the answer has to be within rounding ·
    right_in: a dtype in which the answer has to be right.
    """

    id: str
    oracles: tuple[str, ...]
    framework: str
    versions: str
    condition: str
    kind: str
    case: str
    what: str
    reason: str
    script: str = ""
    cpu: str = ""
    environment: Mapping[str, str] = field(default_factory=dict)
    message: str = ""
    arrays: tuple[str, ...] = ()
    instead: str = ""
    right_in: str = ""

    @property
    def cap(self) -> str:
        """How far it excuses an answer, in words."""
        told = [
            f"a message with {self.message!r}" if self.message else "",
            f"{', '.join(self.arrays)} alone" if self.arrays else "",
            f"within rounding of {self.instead}" if self.instead else "",
            f"right in {self.right_in}" if self.right_in else "",
        ]
        return "; ".join(filter(None, told)) or self.kind

    def may_occur(self, oracle: str, versions: Mapping[str, str], case: Case, kind: str) -> bool:
        """Whether an oracle may have it at a case."""
        from packaging.specifiers import SpecifierSet

        if oracle not in self.oracles or kind != self.kind:
            return False
        version = versions.get(self.framework, "")
        fits = bool(version) and SpecifierSet(self.versions).contains(version, prereleases=True)
        return fits and condition(self.condition)(case)

    def excuses(self, known: Facts, oracle: Implementation, reply: Reply) -> bool:
        """Whether what went wrong is no more than what the defect does."""
        if isinstance(reply, Failure):
            return bool(self.message) and self.message in reply.message
        if not isinstance(reply, Answer):
            return False
        off = {c.array for c in known.compare_all("", reply) if c.verdict.fails}
        if not off <= set(self.arrays):
            return False
        if self.instead:
            told = facts_instead(known, self.instead).compare_all("", reply)
            return all_pass(c.verdict for c in told if c.array in off)
        return bool(self.right_in) and agrees(
            known, oracle.answer(known.case, self.right_in), self.right_in
        )


@cache
def known_defects() -> tuple[KnownDefect, ...]:
    """Every entry of the list."""
    text = resources.files("oracles").joinpath("defects.toml").read_text(encoding="utf-8")
    entries: list[dict[str, Any]] = tomllib.loads(text).get("defect", [])
    lists = ("oracles", "arrays")
    return tuple(KnownDefect(**{**e, **{n: tuple(e.get(n, ())) for n in lists}}) for e in entries)


def find(known: Facts, oracle: Implementation, reply: Reply, name: str = "") -> KnownDefect | None:
    """The known defect that an oracle's reply to a case shows, or None.

    name: the oracle's, where the implementation goes by another.
    """
    kind = reply.kind if isinstance(reply, Failure) else "wrong"
    for defect in known_defects():
        may = defect.may_occur(name or oracle.name, oracle.versions, known.case, kind)
        if may and defect.excuses(known, oracle, reply):
            return defect
    return None


def machine() -> str:
    """The processor, since some defects need certain instructions."""
    try:
        with open("/proc/cpuinfo", encoding="utf-8") as file:
            return next(line.split(":", 1)[1].strip() for line in file if "model name" in line)
    except (OSError, StopIteration):
        return platform.processor() or platform.machine()
