"""One check a function: what its cases came to, and the one record that shows a failure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from layercheck.cases.case import Case
from layercheck.cases.separate import separating
from layercheck.cases.text import value_text
from layercheck.implementations.layer import Layer
from layercheck.implementations.protocol import NOT_UNDERSTOOD
from layercheck.reporting.numbers import joined
from layercheck.reporting.records import (
    Attributes,
    Beyond,
    Check,
    Comparison,
    NeverRun,
    Part,
)
from layercheck.reporting.verdict import Passing, Verdict, worst
from layercheck.submissions.profiles.target import OBJECT
from ref_layers import OPS

from .notes import also_text, beyond_text, most_unlimited, unfit_text, unlimited_text, what_is_asked
from .outcome import Outcome, signed
from .tally import Tally, is_failing
from .why import Why

CUT = "the run was interrupted before everything was asked of it"


@dataclass
class FunctionCheck:
    """Collects what one function did; several layers may share it, which it then has to fit all.

    may_refuse: whether cases that it refuses are no gap: an oracle says what it cannot express ·
    never_run: what of its code no case ran · narrowed: how its file narrows what may be asked ·
    strict: whether that is a gap · narrowing: which cases alone are asked for, empty for all ·
    layer: the last one that began · is_cut: whether the run ended before everything was asked.
    """

    target: str
    op: str
    passing: Passing
    may_refuse: bool
    replay: str
    narrowing: str = ""
    within: Tally = field(default_factory=Tally)
    beyond: dict[str, Tally] = field(default_factory=dict)
    wrong: dict[str, int] = field(default_factory=dict)
    held_against: dict[str, bool] = field(default_factory=dict)
    right: dict[str, None] = field(default_factory=dict)
    unwritten: dict[str, Case] = field(default_factory=dict)
    answered: dict[str, Case] = field(default_factory=dict)
    notes: dict[str, None] = field(default_factory=dict)
    unreached: str = ""
    accepted: dict[str, set[Any]] = field(default_factory=dict)
    given: dict[str, None] = field(default_factory=dict)
    unknown: dict[str, None] = field(default_factory=dict)
    defaults: dict[str, None] = field(default_factory=dict)
    unlimited: dict[str, int] = field(default_factory=dict)
    never_run: list[NeverRun] = field(default_factory=list)
    strict: bool = False
    narrowed: dict[str, None] = field(default_factory=dict)
    written: tuple[str, int] = ("", 0)
    why: Why = field(default_factory=Why)
    layer: Layer | None = None
    is_cut: bool = False

    def begin(self, layer: Layer, parts: Sequence[Part]) -> None:
        """A layer of which the function gives these parts."""
        self.layer, takes = layer, layer.takes
        settled = () if "forward" in parts else {**takes.forward_only, **takes.gradient_at}
        names = [name for name in layer.accepted if name not in settled]
        self.accepted |= {name: self.accepted.get(name, set()) for name in names}
        self.unknown |= dict.fromkeys(layer.unknown)
        self.narrowed |= {layer.narrowed: None} if layer.narrowed else {}
        self.defaults |= dict.fromkeys(layer.defaults if "forward" in parts else ())
        own_way = layer.own_way.get(self.target)
        self.defaults |= {} if own_way is None else {own_way: None}
        self.notes |= dict.fromkeys(layer.told)
        if "forward" not in parts and OBJECT in layer.habits:  # an assignment says so itself
            told = (f"{name}={str(value).lower()}" for name, value in takes.forward_only.items())
            self.notes |= dict.fromkeys(f"not asked at {one}" for one in told)

    def add(self, outcome: Outcome, parts: Sequence[Part]) -> None:
        """What the function came to at one case."""
        case, own = outcome.task.case, outcome.judged.own
        layer, passing = outcome.task.layer, self.passing
        mine = (c for c in own if c.part in parts)
        comparisons = [signed(c, layer) if is_failing(c.verdict, passing) else c for c in mine]
        beyond = outcome.beyond
        tally = self.beyond.setdefault(beyond, Tally()) if beyond else self.within
        verdict = tally.add(case, comparisons, self.passing)
        for part in parts:
            self.notes |= dict.fromkeys(outcome.judged.notes.get(part, ()))
        if beyond:
            return
        if verdict is Verdict.NOT_IMPLEMENTED:
            self.unwritten[str(case)] = case
        elif verdict.compared:
            self.answered[str(case)] = case
            for name, values in self.accepted.items():
                values.add(value_text(case.all_attributes[name]))
            self.given |= dict.fromkeys(case.shapes)
        self._note(comparisons)

    def _note(self, comparisons: Sequence[Comparison]) -> None:
        read = [c for c in comparisons if c.verdict is not Verdict.INCOMPLETE]
        failing = {c.array: c.compared > 0 for c in read if is_failing(c.verdict, self.passing)}
        for array in filter(None, failing):  # in the order in which they came
            self.wrong[array] = self.wrong.get(array, 0) + 1
            self.held_against[array] = self.held_against.get(array, False) or failing[array]
        self.right |= dict.fromkeys(c.array for c in comparisons if c.compared)
        for array, most in most_unlimited(comparisons).items():
            self.unlimited[array] = self.unlimited.get(array, 0) + most
        silent = [c.reason for c in comparisons if c.verdict is Verdict.NOT_JUDGED]
        self.unreached = silent[0] if silent else self.unreached
        told = (c for c in comparisons if c.verdict in (Verdict.CONSISTENT, Verdict.CONVENTION))
        self.notes |= dict.fromkeys(c.reason for c in told if c.reason)

    @property
    def left_out(self) -> str:
        """Why it is told as not checked: in no case anybody knew how to call it."""
        silent = set(self.within.verdicts) == {Verdict.NOT_JUDGED}
        if not silent or NOT_UNDERSTOOD not in self.unreached:
            return ""
        return f"{self.unreached.partition(chr(10))[0]}; say what it is with @layercheck.implements"

    # ------------------------------------------------------------------ the result

    def finish(self) -> Check:
        """The check."""
        verdict = self.verdict
        if verdict in self.passing and self.narrowed and Verdict.NARROWED not in self.passing:
            verdict = Verdict.NARROWED
        elif verdict in self.passing and (self.is_cut or self.has_gaps):
            verdict = Verdict.INCOMPLETE
        failed = self.within.failed(self.passing)
        gaps = 0 if self.may_refuse else self.within.cases - len(self.answered)
        shown = self.within.shown
        return Check(
            self.target,
            self.op,
            verdict,
            passed=verdict in self.passing and bool(self.answered) and gaps == 0,
            cases=self.within.cases,
            compared=len(self.answered),
            failed=failed,
            verdicts={str(v): n for v in Verdict if (n := self.within.verdicts[v])},
            first_wrong=shown.comparison if shown else None,
            arrays_wrong=list(self.wrong),
            arrays_right=[name for name in self.right if name and name not in self.wrong],
            note="; ".join(self.all_notes(verdict)),
            attributes=self.attributes,
            beyond=self.finished_beyond(),
            replay=self.replay,
            never_run=self.never_run,
            file=self.written[0],
            line=self.written[1],
            **vars(self.why),
        )

    @property
    def has_gaps(self) -> bool:
        """Whether lines that were never run count."""
        return self.strict and any(one.counts for one in self.never_run)

    @property
    def verdict(self) -> Verdict:
        """Of all its planned cases: one that could not be compared is no pass."""
        found = self.within.verdicts
        made = worst(found)
        if made in (Verdict.NOT_IMPLEMENTED, Verdict.INACCURATE) or made.passes:
            written = self.within.cases - found[Verdict.NOT_IMPLEMENTED]
            if not written and self.within.cases:
                return Verdict.NOT_IMPLEMENTED
            refused = 0 if self.may_refuse else found[Verdict.SKIPPED]
            if found[Verdict.NOT_IMPLEMENTED] or refused:
                return Verdict.INCOMPLETE
            if found[Verdict.NOT_JUDGED] and made.passes:
                return Verdict.NOT_JUDGED
        return worst([made, Verdict.CONVENTION]) if self.by_defaults(made) else made

    def by_defaults(self, verdict: Verdict) -> bool:
        """Whether it is right only for who gives every argument, which matters where conventions
        do."""
        return self.strict and verdict.passes and bool(self.defaults)

    def all_notes(self, verdict: Verdict) -> list[str]:
        """What else is known, the most important first."""
        notes = []
        if self.unwritten and self.answered:
            unwritten = list(self.unwritten.values())
            where = separating(unwritten, list(self.answered.values()))
            told = where or f"the smallest: {min(unwritten, key=lambda case: case.elements)}"
            counted = f"{len(self.unwritten)} of {self.within.cases} cases"
            notes.append(f"not implemented in {counted}: {told}")
        notes += [CUT] if self.is_cut else []
        unreached = self.within.verdicts[Verdict.NOT_JUDGED]
        if unreached:
            counted = f"{unreached} of {self.within.cases} cases"
            notes.append(f"not judged in {counted}: {self.unreached}")
        shown = self.within.shown
        if shown is not None:
            notes += (
                also_text(shown.comparison.array, self.wrong, self.held_against)
                if verdict is Verdict.ERROR
                else []
            )
        if not self.within.cases and not self.is_cut:
            notes.append(self.why_no_case)
        notes += [unlimited_text(*one) for one in self.unlimited.items()]
        beyond = filter(None, map(beyond_text, self.telling_beyonds()))
        return [*self.narrowed, *notes, *beyond, *self.defaults, *self.notes]

    @property
    def why_no_case(self) -> str:
        """What is told where no case counts."""
        if self.beyond:
            chosen = f" {self.narrowing}" if self.narrowing else ""
            what = joined(dict.fromkeys(map(what_is_asked, self.beyond)))
            return f"every case{chosen} goes beyond {what}; --strict judges it"
        if self.narrowing:
            return f"no case {self.narrowing}"
        return f"no case of the grid fits its signature{unfit_text(self.layer)}"

    def telling_beyonds(self) -> list[Beyond]:
        """Those that tell something: not of a function that fails within the contract, too, where
        what fails beyond it is most likely the same."""
        return [] if self.within.failed(self.passing) else self.finished_beyonds()

    @property
    def attributes(self) -> Attributes:
        """What was tried of what its signature accepts."""
        varied = [name for name, values in self.accepted.items() if len(values) > 1]
        fixed = [name for name in self.accepted if name not in varied]
        lacking = [name for name in OPS[self.op].attributes if name not in self.accepted]
        words = {n: sorted(filter(str.isidentifier, v)) for n, v in self.accepted.items()}
        words = {name: told for name, told in words.items() if told}
        return Attributes(varied, [*fixed, *self.unknown], lacking, words, list(self.given))

    def finished_beyonds(self) -> list[Beyond]:
        """What it does where a case goes beyond the contract, by condition."""
        return [
            Beyond(
                where,
                tally.cases,
                tally.failed(self.passing),
                tally.shown.comparison if tally.shown else None,
            )
            for where, tally in self.beyond.items()
        ]

    def finished_beyond(self) -> Beyond | None:
        """The condition that matters most: the one with most failures."""
        return max(self.finished_beyonds(), key=lambda beyond: beyond.failed, default=None)
