"""Failures that are expected: an adopter's own file, which may not outlive what it says.

[[expected]]
id = "conv2d of * padding same, *"
verdict = "wrong"
reason = "same padding is one pixel off at the bottom"
link = "https://example.org/issues/7"
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

from layercheck._toml import tomllib
from layercheck.errors import UsageError
from layercheck.reporting.verdict import Verdict


@dataclass(frozen=True)
class Expected:
    """id: a pattern of tests' ids, as they are printed, or without the subject before `::` ·
    verdict: what they come to · reason · link: where more is told of it; may be left out."""

    id: str
    verdict: str
    reason: str
    link: str = ""

    @property
    def told(self) -> str:
        """The reason with the link."""
        return f"{self.reason} ({self.link})" if self.link else self.reason

    def fits(self, *names: str) -> bool:
        """Whether it is about a test of these names."""
        return self.id in names or any(fnmatchcase(name, self.id) for name in names)


def expected_in(path: Path) -> list[Expected]:
    """The entries of a file; raises UsageError for what cannot be meant."""
    try:
        table = tomllib.loads(path.read_text("utf-8"))
    except OSError as error:
        raise UsageError(f"cannot read {path}: {error.strerror}") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise UsageError(f"{path} cannot be read: {error}") from None
    entries = table.get("expected", [])
    if set(table) - {"expected"} or not isinstance(entries, list):
        raise UsageError(f"{path}: got {', '.join(table)}; expected tables [[expected]] alone")
    return [entry_of(entry, path) for entry in entries]


def entry_of(entry: Any, path: Path) -> Expected:
    """One entry."""
    known = [field.name for field in fields(Expected)]
    texts = isinstance(entry, dict) and all(isinstance(v, str) and v for v in entry.values())
    if not texts or set(entry) - {*known} or {*known[:3]} - set(entry):
        raise UsageError(
            f"{path}: got [[expected]] {entry!r}; expected texts for id, verdict and reason, and "
            "perhaps link"
        )
    failing = [str(verdict) for verdict in Verdict if verdict.fails]
    if entry["verdict"] not in failing:
        raise UsageError(
            f"{path}: got verdict = {entry['verdict']!r}; expected one of: {', '.join(failing)}"
        )
    return Expected(**entry)
