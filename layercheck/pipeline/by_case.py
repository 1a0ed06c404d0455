"""A run whose cases are asked for one by one, in any order: each is a test of somebody's suite.

Cases are judged in batches, as in a whole run. Once one is wrong, the rest of its layer is judged
too: a second opinion has to hold in all of it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field

from layercheck.implementations.layer import Layer
from layercheck.implementations.protocol import NOT_UNDERSTOOD, Reply, begin
from layercheck.reporting.records import Check
from layercheck.reporting.report import Report
from layercheck.reporting.verdict import Verdict, worst

from .again import ask_again
from .answers import Gatherer
from .collect import Collector, begun
from .drawn import look_at_masks, without_drawn
from .hunting import Hunter
from .layers import further
from .opinions import second_opinions
from .options import Options
from .outcome import Outcome
from .plan import Plan, Task, functions_asked, make_plan
from .probes.run import begin_probes, finish_probes
from .subject import Asked, Spec, open_oracles, open_subject, uses_recordings
from .tally import is_failing
from .verdicts import outcomes_of
from .without_case import without_case

AT_ONCE = 24
"""How many cases are judged side by side."""

PROBED = 24
"""Among how many of a layer's smallest cases those are chosen that probes are put at."""


@dataclass
class LayerByCase:
    """One layer's tasks, each judged when it is asked for.

    due: the numbers of those that will be asked for, in their order · more: the cases that were
    looked for, see `hunted`.
    """

    run: ByCase
    layer: Layer
    tasks: Sequence[Task]
    due: list[int] = field(default_factory=list)
    outcomes: dict[int, Outcome] = field(default_factory=dict)
    is_heard: bool = False
    more: list[Outcome] | None = None

    def outcome(self, number: int) -> Outcome:
        """What one task came to."""
        if number not in self.outcomes:
            place = self.due.index(number) if number in self.due else 0
            ahead = [n for n in self.due[place:] if n not in self.outcomes]
            self.judge(ahead[:AT_ONCE] if number in self.due else [number])
        return self.outcomes[number]

    def judge(self, numbers: Sequence[int]) -> None:
        """Judge some tasks; all of them where one is wrong."""
        gatherer = self.run.gatherer
        gathered = list(gatherer.gather(self.tasks[n] for n in numbers))
        made = outcomes_of(gatherer, gathered)
        ask_again(gatherer, without_drawn(made))
        if not self.run.subject.is_oracle:
            look_at_masks(made)
        self.outcomes |= dict(zip(numbers, made, strict=True))
        if any(one.is_wrong for one in made) and not self.is_heard:
            self.hear()

    def hear(self) -> None:
        """Judge what is left, and hear second opinions on all of it."""
        self.is_heard = True
        left = [n for n in range(len(self.tasks)) if n not in self.outcomes]
        for first in range(0, len(left), AT_ONCE):
            self.judge(left[first : first + AT_ONCE])
        if not self.run.subject.is_oracle:
            second_opinions(self.layer, without_drawn(list(self.outcomes.values())))

    def every(self) -> list[Outcome]:
        """What all of its tasks came to."""
        return [self.outcome(number) for number in range(len(self.tasks))]

    def hunted(self) -> list[Outcome]:
        """The cases that run what its tasks did not."""
        if self.more is None:
            run = self.run
            cases = run.hunter.cases(self.layer, self.replies())
            self.more = further(self.layer, run.gatherer, cases)
            if any(outcome.is_wrong for outcome in self.more):
                second_opinions(self.layer, without_drawn([*self.every(), *self.more]))
        return self.more

    def replies(self) -> list[tuple[Task, Reply]]:
        """What each of its tasks was answered. Those that another process judges are asked here,
        and judged there alone."""
        implementation = self.layer.implementation
        left = [n for n in range(len(self.tasks)) if n not in self.outcomes]
        begun_there = {n: begin(implementation, self.tasks[n].case) for n in left}
        asked = {n: reply_of() for n, reply_of in begun_there.items()}
        asked |= {n: outcome.gathered.reply for n, outcome in self.outcomes.items()}
        return [(task, asked[n]) for n, task in enumerate(self.tasks)]

    def judged(self) -> list[Outcome]:
        """What those of its tasks came to that were judged here: some of them at least."""
        if not self.outcomes:
            self.judge(range(len(self.tasks))[:AT_ONCE])
        return [self.outcomes[number] for number in sorted(self.outcomes)]

    def probed(self) -> list[Outcome]:
        """The cases at which a probe showed that something is kept between calls, and those that
        a probe found wrong by themselves."""
        by_size = sorted(range(len(self.tasks)), key=lambda n: self.tasks[n].case.elements)
        numbers = by_size[:PROBED]
        smallest = [self.outcome(number) for number in numbers]
        before = {id(one): len(one.judged.own) for one in smallest}
        alone = finish_probes(begin_probes(self.layer, smallest))
        shown = [one for one in smallest if len(one.judged.own) > before[id(one)]]
        return [*shown, *further(self.layer, self.run.gatherer, alone)]


class ByCase:
    """A subject opened, and its plan; closed with `close`. Frameworks start with the first case.

    Raises UsageError where there is nothing to check.
    """

    def __init__(self, spec: Spec, options: Options) -> None:
        self.options, self.stack = options, ExitStack()
        self.recorded = uses_recordings(spec, options)
        self.oracles: Mapping[str, Asked] = open_oracles(spec, options, self.stack)
        self.subject = open_subject(spec, options, self.stack)
        self.plan = make_plan(self.subject, options, self.recorded)
        pairs = zip(self.plan.layers, self.plan.tasks, strict=True)
        self.layers = [LayerByCase(self, layer, tasks) for layer, tasks in pairs]
        self.hunter = Hunter(options, self.plan.layers)
        self._gatherer: Gatherer | None = None

    @property
    def gatherer(self) -> Gatherer:
        """Who asks; begun when somebody is first asked."""
        if self._gatherer is None:
            made = Gatherer(self.subject, self.oracles, self.recorded)
            self._gatherer = self.stack.enter_context(made)
        return self._gatherer

    def close(self) -> None:
        """End what was started."""
        self.stack.close()

    def verdict(self, outcome: Outcome) -> Verdict:
        """The worst of the subject's comparisons."""
        return worst(c.verdict for c in outcome.judged.own)

    def fails(self, outcome: Outcome) -> bool:
        """Whether a case blames a function in this run."""
        return is_failing(self.verdict(outcome), self.options.passing)

    def gaps(self, outcome: Outcome) -> list[str]:
        """The functions of which a case compared nothing, though they have to answer it."""
        layer, case = outcome.task.layer, outcome.task.case
        if self.subject.is_oracle or outcome.beyond:
            return []
        found = []
        for name, parts in functions_asked(layer, self.options.ops):
            mine = [c for c in outcome.judged.own if c.part in parts]
            is_asked = any(part in layer.parts(case) for part in parts)
            is_known = not any(NOT_UNDERSTOOD in c.reason for c in mine)
            if is_asked and is_known and not worst(c.verdict for c in mine).compared:
                found.append(name)
        return found

    def never_run(self, asked: LayerByCase) -> list[Check]:
        """The checks of one layer of whose code some did not run: in no case of the layers that
        are written in the same file."""
        found = asked.hunted()
        places = asked.layer.code.places
        beside = [one for one in self.layers if one.layer.code.places is places]
        for one in beside:
            if self.hunter.ran.unrun(asked.layer):
                one.hunted()  # a helper may be theirs, too
        if not self.hunter.ran.unrun(asked.layer):
            return []
        made = begun(self.subject, self.options, self.plan, self.recorded, self.oracles)
        collector = Collector(self.subject, self.options, made, self.plan.narrowing, whole=False)
        for one in beside:
            collector.begin(one.layer)
        for outcome in (*(asked.every() if self.options.strict else asked.judged()), *found):
            collector.take(outcome)
        collector.tell_never_run(self.hunter.ran)
        return [one for one in collector.finish({}, partial=False).checks if one.never_run]

    def without_case(self) -> list[Check]:
        """The checks of what no case can be put to."""
        return list(without_case(self.subject, self.options))

    def report(self, outcomes: Sequence[Outcome]) -> Report:
        """The report of some outcomes of one layer, as if there were no others."""
        layer = outcomes[0].task.layer
        plan = Plan(self.plan.grid, [layer], [[one.task for one in outcomes]])
        made = begun(self.subject, self.options, plan, self.recorded, self.oracles)
        collector = Collector(self.subject, self.options, made, whole=False)
        collector.begin(layer)
        for outcome in outcomes:
            collector.take(outcome)
        return collector.finish({}, partial=False)
