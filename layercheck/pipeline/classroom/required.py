"""Which functions count, and how much: a fixed denominator for everybody."""

from __future__ import annotations

import difflib
import math
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from layercheck._toml import tomllib
from layercheck.errors import UsageError
from layercheck.implementations.submission import SubmittedFile
from layercheck.reporting.classroom.records import Asked, Required
from layercheck.submissions.profiles import known_profiles
from layercheck.submissions.profiles.target import Takes
from layercheck.submissions.reading import Reading
from layercheck.submissions.sources import read_bytes
from ref_layers import OPS

from ..options import Options
from ..spec import SOURCES

TABLE = ".toml"
MOST_POINTS = 1e6
POINTS = "expected a TOML file with a table [score]"
KEYS = ("score", "partial")
ALIKE = 0.85
"""From which likeness on, of 1, a name may be another one that was written wrongly."""

NEVER_ASKED = ("dim", "normalized_dims", "mask_seed", "eps", "momentum")
"""Settings that a function may do without: an axis, or a constant."""


def required_by(named: str, score: str, options: Options) -> Required | None:
    """What counts. named: a file that has the functions, a table of them, or a profile; empty:
    nothing is required · score: a table of points; empty: a point each. Raises UsageError."""
    if not named:
        if score:
            raise UsageError(f"got --score {score} without --require; expected both")
        return None
    if options.ops:
        raise UsageError(
            f"got --op {options.ops[0]} with --require; expected one of them: what is not asked "
            "would count as missing"
        )
    required = required_of(named, options)
    if not required.points:
        raise UsageError(f"{named} requires nothing; expected a table [score] with functions")
    if not score:
        return counting(named, required)
    given, names = read_table(Path(score)), list(required.points)
    for name in sorted(given.points.keys() - set(names)):
        raise UsageError(f"{score}: {name} is not required by {named}; {nearest(name, names)}")
    points = {n: given.points.get(n, 1.0) for n in names}
    return counting(score, replace(required, points=points, partial=given.partial))


def counting(named: str, required: Required) -> Required:
    """What counts; raises UsageError where all of it together is worth nothing."""
    if any(required.points.values()):
        return required
    raise UsageError(f"{named}: every function has 0 points; expected more for one of them")


def doubtful(required: Required) -> Iterator[str]:
    """The names that no assignment has, and that are nearly one that an assignment has."""
    known = assigned()
    for name in (name for name in required.points if name not in known):
        for near in difflib.get_close_matches(name, known, 1, ALIKE):
            yield f"{name} counts, and no assignment has that name; did you mean {near}?"


def required_of(named: str, options: Options) -> Required:
    """What a table, a file or a profile requires, a point each where nobody says more."""
    table = read_table(Path(named)) if named.lower().endswith(TABLE) else None
    asked = assigned() if table else functions_of(named, options)
    points = table.points if table else dict.fromkeys(asked, 1.0)
    known = {n: one for n, one in asked.items() if n in points}
    is_partial = table is not None and table.partial
    return Required(points, is_partial, known, narrow="narrowed" in options.allow)


def assigned(profile: str = "") -> dict[str, Asked]:
    """What the templates of an assignment are asked for, of all by default."""
    found: dict[str, Asked] = {}
    for name, module in known_profiles().items():
        if hasattr(module, "assignment") and profile in ("", name):
            found |= {n: as_asked(op, takes) for n, (op, takes) in module.assignment().items()}
    return found


def as_asked(op: str, takes: Takes) -> Asked:
    """An op with the settings that a signature has a place for."""
    left = {*takes.fixed, *NEVER_ASKED}
    return Asked(op, frozenset(name for name in OPS[op].attributes if name not in left))


def functions_of(named: str, options: Options) -> dict[str, Asked]:
    """The functions that a file has to check, or that a profile's assignment asks for; raises
    UsageError where there are none."""
    path = Path(named)
    if named.endswith(SOURCES) or path.is_file():
        with SubmittedFile(path, Reading(options.profile, options.grader)) as file:
            if file.submission.problem:
                raise UsageError(f"cannot read {named}: {file.submission.problem}")
            pairs = [(n, one) for one in file.layers() for n, _ in one.functions()]
            found: dict[str, Asked] = {}
            for name, one in pairs:
                found.setdefault(name, as_asked(one.op, one.takes))
            return found
    profiles = [n for n, p in known_profiles().items() if hasattr(p, "assignment")]
    if named not in profiles:
        raise UsageError(
            f"got --require {named}; expected a Python file or notebook that has the functions, a "
            f"{TABLE} file with a table [score], or one of: {', '.join(profiles)}"
        )
    return assigned(named)


def read_table(path: Path) -> Required:
    """A table of points; raises UsageError for what it does not understand."""
    try:
        found = tomllib.loads(read_bytes(path, expected=POINTS).decode("utf-8-sig"))
    except (ValueError, RecursionError) as error:
        raise UsageError(f"cannot read {path}: {' '.join(str(error).split())}") from None
    for key in sorted(found.keys() - set(KEYS)):
        raise UsageError(f"{path}: unknown key {key!r}; {nearest(key, KEYS)}")
    score = found.get("score", {})
    if not isinstance(score, dict):
        raise UsageError(f"{path}: score is {score!r}; expected a table [score]")
    partial = found.get("partial", score.get("partial", False))
    if not isinstance(partial, bool):
        raise UsageError(f"{path}: partial is {partial!r}; expected true or false")
    points = {
        name: points_of(path, name, value) for name, value in flat(score) if name != "partial"
    }
    return Required(points, partial)


def flat(score: Mapping[str, Any], ahead: str = "") -> Iterable[tuple[str, Any]]:
    """The entries by their whole names: `ReLU.forward = 2` is a table in a table to TOML."""
    for name, value in score.items():
        if isinstance(value, dict) and not ahead:
            yield from flat(value, f"{name}.")
        else:
            yield f"{ahead}{name}", value


def points_of(path: Path, name: str, value: Any) -> float:
    """Points as a number; raises UsageError, for a name that no function can have as well."""
    if not name.strip():
        raise UsageError(f"{path}: {name!r} = {value!r}; expected a function's name")
    is_number = isinstance(value, (int, float)) and not isinstance(value, bool)
    if not is_number or not math.isfinite(value) or not 0 <= value <= MOST_POINTS:
        raise UsageError(
            f"{path}: {name} = {value!r}; expected points from 0 to {MOST_POINTS:,.0f}"
        )
    return float(value)


def nearest(name: str, known: Iterable[str]) -> str:
    """What was expected, the likeliest name first."""
    names = list(known)
    near = difflib.get_close_matches(name, names, n=1)
    return f"did you mean {near[0]}?" if near else f"expected one of: {', '.join(sorted(names))}"
