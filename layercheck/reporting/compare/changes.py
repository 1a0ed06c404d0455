"""What changed between two reports, as their JSON form has them."""

from __future__ import annotations

import math
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from ..numbers import number
from ..records import Change
from ..verdict import Verdict
from ..words import many

GROWN = 2.0
"""How many times larger an error has to be, to be told though it is still inside its limit."""

RANKS = {str(verdict): rank for rank, verdict in enumerate(Verdict)}

Data = Mapping[str, Any]


@dataclass(frozen=True)
class Changes:
    """Of two reports. old, new: what they are of · shared: how many cases both have."""

    old: str
    new: str
    shared: int
    found: list[Change] = field(default_factory=list)

    @property
    def regressions(self) -> list[Change]:
        """What counts against the newer one."""
        return [change for change in self.found if change.is_regression]

    @property
    def headline(self) -> str:
        """All of it in one line."""
        worse, other = len(self.regressions), len(self.found) - len(self.regressions)
        told = many(worse, "regression") if worse else "no regression"
        common = f"{many(self.shared, 'case')} in both"
        if not self.shared:
            common += ": the verdicts alone were compared"
        return f"{told}, {many(other, 'other change')}; {common}"


BY_FIGURES = ("exact", "rounding")
"""Verdicts between which the errors themselves tell how much got worse."""

CHOICE = ("grid", "narrowing", "strict")
"""What of a manifest says which cases were chosen, whatever the subject takes of them."""

ORDER = ("gone", "worse", "defect", "grown", "fewer", "new", "better", "smaller")
"""The kinds of change, the worst first."""


def changes(old: Data, new: Data) -> Changes:
    """What changed from one report to another."""
    shared = set(old["cases"]["text"]) & set(new["cases"]["text"])
    made = [*of_checks(old, new), *of_defects(old, new), *of_errors(old, new, shared)]
    made += of_cases(old, new, shared)
    made.sort(key=lambda change: (not change.is_regression, ORDER.index(change.kind)))
    return Changes(old["subject"], new["subject"], len(shared), made)


def of_checks(old: Data, new: Data) -> Iterator[Change]:
    """Functions that came, went, or came to another verdict."""
    before, after = ({c["target"]: c for c in data["checks"]} for data in (old, new))
    alike = all(old["manifest"].get(n) == new["manifest"].get(n, "") for n in CHOICE)
    worst_first = sorted(after, key=lambda name: -RANKS[after[name]["verdict"]])
    for name in (name for name in before if name not in after):
        yield Change("gone", name, told(before[name]), "not checked", is_regression=True)
    for name in (name for name in worst_first if name not in before):
        failed = not after[name]["passed"]
        yield Change("new", name, "not checked", told(after[name]), failed, function=name)
    for name in (name for name in worst_first if name in before):
        first, second = before[name], after[name]
        yield from beside(name, first, second)
        yield from unasked(name, first, second, alike)
        ranks = [RANKS[one["verdict"]] for one in (first, second)]
        is_worse = (first["passed"], -ranks[0]) > (second["passed"], -ranks[1])
        wrong = (second["first_wrong"] or {}).get("case", "")
        before_it, after_it = told(first), told(second)
        if before_it == after_it:
            if first["passed"] == second["passed"]:
                continue
            before_it, after_it = (f"{before_it}, {outcome(one)}" for one in (first, second))
        kind = "worse" if is_worse else "better"
        counts = is_worse and not (second["passed"] and second["verdict"] in BY_FIGURES)
        yield Change(kind, name, before_it, after_it, counts, wrong if counts else "", name)


def beside(name: str, first: Data, second: Data) -> Iterator[Change]:
    """What became of a function beside its verdict: arrays that it no longer gives, cases beyond
    ordinary ones, lines that nothing reaches."""
    for array in (a for a in arrays_of(first) if a not in arrays_of(second)):
        yield Change("gone", f"{name} {array}", "compared", "not given", True, function=name)
    was, now = (one.get("beyond") for one in (first, second))
    if was and now and was["failed"] != now["failed"]:
        is_worse = now["failed"] > was["failed"]
        kind, what = "worse" if is_worse else "better", f"{name}, {now['where']}"
        yield Change(kind, what, beyond(was), beyond(now), is_worse, function=name)
    lines, more = (one.get("never_run", []) for one in (first, second))
    if len(more) > len(lines):
        before, after = (f"{many(len(one), 'line')} never run" for one in (lines, more))
        yield Change("fewer", name, before, after, is_regression=False)


def unasked(name: str, first: Data, second: Data, alike: bool) -> Iterator[Change]:
    """What a function is no longer asked for its own sake: what its signature lost; and where both
    runs chose the same cases, what it refuses of them."""

    def gone(what: str, before: str, after: str) -> Change:
        return Change("gone", f"{name} is no longer asked {what}", before, after, True, "", name)

    was, now = first["attributes"], second["attributes"]
    lost = [n for n in (*was["varied"], *was["not_varied"]) if n in now["not_accepted"]]
    yield from (gone(attribute, "accepted", "not in its signature") for attribute in lost)
    if not (alike and second["compared"]):
        return
    for attribute in (n for n in was["varied"] if n in now["not_varied"]):
        yield gone(f"other values of {attribute}", "varied", "not varied")
    words = now.get("words", {})
    for attribute, told in was.get("words", {}).items():
        for word in (w for w in told if attribute in words and w not in words[attribute]):
            yield gone(f"{attribute}={word}", "compared", "not compared")
    for array in (a for a in was.get("inputs", []) if a not in now["inputs"]):
        yield gone(array, "compared", "not compared")


def arrays_of(check: Data) -> list[str]:
    """The arrays that a function was compared in."""
    return [*check["arrays_right"], *check["arrays_wrong"]]


def beyond(found: Data) -> str:
    """In how many of the cases beyond ordinary ones a function fails."""
    return f"{found['failed']} of {many(found['cases'], 'case')} fail"


def told(check: Data) -> str:
    """A function's verdict, and in how many of its cases it fails."""
    failed = f" in {check['failed']} of {check['cases']}" if check["failed"] else ""
    return f"{check['verdict']}{failed}"


def outcome(check: Data) -> str:
    """Whether a function passes, which depends on what the run lets pass, too."""
    return "passes" if check["passed"] else "does not pass"


def of_defects(old: Data, new: Data) -> Iterator[Change]:
    """New defects of oracles that there were not."""
    before, after = (
        {(d["oracle"], d["case"]) for d in data["defects"] if d["known"] is None}
        for data in (old, new)
    )
    for oracle, case in sorted(after - before):
        yield Change("defect", f"oracle {oracle}", "no defect", "a new defect", True, case)


def of_cases(old: Data, new: Data, shared: set[str]) -> Iterator[Change]:
    """How many questions are no longer asked."""
    lost = len(old["cases"]["text"]) - len(shared)
    if lost:
        before, after = (f"{len(data['cases']['text'])} asked" for data in (old, new))
        yield Change("fewer", f"{many(lost, 'case')} gone", before, after, is_regression=False)


# ---------------------------------------------------------------------- errors inside the limits

MEASURES = {"limit_used": "share of the limit", "max_ulp": "error in ulp"}
Row = tuple[str, str, str]
"""Of one comparison: the case, the array, and what it was compared with."""

Largest = dict[tuple[str, str, str], tuple[float, str]]
"""By op, array and measure the largest figure, and its case."""


def of_errors(old: Data, new: Data, shared: set[str]) -> Iterator[Change]:
    """The largest errors of each array over the comparisons that pass in both, where they moved by
    more than GROWN, those first that grew most: of what was wrong in one of them, the verdict
    tells."""
    rows = [passing(data, shared) for data in (old, new)]
    both = [row for row in rows[1] if row in rows[0]]
    before, after = (largest(data, both, own) for data, own in zip((old, new), rows, strict=True))
    moved = [(after[key][0], before[key][0], key) for key in after if key in before]
    for second, first, key in sorted(moved, key=lambda one: -times(one[0], one[1])):
        op, array, measure = key
        what, figures = f"{op} {array}, {MEASURES[measure]}", (number(first), number(second))
        if second > GROWN * first:
            yield Change("grown", what, *figures, True, after[key][1], giver(new, op, array))
        elif first > GROWN * second:
            yield Change("smaller", what, *figures, is_regression=False)


def times(after: float, before: float) -> float:
    """How many times as large a figure is."""
    return after / before if before else math.inf if after else 1.0


def giver(data: Data, op: str, array: str) -> str:
    """The function that gives an array of an op; empty where several do."""
    found = [c["target"] for c in data["checks"] if c["op"] == op and array in arrays_of(c)]
    return found[0] if len(found) == 1 else ""


def passing(data: Data, shared: set[str]) -> dict[Row, int]:
    """The comparisons of a report's subject that pass, and the place of each in its columns."""
    columns, texts = data["comparisons"], data["cases"]["text"]
    names = columns["names"]
    passes = {n for n, name in enumerate(names) if name in data["manifest"]["passing"]}
    return {
        (texts[place], *(names[columns[key][i]] for key in ("array", "against"))): i
        for i, place in enumerate(columns["case"])
        if texts[place] in shared
        and names[columns["subject"][i]] == data["subject"]
        and columns["verdict"][i] in passes
    }


def largest(data: Data, rows: Collection[Row], places: Mapping[Row, int]) -> Largest:
    """The largest figures of some comparisons of a report."""
    found: Largest = {}
    for row in rows:
        case, array, _ = row
        for measure in MEASURES:
            value = data["comparisons"][measure][places[row]]
            key = (case.partition(" ")[0], array, measure)
            if isinstance(value, (int, float)) and value > found.get(key, (-1.0, ""))[0]:
                found[key] = (float(value), case)
    return found
