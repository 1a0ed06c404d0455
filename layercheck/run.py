"""A run: cases, a subject and oracles in; a report out."""

from __future__ import annotations

import platform
import signal
from collections import Counter, deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor, ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass, field
from itertools import islice
from multiprocessing import get_context
from typing import Any

import numpy as np

from oracles import exact
from reports.report import PASSING, Check, Comparison, Report, worst_verdict

from .answers import Reply
from .case import Case, parse
from .defects import machine
from .judge import Facts, Judged, facts, judge, recorded_facts
from .recordings import RecordedOracle
from .subject import ModuleSubject, Subject, check_oracle, load
from .worker import Worker

AHEAD = 64
"""How many cases the oracles may be ahead of the judge."""

Asked = Worker | RecordedOracle
Progress = Callable[[Judged], None]


@dataclass
class Run:
    """One subject, judged case by case beside some oracles; its workers end with the context.

    recorded: expected values come from the recordings, over the quick grid.
    """

    subject_name: str
    oracle_names: Sequence[str]
    jobs: int = 1
    recorded: bool = False
    workers: dict[str, Asked] = field(default_factory=dict)

    def __enter__(self) -> Run:
        for name in self.oracle_names:
            check_oracle(name)
            self.workers[name] = RecordedOracle(name) if self.recorded else Worker(name)
        self.subject: Subject = load(self.subject_name, self.workers)
        self.threads = {name: ThreadPoolExecutor(1) for name in self.workers}
        started = [self.threads[name].submit(w.start) for name, w in self.workers.items()]
        try:
            for start in started:
                start.result()
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        for threads in self.threads.values():
            threads.shutdown(wait=False, cancel_futures=True)
        for worker in self.workers.values():
            worker.stop()

    def judge_case(self, case: Case) -> Judged:
        """Judge one case; raises ValueError where the op rejects it."""
        return next(self.judge_cases([case]))

    def judge_cases(self, cases: Iterable[Case]) -> Iterator[Judged]:
        """Judge cases in their order; frameworks work ahead in their own processes."""
        remaining, asked = iter(cases), deque[tuple[Case, dict[str, Future[Reply]]]]()
        with ExitStack() as stack:
            prepared = self._prepare(stack)
            waiting = deque[Any]()
            while True:
                for case in islice(remaining, AHEAD - len(asked)):
                    asked.append((case, self._ask(case)))
                    waiting.append(prepared(case))
                if not asked:
                    return
                case, replies = asked.popleft()
                yield self._judge(waiting.popleft(), replies)

    def _ask(self, case: Case) -> dict[str, Future[Reply]]:
        return {name: self.threads[name].submit(w.ask, case) for name, w in self.workers.items()}

    def _prepare(
        self, stack: ExitStack
    ) -> Callable[[Case], Callable[[], tuple[Facts, Reply | None]]]:
        """How exact results, bounds and a module's answers are computed: here, or by processes."""
        module = self.subject_name if isinstance(self.subject, ModuleSubject) else None
        if self.jobs <= 1:
            own = self.subject if module else None
            return lambda case: lambda: prepare(case, own, self.recorded)
        pool = ProcessPoolExecutor(self.jobs, get_context("spawn"), start_process, (module,))
        stack.callback(pool.shutdown, wait=False, cancel_futures=True)
        return lambda case: pool.submit(prepare_text, str(case), self.recorded).result

    def _judge(
        self, prepared: Callable[[], tuple[Facts, Reply | None]], futures: dict[str, Future[Reply]]
    ) -> Judged:
        known, reply = prepared()
        replies = {name: future.result() for name, future in futures.items()}
        if reply is None:
            reply = replies[self.subject_name.removeprefix("oracle:")]
        oracles = {name: replies[name] for name in self.oracle_names}
        return judge(known, self.subject, reply, oracles, self.workers)


def prepare(case: Case, subject: Subject | None, recorded: bool) -> tuple[Facts, Reply | None]:
    """What needs no framework: the exact result, the bounds, and a module's answer."""
    known = recorded_facts(case) if recorded else facts(case)
    return known, None if subject is None else subject.answer(case)


_subject: Subject | None = None


def start_process(module: str | None) -> None:
    """In each process of --jobs: import the subject once."""
    global _subject  # noqa: PLW0603 (one subject a process, set once when it starts)
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the parent's to handle
    _subject = None if module is None else ModuleSubject(module)


def prepare_text(text: str, recorded: bool) -> tuple[Facts, Reply | None]:
    return prepare(parse(text), _subject, recorded)


def check(
    subject: str,
    cases: Sequence[Case],
    oracle_names: Sequence[str],
    jobs: int = 1,
    progress: Progress = lambda judged: None,
    recorded: bool = False,
) -> Report:
    """Check a subject over cases. Interrupted, it reports what it has, as partial."""
    judged: list[Judged] = []
    partial = False
    with Run(subject, oracle_names, jobs, recorded) as run:
        try:
            for result in run.judge_cases(cases):
                judged.append(result)
                progress(result)
        except KeyboardInterrupt:
            partial = True
        versions = {k: v for worker in run.workers.values() for k, v in worker.versions.items()}
    report = make_report(subject, cases, oracle_names, judged, versions, partial)
    report.manifest["answers"] = "recorded" if recorded else "live"
    return report


def make_report(
    subject: str,
    cases: Sequence[Case],
    oracle_names: Sequence[str],
    judged: Sequence[Judged],
    versions: dict[str, str],
    partial: bool,
) -> Report:
    comparisons = [comparison for result in judged for comparison in result.comparisons]
    skipped = Counter(
        c.reason for c in comparisons if c.verdict == "skipped" and c.subject == subject
    )
    return Report(
        subject=subject,
        environment=environment(versions),
        manifest={
            "oracles": list(oracle_names),
            "planned": len(cases),
            "run": len(judged),
            "partial": partial,
            "skipped": dict(skipped.most_common()),
            "unconfirmed": sum(not result.confirmed_by for result in judged),
            "arithmetic": dict(Counter(result.arithmetic for result in judged).most_common()),
        },
        checks=make_checks(subject, judged),
        comparisons=comparisons,
        defects=[defect for result in judged for defect in result.defects],
        case_verdicts={str(result.case): result.verdict for result in judged},
    )


def make_checks(subject: str, judged: Sequence[Judged]) -> list[Check]:
    """One check for each op, in the order in which the ops come."""
    by_op: dict[str, list[Judged]] = {}
    for result in judged:
        by_op.setdefault(result.case.op, []).append(result)
    return [make_check(subject, op, results) for op, results in by_op.items()]


def make_check(subject: str, op: str, results: Sequence[Judged]) -> Check:
    failed = [r for r in results if r.verdict not in PASSING | {"skipped"}]
    return Check(
        target=op,
        op=op,
        verdict=worst_verdict(r.verdict for r in results),
        cases=len(results),
        failed=len(failed),
        first_wrong=first_failure(subject, failed),
    )


def first_failure(subject: str, failed: Sequence[Judged]) -> Comparison | None:
    """Of the smallest failing case the first array that fails."""
    if not failed:
        return None
    smallest = min(failed, key=lambda result: result.case.elements)
    wrong = (c for c in smallest.comparisons if c.subject == subject)
    return next(c for c in wrong if c.verdict not in PASSING | {"skipped"})


def environment(versions: dict[str, str]) -> dict[str, Any]:
    """Everything that an answer may depend on."""
    flint = exact.load_flint()
    extended = "extended" if exact.EXTENDED else "no extended precision"
    return {
        "python": platform.python_version(),
        "numpy": np.__version__,
        **versions,
        "python-flint": flint.__version__ if flint else "not installed",
        "longdouble": extended,
        "system": platform.platform(),
        "processor": machine(),
    }
