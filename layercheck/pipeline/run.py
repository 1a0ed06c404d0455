"""A run: a subject and options in, a report out; the same for modules, files and oracles."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Executor, ProcessPoolExecutor
from contextlib import ExitStack, contextmanager
from itertools import chain, islice
from multiprocessing import get_context

import numpy as np

from layercheck.errors import SubjectError, UsageError
from layercheck.judging.judge import Judged
from layercheck.judging.kept.keeping import KEEPING
from layercheck.reporting.records import Comparison
from layercheck.reporting.report import Report

from .answers import Gatherer, start_process
from .collect import Collector, begun
from .crew import Jobs
from .hunting import Hunter
from .layers import LayerRun, begin_layer
from .options import Options, settings_of
from .plan import Plan, make_plan
from .subject import Asked, Spec, Subject, open_oracles, open_subject, uses_recordings

Begin = Callable[[int], Callable[[Judged], None]]
Sink = Callable[[Sequence[Comparison]], None]
"""Takes the comparisons of each case as they come: a report written while the run goes on."""

MOST_WAITING = 400
"""How many outcomes wait at most for the further questions of their layers, which are answered
while the next layers are judged."""


def unheard(planned: int) -> Callable[[Judged], None]:
    """Progress that nobody follows."""
    return lambda judged: None


def check(
    spec: Spec,
    options: Options,
    kept: Mapping[str, Asked] | None = None,
    jobs: Callable[[int], Jobs] = lambda planned: 1,
    begin: Begin = unheard,
    sinks: tuple[Sink, ...] = (),
) -> Report:
    """Check a subject. Interrupted, it reports what it has, as partial.

    kept: oracles that outlive the run; by default those that the options ask for are opened ·
    jobs: how many processes so many cases are worth, or the address of a scheduler · begin: told
    how many cases are planned, it gives what is called after each. Raises UsageError where there is
    nothing to check.
    """
    recorded, settings = uses_recordings(spec, options), settings_of(options)
    with ExitStack() as stack:
        stack.callback(KEEPING.flush)
        stack.enter_context(np.errstate(all="ignore"))  # numbers beyond all are asked on purpose
        oracles = open_oracles(spec, options, stack) if kept is None else kept
        subject, plan = planned(spec, options, recorded, stack)
        report = begun(subject, options, plan, recorded, oracles)
        report.manifest.settings = settings  # of what was there before the judging began
        collector = Collector(subject, options, report, plan.narrowing)
        executor = stack.enter_context(pool(subject, jobs(plan.size)))
        hunter = None if subject.is_oracle else Hunter(options, plan.layers)
        gatherer = stack.enter_context(Gatherer(subject, oracles, recorded, executor, hunter))
        partial = judge_all(gatherer, plan, collector, begin(plan.size), sinks)
        told = " (recorded)" if recorded else ""
        versions = {f"{k}{told}": v for o in oracles.values() for k, v in o.versions.items()}
        own = subject.layers[0].implementation.versions if subject.layers else {}
        if hunter is not None and not partial:
            collector.tell_never_run(hunter.ran)
        return collector.finish({**own, **versions}, partial)


def planned(spec: Spec, options: Options, recorded: bool, stack: ExitStack) -> tuple[Subject, Plan]:
    """A subject, and what it is asked; raises SubjectError where it has nothing for the options."""
    try:
        subject = open_subject(spec, options, stack)
        return subject, make_plan(subject, options, recorded)
    except UsageError as error:
        raise SubjectError(str(error)) from None


def judge_all(
    gatherer: Gatherer,
    plan: Plan,
    collector: Collector,
    progress: Callable[[Judged], None],
    sinks: tuple[Sink, ...],
) -> bool:
    """Judge every task; whether it was interrupted."""
    gathered = gatherer.gather(chain.from_iterable(plan.tasks))
    begun_runs: deque[LayerRun] = deque()
    interrupted = False
    for layer, tasks in zip(plan.layers, plan.tasks, strict=True):
        run = begin_layer(layer, gatherer, islice(gathered, len(tasks)), progress)
        begun_runs.append(run)
        interrupted = run.interruption is not None
        if len(begun_runs) > 1 and outcomes_of(begun_runs) > MOST_WAITING:
            interrupted |= taken(begun_runs.popleft(), collector, sinks)
        if interrupted:
            break
    for run in begun_runs:
        interrupted |= taken(run, collector, sinks, cut=interrupted)
    return interrupted


def outcomes_of(runs: Iterable[LayerRun]) -> int:
    """How many there are."""
    return sum(len(run.outcomes) for run in runs)


def taken(run: LayerRun, collector: Collector, sinks: tuple[Sink, ...], cut: bool = False) -> bool:
    """Take one layer's outcomes in; whether that was interrupted.

    cut: take what is there, and wait for nothing further.
    """
    collector.begin(run.layer)
    try:
        for outcome in run.finish(cut):
            collector.take(outcome)
            for take in sinks:
                take(outcome.judged.comparisons)
        if not cut:
            collector.explain(run)
    except KeyboardInterrupt:
        collector.cut(run.layer)
        return True
    if cut or run.interruption is not None:
        collector.cut(run.layer)
    return run.interruption is not None


@contextmanager
def pool(subject: Subject, jobs: Jobs) -> Iterator[Executor | None]:
    """Processes for what needs no framework, or those of a cluster; none where one process is
    enough."""
    if isinstance(jobs, str):
        from .cluster import executor

        with executor(jobs, subject.module) as made_there:
            yield made_there
        return
    if jobs <= 1:
        yield None
        return
    context = get_context("spawn")
    made = ProcessPoolExecutor(jobs, context, start_process, (subject.module,))
    try:
        yield made
    finally:
        made.shutdown(wait=False, cancel_futures=True)
