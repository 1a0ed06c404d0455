"""A submission judged: every function of its profile over the quick grid, as a report."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache

from oracles.recorded import RecordingError
from reports.report import PASSING, Check, Comparison, Report, worst_verdict

from . import grids
from .answers import Reply
from .case import Case
from .expressible import expressible
from .isolation import Limits, Sandbox, SandboxDied
from .judge import Facts, Judged, facts, judge, recorded_facts
from .profiles.profile import Target
from .quick_grid import quick
from .recordings import ORACLES, RecordedOracle
from .run import environment
from .submission import (
    Submission,
    SubmissionSubject,
    changes_its_mind,
    is_gradient_of_own_forward,
    open_sandbox,
)
from .worker import Worker

GONE = "not implemented"
FEWEST = 8
"""How many cases a target gets at least, drawn for it where the grid has none."""


@dataclass(frozen=True)
class Grading:
    """How submissions are judged.

    grid: `quick` or `standard` · live: the framework processes to ask, empty: the recordings ·
    oracles: whom to compare with, beside the exact result · fresh: a seed that the submitter does
    not know · passing: the verdicts that pass · limits: of the sandbox.
    """

    grid: str = "quick"
    oracles: tuple[str, ...] = ORACLES
    live: Mapping[str, Worker] = field(default_factory=dict)
    fresh: int | None = None
    passing: frozenset[str] = PASSING
    limits: Limits = field(default_factory=Limits)

    @property
    def recorded(self) -> bool:
        """Whether expected values come from the recordings."""
        return not self.live and self.fresh is None and self.grid == "quick"

    def cases(self, target: Target) -> list[Case]:
        """The cases that a target's signature can express."""
        every = quick(target.op) if self.grid == "quick" else grids.standard(target.op)
        asked = [c for c in every if not target.refuses(c.shapes, c.all_attributes)]
        if len(asked) < FEWEST:  # a signature so narrow that the grid hardly knows it
            asked += expressible(target, FEWEST - len(asked))
        if self.fresh is None:
            return asked
        return [c.with_seed((self.fresh * 1_000_003 + c.seed) % 2**31) for c in asked]

    def is_of_grid(self, case: Case) -> bool:
        """Whether oracles are asked: not about what was drawn for a narrow signature."""
        return self.grid != "quick" or self.fresh is not None or case in quick(case.op)

    def facts(self, case: Case) -> Facts:
        """The exact result and bounds of a case."""
        return recorded_facts_once(case) if self.recorded else facts(case)

    @property
    def workers(self) -> Mapping[str, Worker | RecordedOracle]:
        """Who answers for each oracle."""
        if self.live:
            return self.live
        return {n: RecordedOracle(n) for n in self.oracles} if self.recorded else {}


@lru_cache(maxsize=2048)
def recorded_facts_once(case: Case) -> Facts:
    try:
        return recorded_facts(case)
    except RecordingError:  # drawn for a narrow signature: computed now
        return facts(case)


def grade(submission: Submission, grading: Grading) -> Report:
    """Judge every function of a submission; nothing that it does ends the run."""
    report = Report(submission.name, environment({}), profile=submission.profile.NAME)
    judged: list[Judged] = []
    if submission.problem:
        report.checks = [unread(submission, submission.problem, grading)]
    else:
        judged = judge_targets(submission, grading, report)
    fill_in(report, judged, grading)
    return report


def judge_targets(submission: Submission, grading: Grading, report: Report) -> list[Judged]:
    judged: list[Judged] = []
    try:
        sandbox = open_sandbox(submission, grading.limits)
    except SandboxDied as died:
        report.checks = [unread(submission, f"{died.kind}: {died.message}", grading)]
        return judged
    with sandbox:
        report.manifest["isolation"] = sandbox.level
        for target in submission.targets:
            results, checks = judge_target(submission, target, sandbox, grading)
            told = {check.target for check in report.checks}
            report.checks += [check for check in checks if check.target not in told]
            judged += results
    return judged


def unread(submission: Submission, problem: str, grading: Grading) -> Check:
    return Check(submission.name, "", "error", 0, 0, note=problem, passing=grading.passing)


def judge_target(
    submission: Submission, target: Target, sandbox: Sandbox, grading: Grading
) -> tuple[list[Judged], list[Check]]:
    """One op of the submission: a check for its forward and one for its backward."""
    subject = SubmissionSubject(submission, target, sandbox)
    replies: dict[str, Reply] = {}
    judged = []
    cases = grading.cases(target)
    for case in cases:
        reply = subject.answer(case)
        replies[str(case)] = reply
        judged.append(judge_reply(subject, case, reply, grading))
    for case, failure in changes_its_mind(subject, cases, replies):
        place = cases.index(case)
        judged[place] = judge_reply(subject, case, failure, grading)
    return judged, list(checks_of(subject, judged, grading))


def judge_reply(subject: SubmissionSubject, case: Case, reply: Reply, grading: Grading) -> Judged:
    known = grading.facts(case)
    workers = grading.workers if grading.is_of_grid(case) else {}
    answers = {name: worker.ask(case) for name, worker in workers.items()}
    return judge(known, subject, reply, answers, workers)


# ---------------------------------------------------------------------- one check a function


def checks_of(
    subject: SubmissionSubject,
    judged: Sequence[Judged],
    grading: Grading,
) -> Iterator[Check]:
    target = subject.target
    own = [(r, [c for c in r.comparisons if c.subject == subject.name]) for r in judged]
    notes = "; ".join(subject.notes)
    if target.forward == target.backward:  # one function returns loss and gradient
        yield make_check(target.forward, target, own, notes, grading)
        return
    forward = [(r, [c for c in found if not is_gradient(c)]) for r, found in own]
    yield make_check(target.forward, target, forward, notes, grading)
    if target.backward:
        backward = [(r, [c for c in found if is_gradient(c) or not c.array]) for r, found in own]
        check = make_check(target.backward, target, backward, "", grading)
        yield replace(check, note=check.note or whose_gradient(subject, forward, backward))


def is_gradient(comparison: Comparison) -> bool:
    return comparison.array.startswith("d")


def make_check(
    name: str,
    target: Target,
    results: Sequence[tuple[Judged, list[Comparison]]],
    notes: str,
    grading: Grading,
) -> Check:
    verdicts = [worst_verdict(c.verdict for c in found) for _, found in results]
    fails = grading.passing | {"skipped"}
    failing = [
        (r, found)
        for (r, found), verdict in zip(results, verdicts, strict=True)
        if verdict not in fails
    ]
    verdict = worst_verdict(verdicts)
    reasons = {
        c.reason for _, found in results for c in found if c.verdict == "skipped" and not c.compared
    }
    if verdict == "skipped":
        told = sorted(reason for reason in reasons if reason.startswith(GONE)) or [
            "no case of the grid fits its signature"
        ]
        notes = "; ".join([*told[:1], *filter(None, [notes])])
    return Check(
        name, target.op, verdict, len(results), len(failing), first_of(failing, fails), notes,
        grading.passing,
    )  # fmt: skip


def first_of(
    failing: Sequence[tuple[Judged, list[Comparison]]], fails: frozenset[str]
) -> Comparison | None:
    """Of the smallest failing case the first array that fails."""
    if not failing:
        return None
    _, found = min(failing, key=lambda item: item[0].case.elements)
    return next(c for c in found if c.verdict not in fails)


Results = Sequence[tuple[Judged, list[Comparison]]]


def whose_gradient(subject: SubmissionSubject, forward: Results, backward: Results) -> str:
    """For a wrong backward: is it the derivative of the submission's own, wrong, forward?

    Asked at the smallest failing shapes with normal values, which are seldom at a kink.
    """
    if not any(c.verdict in ("wrong", "inaccurate") for _, found in forward for c in found):
        return ""
    wrong = [(r.case, c.array) for r, found in backward for c in found if c.verdict == "wrong"]
    if not wrong:
        return ""
    smallest, array = min(wrong, key=lambda pair: pair[0].elements)
    case = replace(smallest, fill="normal")
    follows = is_gradient_of_own_forward(subject, case, array, subject.answer(case, "float64"))
    if follows is None:
        return ""
    if follows:
        return f"{array} is right for its own forward; the forward is wrong"
    return f"{array} is not the derivative of its own forward either"


# ---------------------------------------------------------------------- the report


def fill_in(report: Report, judged: Sequence[Judged], grading: Grading) -> None:
    comparisons = [c for result in judged for c in result.comparisons]
    skipped = Counter(c.reason for c in comparisons if c.verdict == "skipped")
    report.comparisons = comparisons
    report.defects = [defect for result in judged for defect in result.defects]
    report.case_verdicts = {str(result.case): result.verdict for result in judged}
    report.manifest.update(
        {
            "oracles": list(grading.oracles),
            "answers": "recorded" if grading.recorded else "live",
            "grid": grading.grid,
            "planned": len(judged),
            "run": len(judged),
            "partial": False,
            "skipped": dict(skipped.most_common()),
            "not implemented": [c.target for c in report.checks if c.note.startswith(GONE)],
        }
    )
    for worker in grading.workers.values():
        report.environment.update(worker.versions)
