"""Known defects of the frameworks: `oracles/defects.toml`, read and matched."""

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


@dataclass(frozen=True)
class KnownDefect:
    """One entry of the list.

    oracles: who has it · versions: of the framework, as a requirement · condition: on the case ·
    kind: `wrong`, `crashed`, `raised` or `timed out` · case: one that shows it · what, reason: for
    people · script: the same without layercheck · cpu: instructions that it needs, as
    /proc/cpuinfo calls them · environment: variables with which it shows on every processor.
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

    def covers(self, oracle: str, versions: Mapping[str, str], case: Case, kind: str) -> bool:
        """Whether this is what happened to that oracle at that case."""
        from packaging.specifiers import SpecifierSet

        if oracle not in self.oracles or kind != self.kind:
            return False
        version = versions.get(self.framework, "")
        fits = bool(version) and SpecifierSet(self.versions).contains(version, prereleases=True)
        return fits and condition(self.condition)(case)


@cache
def known_defects() -> tuple[KnownDefect, ...]:
    """Every entry of the list."""
    text = resources.files("oracles").joinpath("defects.toml").read_text(encoding="utf-8")
    entries: list[dict[str, Any]] = tomllib.loads(text).get("defect", [])
    return tuple(KnownDefect(**{**e, "oracles": tuple(e["oracles"])}) for e in entries)


def find(oracle: str, versions: Mapping[str, str], case: Case, kind: str) -> KnownDefect | None:
    """The known defect that this is, or None."""
    fitting = (d for d in known_defects() if d.covers(oracle, versions, case, kind))
    return next(fitting, None)


def machine() -> str:
    """The processor, since some defects need certain instructions."""
    try:
        with open("/proc/cpuinfo", encoding="utf-8") as file:
            return next(line.split(":", 1)[1].strip() for line in file if "model name" in line)
    except (OSError, StopIteration):
        return platform.processor() or platform.machine()
