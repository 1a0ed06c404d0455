"""A layer's tasks judged: case by case, then asked again, then heard by second opinion."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field

from layercheck.cases.case import Case
from layercheck.implementations.layer import Layer
from layercheck.judging.judge import Judged
from layercheck.stages import stage

from .again import Again, begin_again, take_again
from .answers import Gathered, Gatherer
from .drawn import look_at_masks, without_drawn
from .opinions import second_opinions
from .outcome import Outcome
from .plan import Task
from .probes.run import Putting, begin_probes, finish_probes
from .verdicts import outcomes_of

Progress = Callable[[Judged], None]
AT_ONCE = 32
"""How many cases are judged side by side."""


@dataclass
class LayerRun:
    """One layer's tasks, of which the verdicts are there, and further questions are begun.

    interruption: by which it was cut short · again: who was asked again · probes: what was put.
    """

    layer: Layer
    gatherer: Gatherer
    outcomes: list[Outcome] = field(default_factory=list)
    interruption: KeyboardInterrupt | None = None
    again: list[Again] = field(default_factory=list)
    probes: list[Putting] = field(default_factory=list)

    @stage("judging")
    def judge(self, gathered_tasks: Iterable[Gathered], progress: Progress) -> None:
        """The verdicts of the cases, and those of hunted ones."""
        for batch in batched(gathered_tasks, AT_ONCE):
            for outcome in outcomes_of(self.gatherer, batch):
                self.outcomes.append(outcome)
                progress(outcome.judged)
        self.outcomes += hunted(self.layer, self.gatherer, self.outcomes)

    @stage("further questions")
    def ask_further(self) -> None:
        """Ask again and put the probes; what is wrong is heard first, the rest not waited for."""
        steady = without_drawn(self.outcomes)
        self.again = begin_again(self.gatherer, steady)
        if self.gatherer.subject.is_oracle:
            return
        if any(outcome.is_wrong for outcome in steady):
            self.finish_again()
            second_opinions(self.layer, steady)
        self.probes = begin_probes(self.layer, self.outcomes)

    def finish(self, cut: bool = False) -> Iterator[Outcome]:
        """The outcomes of its tasks, in their order; interrupted, those that there are.

        cut: wait for nothing further.
        """
        with self.interruptible():
            if self.interruption is None and not cut:
                self.finish_again()
                if not self.gatherer.subject.is_oracle:
                    look_at_masks(self.outcomes)
                alone = finish_probes(self.probes)
                self.outcomes += further(self.layer, self.gatherer, alone)
        yield from self.outcomes

    def finish_again(self) -> None:
        """The verdicts of second answers."""
        again, self.again = self.again, []
        take_again(self.gatherer, again)

    @contextmanager
    def interruptible(self) -> Iterator[None]:
        """Keep what there is when the run is interrupted."""
        try:
            yield
        except KeyboardInterrupt as error:
            self.interruption = error


def begin_layer(
    layer: Layer, gatherer: Gatherer, gathered_tasks: Iterable[Gathered], progress: Progress
) -> LayerRun:
    """Judge one layer's tasks; its further questions are answered while the next one is judged."""
    run = LayerRun(layer, gatherer)
    with run.interruptible():
        run.judge(gathered_tasks, progress)
        run.ask_further()
    return run


def judge_layer(
    layer: Layer, gatherer: Gatherer, gathered_tasks: Iterable[Gathered], progress: Progress
) -> Iterator[Outcome]:
    """The outcomes of one layer's tasks, in their order; interrupted, those that there are."""
    run = begin_layer(layer, gatherer, gathered_tasks, progress)
    yield from run.finish()
    if run.interruption is not None:
        raise run.interruption


def hunted(layer: Layer, gatherer: Gatherer, outcomes: Sequence[Outcome]) -> list[Outcome]:
    """The outcomes of further cases, which run what those of the plan did not."""
    if gatherer.hunter is None:
        return []
    replies = ((one.task, one.gathered.reply) for one in outcomes)
    return further(layer, gatherer, gatherer.hunter.cases(layer, replies))


def further(layer: Layer, gatherer: Gatherer, cases: Iterable[Case]) -> list[Outcome]:
    """The outcomes of cases that the plan does not have."""
    tasks = [Task(layer, case, of_grid=False, hunted=True) for case in cases]
    return outcomes_of(gatherer, [gatherer.ask(task)() for task in tasks])


def batched(gathered: Iterable[Gathered], size: int) -> Iterator[list[Gathered]]:
    """So many at a time; interrupted, those that there are."""
    batch: list[Gathered] = []
    interruption: KeyboardInterrupt | None = None
    try:
        for one in gathered:
            batch.append(one)
            if len(batch) == size:
                yield batch
                batch = []
    except KeyboardInterrupt as error:
        interruption = error
    if batch:
        yield batch
    if interruption is not None:
        raise interruption
