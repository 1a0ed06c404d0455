"""The published tolerance reports: how far the layers and the frameworks are from the exact result.

One run of the main job gives them all: `reports/<subject>.json` for programs, `reports/README.md`
for people. The sample grid is a part that CI asks again: a figure that moved beyond a factor of
MOVED, or an array that is gone, shows. Rounding depends on processor and BLAS, so that both are
named, and where they differ a moved figure is told and is no failure.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping, Set
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from layercheck.reporting.report import Entry, Report
from layercheck.reporting.verdict import Verdict

FOLDER = Path(__file__).parents[2] / "reports"
MOVED = 2.0
FIGURES = ("max_ulp", "limit_used", "needed_tolerance")
"""What is published of an array."""

EXACT = "exact"


@dataclass
class Figures:
    """The largest errors over some cases."""

    cases: int = 0
    max_ulp: float = 0.0
    limit_used: float = 0.0
    needed_tolerance: float = 0.0
    worst: str = ""
    """The case at which most of the limit was used."""

    def add(self, entry: Entry) -> None:
        """Take one comparison in."""
        self.cases += 1
        if not self.worst or (entry.limit_used or 0.0) > self.limit_used:
            self.worst = entry.case
        for name in FIGURES:
            setattr(self, name, max(getattr(self, name), getattr(entry, name) or 0.0))


@dataclass
class Line:
    """One array of one op in one dtype."""

    op: str
    dtype: str
    array: str
    verdicts: dict[str, int] = field(default_factory=dict)
    whole: Figures = field(default_factory=Figures)
    sample: Figures = field(default_factory=Figures)

    @property
    def key(self) -> str:
        """`conv2d float32 dx`."""
        return f"{self.op} {self.dtype} {self.array}"


@dataclass
class Ledger:
    """Everything that is published of one subject."""

    subject: str
    environment: dict[str, str]
    lines: dict[str, Line] = field(default_factory=dict)

    def write(self, folder: Path = FOLDER) -> None:
        """Write `<subject>.json`: a line for each array."""
        head = json.dumps({"subject": self.subject, "environment": self.environment})[:-1]
        body = ",\n".join(f'"{k}": {json.dumps(asdict(v))}' for k, v in self.lines.items())
        text = f'{head}, "lines": {{\n{body}\n}}}}\n'
        (folder / f"{self.subject}.json").write_text(text, encoding="utf-8")


def read(subject: str, folder: Path = FOLDER) -> Ledger:
    """What was published of a subject."""
    data = json.loads((folder / f"{subject}.json").read_text(encoding="utf-8"))
    lines = {key: line_of(told) for key, told in data["lines"].items()}
    return Ledger(data["subject"], data["environment"], lines)


def line_of(told: Mapping[str, Any]) -> Line:
    """A line as the file has it."""
    figures = {name: Figures(**told[name]) for name in ("whole", "sample")}
    return Line(told["op"], told["dtype"], told["array"], told["verdicts"], **figures)


def ledgers(
    report: Report, sampled: Set[str], environment_of: Callable[[str], dict[str, str]]
) -> Iterator[Ledger]:
    """The ledgers of a report: of its subject, and of the oracles that it was held against.

    sampled: the cases that CI asks again.
    """
    found: dict[str, Ledger] = {}
    for entry in report.entries(of_subject=False):
        if entry.against != EXACT or entry.subject == EXACT or entry.verdict.is_silent:
            continue
        if entry.subject not in found:
            found[entry.subject] = Ledger(entry.subject, environment_of(entry.subject))
        ledger = found[entry.subject]
        dtype = dtype_of(entry.case)
        line = Line(entry.op, dtype, entry.array)
        line = ledger.lines.setdefault(line.key, line)
        verdict = str(entry.verdict)
        line.verdicts[verdict] = line.verdicts.get(verdict, 0) + 1
        for figures in (line.whole, line.sample) if entry.case in sampled else (line.whole,):
            if entry.verdict.passes or entry.verdict is Verdict.INACCURATE:
                figures.add(entry)
    yield from found.values()


def dtype_of(case: str) -> str:
    """`float32` of a case's text."""
    found = re.search(r"\bdtype=(\w+)", case)
    return found[1] if found else "float32"


def moved(before: Ledger, now: Ledger) -> Iterator[str]:
    """What is no longer as published, over the sampled cases; empty if all is."""
    for key, line in before.lines.items():
        if key not in now.lines:
            continue  # `gone` tells
        old, new = line.sample, now.lines[key].sample
        for name in FIGURES:
            a, b = getattr(old, name), getattr(new, name)
            if max(a, b) > MOVED * min(a, b):
                yield f"{before.subject} {key}: {name} was {a:.3g}, is {b:.3g} (at {new.worst})"


def gone(before: Ledger, now: Ledger) -> list[str]:
    """The arrays that are compared in fewer of the sampled cases than passed when it was published.

    now: of the sample grid. What fails now is compared; it fails by its own verdict.
    """
    asked = {key: sum(line.verdicts.values()) for key, line in now.lines.items()}
    return [key for key, line in before.lines.items() if line.sample.cases > asked.get(key, 0)]
