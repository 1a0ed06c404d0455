"""Answers gathered: frameworks work ahead in their own processes while earlier cases are judged."""

from __future__ import annotations

import signal
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import BrokenExecutor, Executor, Future, ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import groupby, islice

from layercheck.cases.case import Case
from layercheck.cases.parse import parse
from layercheck.errors import JudgingFailed
from layercheck.implementations.drawing import draws
from layercheck.implementations.framework import Framework
from layercheck.implementations.module import Module
from layercheck.implementations.protocol import Heard, Reply, begin
from layercheck.implementations.recording import Recording
from layercheck.judging.drawn import facts_as_drawn
from layercheck.judging.facts import (
    EXACTLY,
    NEARLY,
    RECORDED,
    Facts,
    all_facts_kept,
    drawn_facts,
    facts,
    recorded_facts,
)
from layercheck.processes.child import WAITING
from layercheck.stages import stage
from oracles.recorded import RecordingError

from .hunting import Hunter
from .plan import Task
from .subject import Asked, OracleUnderCheck, Subject

FactsOf = Callable[[Case], Facts]
AHEAD = 64
"""How many cases the oracles may be ahead of the judge."""

AT_ONCE = 32
"""How many cases' facts are looked up together, and held until they are judged."""


@dataclass
class Gathered:
    """Everything that a case is judged by."""

    task: Task
    facts: Facts
    reply: Reply
    replies: Mapping[str, Heard]


@dataclass
class Gatherer:
    """Asks the oracles, and has the rest computed by an executor, or here without one.

    hunter: who looks for further cases.
    """

    subject: Subject
    oracles: Mapping[str, Asked]
    recorded: bool
    executor: Executor | None = None
    hunter: Hunter | None = None
    threads: dict[str, ThreadPoolExecutor] = field(default_factory=dict)
    stack: ExitStack = field(default_factory=ExitStack)

    @stage("starting frameworks")
    def __enter__(self) -> Gatherer:
        """Start every framework at once; raises UsageError where one is missing."""
        waiting = {n: one for n, one in self.oracles.items() if isinstance(one, Framework)}
        if self.subject.is_oracle:
            under_check = self.subject.layers[0].implementation
            assert isinstance(under_check, OracleUnderCheck)
            waiting[under_check.name] = under_check.framework
        self.threads = {name: ThreadPoolExecutor(1) for name in waiting}
        for pool in self.threads.values():
            self.stack.callback(pool.shutdown, wait=False, cancel_futures=True)
        started = [self.threads[name].submit(asked.start) for name, asked in waiting.items()]
        for start in started:
            start.result()
        return self

    def __exit__(self, *_: object) -> None:
        self.stack.close()

    def gather(self, tasks: Iterable[Task]) -> Iterator[Gathered]:
        """What each task is judged by, in the order of the tasks."""
        remaining = self._looked_up(tasks)
        asked: deque[Callable[[], Gathered]] = deque()
        while True:
            asked.extend(self.ask(*one) for one in islice(remaining, AHEAD - len(asked)))
            if not asked:
                return
            yield asked.popleft()()

    def _looked_up(self, tasks: Iterable[Task]) -> Iterator[tuple[Task, Facts | None]]:
        """Each task, with its facts where an earlier run kept them: many are looked up at once."""
        if self.executor is not None:  # its processes look
            yield from ((task, None) for task in tasks)
            return
        for (_, way), alike in groupby(tasks, lambda t: (t.case.op, WAYS[self._facts_of(t)])):
            while batch := list(islice(alike, AT_ONCE)):
                known = all_facts_kept([task.case for task in batch], way)
                yield from zip(batch, known, strict=True)

    def ask(self, task: Task, known: Facts | None = None) -> Callable[[], Gathered]:
        """Begin to gather for one task; the result is awaited when it is needed.

        known: its facts, where they are at hand.
        """
        if draws(task.layer.implementation, task.case):
            return self.ask_drawn(task)
        oracles = self.oracles if task.of_grid else {}
        begun = {name: self._begin(name, oracle, task.case) for name, oracle in oracles.items()}
        own = self._own(task)
        prepared = self._prepared(task, known)

        def result() -> Gathered:
            facts, reply = prepared()
            if reply is None:
                reply = own()
            replies = {name: reply_of() for name, reply_of in begun.items()}
            return Gathered(task, facts, reply, replies)

        return result

    def ask_drawn(self, task: Task) -> Callable[[], Gathered]:
        """The same where the subject draws random numbers: nobody else drew the same."""
        own = self._own(task)

        def result() -> Gathered:
            reply = own()
            return Gathered(task, facts_as_drawn(task.case, reply), reply, {})

        return result

    def _begin(self, name: str, oracle: Asked, case: Case) -> Callable[[], Heard]:
        """An oracle's answer: a framework works ahead, a recording is read when it is wanted."""
        if isinstance(oracle, Recording):
            return oracle.begin(case)
        future: Future[Reply] = self.threads[name].submit(oracle.answer, case)
        return stage(WAITING)(future.result)

    def _own(self, task: Task) -> Callable[[], Reply]:
        """The subject's answer: a framework and a file work ahead, a module does not."""
        implementation = task.layer.implementation
        if self.subject.is_oracle:
            future: Future[Reply] = self.threads[implementation.name].submit(
                implementation.answer, task.case
            )
            return future.result
        if self.subject.module is not None:  # it answers beside the exact result
            return lambda: implementation.answer(task.case)
        return begin(implementation, task.case)

    def _prepared(
        self, task: Task, known: Facts | None
    ) -> Callable[[], tuple[Facts, Reply | None]]:
        facts_of = self._facts_of(task) if known is None else lambda case: known
        if self.executor is None:
            return lambda: prepare(task.case, self.subject.module, facts_of)
        text = str(task.case)
        future = self.executor.submit(prepare_text, text, facts_of)
        return lambda: waited(future, self.subject.name)

    def _facts_of(self, task: Task) -> FactsOf:
        """Where a task's facts come from: a case that is no grid's was never recorded."""
        if not task.of_grid:
            return drawn_facts
        return known_facts if self.recorded else facts


def prepare(case: Case, module: Module | None, facts_of: FactsOf) -> tuple[Facts, Reply | None]:
    """What needs no framework: the exact result, the bounds, and a module's answer."""
    return facts_of(case), None if module is None else answered(module, case)


@stage("the module's own answers")
def answered(module: Module, case: Case) -> Reply:
    """What a module answers."""
    return module.answer(case)


def waited(future: Future[tuple[Facts, Reply | None]], name: str) -> tuple[Facts, Reply | None]:
    """What another process made; raises JudgingFailed where it ended instead."""
    try:
        return future.result()
    except BrokenExecutor:
        raise JudgingFailed(
            f"a process in which {name} was asked ended without an answer, as by os._exit() or a "
            "crash; --jobs 1 asks in this process, and --op names the function"
        ) from None


@lru_cache(maxsize=2048)
def known_facts(case: Case) -> Facts:
    """The recorded facts; computed now where there are none."""
    try:
        made = recorded_facts(case)
    except RecordingError:
        made = drawn_facts(case)
    for value in made.truth.arrays.values():
        value.flags.writeable = False  # it is kept, whoever has it
    return made


WAYS = {facts: EXACTLY, drawn_facts: NEARLY, known_facts: RECORDED}
"""Where facts come from, and as what they are kept."""

_module: Module | None = None


def start_process(module: Module | None) -> None:
    """In each process of an executor: take the subject's module, which is imported once."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the parent's to handle
    take_module(module)


def take_module(module: Module | None) -> None:
    """The same on a worker of a cluster, which has signals of its own."""
    global _module  # noqa: PLW0603 (one subject a process, set once when it starts)
    _module = module


def prepare_text(text: str, facts_of: FactsOf) -> tuple[Facts, Reply | None]:
    """As `prepare`, in another process."""
    return prepare(parse(text), _module, facts_of)
