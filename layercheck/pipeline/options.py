"""What a run is asked for."""

from __future__ import annotations

import hashlib
import json
import sys
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from functools import cache
from importlib.metadata import PackageNotFoundError, packages_distributions, version
from typing import Any

import numpy as np

from layercheck.reporting.verdict import PASSING, Passing, Verdict
from layercheck.submissions.sandbox.limits import Limits
from layercheck.submissions.sources import Declared, declared_at
from oracles import ESTABLISHED

ALLOWED = ("inaccurate", "narrowed")
"""Verdicts that may be let pass, too."""


@dataclass(frozen=True)
class Options:
    """The same options for the same subject give the same report.

    profile: how a file's functions are called, empty: as they look · grid: its name, empty: what
    suits the subject · ops: only these ops or functions · every: each of which has to be there: of
    several subjects one may lack some · dtype, where: only cases of this dtype,
    and where this condition holds · oracles: whom to compare with, beside the exact result; None:
    the established ones · live: ask the frameworks about a file, not their recordings · fresh: a
    seed that the submitter does not know · strict: another convention, what lies beyond an
    assignment's contract, and lines that were never run count as failures · allow: further verdicts
    that pass · declared: a TOML file of the grader's that says which functions a file has ·
    table: what stands in it, read once for all files and processes of a run · limits: of the
    sandbox · hunt: look for cases that run what the grid's do not · cases: only these, each as its
    line of text, and no others · recorded: hold a module against recorded answers though
    the frameworks are here · brief: nobody looks at figures beside recorded frameworks, where these
    are known to confirm the exact result · follow: tell the lines that no case ran · hints: how
    much is told of why a function fails, see reporting/hints.py · together: whether it is one of
    several submissions, of which none gets at another's functions · hidden: of a file, the words
    that its report leaves out, which are its author's name.
    """

    profile: str = ""
    grid: str = ""
    ops: tuple[str, ...] = ()
    every: bool = False
    dtype: str = ""
    where: str = ""
    oracles: tuple[str, ...] | None = None
    live: bool = False
    fresh: int | None = None
    strict: bool = False
    allow: tuple[str, ...] = ()
    declared: str = ""
    table: str = ""
    limits: Limits = field(default_factory=Limits)
    hunt: bool = True
    cases: tuple[str, ...] = ()
    recorded: bool = False
    follow: bool = True
    hints: str = "full"
    brief: bool = False
    together: bool = False
    hidden: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Raises UsageError where what is declared cannot be read."""
        if self.declared and not self.table:
            object.__setattr__(self, "table", declared_at(self.declared).text)

    @property
    def grader(self) -> Declared:
        """What the grader says of the functions of a file."""
        return Declared(self.declared, self.table)

    @property
    def passing(self) -> Passing:
        """The verdicts that pass."""
        more = set(map(Verdict, self.allow))
        less = {Verdict.CONVENTION} if self.strict else set()
        return (PASSING | more) - less

    @property
    def asked(self) -> tuple[str, ...]:
        """The oracles to compare with; `exact` takes part in any case."""
        named = ESTABLISHED if self.oracles is None else dict.fromkeys(self.oracles)
        return tuple(name for name in named if name != "exact")


@cache
def version_of(distribution: str) -> str:
    """Of what is installed, without importing it; empty where it is not, as run from its source."""
    try:
        return version(distribution)
    except PackageNotFoundError:
        return ""


def distributions_of(modules: Sequence[str]) -> list[str]:
    """What was installed to have these modules."""
    found = packages_distributions()
    return [name for module in modules for name in sorted(found.get(module, ()))]


def settings_of(options: Options) -> str:
    """A fingerprint of options, with what the grader declared, and of the versions that numbers
    depend on."""
    versions = [sys.version, np.__version__, *map(version_of, ("layercheck", "python-flint"))]
    if options.live or options.oracles:
        versions += map(version_of, distributions_of(options.asked))
    same = {**asdict(options), "hidden": bool(options.hidden)}  # whoever joins the class
    told = json.dumps([same, versions], sort_keys=True, default=str)
    return hashlib.sha256(told.encode()).hexdigest()[:32]


def as_json(options: Options) -> dict[str, Any]:
    """The options as JSON values."""
    return asdict(options)


def options_of(told: Mapping[str, Any]) -> Options:
    """The inverse of `as_json`, after a way through JSON."""
    names = ("ops", "oracles", "allow", "cases")
    tuples = {name: None if told[name] is None else tuple(told[name]) for name in names}
    hidden = {file: tuple(words) for file, words in told["hidden"].items()}
    return Options(**{**told, **tuples, "limits": Limits(**told["limits"]), "hidden": hidden})
