"""The report, made from outcomes as they come: one check a function, figures by columns, and of the
comparisons in full only what somebody looks at."""

from __future__ import annotations

import heapq
import platform
import shlex
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from layercheck.cases.case import Case
from layercheck.implementations.layer import Layer
from layercheck.judging.defects import machine
from layercheck.reporting.records import Comparison, NotChecked, Part
from layercheck.reporting.report import Manifest, Report, Summary, counts, names_of
from layercheck.reporting.verdict import Passing, Verdict, worst
from layercheck.stages import stage
from oracles import exact

from .checks import FunctionCheck
from .hunting import Ran
from .layers import LayerRun
from .never_run import never_run
from .options import Options, version_of
from .outcome import Outcome, signed
from .plan import Plan, functions_asked
from .subject import Subject, Unasked
from .summed import terms_of
from .tally import is_failing
from .where_written import where_written
from .without_case import unaskable, unread, without_case
from .wrong_bits import WrongBits

if TYPE_CHECKING:
    from .explainer import Explainer

CLOSEST = 10
"""How many passing comparisons of each op are kept in full: those nearest to their limit."""

FAILURES = 200
"""How many failing ones, a fair share of each op, array and oracle."""


@dataclass
class Collector:
    """Takes outcomes one by one. whole: whether its report is of all that the subject has."""

    subject: Subject
    options: Options
    report: Report
    narrowing: str = ""
    whole: bool = True
    checks: dict[str, FunctionCheck] = field(default_factory=dict)
    closest: dict[str, list[Any]] = field(default_factory=dict)
    failures: dict[tuple[str, str, str], list[Comparison]] = field(default_factory=dict)
    skipped: Counter[str] = field(default_factory=Counter)
    arithmetic: Counter[str] = field(default_factory=Counter)
    places: dict[str, int] = field(default_factory=dict)
    layers: dict[str, list[Layer]] = field(default_factory=dict)
    taken: int = 0
    kept: set[tuple[str, ...]] = field(default_factory=set)
    failing: int = 0
    implied: int = 0
    explainer: Explainer | None = None
    wrong_bits: dict[str, WrongBits] = field(default_factory=dict)

    @property
    def passing(self) -> Passing:
        """The verdicts that pass in this run."""
        return self.options.passing

    def begin(self, layer: Layer) -> None:
        """A check for every function of a layer that is asked for."""
        for name, parts in functions_asked(layer, self.options.ops):
            if name not in self.checks:
                replay = replay_options(self.subject, self.options, layer, name)
                self.checks[name] = FunctionCheck(
                    name, layer.op, self.passing, self.subject.is_oracle, replay, self.narrowing
                )
                self.checks[name].strict = self.options.strict
                self.checks[name].written = where_written(self.subject, layer, name)
            self.checks[name].begin(layer, parts)
            self.layers.setdefault(name, []).append(layer)

    def cut(self, layer: Layer) -> None:
        """The run ends before everything is asked of a layer."""
        for name, _ in functions_asked(layer, self.options.ops):
            self.checks[name].is_cut = True

    @stage("collecting")
    def take(self, outcome: Outcome) -> None:
        """Take one outcome in."""
        judged, report, layer = outcome.judged, self.report, outcome.task.layer
        for name, parts in functions_asked(layer, self.options.ops):
            asked = [part for part in parts if part in layer.parts(judged.case)]
            if asked:
                self.checks[name].add(outcome, asked)
                self.wrong_bits.setdefault(name, WrongBits()).add(outcome, asked)
                self.failing += fails(outcome, asked, self.passing)
        place = self.place_of(judged.case, judged.verdict, bool(outcome.beyond))
        report.defects += judged.defects
        report.manifest.planned += outcome.task.hunted
        self.implied += judged.implied
        report.manifest.unconfirmed += not judged.confirmed_by
        self.arithmetic[judged.arithmetic] += 1
        reasons = {c.reason for c in judged.own if c.verdict is Verdict.SKIPPED}
        self.skipped.update(reasons)
        for comparison in judged.comparisons:
            report.comparisons.add(place, comparison)
        for comparison in judged.own:
            self.keep(comparison, layer)

    def place_of(self, case: Case, verdict: Verdict, beyond: bool = False) -> int:
        """Where a case stands in the report; two layers of a file may be asked the same one, which
        is beyond the contract where it is that for both."""
        kept, text = self.report.cases, str(case)
        if text not in self.places:
            self.places[text] = len(kept.text)
            kept.text.append(text)
            kept.verdict.append(str(verdict))
            kept.add_terms(case.op, terms_of(case))
            kept.beyond += [self.places[text]] if beyond else []
        place = self.places[text]
        if not beyond and place in kept.beyond:
            kept.beyond.remove(place)
        kept.verdict[place] = str(worst([Verdict(kept.verdict[place]), verdict]))
        return place

    def keep(self, comparison: Comparison, layer: Layer) -> None:
        """Keep a comparison in full if somebody will look at it."""
        self.taken += 1
        asked = (comparison.case, comparison.against, comparison.probe)
        one = (layer.function_of(comparison.part), comparison.array, *asked)
        if one in self.kept:  # a forward that has two backwards is asked twice
            return
        self.kept.add(one)
        if is_failing(comparison.verdict, self.passing):
            key = (comparison.op, comparison.array, comparison.against)
            kept = self.failures.setdefault(key, [])
            if len(kept) < FAILURES:
                kept.append(signed(comparison, layer))
        elif comparison.limit_used is not None:
            heap = self.closest.setdefault(comparison.op, [])
            if len(heap) < CLOSEST or comparison.limit_used > heap[0][0]:
                entry = (comparison.limit_used, -self.taken, signed(comparison, layer))
                (heapq.heappush if len(heap) < CLOSEST else heapq.heappushpop)(heap, entry)

    @stage("saying why")
    def explain(self, run: LayerRun) -> None:
        """Say why functions of a layer fail, of those that do."""
        for name, parts in functions_asked(run.layer, self.options.ops):
            check = self.checks[name]
            failed = check.within.failed(self.passing) and self.options.hints != "none"
            if failed and not check.why.diagnoses:
                if self.explainer is None:
                    from .explainer import Explainer  # of nobody who passes

                    self.explainer = Explainer(self.options)
                self.explainer.explain(check, run, parts)

    # ------------------------------------------------------------------ the result

    def tell_never_run(self, ran: Ran) -> None:
        """Tell each check what of its function's code did not run in any case."""
        for name, check in self.checks.items():
            if check.answered:
                check.never_run = never_run(name, self.layers[name], self.checks, ran)

    @stage("collecting")
    def finish(self, versions: Mapping[str, str], partial: bool) -> Report:
        """The report."""
        report = self.report
        report.environment = environment(versions)
        for name, bits in self.wrong_bits.items():
            self.checks[name].why.answers = bits.text
        report.checks = [
            unaskable(Unasked(name, c.op, c.left_out)) if c.left_out else c.finish()
            for name, c in self.checks.items()
        ]
        report.checks += without_case(self.subject, self.options) if self.whole else []
        if self.subject.problem:
            report.checks = [unread(self.subject.name, self.subject.problem)]
        report.failures = fair_share(self.failures.values(), FAILURES)
        report.closest = [
            entry[-1] for heap in self.closest.values() for entry in sorted(heap, reverse=True)
        ]
        manifest = report.manifest
        manifest.run, manifest.partial = len(report.cases.text), partial
        manifest.skipped = dict(self.skipped.most_common())
        manifest.arithmetic = dict(self.arithmetic.most_common())
        verdicts = counts(report.cases.verdict)
        comparisons = len(report.comparisons) + self.implied
        report.summary = Summary(self.passed(report), manifest.run, comparisons, verdicts)
        return report

    def passed(self, report: Report) -> bool:
        """Every check passed, no case fails that counts, and no defect is new."""
        return (
            bool(report.checks)
            and not self.failing
            and all(check.passed for check in report.checks)
            and not report.new_defects
        )


def fails(outcome: Outcome, parts: Sequence[Part], passing: Passing) -> bool:
    """Whether a case that counts fails in these parts: whatever its check makes of that."""
    if outcome.beyond:
        return False
    return any(is_failing(c.verdict, passing) for c in outcome.judged.own if c.part in parts)


def begun(
    subject: Subject, options: Options, plan: Plan, recorded: bool, oracles: Iterable[str]
) -> Report:
    """A report of nothing yet."""
    asked = list(oracles)
    new_values = "" if options.fresh is None else f"with the values of seed {options.fresh}"
    manifest = Manifest(
        oracles=asked,
        answers=("recorded" if recorded else "live") if asked else "none",
        grid=plan.grid,
        narrowing=" ".join(filter(None, (plan.narrowing, new_values))),
        planned=plan.size,
        isolation=subject.isolation,
        sources=dict(subject.sources),
        strict=options.strict,
        passing=names_of(options.passing),
    )
    return Report(
        subject.name,
        profile=subject.profile,
        manifest=manifest,
        not_checked=[*subject.not_checked, *not_chosen(plan, options)],
    )


def not_chosen(plan: Plan, options: Options) -> list[NotChecked]:
    """The functions that are asked nothing, since the options leave none of their cases."""
    asked, unasked = (
        {name: None for layer in layers for name, _ in functions_asked(layer, options.ops)}
        for layers in (plan.layers, plan.unasked)
    )
    return [NotChecked(name, f"no case {plan.narrowing}") for name in unasked if name not in asked]


def fair_share(groups: Iterable[Sequence[Comparison]], most: int) -> list[Comparison]:
    """At most so many, taken in turn from each group, so that none hides another."""
    kept: list[list[Comparison]] = [list(group) for group in groups]
    share: list[list[Comparison]] = [[] for _ in kept]
    left = most
    turn = 0
    while left > 0 and any(turn < len(group) for group in kept):
        for group, mine in zip(kept, share, strict=True):
            if turn < len(group) and left > 0:
                mine.append(group[turn])
                left -= 1
        turn += 1
    return [comparison for mine in share for comparison in mine]


def replay_options(subject: Subject, options: Options, layer: Layer, function: str) -> str:
    """What `layercheck replay CASE` has to be told to ask this function again; empty where no
    command can."""
    if subject.is_given:
        return ""
    told = [shlex.quote(subject.name)]
    alike = [one for one in subject.layers if one.op == layer.op]
    if len(alike) > 1:
        told.append(f"--op {shlex.quote(function)}")
    if options.profile:
        told.append(f"--profile {shlex.quote(options.profile)}")
    told += ["--strict"] if options.strict else []
    told += [f"--declared {shlex.quote(options.declared)}"] if options.declared else []
    return " ".join(told)


def environment(versions: Mapping[str, str]) -> dict[str, Any]:
    """Everything that an answer may depend on."""
    return {
        "python": platform.python_version(),
        "numpy": np.__version__,
        **versions,
        "python-flint": version_of("python-flint") or "not installed",
        "longdouble": "extended" if exact.EXTENDED else "no extended precision",
        "system": platform.platform(),
        "processor": machine(),
    }
