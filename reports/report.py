"""The data of a report: what a run was, what it compared and what it found. No layercheck inside.

docs/report-schema.md describes the JSON form, which `Report.to_json` writes.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

VERSION = 1

VERDICTS = ("exact", "rounding", "convention", "inaccurate", "wrong", "error", "skipped")
"""From best to worst; `skipped` compared nothing."""

ERRORS = ("max_abs", "max_rel", "max_ulp", "headroom", "of_worst", "needed_tolerance")

PASSING = frozenset({"exact", "rounding", "convention"})


@dataclass(frozen=True)
class Comparison:
    """One array of one answer against another answer.

    case: the case's text · op · array: `out`, `dx`, ... · subject, against: who is compared with
    whom · dtype · verdict · reason: why, where the verdict is not a plain number's.
    shape, expected_shape: `2x3x5x7` · compared: how many elements were.
    max_abs, max_rel, max_ulp: the largest errors (ulp: units in the last place of the expected).
    headroom: largest error over its pass limit (more than 1 fails) · of_worst: the same over the
    worst-case bound · needed_tolerance: the least t with |error| <= t (1 + |expected|).
    worst_index: where headroom is largest, with both values `got` and `expected` there.
    """

    case: str
    op: str
    array: str
    subject: str
    against: str
    dtype: str
    verdict: str
    reason: str = ""
    shape: str = ""
    expected_shape: str = ""
    compared: int = 0
    max_abs: float | None = None
    max_rel: float | None = None
    max_ulp: float | None = None
    headroom: float | None = None
    of_worst: float | None = None
    needed_tolerance: float | None = None
    worst_index: tuple[int, ...] | None = None
    got: float | None = None
    expected: float | None = None

    @property
    def passed(self) -> bool:
        """Whether the verdict is one that passes; `skipped` is not."""
        return self.verdict in PASSING


@dataclass(frozen=True)
class Defect:
    """An oracle beyond its bound from the exact result, or one that crashed.

    known: the id of its entry in oracles/defects.toml, or None for a new one, which fails the run.
    """

    oracle: str
    case: str
    what: str
    known: str | None = None
    reason: str = ""


@dataclass(frozen=True)
class Check:
    """One op of the subject, over all its cases.

    first_wrong: the first array that failed of the smallest failing case; None if none did.
    note: what else is known of it · passing: the verdicts that count as passed here.
    """

    target: str
    op: str
    verdict: str
    cases: int
    failed: int
    first_wrong: Comparison | None = None
    note: str = ""
    passing: frozenset[str] = PASSING

    @property
    def passed(self) -> bool:
        """Whether the verdict is one that passes; `skipped` is not."""
        return self.verdict in self.passing

    def to_json(self) -> dict[str, Any]:
        """The check as the report's JSON form has it."""
        first = None if self.first_wrong is None else lean(self.first_wrong)
        fields = {name: value for name, value in vars(self).items() if name != "passing"}
        return {**fields, "first_wrong": first, "passed": self.passed}


@dataclass(frozen=True)
class Row:
    """One op against one oracle, summed up: a line of the terminal's table."""

    op: str
    against: str
    cases: int
    verdicts: dict[str, int]
    headroom: float | None
    max_ulp: float | None
    needed_tolerance: float | None


@dataclass
class Report:
    """environment: versions, processor, system, arithmetic of the exact oracle.

    manifest: cases planned and run, what was skipped and why, the oracles, whether it is partial.
    case_verdicts: the verdict of each case that was run, by its text.
    profile: how a submission was read; empty for a module or an oracle.
    """

    subject: str
    environment: dict[str, Any] = field(default_factory=dict)
    manifest: dict[str, Any] = field(default_factory=dict)
    checks: list[Check] = field(default_factory=list)
    comparisons: list[Comparison] = field(default_factory=list)
    defects: list[Defect] = field(default_factory=list)
    case_verdicts: dict[str, str] = field(default_factory=dict)
    profile: str = ""

    @property
    def new_defects(self) -> list[Defect]:
        """The defects that no entry of the known ones explains."""
        return [defect for defect in self.defects if defect.known is None]

    @property
    def partial(self) -> bool:
        """Whether planned cases were left out."""
        return bool(self.manifest.get("partial"))

    @property
    def passed(self) -> bool:
        """Every check passed (a skipped one did not), something was compared, no defect is new."""
        compared = any(c.compared for c in self.comparisons if c.subject == self.subject)
        return compared and all(c.passed for c in self.checks) and not self.new_defects

    @property
    def summary(self) -> dict[str, Any]:
        """The result in a few counts."""
        return {
            "passed": self.passed,
            "cases": len(self.case_verdicts),
            "comparisons": len(self.comparisons),
            "verdicts": counts(self.case_verdicts.values()),
        }

    def rows(self) -> list[Row]:
        """A line for each op and oracle, in the order in which they first appear."""
        groups: dict[tuple[str, str], list[Comparison]] = {}
        for comparison in self.comparisons:
            if comparison.subject == self.subject:
                groups.setdefault((comparison.op, comparison.against), []).append(comparison)
        return [make_row(*key, group) for key, group in groups.items()]

    def to_json(self) -> dict[str, Any]:
        """Plain data; numbers that JSON lacks are the strings "inf" and "nan"."""
        data: dict[str, Any] = {
            "version": VERSION,
            "subject": self.subject,
            **({"profile": self.profile} if self.profile else {}),
            "environment": self.environment,
            "manifest": self.manifest,
            "summary": self.summary,
            "checks": [check.to_json() for check in self.checks],
            "comparisons": [lean(comparison) for comparison in self.comparisons],
            "defects": [asdict(defect) for defect in self.defects],
        }
        return plain(data)  # type: ignore[no-any-return]


def counts(verdicts: Iterable[str]) -> dict[str, int]:
    """How many of each verdict, from best to worst, all of them named."""
    counted = Counter(verdicts)
    return {verdict: counted[verdict] for verdict in VERDICTS}


def worst_verdict(verdicts: Iterable[str]) -> str:
    """The worst of several; `skipped` only if there is nothing else."""
    found = set(verdicts)
    made = [verdict for verdict in VERDICTS if verdict in found and verdict != "skipped"]
    return made[-1] if made else "skipped"


def make_row(op: str, against: str, comparisons: Sequence[Comparison]) -> Row:
    """The comparisons of one op against one oracle, summed up by case."""
    by_case: dict[str, list[str]] = {}
    for comparison in comparisons:
        by_case.setdefault(comparison.case, []).append(comparison.verdict)
    return Row(
        op=op,
        against=against,
        cases=len(by_case),
        verdicts=counts(worst_verdict(verdicts) for verdicts in by_case.values()),
        headroom=largest(c.headroom for c in comparisons),
        max_ulp=largest(c.max_ulp for c in comparisons),
        needed_tolerance=largest(c.needed_tolerance for c in comparisons),
    )


def largest(values: Iterable[float | None]) -> float | None:
    """The largest of those that are given; None if none is."""
    return max((value for value in values if value is not None), default=None)


def lean(comparison: Comparison) -> dict[str, Any]:
    """A comparison's fields that say something, its errors to five digits."""
    fields = vars(comparison)
    short = {name: float(f"{v:.5g}") for name in ERRORS if (v := fields[name]) is not None}
    return drop_empty({**fields, **short})


def drop_empty(fields: dict[str, Any]) -> dict[str, Any]:
    """Without what is None or "": a report has tens of thousands of comparisons."""
    return {name: value for name, value in fields.items() if value is not None and value != ""}


def plain(value: Any) -> Any:
    """The same with tuples as lists and without numbers that JSON lacks."""
    if isinstance(value, float):
        return value if value - value == 0 else ("nan" if value != value else f"{value}")  # noqa: PLR0124
    if isinstance(value, dict):
        return {name: plain(inner) for name, inner in value.items()}
    if isinstance(value, (list, tuple)):
        return [plain(inner) for inner in value]
    return value
