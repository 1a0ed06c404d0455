"""A whole report: the records of a run, and how they are kept small."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any, Final, Literal

from .fields import VERDICTS, AllCounts, Size, VerdictName
from .records import Change, Check, Comparison, Defect, NotChecked
from .verdict import PASSING, Passing, Verdict

VERSION: Final = 2


@dataclass
class Columns:
    """Every comparison of a run, one number a column: a place in `names`, or a figure."""

    names: list[str] = field(default_factory=list)
    """The texts that the columns array, subject, against and verdict point into."""
    case: list[int] = field(default_factory=list)
    """Its place in the report's `cases`."""
    array: list[int] = field(default_factory=list)
    """The array's name."""
    subject: list[int] = field(default_factory=list)
    """Who is compared."""
    against: list[int] = field(default_factory=list)
    """With whom."""
    verdict: list[int] = field(default_factory=list)
    """What it came to."""
    limit_used: list[Size | None] = field(default_factory=list)
    """The largest error over its pass limit."""
    max_ulp: list[Size | None] = field(default_factory=list)
    """The largest error in units in the last place."""
    max_abs: list[Size | None] = field(default_factory=list)
    """The largest absolute error."""
    needed_tolerance: list[Size | None] = field(default_factory=list)
    """The tolerance that would have been needed."""

    def __len__(self) -> int:
        return len(self.case)

    def add(self, place: int, comparison: Comparison) -> None:
        """Append one comparison of the case at this place."""
        self.case.append(place)
        self.array.append(self._place(comparison.array))
        self.subject.append(self._place(comparison.subject))
        self.against.append(self._place(comparison.against))
        self.verdict.append(self._place(comparison.verdict.value))
        self.limit_used.append(short(comparison.limit_used))
        self.max_ulp.append(short(comparison.max_ulp))
        self.max_abs.append(short(comparison.max_abs))
        self.needed_tolerance.append(short(comparison.needed_tolerance))

    @cached_property
    def _places(self) -> dict[str, int]:
        return {name: place for place, name in enumerate(self.names)}

    def _place(self, text: str) -> int:
        place = self._places.get(text)
        if place is None:
            place = self._places[text] = len(self.names)
            self.names.append(text)
        return place


@dataclass(frozen=True)
class Entry:
    """One comparison as its columns have it."""

    case: str
    op: str
    array: str
    subject: str
    against: str
    verdict: Verdict
    limit_used: Size | None
    max_ulp: Size | None
    max_abs: Size | None
    needed_tolerance: Size | None
    beyond: bool
    """Whether its case goes beyond the assignment's contract: it fails no function."""


@dataclass
class Cases:
    """The questions that were asked."""

    text: list[str] = field(default_factory=list)
    """Each as the line that replays it."""
    verdict: list[VerdictName] = field(default_factory=list)
    """What the subject came to there."""
    terms: dict[str, dict[str, list[int]]] = field(default_factory=dict)
    """Of each linear layer: how many numbers an element of an array is the sum of, at most, in the
    order of the layer's cases; 0 where there is no such array."""
    beyond: list[int] = field(default_factory=list)
    """The places in `text` of those that go beyond an assignment's contract: told, and no reason to
    fail."""

    def add_terms(self, op: str, terms: Mapping[str, int]) -> None:
        """Append those of one case, by array; nothing where there are none."""
        if terms:
            of_op = self.terms.setdefault(op, {})
            count = len(next(iter(of_op.values()), ()))
            for array in dict.fromkeys([*of_op, *terms]):
                of_op.setdefault(array, [0] * count).append(terms.get(array, 0))

    def terms_of_each(self) -> list[dict[str, int]]:
        """Those of each case, by array."""
        taken, found = Counter[str](), []
        for text in self.text:
            op = text.partition(" ")[0]
            of_op = self.terms.get(op, {})
            found.append({array: every[taken[op]] for array, every in of_op.items()})
            taken[op] += 1
        return found


@dataclass
class Manifest:
    """What was planned and what was run."""

    oracles: list[str] = field(default_factory=list)
    """With whom the subject was compared, beside the exact result."""
    answers: Literal["live", "recorded", "none"] = "live"
    """Whether the oracles were asked (`live`), recorded (`recorded`), or there is none beside the
    exact result (`none`)."""
    grid: str = ""
    """Which cases were planned."""
    planned: int = 0
    """How many."""
    run: int = 0
    """How many of them were judged."""
    partial: bool = False
    """Whether the run was interrupted."""
    isolation: str = ""
    """How a submission was kept in."""
    strict: bool = False
    """Whether conventions, what lies beyond the contract and lines never run count as failures."""
    passing: list[VerdictName] = field(default_factory=lambda: names_of(PASSING))
    """The verdicts that pass in this run."""
    skipped: dict[str, int] = field(default_factory=dict)
    """In how many cases the subject could not be compared, by reason."""
    unconfirmed: int = 0
    """How many cases no oracle confirmed."""
    arithmetic: dict[str, int] = field(default_factory=dict)
    """How many cases' exact results were computed in which arithmetic."""
    narrowing: str = ""
    """Which cases of the grid alone were asked, as the options say; empty for all."""
    settings: str = ""
    """A fingerprint of the options and of this package."""
    sources: dict[str, str] = field(default_factory=dict)
    """Of a file: every file that was read, or looked for, beside it, with a fingerprint; empty for
    one that is not there."""


@dataclass
class Summary:
    """The result in a few counts."""

    passed: bool = False
    """There is a check, every one passed, no defect is new, and nothing got worse than in the
    baseline."""
    cases: int = 0
    """How many cases were judged."""
    comparisons: int = 0
    """How many comparisons were made, or follow from others."""
    verdicts: AllCounts = field(default_factory=dict)
    """How many cases came to which verdict."""


@dataclass
class Report:
    """All that a run found. The JSON form has these fields, in this order."""

    subject: str
    """Who was checked: a module, a file, `oracle:NAME`."""
    version: Literal[2] = VERSION
    """Of this form."""
    profile: str = ""
    """How a file was read; empty for a module or an oracle."""
    environment: dict[str, Any] = field(default_factory=dict)
    """Versions, processor, system."""
    manifest: Manifest = field(default_factory=Manifest)
    """What was planned and run."""
    summary: Summary = field(default_factory=Summary)
    """Whether it passed, and what was counted."""
    checks: list[Check] = field(default_factory=list)
    """One a function."""
    not_checked: list[NotChecked] = field(default_factory=list)
    """The functions and classes that no check is about."""
    defects: list[Defect] = field(default_factory=list)
    """What the oracles did wrong."""
    changes: list[Change] = field(default_factory=list)
    """What changed since the baseline, the worst first; empty for a run that is held against
    none."""
    failures: list[Comparison] = field(default_factory=list)
    """Failing comparisons of the subject in full: a fair share of at most 200."""
    closest: list[Comparison] = field(default_factory=list)
    """Of each op the passing comparisons of the subject that used most of their limit."""
    cases: Cases = field(default_factory=Cases)
    """The questions, with the verdict of each."""
    comparisons: Columns = field(default_factory=Columns)
    """Every comparison, by columns."""

    @property
    def passed(self) -> bool:
        """Whether all is well."""
        return self.summary.passed

    @property
    def partial(self) -> bool:
        """Whether planned cases were left out."""
        return self.manifest.partial

    @property
    def passing(self) -> Passing:
        """The verdicts that pass in this run."""
        return frozenset(map(Verdict, self.manifest.passing))

    def fails(self, verdict: Verdict) -> bool:
        """Whether a verdict counts as a failure in this run."""
        return not verdict.is_silent and verdict not in self.passing

    @property
    def new_defects(self) -> list[Defect]:
        """The defects that no entry of the known ones explains."""
        return [defect for defect in self.defects if defect.known is None]

    @property
    def regressions(self) -> list[Change]:
        """What got worse since the baseline."""
        return [change for change in self.changes if change.is_regression]

    @property
    def failing_checks(self) -> list[Check]:
        """Those that did not pass, in the order of the report."""
        return [check for check in self.checks if not check.passed]

    def held_against(self, changes: Sequence[Change]) -> Report:
        """The same report with what changed since a baseline: it fails where anything got worse."""
        steady = not any(change.is_regression for change in changes)
        summary = replace(self.summary, passed=self.passed and steady)
        return replace(self, changes=list(changes), summary=summary)

    def entries(self, of_subject: bool = True) -> Iterator[Entry]:
        """The comparisons one by one; of the subject itself, or those of the oracles too."""
        kept, names = self.comparisons, self.comparisons.names
        beyond = frozenset(self.cases.beyond)
        for i in range(len(kept)):
            if of_subject and names[kept.subject[i]] != self.subject:
                continue
            case = self.cases.text[kept.case[i]]
            yield Entry(
                case=case,
                op=case.partition(" ")[0],
                array=names[kept.array[i]],
                subject=names[kept.subject[i]],
                against=names[kept.against[i]],
                verdict=Verdict(names[kept.verdict[i]]),
                limit_used=kept.limit_used[i],
                max_ulp=kept.max_ulp[i],
                max_abs=kept.max_abs[i],
                needed_tolerance=kept.needed_tolerance[i],
                beyond=kept.case[i] in beyond,
            )

    def counting(self, of_subject: bool = True) -> Iterator[Entry]:
        """Those of the cases within the contract, which a function passes or fails by."""
        return (entry for entry in self.entries(of_subject) if not entry.beyond)

    def failing_beyond(self) -> int:
        """In how many of the cases beyond the contract the subject fails."""
        return sum(self.fails(Verdict(self.cases.verdict[place])) for place in self.cases.beyond)


def names_of(passing: Passing) -> list[str]:
    """Verdicts as text, from best to worst."""
    return [verdict for verdict in VERDICTS if Verdict(verdict) in passing]


def counts(verdicts: Iterable[Verdict | str]) -> dict[str, int]:
    """How many of each verdict, from best to worst, all of them named."""
    counted = Counter(map(str, verdicts))
    return {verdict: counted[verdict] for verdict in VERDICTS}


def short(value: float | None) -> float | None:
    """A figure to three digits: the columns hold a hundred thousand of them."""
    return float(f"{value:.3g}") if value else value
