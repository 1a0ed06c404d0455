"""The probes put to a layer, at some small cases that pass."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from functools import cached_property, partial
from itertools import islice

from layercheck.cases.case import Case
from layercheck.cases.grids import GRIDS
from layercheck.implementations.layer import Layer
from layercheck.implementations.protocol import Answer
from layercheck.implementations.script import Performed, Performs, Script, begin_script
from layercheck.judging.facts import agrees, near_facts
from layercheck.reporting.verdict import Verdict
from layercheck.stages import stage
from ref_layers import OPS

from ..outcome import Outcome
from ..unordinary import unordinary
from .asked import Alone, Asked, Found
from .comparisons import comparisons
from .table import ALL, Probe

ENOUGH = 16
"""How many numbers a case should have, so that an order can be seen in them."""

AXES = 3
"""From so many axes on, each of more than one number, an order of axes can be told from others."""

FEW = 4
"""How many cases beyond a contract are asked where none were."""

MOST = 4000
"""How many the other case of an interleaved call has at most."""


BY_PLACE = ("far_rows", "times")
"""Fills whose numbers go beyond ordinary ones where a probe moves them to other rows, or adds to
them."""


@dataclass
class Bench:
    """A layer with what is known of its cases: which it answers."""

    layer: Layer
    outcomes: Sequence[Outcome]
    answers: dict[str, bool] = field(default_factory=dict)

    @cached_property
    def fit(self) -> list[Outcome]:
        """The ordinary cases that pass: those in training, which more is computed in, small ones
        with a gradient first."""
        fit = [outcome for outcome in self.outcomes if is_fit(outcome)]
        return sorted(
            fit, key=lambda o: (len(self.layer.parts(o.task.case)) < 2, stays(o), size(o))
        )

    def chosen(self, probe: Probe) -> list[Outcome]:
        """The cases that a probe is put at: small ones, with unlike attributes."""
        found: list[Outcome] = []
        fit = self.fit
        if probe.whole:
            fit = sorted(fit, key=lambda outcome: -len(outcome.task.case.shapes))
        if probe.wide:
            fit = sorted(fit, key=lambda outcome: outcome.task.case.dtype != "float64")
        for outcome in fit:
            tried = [one.task.case.attributes for one in found]
            if len(found) == probe.cases:
                break
            if is_settled(outcome.task.case, probe) and outcome.task.case.attributes not in tried:
                found.append(outcome)
        return found

    @cached_property
    def quick(self) -> list[Case]:
        """The cases of the quick grid by their size."""
        usual = [c for c in GRIDS["quick"]([self.layer.op]) if not unordinary(c)]
        return sorted(usual, key=lambda case: case.elements)

    def other(self, case: Case) -> Case | None:
        """A case of the quick grid, of another shape, that the layer answers: one that is larger,
        if there is any."""
        unlike = [o for o in self.quick if o.dtype == case.dtype and o.elements <= MOST]
        unlike = [other for other in unlike if other.shapes["x"] != case.shapes["x"]]
        in_turn = sorted(unlike, key=lambda other: other.elements <= case.elements)
        return next(filter(self.can, in_turn), None)

    def can(self, case: Case) -> bool:
        """Whether the layer answers a case; asked where that is not known."""
        if self.layer.refuses(case):
            return False
        passing = (o.judged.verdict.passes for o in self.outcomes if o.task.case == case)
        known = next(passing, self.answers.get(str(case)))
        if known is None:
            reply = self.layer.implementation.answer(case)
            known = isinstance(reply, Answer) and not reply.failures
        self.answers[str(case)] = known
        return known

    @cached_property
    def verdicts(self) -> set[Verdict]:
        """Those of its ordinary cases."""
        return {one.judged.verdict for one in self.outcomes if not one.beyond}

    @cached_property
    def is_wrong_backward(self) -> bool:
        """Whether an ordinary case fails in the backward."""
        ordinary = (one for one in self.outcomes if not one.beyond)
        return any(c.verdict.fails for o in ordinary for c in o.judged.own if c.part == "backward")

    def asked(self, outcome: Outcome) -> Asked:
        """The layer at one of its cases."""
        calls = 2 * len(self.fit) if len(self.outcomes) > 1 else 0
        unfailing = not any(verdict.fails for verdict in self.verdicts)
        sound = unfailing and Verdict.CONVENTION not in self.verdicts
        wrong, other = self.is_wrong_backward, partial(self.other, outcome.task.case)
        dtypes = frozenset(one.task.case.dtype for one in self.outcomes)
        how = (calls, other, sound, unfailing, wrong)
        return Asked(self.layer, outcome, *how, keeps_to=self.keeps_to, dtypes=dtypes)

    def keeps_to(self, case: Case) -> bool:
        """Whether a case is within the contract, or beyond it in a way that the layer answers
        rightly all the same; asked where that is not known."""
        beyond = self.layer.goes_beyond(case)
        if not beyond:
            return True
        if beyond not in self.answers:
            passing = [o.judged.verdict.passes for o in self.outcomes if o.beyond == beyond]
            self.answers[beyond] = all(passing or [self.is_right(o) for o in self.like(beyond)])
        return self.answers[beyond]

    def like(self, beyond: str) -> Iterator[Case]:
        """A few cases that go beyond the contract in this way."""
        alike = (c for c in self.quick if self.layer.goes_beyond(c) == beyond)
        return islice((c for c in alike if not self.layer.refuses(c)), FEW)

    def is_right(self, case: Case) -> bool:
        """Whether the layer answers a case rightly."""
        facts = near_facts(case, case.question)
        return agrees(facts, self.layer.implementation.answer(case))


def is_fit(outcome: Outcome) -> bool:
    """Whether a case is an ordinary one that passes."""
    answer = outcome.answer
    case = outcome.task.case
    moves = not unordinary(case) and case.fill.partition(":")[0] not in BY_PLACE
    ordinary = moves and not outcome.task.beyond
    return ordinary and answer is not None and not answer.failures and outcome.judged.verdict.passes


def stays(outcome: Outcome) -> bool:
    """Whether a case is asked in test mode."""
    return outcome.task.case.all_attributes.get("training") is False


def is_settled(case: Case, probe: Probe) -> bool:
    """Whether nothing is drawn by chance, unless that is asked for: dropout in training draws the
    mask that it is not given."""
    masks = case.op == "dropout" and "mask" not in case.shapes
    drawn = masks and case.all_attributes["training"] is True
    if probe.drawn or drawn:
        return probe.drawn and drawn and 0 < case.all_attributes["p"] < 1
    if probe.in_training and case.op != "dropout":
        keeps = [name for name in OPS[case.op].inputs if name.startswith("running")]
        moves = 0 < case.all_attributes.get("momentum", 0.5) < 1
        kept = moves and set(keeps) <= case.shapes.keys()
        return kept and case.all_attributes.get("training") is True
    return True


def size(outcome: Outcome) -> tuple[bool, int, int, int]:
    """The smallest comes first in which an order, also of the axes of each array, can be seen."""
    case = outcome.task.case
    flat = sum(is_flat(shape) for shape in case.shapes.values())
    too_few = case.elements < ENOUGH or is_flat(case.shapes["x"])
    return too_few, flat, -min(AXES, axes(case.shapes["x"])), case.elements


def is_flat(shape: Sequence[int]) -> bool:
    """Whether hardly anything moves where the axes are turned round: images of one channel are
    summed alike."""
    return axes(shape) < min(AXES, len(shape))


def axes(shape: Sequence[int]) -> int:
    """How many axes an order can be seen in."""
    return sum(length > 1 for length in shape)


# ---------------------------------------------------------------------- the probes put


class Putting:
    """A probe that is put at one case. found: what it found so far."""

    def __init__(self, probe: Probe, asked: Asked) -> None:
        self.probe, self.asked, self.found = probe, asked, list[Found]()
        self.asks = probe.ask(asked)
        self.waits_for: Callable[[], Performed] | None = None
        self.go_on(None)

    def go_on(self, performed: Performed | None) -> None:
        """Until it has further calls to make, which are begun, or is done."""
        subject = self.asked.layer.implementation
        assert isinstance(subject, Performs)
        self.waits_for = None
        with suppress(StopIteration):
            one = self.asks.send(performed)
            while not isinstance(one, Script):
                self.found.append(one)
                one = next(self.asks)
            self.waits_for = begin_script(subject, one)

    def tell(self) -> bool:
        """Let what fails join what is known of its case; whether anything does."""
        outcome = self.asked.outcome
        known = outcome.gathered.facts
        failing = [c for f in self.found for c in comparisons(self.probe, f, known, self.asked)]
        outcome.judged.own = [*outcome.judged.own, *failing]
        for part, text in self.asked.notes:
            outcome.note(part, f"{self.probe.title}: {text}")
        return bool(failing)


def begin_probes(layer: Layer, outcomes: Sequence[Outcome]) -> list[Putting]:
    """Put every probe; nothing is waited for."""
    if not isinstance(layer.implementation, Performs):
        return []
    bench = Bench(layer, outcomes)
    return [Putting(probe, bench.asked(one)) for probe in ALL for one in bench.chosen(probe)]


@stage("further questions")
def finish_probes(puttings: Sequence[Putting]) -> list[Case]:
    """Wait for what came of them; the cases that are wrong without any of their doing. A case that
    has failed since then is not told more of."""
    while waiting := [one for one in puttings if one.waits_for is not None]:
        for one in waiting:
            assert one.waits_for is not None
            one.go_on(one.waits_for())
    fit = [is_fit(one.asked.outcome) for one in puttings]
    told = set[tuple[str, Case]]()
    for one, is_still_fit in zip(puttings, fit, strict=True):
        case = one.asked.case
        if is_still_fit and (one.probe.beyond, case) not in told and one.tell():
            told.add((one.probe.name, case))
    found = (one for putting in puttings for one in putting.found if isinstance(one, Alone))
    return list(dict.fromkeys(one.case for one in found))


def is_probed(layer: Layer, outcome: Outcome, probe: Probe) -> bool:
    """Whether a probe is put at a case."""
    able = isinstance(layer.implementation, Performs)
    return able and is_fit(outcome) and is_settled(outcome.task.case, probe)


def put_one(layer: Layer, outcome: Outcome, probe: Probe) -> list[Found]:
    """Put one probe at one case, of which alone something is known."""
    putting = Putting(probe, Bench(layer, [outcome]).asked(outcome))
    finish_probes([putting])
    return putting.found
