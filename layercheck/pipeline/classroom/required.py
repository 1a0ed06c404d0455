"""Which functions count, and how much: a fixed denominator for everybody."""

from __future__ import annotations

import difflib
import math
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from layercheck._toml import tomllib
from layercheck.errors import UsageError
from layercheck.implementations.submission import SubmittedFile
from layercheck.reporting.classroom.records import Required
from layercheck.submissions.profiles import known_profiles
from layercheck.submissions.reading import Reading
from layercheck.submissions.sources import read_bytes

from ..options import Options
from ..spec import SOURCES

TABLE = ".toml"
MOST_POINTS = 1e6
KEYS = ("score", "partial")


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
    table = read_table(Path(named)) if named.endswith(TABLE) else None
    names = list(table.points) if table else functions_of(named, options)
    if not names:
        raise UsageError(f"{named} requires nothing; expected a table [score] with functions")
    if not score:
        return table or Required(dict.fromkeys(names, 1.0))
    given = read_table(Path(score))
    for name in given.points.keys() - set(names):
        raise UsageError(f"{score}: {name} is not required by {named}; {nearest(name, names)}")
    return Required({n: given.points.get(n, 1.0) for n in names}, given.partial)


def functions_of(named: str, options: Options) -> list[str]:
    """The functions that a file has to check, or that a profile's assignment asks for; raises
    UsageError where there are none."""
    path = Path(named)
    if named.endswith(SOURCES) or path.is_file():
        with SubmittedFile(path, Reading(options.profile, options.declared)) as file:
            if file.submission.problem:
                raise UsageError(f"cannot read {named}: {file.submission.problem}")
            return list(dict.fromkeys(n for one in file.layers() for n, _ in one.functions()))
    profiles = {n: p for n, p in known_profiles().items() if hasattr(p, "assignment")}
    if named not in profiles:
        raise UsageError(
            f"got --require {named}; expected a Python file or notebook that has the functions, a "
            f"{TABLE} file with a table [score], or one of: {', '.join(profiles)}"
        )
    return list(profiles[named].assignment())


def read_table(path: Path) -> Required:
    """A table of points; raises UsageError for what it does not understand."""
    try:
        found = tomllib.loads(read_bytes(path).decode())
    except (ValueError, RecursionError) as error:
        raise UsageError(f"cannot read {path}: {' '.join(str(error).split())}") from None
    for key in found.keys() - set(KEYS):
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
    """Points as a number; raises UsageError."""
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
