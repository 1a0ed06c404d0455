"""The verdicts of gathered replies."""

from __future__ import annotations

from collections.abc import Sequence

from layercheck.implementations.protocol import Reply
from layercheck.judging.judge import Judged, judging
from layercheck.judging.together import Judging, together

from .answers import Gathered, Gatherer
from .outcome import Outcome


def judged_together(gatherer: Gatherer, replies: Sequence[tuple[Gathered, Reply]]) -> list[Judged]:
    """The verdicts of replies."""
    return together([judging_of(gatherer, gathered, reply) for gathered, reply in replies])


def judged_of(gatherer: Gatherer, gathered: Gathered, reply: Reply) -> Judged:
    """The verdict of one reply."""
    return judged_together(gatherer, [(gathered, reply)])[0]


def outcomes_of(gatherer: Gatherer, gathered: Sequence[Gathered]) -> list[Outcome]:
    """What was gathered with the verdicts of its replies, judged side by side."""
    judged = judged_together(gatherer, [(one, one.reply) for one in gathered])
    return [Outcome(*both) for both in zip(gathered, judged, strict=True)]


def outcome_of(gatherer: Gatherer, gathered: Gathered) -> Outcome:
    """The same of one."""
    return outcomes_of(gatherer, [gathered])[0]


def judging_of(gatherer: Gatherer, gathered: Gathered, reply: Reply) -> Judging[Judged]:
    """How one reply is judged."""
    subject = gathered.task.layer.implementation
    oracles = {name: gatherer.oracles[name] for name in gathered.replies}
    return judging(gathered.facts, subject, reply, gathered.replies, oracles)
